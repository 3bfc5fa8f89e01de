"""Which plugins there are: folders searched in order, the first of a name wins.

FILMETO_PLUGINS, then the project's folders, the user's own, and those that come with filmeto. A bad
manifest is a problem that is told, and keeps no other plugin from loading.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filmeto_core.bundled import bundled
from filmeto_core.errors import PluginNotFoundError, did_you_mean
from filmeto_core.plugin_host.fingerprint import fingerprint_of, source_files
from filmeto_core.plugin_host.manifest import (
    MANIFEST_NAME,
    Problem,
    read_manifest,
)
from filmeto_core.plugin_host.manifest_model import Manifest, Source
from filmeto_core.settings import Settings

MAIN_NAME = "main.py"
REQUIREMENTS_NAME = "requirements.txt"
EXCLUDED = ("__pycache__", "node_modules")


@dataclass(frozen=True)
class Plugin:
    """A plugin that can be started.

    Args:
        folder: Absolute.
        manifest: Its checked plugin.yaml.
        source: Where it was found.
        files: Its own files when it was found, relative to the folder.
    """

    folder: Path
    manifest: Manifest
    source: Source
    files: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name that calls use."""
        return self.manifest.name

    @property
    def version(self) -> str:
        """Its version, as the manifest has it."""
        return self.manifest.version

    @property
    def requirements_file(self) -> Path | None:
        """Its requirements.txt, if it has one."""
        path = self.folder / REQUIREMENTS_NAME
        return path if REQUIREMENTS_NAME in self.files else None

    def fingerprint(self) -> str:
        """sha256 (hex) over what determines its results; what it wrote since does not count."""
        return fingerprint_of(self.folder, self.version, self.files)

    def to_dict(self) -> dict[str, object]:
        """The fields that listings show."""
        manifest = self.manifest
        return {
            "name": manifest.name,
            "version": manifest.version,
            "description": manifest.description,
            "author": manifest.author,
            "engine": manifest.engine,
            "tool_type": str(manifest.tools[0].name),
            "tools": [tool.model_dump(mode="json") for tool in manifest.tools],
        }


class Registry:
    """The plugins that were found, in the order of the search, and what was wrong."""

    def __init__(self, plugins: Iterable[Plugin], problems: Iterable[Problem] = ()) -> None:
        self._by_name = {plugin.name: plugin for plugin in plugins}
        self.problems: tuple[Problem, ...] = tuple(problems)

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """All of them."""
        return tuple(self._by_name.values())

    def get(self, name: str) -> Plugin:
        """The plugin of that name.

        Raises:
            PluginNotFoundError: There is none; says which there are.
        """
        plugin = self._by_name.get(name)
        if plugin is not None:
            return plugin
        names = sorted(self._by_name)
        broken = next((p for p in self.problems if p.fatal and p.file.parent.name == name), None)
        if broken is not None:
            raise PluginNotFoundError(
                f"the plugin {name!r} could not be loaded: {broken}.",
                hint="Correct its plugin.yaml.",
                allowed=names,
            )
        there = ", ".join(names[:20]) + (" ..." if len(names) > 20 else "")
        raise PluginNotFoundError(
            f"there is no plugin {name!r}.{did_you_mean(str(name), names)}",
            hint=f"There are: {there}." if names else "No plugins were found; see FILMETO_PLUGINS.",
            allowed=names,
        )

    def serving(self, tool: str) -> tuple[Plugin, ...]:
        """The plugins that serve a tool, in the order of the search."""
        return tuple(p for p in self.plugins if p.manifest.tool(tool) is not None)


def discover(settings: Settings, project_folders: Iterable[Path] = ()) -> Registry:
    """Search all places for plugins.

    Args:
        settings: Say where FILMETO_PLUGINS and the user's own folder are.
        project_folders: Folders of plugin folders that the project's filmeto.yaml names.
    """
    found: dict[str, Plugin] = {}
    problems: list[Problem] = []
    for place, source, must_exist in _places(settings, project_folders):
        if not place.is_dir():
            if must_exist:
                problems.append(Problem(place, None, "", "this folder of plugins is not there"))
            continue
        for folder in _plugin_folders(place):
            plugin, wrong = load_plugin(folder, source)
            problems.extend(wrong)
            if plugin is None:
                continue
            first = found.setdefault(plugin.name, plugin)
            if first is not plugin:
                reason = f"{plugin.name!r} is shadowed by the one in {first.folder}"
                problems.append(Problem(folder / MANIFEST_NAME, None, "name", reason, fatal=False))
    return Registry(found.values(), problems)


def load_plugin(folder: Path, source: Source = "user") -> tuple[Plugin | None, list[Problem]]:
    """The plugin in a folder, None if it cannot be used, and all that is wrong with it."""
    folder = folder.absolute()
    manifest, problems = read_manifest(folder / MANIFEST_NAME)
    if manifest is None:
        return None, problems
    if not (folder / MAIN_NAME).is_file():
        problems.append(Problem(folder / MAIN_NAME, None, "", "the plugin's program is missing"))
        return None, problems
    return Plugin(folder, manifest, source, source_files(folder)), problems


def _places(settings: Settings, project: Iterable[Path]) -> Iterator[tuple[Path, Source, bool]]:
    for folder in settings.plugin_folders:
        yield folder, "FILMETO_PLUGINS", True
    for folder in project:
        yield Path(folder).absolute(), "project", True
    yield settings.home.expanduser().absolute() / "plugins", "user", False
    try:
        yield bundled("plugins"), "bundled", False
    except FileNotFoundError:
        return


def _plugin_folders(place: Path) -> list[Path]:
    """The folders in `place` that hold a manifest, by name; or `place`, if it is one itself."""
    if (place / MANIFEST_NAME).is_file():
        return [place]
    try:
        with os.scandir(place) as entries:
            names = [e.name for e in entries if not e.name.startswith(".") and e.is_dir()]
    except OSError:
        return []
    names = sorted(name for name in names if name not in EXCLUDED)
    return [place / name for name in names if os.path.isfile(place / name / MANIFEST_NAME)]
