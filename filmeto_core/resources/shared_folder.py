"""A shared store in a folder that machines share, or in any other place that fsspec reaches.

A file is written under a temporary name, read back, and renamed. On a mounted folder it is on disk
before it gets its name.
"""

import hashlib
import os
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from filmeto_core.resources.durable import sync_folder
from filmeto_core.resources.incoming import PIECE_BYTES
from filmeto_core.resources.shared_place import (
    READ_BYTES,
    PlaceError,
    allowance_s,
    place_errors,
)

T = TypeVar("T")


class FolderPlace:
    """A `Place` of any fsspec file system.

    Args:
        filesystem: As fsspec made it.
        root: The folder in it.
        url: The address, to be told; it holds no password.
        timeout_s: How long a small answer may take.
    """

    def __init__(self, filesystem: Any, root: str, url: str, timeout_s: float) -> None:
        self.shown = url
        self._fs = filesystem
        self._root = root.rstrip("/")
        self._timeout_s = timeout_s
        protocols = filesystem.protocol
        self._mounted = "file" in ((protocols,) if isinstance(protocols, str) else protocols)

    def read(self, name: str, start: int, end: int) -> bytes:
        """See `Place.read`."""
        return self._bounded(lambda: self._read(name, start, end), end - start)

    def _read(self, name: str, start: int, end: int) -> bytes:
        try:
            return self._fs.cat_file(self._path(name), start=start, end=end)
        except FileNotFoundError:
            self._require_root()
            raise

    def holds(self, name: str, source: Path, digest: str, *, thorough: bool = False) -> bool:
        """Whether it is there and of the right size: it was read back before it got its name."""
        size = source.stat().st_size
        try:
            there = self._bounded(lambda: self._fs.info(self._path(name)))["size"]
        except FileNotFoundError:
            return False
        if there != size:
            return False
        return not thorough or self._digest(self._path(name), size) == digest

    def upload(self, name: str, source: Path, digest: str) -> None:
        """See `Place.upload`."""
        size = source.stat().st_size

        def fill(file: Any) -> None:
            with source.open("rb") as local:
                while piece := local.read(PIECE_BYTES):
                    file.write(piece)

        self._place(name, fill, size, digest)

    def write(self, name: str, data: bytes, *, replace: bool) -> None:
        """See `Place.write`."""
        if not replace and self._bounded(lambda: self._fs.exists(self._path(name))):
            return
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self._place(name, lambda file: file.write(data), len(data), digest)

    def _place(self, name: str, fill: Callable[[Any], object], size: int, digest: str) -> None:
        temporary = f"{self._root}/incoming/{uuid.uuid4().hex}"
        try:
            self._bounded(lambda: self._fill(temporary, fill), size)
            if self._digest(temporary, size) != digest:
                raise PlaceError("what arrived there is not what was sent")
            self._bounded(lambda: self._rename(temporary, self._path(name)), size)
        except BaseException:
            self._drop(temporary)
            raise

    def _fill(self, path: str, fill: Callable[[Any], object]) -> None:
        self._require_root()
        self._fs.makedirs(path.rpartition("/")[0], exist_ok=True)
        with self._fs.open(path, "wb") as file:
            fill(file)
            if self._mounted:
                file.flush()
                os.fsync(file.fileno())

    def _rename(self, temporary: str, path: str) -> None:
        folder = path.rpartition("/")[0]
        self._fs.makedirs(folder, exist_ok=True)
        if self._mounted:
            os.replace(temporary, path)
            sync_folder(Path(folder))
        else:
            self._fs.mv(temporary, path)

    def _drop(self, path: str) -> None:
        try:
            self._bounded(lambda: self._fs.rm_file(path))
        except (PlaceError, FileNotFoundError):
            pass  # it never began, or the place is away; no reader looks there

    def _digest(self, path: str, size: int) -> str:
        found = hashlib.sha256()
        for start in range(0, size, READ_BYTES):
            end = min(size, start + READ_BYTES)
            found.update(
                self._bounded(
                    lambda start=start, end=end: self._fs.cat_file(path, start=start, end=end),
                    end - start,
                )
            )
        return f"sha256:{found.hexdigest()}"

    def names(self, prefix: str) -> set[str]:
        """See `Place.names`."""
        folder = self._path(prefix)
        try:
            found = self._bounded(lambda: self._fs.find(folder))
        except FileNotFoundError:
            return set()
        cut = len(self._path("")) if self._root else 1
        return {str(path)[cut:] for path in found}

    def close(self) -> None:
        """Nothing is kept open."""

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _require_root(self) -> None:
        """A folder that is not mounted must not be made anew on the disk below it."""
        if self._mounted and not os.path.isdir(self._root):
            raise PlaceError("the folder is not there; mount it, or make it")

    def _bounded(self, action: Callable[[], T], size: int = 0) -> T:
        """Do it in a thread that may be left behind: a file server that is away may hang for ever."""
        answer: list[T] = []
        errors: list[BaseException] = []

        def act() -> None:
            try:
                answer.append(action())
            except BaseException as error:
                errors.append(error)

        with place_errors(self._timeout_s):
            thread = threading.Thread(target=act, name="filmeto-shared", daemon=True)
            thread.start()
            thread.join(self._timeout_s + allowance_s(size))
            if errors:
                raise errors[0]
            if not answer:
                raise TimeoutError
            return answer[0]
