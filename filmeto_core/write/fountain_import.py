"""A Fountain script becomes a storyboard, which keeps the script for `filmeto export`."""

from pathlib import Path
from typing import Any

import yaml

from filmeto_core.errors import ValidationError
from filmeto_core.film.storyboard import Storyboard, load_storyboard, read_storyboard
from filmeto_core.film.storyboard_yaml import parse_yaml
from filmeto_core.profiles import find_project
from filmeto_core.write.fountain_lines import Kind, read_elements, title_page
from filmeto_core.write.fountain_people import people
from filmeto_core.write.fountain_shots import Screenplay, read_screenplay
from filmeto_core.write.fountain_words import transition_of
from filmeto_core.write.request import Written
from filmeto_core.write.storyboard_text import storyboard_text

KEPT = "x-fountain"  # the storyboard's key for the script
LARGEST_BYTES = 400_000  # a film of three hours; with its storyboard it fits into one file
UNTITLED = Storyboard.model_fields["title"].default
MOST_SHOTS = 1000  # of a storyboard
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BREAKS = ("\r", "\x85", "\u2028", "\u2029")  # YAML would make line breaks of them


def read_script(path: Path) -> str:
    """The text of a Fountain file.

    Raises:
        ValidationError: It cannot be read, or is no text.
    """
    try:
        with path.open("rb") as opened:
            content = opened.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise ValidationError(
            f"{path} cannot be read: {error.strerror or error}.", field="script", value=str(path)
        ) from None
    if len(content) > LARGEST_BYTES:
        raise ValidationError(
            f"{path} is larger than {LARGEST_BYTES:,} bytes, which is a film of three hours.",
            hint="Import its acts as scripts of their own.",
            field="script",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ValidationError(
            f"{path} is not text in UTF-8, as Fountain scripts are.",
            hint="Save it as plain text in UTF-8; of another program's file, export Fountain first.",
            field="script",
        )
    return text


def import_script(
    text: str,
    *,
    scenes: tuple[int, int] | None = None,
    profile: str | None = None,
    style: str | None = None,
) -> str:
    """The YAML of the storyboard of a script.

    Args:
        text: The script, in Fountain.
        scenes: The first and the last scene to take, counted from 1; all unless given.
        profile, style: For the storyboard.

    Raises:
        ValidationError: There is nothing to film in it, or too much, or no such scene or profile.
    """
    project = find_project()
    if profile:
        project.profile(profile)
    text = _part(text, scenes) if scenes else text
    script = read_screenplay(text)
    _check(script)
    board = script_board(script)
    board |= {key: value for key, value in (("profile", profile), ("style", style)) if value}
    board["shots"] = board.pop("shots")
    acts = {shot.id: " · ".join(shot.acts) for shot in script.shots if shot.acts}
    yaml_text = storyboard_text(Written(board, _head(script), acts)) + _kept(text)
    read_storyboard(yaml_text.encode(), base=Path.cwd(), profiles=list(project.profiles))
    return yaml_text


def script_board(script: Screenplay) -> dict[str, Any]:
    """The storyboard of a script as data."""
    page = title_page(script.page) if script.page else {}
    title = " ".join(" ".join(page.get("title", [])).split())
    board: dict[str, Any] = {"title": title} if title else {}
    if cast := people(script):
        board["characters"] = cast
    if script.ending and transition_of(script.ending.text) == "fade-to-black":
        board["ending"] = {"kind": "fade-to-black", "duration_s": 1.5}
    board["shots"] = [_shot(script, place) for place in range(len(script.shots))]
    return board


def as_storyboard(text: str) -> Storyboard:
    """A script's storyboard as it is before anybody changes it."""
    data = yaml.safe_dump(script_board(read_screenplay(text)), allow_unicode=True)
    return read_storyboard(data.encode(), base=Path.cwd())


def load_with_script(storyboard: Path) -> tuple[Storyboard, str | None]:
    """A storyboard's file, and the script that it keeps, if it was read from one.

    Raises:
        StoryboardError: The storyboard has problems.
    """
    board = load_storyboard(storyboard)
    data = parse_yaml(storyboard.expanduser().read_bytes()).data
    kept = str(data.get(KEPT) or "") if isinstance(data, dict) else ""
    if kept and "title" not in data:  # the file's name is not the script's title
        board = board.model_copy(update={"title": UNTITLED})
    return board, kept or None


def _shot(script: Screenplay, place: int) -> dict[str, Any]:
    fields = script.shots[place].fields()
    transition = script.transition(place)
    return fields if transition == "cut" else {**fields, "transition": transition}


def _check(script: Screenplay) -> None:
    if not script.shots:
        raise ValidationError(
            "there is nothing to film in the script: no scene, no action, nobody who speaks.",
            hint="A scene starts with a line such as INT. KITCHEN - DAY. docs/fountain.md tells more.",
            field="script",
        )
    if len(script.shots) > MOST_SHOTS:
        raise ValidationError(
            f"the script makes {len(script.shots):,} shots; a storyboard has at most {MOST_SHOTS:,}.",
            hint="Import a part of it, such as --scenes 1-20.",
            field="script",
        )


def _part(text: str, scenes: tuple[int, int]) -> str:
    """The title page and the scenes asked for."""
    elements = read_elements(text)
    headings = [element.start for element in elements if element.kind is Kind.HEADING]
    first, last = scenes
    if not 1 <= first <= last <= len(headings):
        raise ValidationError(
            f"--scenes: expected scenes from 1 to {len(headings)}, got {first}-{last}.",
            field="scenes",
            value=f"{first}-{last}",
        )
    page = elements[0].end if elements[0].kind is Kind.TITLE_PAGE else 0
    end = headings[last] if last < len(headings) else len(text)
    return (text[:page] + "\n" if page else "") + text[headings[first - 1] : end]


def _head(script: Screenplay) -> tuple[str, ...]:
    page = title_page(script.page) if script.page else {}
    told = [f"{key.capitalize()}: {', '.join(page[key])}" for key in page if key != "title"]
    return ("Read from a Fountain script, which stands at the end.", *told)


def _kept(text: str) -> str:
    """The script under its key: as it stands, where YAML can hold it so."""
    head = "\n# The script. `filmeto export` writes it back, with what is changed above.\n"
    if text.strip() and not any(sign in text for sign in _BREAKS):
        lines = "".join(f"  {line}\n" if line else "\n" for line in text.split("\n"))
        literal = f"{KEPT}: |2{'+' if text.endswith(chr(10)) else '-'}\n{lines}"
        literal = literal[:-1] if text.endswith("\n") else literal
        try:
            if yaml.load(literal, Loader=_LOADER) == {KEPT: text}:
                return head + literal
        except yaml.YAMLError:
            pass  # a sign that YAML writes in quotes alone
    return head + yaml.safe_dump({KEPT: text}, allow_unicode=True, width=10_000)
