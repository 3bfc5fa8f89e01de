"""The folders in which plugins are looked for, and each that is one: read anew where they changed.

Which of them wins a name, and what callers see, is `discovery`'s.
"""

import hashlib
import os
import time
from pathlib import Path

from filmeto_core.plugin_host.fingerprint import Stamp, stamp_of
from filmeto_core.plugin_host.manifest import MANIFEST_NAME, Problem
from filmeto_core.plugin_host.manifest_cache import ManifestCache
from filmeto_core.plugin_host.manifest_model import Source
from filmeto_core.plugin_host.plugin import MAIN_NAME, Plugin, load_plugin
from filmeto_core.plugin_host.written import TICK_NS, WHOLE_SECONDS_TICK_NS, WorkTimes

EXCLUDED = ("__pycache__", "node_modules")


class Reader:
    """Reads plugins' folders, with what is remembered of them.

    Args:
        cache_dir: Where it is remembered what manifests said and what plugins wrote themselves;
            None: nowhere.
    """

    def __init__(self, cache_dir: Path | None) -> None:
        self._written_dir = cache_dir / "written" if cache_dir else None
        self.manifests = ManifestCache(cache_dir / "manifests.json" if cache_dir else None)

    def load(
        self, folder: Path, source: Source, times: WorkTimes, stamp: Stamp
    ) -> tuple[Plugin | None, list[Problem]]:
        """As `load_plugin`, of a folder whose manifest has this stamp."""
        return load_plugin(
            folder,
            source,
            self._written_dir,
            times,
            lambda path: self.manifests.read(path, stamp),
        )

    def lock_file(self, folder: Path) -> Path | None:
        """What is locked while the folder's plugin works."""
        if self._written_dir is None:
            return None
        name = hashlib.sha256(str(folder).encode("utf-8", "surrogateescape")).hexdigest()[:32]
        return self._written_dir / f"{name}.working"


class WatchedFolder:
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
    def of(plugin: Plugin) -> "WatchedFolder":
        """Of a plugin that was loaded already."""
        folder = WatchedFolder(plugin.folder, plugin.source)
        folder.plugin, folder.name = plugin, plugin.name
        folder._seen, folder._times = folder._look(), plugin.sources.times
        return folder

    def peek(self, reader: Reader) -> bool:
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
        elif self.plugin is not None and not self.look(reader):
            self._seen = (manifest, True)  # a touch
            return False
        elif self.plugin is not None:
            return True
        self._load(reader)
        return True

    def look(self, reader: Reader) -> bool:
        """Look at all of its files; True if something changed."""
        if self.plugin is not None:
            sources = self.plugin.sources
            changed = sources.changed() if sources.looked_at else self._look() != self._seen
            if not changed:
                sources.look()
                return False
        self._load(reader)
        if self.plugin is not None:
            self.plugin.sources.look()  # before a process of it starts
        return True

    def _look(self) -> tuple[Stamp | None, bool]:
        try:
            manifest = stamp_of(os.stat(self._manifest))
        except OSError:
            manifest = None
        return manifest, manifest is not None and os.path.isfile(self._main)

    def _load(self, reader: Reader) -> None:
        self._seen = self._look()  # before it is read, so that a later change is seen
        self.plugin, self.problems = None, []
        if self._seen[0] is not None:
            if self._times is None:
                self._times = WorkTimes(reader.lock_file(self.path))
            self.plugin, self.problems = reader.load(
                self.path, self._source, self._times, self._seen[0]
            )
        if self.plugin is not None:
            self.name = self.plugin.name


class WatchedPlace:
    """A folder of plugin folders, or one plugin's."""

    def __init__(self, path: Path, source: Source, must_exist: bool) -> None:
        self.path, self._source, self._must_exist = path, source, must_exist
        self.folders: dict[str, WatchedFolder] = {}
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

    def _folder(self, name: str) -> WatchedFolder:
        return WatchedFolder(self.path / name if name else self.path, self._source)

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


def _is_past(changed_ns: int) -> bool:
    tick_ns = TICK_NS if changed_ns % 1_000_000_000 else WHOLE_SECONDS_TICK_NS
    return time.time_ns() - changed_ns > tick_ns
