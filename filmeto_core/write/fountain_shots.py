"""The shots of a Fountain script: which of its elements make one, and what each shows and says.

An action is a shot, a speech is a shot; a voice from outside the picture speaks over the action
before it; a scene of which nothing more is told is a shot of its place.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from filmeto_core.write.fountain_lines import SPOKEN, Element, Kind, read_elements
from filmeto_core.write.fountain_marks import plain
from filmeto_core.write.fountain_words import (
    is_fade,
    motion_of,
    named,
    place_of,
    read_s,
    transition_of,
)

_UNSEEN_MANNER = ("pause", "beat", "a beat", "then", "cont'd", "continuing", "subtitled")
AUTO_S = 3.0  # what a shot without a voice lasts by itself
BLACK = "a black screen"
LONGEST_PROMPT = 1000  # characters; a longer action is told up to a sentence's end


@dataclass
class Scene:
    """A scene: its heading, and its name in shots' ids."""

    heading: Element | None
    name: str

    @property
    def place(self) -> str:
        return place_of(self.heading.text) if self.heading else ""


@dataclass
class FountainShot:
    """One shot, and the elements that it was read from."""

    scene: Scene
    start: int
    end: int = 0
    id: str = ""
    action: Element | None = None
    speech: list[Element] = field(default_factory=list)  # its character's line first
    transitions: list[Element] = field(default_factory=list)
    acts: list[str] = field(default_factory=list)

    @property
    def speaker(self) -> tuple[str, bool] | None:
        return named(self.speech[0].text) if self.speech else None

    @property
    def said(self) -> str:
        heard = (e.text for e in self.speech[1:] if e.kind is not Kind.PARENTHETICAL)
        return " ".join(" ".join(plain(text) for text in heard).split())

    def fields(self) -> dict[str, Any]:
        """What the storyboard says of it, its transition left out."""
        fields: dict[str, Any] = {"id": self.id, "prompt": _short(self._prompt()) or BLACK}
        if motion := motion_of(self.action.text) if self.action else None:
            fields["motion"] = motion
        if self.speaker and any(sign.isalnum() for sign in self.said):
            name, seen = self.speaker
            fields |= {"character": name, "line" if seen else "narration": self.said}
        elif self.action and (seconds := read_s(self.action.text)) > AUTO_S:
            fields["duration_s"] = seconds
        return fields

    def _prompt(self) -> str:
        place = self.scene.place
        if self.action:
            text = " ".join(plain(self.action.text).split())
            if self.action.kind is Kind.CENTERED:
                return f"title card: {text}"
            text = text.rstrip(":：") or text
            return f"{place}: {text}" if place else text
        if not self.speaker:
            return place
        name, seen = self.speaker
        manner = [plain(e.text) for e in self.speech if e.kind is Kind.PARENTHETICAL]
        manner = [text for text in dict.fromkeys(manner) if text.lower() not in _UNSEEN_MANNER]
        alone = [] if place else [name if seen else BLACK]
        return ", ".join([part for part in [place, *alone, *(manner if seen else [])] if part])


@dataclass
class Screenplay:
    """A script, read.

    Args:
        text: The script itself.
        page: Its title page.
        shots: In order; the first starts where the title page ends.
        ending: What stands at its end: a transition's words.
        actions: The texts of all actions, in which people are described.
    """

    text: str
    page: Element | None
    shots: list[FountainShot]
    ending: Element | None
    actions: list[str]

    def transition(self, place: int) -> str:
        """How a shot comes in."""
        kinds = [transition_of(element.text) for element in self.shots[place].transitions]
        if "fade-from-black" in kinds or "fade-to-black" in kinds:
            return "fade-from-black"
        return "dissolve" if "dissolve" in kinds and place else "cut"


def read_screenplay(text: str) -> Screenplay:
    """A script's shots."""
    elements = read_elements(text)
    page = elements[0] if elements and elements[0].kind is Kind.TITLE_PAGE else None
    cutter = _Cutter(page.end if page else 0)
    for group in _groups(elements[1:] if page else elements):
        cutter.take(group)
    cutter.close_scene()
    _name(cutter.shots)
    actions = [plain(e.text) for e in elements if e.kind is Kind.ACTION]
    ending = cutter.transitions[-1] if cutter.transitions else None
    return Screenplay(text, page, cutter.shots, ending, actions)


def _groups(elements: list[Element]) -> Iterator[list[Element]]:
    """Single elements, and characters together with what they say."""
    group: list[Element] = []
    for element in elements:
        spoken = element.kind in SPOKEN and group and group[0].kind is Kind.CHARACTER
        if group and not (spoken and element.start == group[-1].end):
            yield group
            group = []
        group.append(element)
    if group:
        yield group


class _Cutter:
    """Goes through a script's elements and cuts it into shots."""

    def __init__(self, start: int) -> None:
        self.shots: list[FountainShot] = []
        self.scene = Scene(None, "start")
        self.scenes, self.start, self.heading_end = 0, start, start
        self.transitions: list[Element] = []
        self.acts: list[str] = []

    def take(self, group: list[Element]) -> None:
        element = group[0]
        if element.kind is Kind.HEADING:
            self.close_scene()
            self.scenes += 1
            self.scene = Scene(element, element.number.replace(".", "") or str(self.scenes))
            self.heading_end = element.end
        elif element.kind is Kind.TRANSITION or (
            element.kind is Kind.ACTION and is_fade(element.text)
        ):
            self.transitions.append(element)
        elif element.kind in (Kind.SECTION, Kind.SYNOPSIS):
            self.acts.append(plain(element.text))
        elif element.kind is Kind.CHARACTER:
            self._speech(group)
        elif element.kind is Kind.CENTERED and self._card() and not self.transitions:
            last = self.shots[-1]
            both = f"{last.action.text}\n{element.text}"  # type: ignore[union-attr]
            last.action = replace(element, text=both, start=last.action.start)  # type: ignore[union-attr]
            self.start = last.end = element.end
        elif element.kind is not Kind.PAGE_BREAK:
            self._shot(element.end, action=element)

    def _card(self) -> bool:
        """Whether the last shot is centred text of this scene, which more of it would go on."""
        last = self.shots[-1] if self.shots else None
        action = last.action if last and last.scene is self.scene and not last.speech else None
        return bool(action and action.kind is Kind.CENTERED)

    def close_scene(self) -> None:
        """A scene without shots becomes one of its place."""
        told = self.shots and self.shots[-1].scene is self.scene
        if self.scene.heading and not told:
            after = [e for e in self.transitions if e.start > self.scene.heading.start]
            self.transitions = [e for e in self.transitions if e not in after]
            self._shot(self.heading_end)
            self.transitions = after

    def _speech(self, group: list[Element]) -> None:
        last = self.shots[-1] if self.shots else None
        _, seen = named(group[0].text)
        over = last and last.scene is self.scene and last.action and not last.speech
        if not seen and last and over and not self.transitions:
            last.speech, last.end = group, group[-1].end
            self.start = last.end
            return
        self._shot(group[-1].end, speech=group)

    def _shot(self, end: int, action: Element | None = None, speech: Any = ()) -> None:
        shot = FountainShot(self.scene, self.start, end, action=action, speech=list(speech))
        shot.transitions, shot.acts = self.transitions, self.acts
        self.shots.append(shot)
        self.start, self.transitions, self.acts = end, [], []


def _name(shots: list[FountainShot]) -> None:
    """Ids by scene and place: scene-3-2; no two differ in case alone."""
    used: set[str] = set()
    counts: dict[int, int] = {}
    for shot in shots:
        number = counts[id(shot.scene)] = counts.get(id(shot.scene), 0) + 1
        wished = f"scene-{shot.scene.name[:40]}-{number}".replace("scene-start", "start")
        name, again = wished, 2
        while name.lower() in used:
            name, again = f"{wished}-{again}", again + 1
        used.add(name.lower())
        shot.id = name


def _short(text: str) -> str:
    if len(text) <= LONGEST_PROMPT:
        return text
    kept = text[:LONGEST_PROMPT]
    end = max(kept.rfind(sign) for sign in (". ", "! ", "? ", "。", "！", "？"))
    return kept[: end + 1] if end > 0 else kept.rsplit(" ", 1)[0]
