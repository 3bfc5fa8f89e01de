"""Where uploads lie that are not whole yet.

uploads/ID.part   what came so far: its length is the upload's offset, also after a kill
uploads/ID.json   what it is to become (`Upload`), and what became of it
"""

import os
from pathlib import Path

from filmeto_core.resources.durable import clear_ownerless, read_json, store_errors, write_json
from filmeto_core.web.upload_models import UPLOAD_ID, Upload


class UploadFolder:
    """The uploads of one server on its disk.

    Args:
        folder: Made when something is first written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def part(self, upload: Upload) -> Path:
        """Where its bytes lie."""
        return self._folder / f"{upload.id}.part"

    def _note(self, upload_id: str) -> Path:
        return self._folder / f"{upload_id}.json"

    def size_bytes(self, upload: Upload) -> int:
        """How many of its bytes are there."""
        try:
            return self.part(upload).stat().st_size
        except FileNotFoundError:
            return 0

    def changed_at(self, upload: Upload) -> float:
        """When something was last added to it, in seconds since 1970."""
        times = [upload.created_at.timestamp()]
        for path in (self.part(upload), self._note(upload.id)):
            try:
                times.append(path.stat().st_mtime)
            except FileNotFoundError:
                continue
        return max(times)

    def read(self) -> dict[str, Upload]:
        """What the last server left; bytes that nothing is known of are removed."""
        found: dict[str, Upload] = {}
        if not self._folder.is_dir():
            return found
        clear_ownerless(self._folder / "incoming")
        with store_errors(self._folder):
            for path in sorted(self._folder.iterdir()):  # a note comes before its bytes
                if path.suffix == ".json" and UPLOAD_ID.fullmatch(path.stem):
                    told = read_json(path)
                    if isinstance(told, dict):
                        found[path.stem] = Upload.from_dict(told)
                elif path.suffix == ".part" and path.stem not in found:
                    path.unlink(missing_ok=True)
        return found

    def keep(self, upload: Upload) -> None:
        """Write what is known of it; the bytes of one that is over go.

        Raises:
            StoreError: There is no room, or it cannot be written.
        """
        with store_errors(self._folder):
            incoming = self._folder / "incoming"
            write_json(self._note(upload.id), upload.to_dict(), incoming=incoming)
            if upload.is_over:
                self.part(upload).unlink(missing_ok=True)

    def remove(self, upload: Upload) -> None:
        """Leave nothing of it."""
        with store_errors(self._folder):
            for path in (self._note(upload.id), self.part(upload)):
                path.unlink(missing_ok=True)

    def open(self, upload: Upload) -> int:
        """A descriptor that adds to its bytes."""
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        with store_errors(self._folder):
            return os.open(self.part(upload), flags, 0o600)

    def write(self, descriptor: int, piece: bytes) -> None:
        """Add a piece; where there is no room for all of it, some of it stays.

        Raises:
            StoreError: There is no room, or it cannot be written.
        """
        with store_errors(self._folder):
            view = memoryview(piece)
            while view:
                view = view[os.write(descriptor, view) :]

    def cut(self, descriptor: int, size_bytes: int) -> None:
        """Leave no more than so many bytes."""
        with store_errors(self._folder):
            os.ftruncate(descriptor, size_bytes)

    def sync(self, descriptor: int) -> None:
        """What was added outlasts a power cut."""
        with store_errors(self._folder):
            os.fsync(descriptor)
