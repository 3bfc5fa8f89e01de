"""A storyboard becomes a Fountain script: the one that it was read from, with what was changed since.

What nobody changed stands as it stood, byte for byte, with its notes, boneyard, sections and
spaces. What was changed replaces just the lines that said it before; a storyboard that was not
read from a script becomes a plain one.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from filmeto_core.film.storyboard import Shot, Storyboard
from filmeto_core.write.fountain_import import as_storyboard
from filmeto_core.write.fountain_lines import Kind, is_heading, read_elements, title_page
from filmeto_core.write.fountain_shots import FountainShot, Screenplay, read_screenplay
from filmeto_core.write.fountain_words import named

NARRATOR = "NARRATOR"
_WORDS = {"dissolve": "DISSOLVE TO:", "fade-from-black": "> FADE IN:", "cut": "CUT TO:"}
_FADE_OUT = "> FADE OUT."


def fountain_text(board: Storyboard, kept: str | None = None) -> str:
    """The script of a storyboard.

    Args:
        board: The storyboard as it is now.
        kept: The script that it was read from, if it was.
    """
    if not kept:
        return _Writer(board, None, None).text()
    return _Writer(board, read_screenplay(kept), as_storyboard(kept)).text()


class _Writer:
    """Puts a script together, shot by shot."""

    def __init__(
        self, board: Storyboard, script: Screenplay | None, before: Storyboard | None
    ) -> None:
        self.board, self.script, self.before = board, script, before
        shots = script.shots if script else []
        self.read: Mapping[str, int] = {shot.id: place for place, shot in enumerate(shots)}
        self.parts: list[str] = []
        self.place: str | None = None  # the last heading's, of shots that were not read
        self.last: int | None = -1  # the place of the shot written last, where it is a read one
        self.scene: Any = shots[0].scene if shots and not shots[0].scene.heading else None

    def text(self) -> str:
        self.parts.append(self._page())
        for shot in self.board.shots:
            place = self.read.get(shot.id)
            if place is None:
                self._apart(_written(shot, self.place))
                self.last = None
                self.place = shot.prompt if shot.line and shot.prompt else self.place
            else:
                self._read_shot(shot, place)
        self._end()
        return "".join(self.parts)

    def _page(self) -> str:
        """What stands before the first shot: the title page."""
        page = self.script.page if self.script else None
        old = self.script.text[: page.end] if self.script and page else ""
        if self.before and self.board.title == self.before.title:
            return old
        if not page:
            return f"Title: {self.board.title}\n\n"
        rest = [key for key in title_page(page) if key != "title"]
        kept = page.text.split("\n")
        first = next((n for n, line in enumerate(kept) if _is_key(line, rest)), len(kept))
        return "\n".join([f"Title: {self.board.title}", *kept[first:]]) + "\n"

    def _read_shot(self, shot: Shot, place: int) -> None:
        script, before = self.script, self.before
        assert script and before  # a place is one of theirs
        read = script.shots[place]
        text = _edited(script, read, before.shots[place], shot)
        heading = read.scene.heading
        if heading and self.scene is not read.scene and heading.start < read.start:
            self._apart(script.text[heading.start : heading.end])
            self.last = None
        self.scene = read.scene
        if self.last is not None and place == self.last + 1:
            self.parts.append(text)
        else:
            self._apart(text.lstrip("\r\n"))
        self.last = place

    def _apart(self, text: str) -> None:
        """Adds what did not stand here before, with an empty line above it."""
        if above := "".join(self.parts[-2:]):
            self.parts.append("\n" * max(0, 2 - (len(above) - len(above.rstrip("\n")))))
        self.parts.append(text)

    def _end(self) -> None:
        shots = self.script.shots if self.script else []
        if self.script and shots:
            tail = self.script.text[shots[-1].end :]
            whole = self.last == len(shots) - 1
            self.parts.append(tail) if whole else self._apart(tail.lstrip("\r\n"))
        faded = self.before.ending.kind if self.before else "cut"
        if self.board.ending.kind == "fade-to-black" != faded:
            self._apart(f"{_FADE_OUT}\n")


def _is_key(line: str, keys: list[str]) -> bool:
    return line[:1].strip() != "" and line.split(":")[0].strip().lower() in keys


def _edited(script: Screenplay, read: FountainShot, before: Shot, shot: Shot) -> str:
    """The script's text of a shot, with what has changed in the shot since."""
    edits = sorted(_edits(read, before, shot), reverse=True)
    text = script.text[read.start : read.end]
    for start, end, new in edits:
        start, end = start - read.start, end - read.start
        text = text[:start] + new + text[end:]
    return text


def _edits(read: FountainShot, before: Shot, shot: Shot) -> Iterator[tuple[int, int, str]]:
    """Pieces of the script to replace: start, end, and what stands there now."""
    if shot.transition.kind != before.transition.kind:
        yield from _transition_edits(read, shot)
    if shot.prompt != before.prompt:
        yield from _prompt_edits(read, before, shot)
    if shot.spoken == before.spoken and shot.character == before.character:
        if (shot.line is None) == (before.line is None):
            return
    yield from _speech_edits(read, before, shot)


def _transition_edits(read: FountainShot, shot: Shot) -> Iterator[tuple[int, int, str]]:
    words = _WORDS[shot.transition.kind]
    if read.transitions:
        for element in read.transitions[:-1]:
            yield element.start, element.end, ""
        last = read.transitions[-1]
        yield last.start, last.end, f"{words}\n"
        return
    yield read.start, read.start, f"\n{words}\n"


def _prompt_edits(read: FountainShot, before: Shot, shot: Shot) -> Iterator[tuple[int, int, str]]:
    place = read.scene.place
    text = (shot.prompt or "").removeprefix(f"{place}: ").removeprefix(f"{place}, ")
    new = _action(text)
    if read.action:
        yield read.action.start, read.action.end, new
    elif read.speech:
        yield read.speech[0].start, read.speech[0].start, f"{new}\n"
    else:
        yield read.end, read.end, f"\n{new}"


def _speech_edits(read: FountainShot, before: Shot, shot: Shot) -> Iterator[tuple[int, int, str]]:
    new = _speech(shot)
    if not read.speech:
        yield read.end, read.end, f"\n{new}"
        return
    cue, rest = read.speech[0], read.speech[1:]
    same = shot.character == before.character and (shot.line is None) == (before.line is None)
    if not shot.spoken:
        yield cue.start, read.speech[-1].end, ""
        return
    if not same:
        yield cue.start, cue.end, new.split("\n")[0] + "\n"
    if shot.spoken != before.spoken:
        kept = rest[0].end if rest and rest[0].kind is Kind.PARENTHETICAL else cue.end
        yield kept, read.speech[-1].end, f"{_escaped(shot.spoken)}\n"


def _written(shot: Shot, place: str | None) -> str:
    """A shot that was not read from a script; where somebody is seen speaking is a heading."""
    kind = shot.transition.kind
    parts = [] if kind == "cut" else [f"{_WORDS[kind]}\n"]
    if shot.prompt and shot.line:
        if shot.prompt not in (place, shot.character):
            parts.append(_heading(shot.prompt))
    elif shot.prompt:
        parts.append(_action(shot.prompt))
    if shot.spoken:
        parts.append(_speech(shot))
    if not shot.prompt and not shot.spoken:
        parts.append(_action(f"[[{shot.id}]]"))
    return "\n".join(parts)


def _heading(place: str) -> str:
    """A scene heading; what cannot be one is told as action."""
    shouted = f"{'' if is_heading(place) else '.'}{place.upper()}\n"
    return shouted if place[0].isalnum() else _action(place)


def _action(text: str) -> str:
    """A paragraph that is read as action, whatever it says."""
    escaped = _escaped(text)
    read = read_elements(f"\n{escaped}\n\n")
    plain = len(read) == 1 and read[0].kind is Kind.ACTION and not read[0].text.startswith("!")
    return f"{escaped}\n" if plain else f"!{escaped}\n"


def _escaped(text: str) -> str:
    """Text whose signs are no emphasis."""
    return text.replace("*", "\\*").replace("_", "\\_")


def _speech(shot: Shot) -> str:
    """A character's line and what it says; empty where nobody speaks."""
    if not shot.spoken:
        return ""
    name = shot.character or NARRATOR
    cue = name.upper() if name.upper() != name and named(name.upper())[0] == name else name
    extension = "" if shot.line else " (V.O.)"
    capitals = cue == cue.upper() and any(sign.isupper() for sign in cue)
    return f"{'' if capitals else '@'}{cue}{extension}\n{_escaped(shot.spoken)}\n"
