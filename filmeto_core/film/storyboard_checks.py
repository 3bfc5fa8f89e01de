"""What a storyboard's fields must be to each other, and to the files that they name.

Everything here reads the plain data and steps over what is of the wrong kind (the models tell of
that), so that one wrong field never hides another.
"""

import mimetypes
import os
import stat
import unicodedata
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pydantic

from filmeto_core.errors import did_you_mean
from filmeto_core.film.storyboard_messages import Finding
from filmeto_core.film.storyboard_models import Ending, ShotTransition
from filmeto_core.film.storyboard_values import read_duration
from filmeto_core.film.storyboard_yaml import Where
from filmeto_core.film.transition import EndingKind, TransitionKind

# The kind of file each key wants, by the first half of its MIME type. Sound may come from a video.
_KINDS = {
    "image": ("image",),
    "reference": ("image",),
    "clip": ("video", "image/gif"),
    "voice_file": ("audio", "video"),
    "sound": ("audio", "video"),
    "music": ("audio", "video"),
}
_WANTED = {"image": "a picture", "reference": "a picture", "clip": "a video clip"}

_OUTSIDE = "lies where no file may be named from; upload it, and name the path that this gives"

Shots = list[tuple[int, dict[str, Any]]]


def findings(data: dict[str, Any], profiles: Collection[str] | None) -> Iterator[Finding]:
    """All that does not fit together in the film's data (with ids filled in)."""
    listed = data.get("shots")
    listed = listed if isinstance(listed, list | tuple) else []
    shots: Shots = [(i, shot) for i, shot in enumerate(listed) if isinstance(shot, dict)]
    yield from _profile(data, profiles)
    yield from _music(data)
    yield from _ids(shots)
    characters = data.get("characters")
    for index, shot in shots:
        yield from _picture(index, shot)
        yield from _spoken(index, shot, characters if isinstance(characters, dict) else {})
    yield from _transitions(data, shots, len(listed))


def _profile(data: dict[str, Any], profiles: Collection[str] | None) -> Iterator[Finding]:
    profile = data.get("profile", "animatic")
    if profiles is not None and isinstance(profile, str) and profile not in profiles:
        allowed = sorted(profiles)
        message = f"is no profile.{did_you_mean(profile, allowed)} Allowed: {', '.join(allowed)}."
        yield Finding(("profile",), message, profile)


def _music(data: dict[str, Any]) -> Iterator[Finding]:
    music = data.get("music")
    if isinstance(music, str) and music.lower() in ("none", "no", "off", "false", "silence"):
        yield Finding(("music",), "is no prompt; leave music out for a film without", music)
    if not isinstance(music, dict):
        return
    if "prompt" in music and "file" in music:
        message = "has both prompt and file; a given file is played, so leave one of them out"
        yield Finding(("music",), message)
    if not {"prompt", "file"} & set(music):
        yield Finding(("music",), "needs a prompt or a file; leave music out for a film without")


def _ids(shots: Shots) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for index, shot in shots:
        name = unicodedata.normalize("NFC", str(shot.get("id"))).casefold()
        if name in seen:
            first = f"shots[{seen[name]}]"
            message = f"is also the id of {first}; ids name folders, where case does not count"
            yield Finding(("shots", index, "id"), message, shot.get("id"))
        seen.setdefault(name, index)


def _picture(index: int, shot: dict[str, Any]) -> Iterator[Finding]:
    shown = {"prompt", "image", "clip"} & set(shot) or {"line", "character"} <= set(shot)
    if not shown:
        message = "has no picture: give it a prompt, an image or a clip"
        yield Finding(("shots", index), message)
    if shot.get("kind") == "video":
        yield from _video(index, shot)
    if "image" in shot and "clip" in shot:
        message = "the shot has an image as well as a clip; only one can be seen"
        yield Finding(("shots", index, "clip"), message)


def _video(index: int, shot: dict[str, Any]) -> Iterator[Finding]:
    if "prompt" not in shot:
        yield Finding(("shots", index, "kind"), "needs a prompt to be made from", "video")
    for key in ("image", "clip", "line"):
        if key in shot:
            message = f"is made from its prompt alone, so leave {key} or kind out"
            yield Finding(("shots", index, "kind"), message, "video")


def _spoken(index: int, shot: dict[str, Any], characters: dict[str, Any]) -> Iterator[Finding]:
    """A line is seen spoken, so that it goes with neither a narrator nor a clip of one's own."""
    if "line" in shot:
        for key, why in (
            ("narration", "a shot has one voice: make it two shots"),
            ("clip", "a clip of your own shows what it shows: call what is said narration"),
        ):
            if key in shot:
                yield Finding(("shots", index, "line"), f"the shot has {key} as well; {why}")
    name = shot.get("character")
    if isinstance(name, str) and name.strip() not in characters:
        known = [str(c) for c in characters]
        told = (
            f"Characters: {', '.join(known)}."
            if known
            else "The film has none: name them under characters."
        )
        message = f"is no character of the film.{did_you_mean(name, known)} {told}"
        yield Finding(("shots", index, "character"), message, name)


def _transitions(data: dict[str, Any], shots: Shots, count: int) -> Iterator[Finding]:
    """No transition is longer than a shot of fixed length that it belongs to."""
    lengths = {index: _fixed_s(shot) for index, shot in shots}
    for index, shot in shots:
        transition = _read(ShotTransition, shot.get("transition"))
        if transition is None:
            continue
        where: Where = ("shots", index, "transition")
        dissolves = transition.kind == TransitionKind.DISSOLVE
        if index == 0 and dissolves:
            message = "the first shot has nothing to dissolve from. Use fade-from-black or cut."
            yield Finding(where, message)
            continue
        for other, name in ((index, "its shot"), (index - 1, "the shot before")):
            length = lengths.get(other)
            if length is None or (other != index and not dissolves):
                continue
            if transition.duration_s > length:
                takes = f"takes {transition.duration_s:g} s, longer than {name} ({length:g} s)"
                yield Finding(where, f"the {transition.kind} {takes}")
    yield from _ending(data, shots, lengths.get(count - 1))


def _ending(data: dict[str, Any], shots: Shots, length: float | None) -> Iterator[Finding]:
    ending = _read(Ending, data.get("ending"))
    if ending is None or ending.kind == EndingKind.CUT or length is None:
        return
    transition = _read(ShotTransition, shots[-1][1].get("transition"))
    comes_in = transition.duration_s if transition else 0.0
    if ending.duration_s > length:
        message = f"takes {ending.duration_s:g} s, longer than the last shot ({length:g} s)"
        yield Finding(("ending",), f"the {ending.kind} {message}")
    elif comes_in <= length < comes_in + ending.duration_s:
        message = (
            f"the {ending.kind} ({ending.duration_s:g} s) and the {transition.kind} before it "
            f"({comes_in:g} s) do not fit into the last shot ({length:g} s)"
        )
        yield Finding(("ending",), message)


def _fixed_s(shot: dict[str, Any]) -> float | None:
    try:
        duration = read_duration(shot.get("duration_s", "auto"))
    except ValueError:
        return None
    return None if duration == "auto" else duration


def _read(model: type[ShotTransition] | type[Ending], value: Any) -> Any:
    """The transition that a value means, or None where it means none."""
    try:
        return model.model_validate({"kind": value} if isinstance(value, str) else value)
    except pydantic.ValidationError:
        return None


def resolve_files(
    data: dict[str, Any], folder: Path, allowed: Callable[[Path], bool] | None = None
) -> tuple[dict[str, Any], list[Finding]]:
    """The data with absolute paths, and what is wrong with the files that it names.

    Args:
        allowed: Whether a file may be named, by its path with all links followed; None: any.
    """
    found: list[Finding] = []

    def resolved(fields: Any, key: str, where: Where) -> Any:
        value = fields.get(key)
        if not isinstance(value, str) or not value.strip():
            return fields
        if "://" in value or value.startswith("data:"):
            message = "must be a file here: download it, and name its path"
            found.append(Finding(where, message, value))
            return fields
        path = os.path.abspath(folder / os.path.expanduser(value.strip()))
        kind = where[-2] if key == "file" else key
        if allowed is not None and not allowed(_followed(path)):
            found.append(Finding(where, _OUTSIDE, value))
        elif message := _file_message(Path(path), str(kind)):
            found.append(Finding(where, message, value))
        return {**fields, key: path}

    def inner(fields: dict[str, Any], key: str, where: Where, word: str | None) -> dict[str, Any]:
        part = fields.get(key)
        if isinstance(part, str) and word == "file":
            part = {"file": part}
        if not isinstance(part, dict):
            return fields
        return {**fields, key: resolved(part, "file", (*where, key, "file"))}

    data = inner(data, "music", (), None)
    characters = data.get("characters")
    if isinstance(characters, dict):
        told = {
            name: resolved(fields, "reference", ("characters", name, "reference"))
            if isinstance(fields, dict)
            else fields
            for name, fields in characters.items()
        }
        data = {**data, "characters": told}
    shots = data.get("shots")
    if isinstance(shots, list | tuple):
        data = {**data, "shots": [_each(shot, i, resolved, inner) for i, shot in enumerate(shots)]}
    return data, found


def _each(shot: Any, index: int, resolved: Callable[..., Any], inner: Callable[..., Any]) -> Any:
    if not isinstance(shot, dict):
        return shot
    where = ("shots", index)
    for key in ("image", "clip", "voice_file"):
        shot = resolved(shot, key, (*where, key))
    return inner(shot, "sound", where, "file")


def _followed(path: str) -> Path:
    """Where a path leads, with all links followed; what cannot lead anywhere stays as it is."""
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError):
        return Path(path)


def _file_message(path: Path, kind: str) -> str | None:
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return f"does not exist ({path}).{_similar(path)}"
        return f"cannot be read ({path}): {getattr(error, 'strerror', None) or error}"
    if not stat.S_ISREG(status.st_mode):
        return f"is not a file ({path})"
    if not os.access(path, os.R_OK):
        return f"may not be read ({path})"
    if not status.st_size:
        return f"is an empty file ({path})"
    guessed = mimetypes.guess_type(path.name)[0] or ""
    known = guessed.split("/")[0] in ("image", "audio", "video", "text")
    if known and not guessed.startswith(_KINDS[kind]):
        return f"must be {_WANTED.get(kind, 'a sound')}, and this is {guessed}"
    return None


def _similar(path: Path) -> str:
    try:
        names = [entry.name for entry in os.scandir(path.parent) if entry.is_file()]
    except OSError:
        return ""
    return did_you_mean(path.name, names)
