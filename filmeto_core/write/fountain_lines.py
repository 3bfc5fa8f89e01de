"""A Fountain script's lines, each told for what it is: heading, action, character, dialogue …

Nothing is lost: each element knows the place in the script that it was read from.

Source: the Fountain syntax 1.1 (https://fountain.io/syntax). One thing is read more freely than it
is written there: a scene heading need not have an empty line after it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from filmeto_core.write.fountain_marks import MASK, masked, plain, unmasked

_HEADING = re.compile(r"(?:int\.?/ext|ext\.?/int|i/e|int|ext|est)[. ]", re.IGNORECASE)
_FORCED_HEADING = re.compile(r"\.\w")
_NUMBER = re.compile(r"\s*#([\w.-]+)#\s*$")
_EXTENSION = re.compile(r"\([^()]*\)")
# A first line such as "As the girl runs: ..." is no key: keys have three words at most.
_KEY = re.compile(r"([^\W\d_][^\s:]*(?: [^\s:]+){0,2}) ?:(.*)")
_INDENTED = re.compile(r"(?: {3,}|\t)\s*\S")
_TAB = 4  # spaces, as the syntax says


class Kind(StrEnum):
    """What a piece of a script is."""

    TITLE_PAGE = "title page"
    HEADING = "heading"
    ACTION = "action"
    CHARACTER = "character"
    DIALOGUE = "dialogue"
    PARENTHETICAL = "parenthetical"
    LYRIC = "lyric"
    TRANSITION = "transition"
    CENTERED = "centered"
    PAGE_BREAK = "page break"
    SECTION = "section"
    SYNOPSIS = "synopsis"


SPOKEN = (Kind.DIALOGUE, Kind.PARENTHETICAL, Kind.LYRIC)


@dataclass(frozen=True)
class Element:
    """A piece of a script.

    Args:
        kind: What it is.
        text: What it says, without the signs that make it what it is; emphasis is left in.
        start, end: Where it stands in the script; the end is behind its last line's break.
        number: A scene heading's number.
        dual: Of a character: speaks at the same time as the one before.
    """

    kind: Kind
    text: str
    start: int
    end: int
    number: str = ""
    dual: bool = False


@dataclass(frozen=True)
class _Line:
    """One line: masked as it stands, and without comments and the spaces around it."""

    masked: str
    start: int
    end: int

    @property
    def text(self) -> str:
        return unmasked(self.masked).rstrip("\r\n")

    @property
    def bare(self) -> str:
        return self.text.strip()

    @property
    def hollow(self) -> bool:
        """Nothing but a comment."""
        return not self.bare and MASK in self.masked

    @property
    def goes_on(self) -> bool:
        """Whether a speech goes on over this line: two spaces are an empty line within it."""
        return bool(self.bare) or self.hollow or len(self.text) >= 2


def read_elements(script: str) -> list[Element]:
    """The elements of a script, in order."""
    lines, place = [], 0
    for text in masked(script).split("\n"):
        end = min(place + len(text) + 1, len(script))
        lines.append(_Line(text, place, end))
        place = end
    page = _title_page(lines)
    first = page.text.count("\n") + 1 if page else 0
    return ([page] if page else []) + list(_Reader(lines, first).elements())


def is_heading(text: str) -> bool:
    """Whether a line's words alone make it a scene heading."""
    return bool(_HEADING.match(text))


def title_page(element: Element) -> dict[str, list[str]]:
    """A title page's keys, in lower case, each with its lines."""
    found: dict[str, list[str]] = {}
    for line in element.text.split("\n"):
        if _INDENTED.match(line) and found:
            found[next(reversed(found))].append(plain(line.strip()))
        elif match := _KEY.fullmatch(line.strip()):
            value = plain(match[2].strip())
            found[match[1].lower()] = [value] if value else []
    return found


def _title_page(lines: list[_Line]) -> Element | None:
    """The title page, if the script begins with one: keys and values up to an empty line."""
    page = []
    for number, line in enumerate(lines):
        if not line.bare:
            break
        after = lines[number + 1].text if number + 1 < len(lines) else ""
        key = None if _INDENTED.match(line.text) and page else _KEY.fullmatch(line.bare)
        if not key and not (page and _INDENTED.match(line.text)):
            return None
        if key and not key[2].strip() and not _INDENTED.match(after):
            return None  # "FADE IN:"
        page.append(line)
    if not page:
        return None
    text = "\n".join(line.text for line in page)
    return Element(Kind.TITLE_PAGE, text, page[0].start, page[-1].end)


class _Reader:
    """Goes through the lines behind the title page."""

    def __init__(self, lines: list[_Line], first: int) -> None:
        self.lines, self.at, self.first = lines, first, first

    def elements(self) -> Iterator[Element]:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if not line.bare:
                self.at += 1
            elif special := self._one_line(line):
                self.at += 1
                yield special
            elif cue := self._character(line):
                self.at += 1
                yield cue
                yield from self._speech()
            else:
                yield self._action()

    def _empty(self, place: int) -> bool:
        return not self.first <= place < len(self.lines) or not self.lines[place].bare

    def _one_line(self, line: _Line) -> Element | None:
        """An element that its first sign, or its words, tell, whatever stands around it."""
        bare = line.bare
        if len(bare) >= 3 and not bare.strip("="):
            return _element(Kind.PAGE_BREAK, "", line)
        if bare[0] == "=":
            return _element(Kind.SYNOPSIS, bare[1:], line)
        if bare[0] == "#":
            return _element(Kind.SECTION, bare.lstrip("#"), line)
        if bare[0] == "~":
            return _element(Kind.LYRIC, bare[1:], line)
        if bare[0] == ">":
            centered = bare[-1] == "<" and len(bare) > 1
            kind = Kind.CENTERED if centered else Kind.TRANSITION
            return _element(kind, bare[1:-1] if centered else bare[1:], line)
        if _FORCED_HEADING.match(bare):
            return _heading(bare[1:], line)
        if _HEADING.match(bare) and self._begins(self.at):
            return _heading(bare, line)
        return self._transition(line)

    def _begins(self, place: int) -> bool:
        """Whether nothing stands before a line, or another heading does."""
        before = "" if self._empty(place - 1) else self.lines[place - 1].bare
        return not before or bool(_HEADING.match(before) or _FORCED_HEADING.match(before))

    def _transition(self, line: _Line) -> Element | None:
        alone = self._empty(self.at - 1) and self._empty(self.at + 1)
        told = line.bare.endswith("TO:") and line.bare == line.bare.upper()
        spaced = line.text.endswith(" ")  # so an author says that it is action
        return _element(Kind.TRANSITION, line.bare, line) if alone and told and not spaced else None

    def _character(self, line: _Line) -> Element | None:
        after = self.lines[self.at + 1] if self.at + 1 < len(self.lines) else None
        if after is None or not after.goes_on:
            return None
        bare = line.bare
        dual = bare.endswith("^")
        name = bare.rstrip("^ ")
        if bare[0] == "@":
            return _element(Kind.CHARACTER, name[1:], line, dual=dual)
        shouted = _EXTENSION.sub("", name)
        capitals = shouted == shouted.upper() and any(sign.isupper() for sign in shouted)
        named = capitals and self._empty(self.at - 1) and not line.text.endswith("  ")
        return _element(Kind.CHARACTER, name, line, dual=dual) if named and bare[0] != "!" else None

    def _speech(self) -> Iterator[Element]:
        """What a character says; an element begins where the one before it ends."""
        start = self.lines[self.at].start
        while self.at < len(self.lines) and self.lines[self.at].goes_on:
            line = replace(self.lines[self.at], start=start)
            self.at += 1
            bare = line.bare
            start = line.end if bare else start
            if bare.startswith("~"):
                yield _element(Kind.LYRIC, bare[1:], line)
            elif bare.startswith("(") and bare.endswith(")"):
                yield _element(Kind.PARENTHETICAL, bare[1:-1], line)
            elif bare:
                yield _element(Kind.DIALOGUE, bare, line)

    def _action(self) -> Element:
        """Lines up to an empty one, or to one that is something else."""
        lines = [self.lines[self.at]]
        self.at += 1
        while self.at < len(self.lines) and self.lines[self.at].bare:
            if self._one_line(self.lines[self.at]):
                break
            lines.append(self.lines[self.at])
            self.at += 1
        text = "\n".join(line.text.rstrip().removeprefix("!").expandtabs(_TAB) for line in lines)
        return Element(Kind.ACTION, text, lines[0].start, lines[-1].end)


def _element(kind: Kind, text: str, line: _Line, dual: bool = False) -> Element:
    return Element(kind, text.strip(), line.start, line.end, dual=dual)


def _heading(text: str, line: _Line) -> Element:
    number = _NUMBER.search(text)
    bare = text[: number.start()] if number else text
    return Element(Kind.HEADING, bare.strip(), line.start, line.end, number[1] if number else "")
