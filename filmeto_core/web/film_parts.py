"""The files that a film is made of, as callers see them: each with its address, kind and price."""

import threading
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from filmeto_core.errors import ResourceProcessingError
from filmeto_core.journal.models import Call
from filmeto_core.media import probe
from filmeto_core.media_info import MediaInfo
from filmeto_core.resources.store import Store
from filmeto_core.types import ToolType
from filmeto_core.web.film_models import Part
from filmeto_core.web.film_store import FilmFolder
from filmeto_core.web.task_events import RESOURCES_URL

FILMS_URL = "/api/v1/films"
MOST_REMEMBERED = 8192  # files whose kind and size are kept in memory
_NAMES = {
    ToolType.TEXT2IMAGE: "still",
    ToolType.IMAGE2IMAGE: "still",
    ToolType.IMAGE2VIDEO: "clip",
    ToolType.TEXT2VIDEO: "clip",
    ToolType.SPEAK2VIDEO: "clip",
    ToolType.TEXT2SPEAK: "voice",
    ToolType.TEXT2MUSIC: "score",
}


class _Facts(NamedTuple):
    size_bytes: int
    info: MediaInfo


def part_name(tool: str) -> str:
    """What a tool's file is to a film: still, clip, voice, score."""
    return _NAMES[ToolType(tool)]


def file_url(film: FilmFolder, path: str) -> str:
    """Where a file of a film's folder is served.

    Args:
        path: Within `out`, or beginning with refs/.
    """
    return f"{FILMS_URL}/{film.id}/files/{quote(path)}"


class FilmParts:
    """Tells of files; what it has told of once it remembers.

    Args:
        store: Where calls leave what they make.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: OrderedDict[tuple[str, int, int], _Facts] = OrderedDict()
        self._lock = threading.Lock()

    def of_call(self, call: Call, *, pinned: bool = False) -> Part | None:
        """What a call made; None where the file is gone."""
        digest = call.outputs[0] if call.outputs else ""
        part = self.of_digest(digest, part_name(call.tool))
        return part and part.model_copy(
            update={
                "tool": call.tool,
                "plugin": call.plugin,
                "take": call.take,
                "cached": call.cached,
                "seconds": call.seconds,
                "cost": str(call.cost) if call.cost else None,
                "pinned": pinned,
                "call_id": call.id,
            }
        )

    def of_digest(self, digest: str, name: str) -> Part | None:
        """A file of the store; None where it is not there."""
        path = self._store.path_of(digest)
        return path and self._part(path, name, f"{RESOURCES_URL}{digest}", digest)

    def of_file(
        self, path: Path | str, name: str, url: str, digest: str | None = None
    ) -> Part | None:
        """A file that lies elsewhere; None where it is not there, or is no media."""
        return self._part(Path(path), name, url, digest)

    def _part(self, path: Path, name: str, url: str, digest: str | None) -> Part | None:
        facts = self._facts(path)
        if facts is None:
            return None
        info = facts.info
        return Part(
            name=name,
            digest=digest,
            url=url,
            mime_type=info.mime_type,
            size_bytes=facts.size_bytes,
            width=info.width_px,
            height=info.height_px,
            duration_s=info.duration_s if info.kind != "image" else None,
        )

    def _facts(self, path: Path) -> _Facts | None:
        try:
            status = path.stat()
        except OSError:
            return None
        key = (str(path), status.st_size, status.st_mtime_ns)
        with self._lock:
            known = self._known.get(key)
        if known is None:
            try:
                known = _Facts(status.st_size, probe(path, decode=False))
            except ResourceProcessingError:
                return None
            self._remember(key, known)
        return known

    def _remember(self, key: tuple[str, int, int], facts: _Facts) -> None:
        with self._lock:
            self._known[key] = facts
            while len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
