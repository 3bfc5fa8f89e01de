"""Which plugins there are: folders searched in order, the first of a name wins.

FILMETO_PLUGINS, then the project's folders, the user's own, and those that come with filmeto. A bad
manifest is a problem that is told, and keeps no other plugin from loading.

The registry lives: a folder that came, went or was changed is seen when it is next asked for.
"""

import contextlib
import hashlib
import os
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from filmeto_core.bundled import bundled
from filmeto_core.errors import PluginNotFoundError, did_you_mean
from filmeto_core.plugin_host.fingerprint import Stamp, stamp_of
from filmeto_core.plugin_host.manifest import MANIFEST_NAME, Problem
from filmeto_core.plugin_host.manifest_model import Source
from filmeto_core.plugin_host.plugin import MAIN_NAME, Plugin, load_plugin
from filmeto_core.plugin_host.written import TICK_NS, WHOLE_SECONDS_TICK_NS, WorkTimes
from filmeto_core.settings import Settings

__all__ = ["MAIN_NAME", "Plugin", "Registry", "discover", "load_plugin"]

EXCLUDED = ("__pycache__", "node_modules")


class Registry:
    """The plugins that there are, in the order of the search, and what is wrong; from any thread.

    `get` looks at that plugin's folder, so that what it gives is true before the next call;
    `plugins`, `serving` and `problems` look at every manifest.

    Args:
        plugins: Plugins that were loaded; their folders are watched.
        problems: Of those, or of others.
        places: Folders of plugin folders, with where they come from and whether they must be there.
        written_dir: Where it is remembered what plugins wrote into their own folders.
    """

    def __init__(
        self,
        plugins: Iterable[Plugin] = (),
        problems: Iterable[Problem] = (),
        places: Iterable[tuple[Path, Source, bool]] = (),
        written_dir: Path | None = None,
    ) -> None:
        self._lock = threading.RLock()
        self._written_dir = written_dir
        self._given = tuple(problems)
        self._fixed = [_Folder.of(plugin) for plugin in plugins]
        self._places = [_Place(*place) for place in places]
        self._winners: dict[str, _Folder] = {}
        self._problems: tuple[Problem, ...] = ()
        self._read(everything=True)
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
        with self._lock:
            self._read(everything=False)
            folder = self._winners.get(name)
            if folder is None:
                self._read(everything=True)
                folder = self._winners.get(name)
            elif folder.look(self._written_dir):
                self._index()
                folder = self._winners.get(name)
            return folder.plugin if folder else None

    @contextlib.contextmanager
    def working(self, plugin: Plugin) -> Iterator[None]:
        """While a call runs, from before its process starts: what it writes is no change of it."""
        times = plugin.sources.times
        with self._lock:
            started = times.begin()
        try:
            yield
        finally:
            with self._lock:
                times.end(started)
                plugin.sources.worked()

    def worked(self, plugin: Plugin, started: float, ended: float) -> None:
        """As `working`, told afterwards; wall-clock times in seconds since the epoch."""
        with self._lock:
            plugin.sources.times.add(int(started * 1e9), int(ended * 1e9))
            plugin.sources.worked()

    def _read(self, everything: bool) -> None:
        """Look for folders that came or went; and at each manifest, or at no more."""
        changed = [place.read() for place in self._places]  # all of them: no short cut
        if everything:
            changed += [folder.peek(self._written_dir) for folder in self._folders()]
        if any(changed):
            if not everything:
                for folder in self._folders():
                    folder.peek(self._written_dir)
            self._index()

    def _folders(self) -> list["_Folder"]:
        return [*self._fixed, *(f for place in self._places for f in place.folders.values())]

    def _index(self) -> None:
        """Who serves a name, and the problems, in the order of the search."""
        winners: dict[str, _Folder] = {}
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


class _Folder:
    """A folder that is a plugin, is to become one, or is one with something wrong."""

    def __init__(self, path: Path, source: Source) -> None:
        self.path, self._source = path, source
        self.plugin: Plugin | None = None
        self.problems: list[Problem] = []
        self.name = ""  # under which it was last loaded
        self._manifest = os.path.join(path, MANIFEST_NAME)
        self._main = os.path.join(path, MAIN_NAME)
        self._seen: tuple[Stamp | None, bool] = (None, False)
        self._times: WorkTimes | None = None

    @staticmethod
    def of(plugin: Plugin) -> "_Folder":
        """Of a plugin that was loaded already."""
        folder = _Folder(plugin.folder, plugin.source)
        folder.plugin, folder.name = plugin, plugin.name
        folder._seen, folder._times = folder._look(), plugin.sources.times
        return folder

    def peek(self, written_dir: Path | None) -> bool:
        """Look at the manifest alone; True if something changed."""
        try:
            manifest = stamp_of(os.stat(self._manifest))
        except OSError:
            manifest = None
        if manifest == self._seen[0]:
            if self.plugin is not None or manifest is None:
                return False
            if self._seen[1] == os.path.isfile(self._main):
                return False
        elif self.plugin is not None and not self.look(written_dir):
            self._seen = (manifest, True)  # a touch
            return False
        elif self.plugin is not None:
            return True
        self._load(written_dir)
        return True

    def look(self, written_dir: Path | None) -> bool:
        """Look at all of its files; True if something changed."""
        if self.plugin is not None:
            sources = self.plugin.sources
            changed = sources.changed() if sources.looked_at else self._look() != self._seen
            if not changed:
                sources.look()
                return False
        self._load(written_dir)
        if self.plugin is not None:
            self.plugin.sources.look()  # before a process of it starts
        return True

    def _look(self) -> tuple[Stamp | None, bool]:
        try:
            manifest = stamp_of(os.stat(self._manifest))
        except OSError:
            manifest = None
        return manifest, manifest is not None and os.path.isfile(self._main)

    def _load(self, written_dir: Path | None) -> None:
        self._seen = self._look()  # before it is read, so that a later change is seen
        self.plugin, self.problems = None, []
        if self._seen[0] is not None:
            if self._times is None:
                self._times = WorkTimes(_lock_file(self.path, written_dir))
            self.plugin, self.problems = load_plugin(
                self.path, self._source, written_dir, self._times
            )
        if self.plugin is not None:
            self.name = self.plugin.name


class _Place:
    """A folder of plugin folders, or one plugin's."""

    def __init__(self, path: Path, source: Source, must_exist: bool) -> None:
        self.path, self._source, self._must_exist = path, source, must_exist
        self.folders: dict[str, _Folder] = {}
        self._seen: tuple[int, int] | None = None
        self._sure = False

    def read(self) -> bool:
        """Whether folders came or went, which are then in `folders`."""
        try:
            status = os.stat(self.path)
            seen = (status.st_mtime_ns, status.st_ino)
        except OSError:
            seen = None
        if seen == self._seen and self._sure:
            return False
        # What comes within the same tick of the file system's clock would not be seen.
        self._sure = seen is None or _is_past(seen[0])
        self._seen = seen
        names = self._names() if seen else []
        if names == list(self.folders):
            return False
        self.folders = {n: self.folders.get(n) or self._folder(n) for n in names}
        return True

    def problems(self) -> list[Problem]:
        """That it is not there, though it was named."""
        if self._must_exist and (self._seen is None or not self.path.is_dir()):
            return [Problem(self.path, None, "", "this folder of plugins is not there")]
        return []

    def _folder(self, name: str) -> _Folder:
        return _Folder(self.path / name if name else self.path, self._source)

    def _names(self) -> list[str]:
        """Of the folders inside, sorted; "" is the place itself, where it is a plugin."""
        if (self.path / MANIFEST_NAME).is_file():
            return [""]
        try:
            with os.scandir(self.path) as entries:
                names = [e.name for e in entries if not e.name.startswith(".") and e.is_dir()]
        except OSError:
            return []
        return sorted(name for name in names if name not in EXCLUDED)


def discover(settings: Settings, project_folders: Iterable[Path] = ()) -> Registry:
    """Search all places for plugins.

    Args:
        settings: Say where FILMETO_PLUGINS and the user's own folder are.
        project_folders: Folders of plugin folders that the project's filmeto.yaml names.
    """
    places = list(_places(settings, project_folders))
    return Registry(places=places, written_dir=settings.cache_dir / "written")


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


def _lock_file(folder: Path, written_dir: Path | None) -> Path | None:
    if written_dir is None:
        return None
    name = hashlib.sha256(str(folder).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return written_dir / f"{name}.working"


def _is_past(changed_ns: int) -> bool:
    tick_ns = TICK_NS if changed_ns % 1_000_000_000 else WHOLE_SECONDS_TICK_NS
    return time.time_ns() - changed_ns > tick_ns
