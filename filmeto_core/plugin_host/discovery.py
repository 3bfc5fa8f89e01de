"""Which plugins there are: folders searched in order, the first of a name wins.

FILMETO_PLUGINS, then the project's folders, the user's own, and those that come with filmeto. A bad
manifest is a problem that is told, and keeps no other plugin from loading.

The registry lives: a folder that came, went or was changed is seen when it is next asked for.
"""

import asyncio
import contextlib
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from pathlib import Path

from filmeto_core.bundled import bundled
from filmeto_core.errors import PluginNotFoundError, did_you_mean
from filmeto_core.plugin_host.manifest import MANIFEST_NAME, Problem
from filmeto_core.plugin_host.manifest_model import Source
from filmeto_core.plugin_host.plugin import MAIN_NAME, Plugin, load_plugin
from filmeto_core.plugin_host.plugin_places import Reader, WatchedFolder, WatchedPlace
from filmeto_core.settings import Settings

__all__ = ["MAIN_NAME", "Plugin", "Registry", "discover", "load_plugin"]


class _Looks(dict[tuple[int, str], Plugin | None]):
    """What was found when plugins' folders were looked at, for as long as that counts."""

    def of(self, registry: "Registry", name: str) -> Plugin | None:
        """The plugin, looked at unless it was."""
        key = (id(registry), name)
        if key in self:
            return self[key]
        found = self[key] = registry.look(name)
        return found


class _TurnsLooks(_Looks):
    """Those of one turn of an event loop; in a thread without one, each look counts for itself."""

    def of(self, registry: "Registry", name: str) -> Plugin | None:
        """As above."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return registry.look(name)
        if not self:
            loop.call_soon(self.clear)
        with contextlib.suppress(KeyError):  # another loop's turn has ended
            return super().of(registry, name)
        return registry.look(name)


_looks: ContextVar[_Looks | None] = ContextVar("filmeto_looks", default=None)


@contextmanager
def one_look() -> Iterator[None]:
    """Each plugin's folder is looked at once at most inside: for what is decided in one moment."""
    token = None if _looks.get() is not None else _looks.set(_Looks())
    try:
        yield
    finally:
        if token is not None:
            _looks.reset(token)


@contextmanager
def one_look_a_turn() -> Iterator[None]:
    """As `one_look`, for each turn of the event loop: for work that asks hundreds of times at once."""
    token = _looks.set(_TurnsLooks())
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):  # left in another context than it was entered in
            _looks.reset(token)


class Registry:
    """The plugins that there are, in the order of the search, and what is wrong; from any thread.

    `get` looks at that plugin's folder, so that what it gives is true before the next call;
    `plugins`, `serving` and `problems` look at every manifest.

    Args:
        plugins: Plugins that were loaded; their folders are watched.
        problems: Of those, or of others.
        places: Folders of plugin folders, with where they come from and whether they must be there.
        cache_dir: Where it is remembered what manifests said and what plugins wrote themselves.
    """

    def __init__(
        self,
        plugins: Iterable[Plugin] = (),
        problems: Iterable[Problem] = (),
        places: Iterable[tuple[Path, Source, bool]] = (),
        cache_dir: Path | None = None,
    ) -> None:
        self._lock = threading.RLock()
        self._reader = Reader(cache_dir)
        self._given = tuple(problems)
        self._fixed = [WatchedFolder.of(plugin) for plugin in plugins]
        self._places = [WatchedPlace(*place) for place in places]
        self._winners: dict[str, WatchedFolder] = {}
        self._problems: tuple[Problem, ...] = ()
        self._reader.manifests.load()
        self._read(everything=True)
        self._reader.manifests.save()
        self._index()

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """All of them."""
        with self._lock:
            self._read(everything=True)
            return tuple(folder.plugin for folder in self._winners.values())

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong with them; some keep a plugin from being used."""
        with self._lock:
            self._read(everything=True)
            return self._problems

    def serving(self, tool: str) -> tuple[Plugin, ...]:
        """The plugins that serve a tool, in the order of the search."""
        return tuple(p for p in self.plugins if p.manifest.tool(tool) is not None)

    def get(self, name: str) -> Plugin:
        """The plugin of that name as it is now: another object if it changed since the last time.

        Raises:
            PluginNotFoundError: There is none; says which there are, or what is wrong with it.
        """
        plugin = self.find(name)
        if plugin is not None:
            return plugin
        with self._lock:
            raise self._not_found(name)

    def find(self, name: str) -> Plugin | None:
        """As `get`, None where there is none."""
        looks = _looks.get()
        return self.look(name) if looks is None else looks.of(self, name)

    def look(self, name: str) -> Plugin | None:
        """As `find`; its folder is looked at, also where it was a moment ago."""
        with self._lock:
            self._read(everything=False)
            folder = self._winners.get(name)
            if folder is None:
                self._read(everything=True)
                folder = self._winners.get(name)
            elif folder.look(self._reader):
                self._index()
                folder = self._winners.get(name)
            return folder.plugin if folder else None

    def working(self, plugin: Plugin) -> AbstractContextManager[None]:
        """While a call runs, from before its process starts: what it writes is no change of it."""
        return plugin.sources.working()

    def worked(self, plugin: Plugin, started: float, ended: float) -> None:
        """As `working`, told afterwards; wall-clock times in seconds since the epoch."""
        plugin.sources.times.add(int(started * 1e9), int(ended * 1e9))
        plugin.sources.worked()

    def _read(self, everything: bool) -> None:
        """Look for folders that came or went; and at each manifest, or at no more."""
        changed = [place.read() for place in self._places]  # all of them: no short cut
        if everything:
            changed += [folder.peek(self._reader) for folder in self._folders()]
        if any(changed):
            if not everything:
                for folder in self._folders():
                    folder.peek(self._reader)
            self._index()

    def _folders(self) -> list[WatchedFolder]:
        return [*self._fixed, *(f for place in self._places for f in place.folders.values())]

    def _index(self) -> None:
        """Who serves a name, and the problems, in the order of the search."""
        winners: dict[str, WatchedFolder] = {}
        problems: list[Problem] = list(self._given)
        for place in (None, *self._places):
            if place is not None:
                problems += place.problems()
            for folder in self._fixed if place is None else place.folders.values():
                problems += folder.problems
                if folder.plugin is None:
                    continue
                first = winners.setdefault(folder.plugin.name, folder)
                if first is not folder:
                    reason = f"{folder.plugin.name!r} is shadowed by the one in {first.path}"
                    manifest = folder.path / MANIFEST_NAME
                    problems.append(Problem(manifest, None, "name", reason, fatal=False))
        self._winners, self._problems = winners, tuple(problems)

    def _not_found(self, name: str) -> PluginNotFoundError:
        names = sorted(self._winners)
        for folder in self._folders():
            wrong = next((p for p in folder.problems if p.fatal), None)
            if wrong is not None and name in (folder.name, folder.path.name):
                return PluginNotFoundError(
                    f"the plugin {name!r} could not be loaded: {wrong}.",
                    hint=f"Correct its {wrong.file.name}.",
                    allowed=names,
                )
        there = ", ".join(names[:20]) + (" ..." if len(names) > 20 else "")
        return PluginNotFoundError(
            f"there is no plugin {name!r}.{did_you_mean(str(name), names)}",
            hint=f"There are: {there}." if names else "No plugins were found; see FILMETO_PLUGINS.",
            allowed=names,
        )


def discover(settings: Settings, project_folders: Iterable[Path] = ()) -> Registry:
    """Search all places for plugins.

    Args:
        settings: Say where FILMETO_PLUGINS and the user's own folder are.
        project_folders: Folders of plugin folders that the project's filmeto.yaml names.
    """
    places = list(_places(settings, project_folders))
    return Registry(places=places, cache_dir=settings.cache_dir)


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
