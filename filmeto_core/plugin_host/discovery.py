"""Finds plugins: a folder with a plugin.yaml, in the folders that are searched, first one wins."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from filmeto_core.bundled import bundled
from filmeto_core.errors import PluginNotFoundError, did_you_mean
from filmeto_core.plugin_host.fingerprint import fingerprint, source_files, stamp
from filmeto_core.plugin_host.manifest import (
    MANIFEST_NAME,
    Manifest,
    ManifestProblems,
    Problem,
    read_manifest,
)
from filmeto_core.settings import Settings
from filmeto_core.types import ToolType

MAIN_NAME = "main.py"
REQUIREMENTS_NAME = "requirements.txt"


class Plugin:
    """A plugin as it was found: its folder, its manifest, the files that count."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder, self.manifest = folder, manifest
        self._files: tuple[Path, ...] | None = None
        self._stamp: tuple[tuple[int, int], ...] = ()
        self._fingerprint = ""

    @property
    def name(self) -> str:
        """Its name."""
        return self.manifest.name

    @property
    def version(self) -> str:
        """Its version."""
        return self.manifest.version

    @property
    def main(self) -> Path:
        """The program that is run."""
        return self.folder / MAIN_NAME

    @property
    def requirements(self) -> tuple[str, ...]:
        """The packages of its environment: the manifest's, or requirements.txt's lines."""
        if self.manifest.requirements.packages:
            return self.manifest.requirements.packages
        try:
            text = (self.folder / REQUIREMENTS_NAME).read_text(encoding="utf-8")
        except OSError:
            return ()
        lines = (line.split(" #")[0].strip() for line in text.splitlines())
        return tuple(line for line in lines if line and not line.startswith("#"))

    @property
    def fingerprint(self) -> str:
        """What its results depend on, as hex; read anew where a file changed."""
        if self._files is None:
            self._files = source_files(self.folder)
        now = stamp(self._files)
        if not self._fingerprint or now != self._stamp:
            self._fingerprint = fingerprint(self.folder, self._files, self.version)
            self._stamp = now
        return self._fingerprint

    def __repr__(self) -> str:
        return f"Plugin({self.name!r}, {str(self.folder)!r})"


class Registry:
    """The plugins that were found, and what was wrong on the way."""

    def __init__(self, plugins: Iterable[Plugin] = (), problems: Iterable[Problem] = ()) -> None:
        self.plugins = {plugin.name: plugin for plugin in plugins}
        self.problems = list(problems)

    def get(self, name: str) -> Plugin:
        """The plugin of this name.

        Raises:
            PluginNotFoundError: There is none; the message tells which there are.
        """
        if name in self.plugins:
            return self.plugins[name]
        names = sorted(self.plugins)
        broken = [p for p in self.problems if Path(p.file).parent.name == name]
        why = f" Its manifest is wrong: {broken[0]}." if broken else did_you_mean(name, names)
        raise PluginNotFoundError(
            f'there is no plugin "{name}".{why}',
            hint=f"There are {', '.join(names) or 'none'}.",
            plugin=name,
            allowed=names,
        )

    def serving(self, tool: ToolType | str) -> list[Plugin]:
        """The plugins that serve a tool, in the order in which they were found."""
        return [p for p in self.plugins.values() if str(tool) in p.manifest.tool_names]


def discover(settings: Settings, project_folders: Iterable[Path] = ()) -> Registry:
    """Every plugin: in FILMETO_PLUGINS, the project's folders, the user's own, the bundled ones."""
    searched = [
        *settings.plugin_folders,
        *project_folders,
        settings.home.expanduser().absolute() / "plugins",
        bundled("plugins"),
    ]
    found: dict[str, Plugin] = {}
    problems: list[Problem] = []
    for folder in searched:
        for path in _manifests(folder):
            try:
                manifest, odd = read_manifest(path)
            except ManifestProblems as error:
                problems += error.problems
                continue
            problems += odd
            plugin = Plugin(path.parent, manifest)
            problem = _unusable(plugin, found.get(manifest.name))
            if problem:
                problems.append(problem)
            else:
                found[plugin.name] = plugin
    return Registry(found.values(), problems)


def _manifests(folder: Path) -> Iterator[Path]:
    try:
        children = sorted(folder.iterdir())
    except OSError:
        return
    for child in children:
        path = child / MANIFEST_NAME
        if not child.name.startswith(".") and path.is_file():
            yield path


def _unusable(plugin: Plugin, shadow: Plugin | None) -> Problem | None:
    path = str(plugin.folder / MANIFEST_NAME)
    if shadow is not None:
        reason = f'"{plugin.name}" is shadowed by {shadow.folder}, which is searched before'
        return Problem(file=path, field="name", reason=reason)
    if not plugin.main.is_file():
        return Problem(file=path, reason=f"there is no {MAIN_NAME} beside it")
    return None
