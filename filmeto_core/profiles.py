"""Which plugin serves which tool: profiles, from the project's filmeto.yaml over the built-in one.

A project is the folder with a `filmeto.yaml`, looked for from the working folder upwards:

    plugins: ./plugins                  # a folder of plugins of the project's own
    profiles:
      animatic:                         # changes the built-in profile, tool by tool
        text2speak: {en: [piper, espeak], "*": espeak}
      studio:
        extends: animatic               # what is not named here comes from there
        text2image: {plugin: comfyui, parameters: {steps: 30}}
    grants:                             # what single plugins may do on top: `project_grants`
      comfyui: {write: [~/models]}

A tool's entry is a plugin's name; a list, of which the first that is installed and fits serves; a
mapping from language to either; or `plugin` with `parameters` that are defaults for its calls, and
with what it serves and what it may cost (`profile_choice`).
"""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field

from filmeto_core.errors import ValidationError, did_you_mean
from filmeto_core.languages import primary
from filmeto_core.plugin_host.grants import Grant
from filmeto_core.profile_choice import Choice, read_choice
from filmeto_core.project_errors import mapping, only_known, texts, wrong
from filmeto_core.project_grants import read_grants
from filmeto_core.types import Model, ToolType

PROJECT_FILE = "filmeto.yaml"
DEFAULT_PROFILE = "animatic"
ANY_LANGUAGE = "*"

BUILT_IN = {
    DEFAULT_PROFILE: {
        "text2image": "sketch",
        "image2image": "darkroom",
        "image2video": "camera",
        "text2video": "sketch",
        "speak2video": "talker",
        "text2speak": {
            "en": ["piper", "espeak"],
            "ja": ["kokoro", "espeak"],
            ANY_LANGUAGE: "espeak",
        },
        "text2music": "score",
    }
}


class Profile(Model):
    """For each tool, by language, what serves it."""

    name: str
    tools: dict[ToolType, dict[str, Choice]] = Field(description='By language; "*" is any')

    def choice(self, tool: ToolType, language: str | None = None) -> Choice | None:
        """What serves `tool` for `language` (a BCP 47 tag), or None."""
        by_language = self.tools.get(tool, {})
        wanted = [language.lower(), primary(language)] if language else []
        for name in (*wanted, ANY_LANGUAGE):
            if name in by_language:
                return by_language[name]
        return None

    def queue(self, tool: ToolType, plugin: str) -> str | None:
        """The work queue of the tool's first entry for this plugin, whatever its language."""
        choices = self.tools.get(tool, {}).values()
        options = (option for choice in choices for option in choice.options)
        return next((option.queue for option in options if option.plugin == plugin), None)


class Project(Model):
    """A filmeto.yaml as read, or the built-in profiles alone."""

    path: Path | None = Field(None, description="The filmeto.yaml, if there is one")
    plugin_folders: tuple[Path, ...] = Field((), description="Folders of the project's own plugins")
    profiles: dict[str, Profile] = Field(description="By name")
    grants: dict[str, Grant] = Field(
        default_factory=dict, description="What the user allows plugins on top, by their names"
    )

    def profile(self, name: str | None = None) -> Profile:
        """The profile of this name, by default "animatic".

        Raises:
            ValidationError: There is none of this name.
        """
        name = name or DEFAULT_PROFILE
        if name not in self.profiles:
            names = sorted(self.profiles)
            raise ValidationError(
                f'profile: there is no profile "{name}".{did_you_mean(name, names)}',
                hint=f"Profiles here: {', '.join(names)}. They live in {PROJECT_FILE}.",
                field="profile",
                value=name,
                allowed=names,
            )
        return self.profiles[name]


def find_project(folder: Path | None = None) -> Project:
    """The project of `folder` (by default the working one): the nearest filmeto.yaml upwards.

    Raises:
        ValidationError: The file is wrong; the message names it and the key.
    """
    start = (folder or Path.cwd()).absolute()
    for candidate in (start, *start.parents):
        path = candidate / PROJECT_FILE
        try:
            status = path.stat()
        except OSError:
            continue
        return _read_once(path, status.st_size, status.st_mtime_ns)
    return _built_in()


@functools.lru_cache(maxsize=8)
def _read_once(path: Path, _size: int, _mtime_ns: int) -> "Project":
    """The file as it was at this size and time: each task of a process asks."""
    return read_project(path)


@functools.cache
def _built_in() -> "Project":
    return Project(profiles=_read_profiles({}, PROJECT_FILE))


def read_project(path: Path) -> Project:
    """The project that the file describes.

    Raises:
        ValidationError: The file is wrong; the message names it and the key.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValidationError(f"{path}: cannot be read: {error}", file=str(path)) from error
    data = mapping(data, path, "the file")
    only_known(data, ("plugins", "profiles", "grants"), path)
    folders = texts(data.get("plugins") or [], path, "plugins", "a folder or a list of folders")
    resolved = tuple((path.parent / Path(f).expanduser()).absolute() for f in folders)
    for folder in resolved:
        if not folder.is_dir():
            raise wrong(path, "plugins", f"there is no folder {folder}")
    profiles = mapping(data.get("profiles") or {}, path, "profiles")
    return Project(
        path=path,
        plugin_folders=resolved,
        profiles=_read_profiles(profiles, path),
        grants=read_grants(data.get("grants"), path),
    )


def _read_profiles(own: Mapping[str, Any], path: Path | str) -> dict[str, Profile]:
    read: dict[str, Profile] = {}

    def read_one(name: str, waiting: tuple[str, ...]) -> Profile:
        if name in waiting:
            raise wrong(path, f"profiles.{name}.extends", f"a circle: {' -> '.join(waiting)}")
        if name in read:
            return read[name]
        if name not in own and name not in BUILT_IN:
            known = sorted({*own, *BUILT_IN})
            meant = did_you_mean(name, known)
            raise wrong(path, f"profiles.{waiting[-1]}.extends", f'no profile "{name}".{meant}')
        entries = dict(mapping(own.get(name) or {}, path, f"profiles.{name}"))
        base = entries.pop("extends", None)
        tools = dict(read_one(base, (*waiting, name)).tools) if base else {}
        for tool, entry in {**BUILT_IN.get(name, {}), **entries}.items():
            field = f"profiles.{name}.{tool}"
            if tool not in list(ToolType):
                meant = did_you_mean(str(tool), list(ToolType))
                raise wrong(path, field, f"no such tool.{meant} Tools: {', '.join(ToolType)}")
            tools[ToolType(tool)] = _by_language(entry, path, field)
        read[name] = Profile(name=name, tools=tools)
        return read[name]

    return {name: read_one(name, ()) for name in {**BUILT_IN, **own}}


def _by_language(entry: Any, path: Path | str, field: str) -> dict[str, Choice]:
    if isinstance(entry, Mapping) and "plugin" not in entry:
        return {str(k).lower(): read_choice(v, path, f"{field}.{k}") for k, v in entry.items()}
    return {ANY_LANGUAGE: read_choice(entry, path, field)}
