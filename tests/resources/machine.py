"""One of several machines that share a store: a home of its own, and calls that it "computed"."""

import os
import wave
from pathlib import Path

from PIL import Image

from filmeto_core.resources.calls import CallIndex, CallRecord, call_key
from filmeto_core.resources.shared_place import open_place
from filmeto_core.resources.shared_store import SharedStore
from filmeto_core.resources.store import Store
from filmeto_core.types import ResourceOutput


class Machine:
    """Args:
    home: Its folder.
    url: Of the shared store.
    timeout_s: How long it waits for a small answer.
    part_bytes: Of an upload in parts.
    pause_s: How long it leaves alone a store that did not answer.
    """

    def __init__(
        self,
        home: Path,
        url: str,
        *,
        timeout_s: float = 30,
        part_bytes: int | None = None,
        pause_s: float = 0.5,
    ) -> None:
        self.home = home
        self.store = Store(home / "store")
        self.calls = CallIndex(home / "cache", self.store)
        place = open_place(url, timeout_s=timeout_s)
        if part_bytes:
            place.part_bytes = part_bytes
        outbox = home / "outbox"
        self.shared = SharedStore(place, self.store, self.calls, outbox, pause_s=pause_s)

    def computes(self, prompt: str, *sources: Path, other: Path | None = None) -> CallRecord:
        """Puts the files into its store, and their record into its index."""
        outputs = [self._output(source) for source in sources]
        if other:
            outputs[0] = outputs[0].model_copy(update={"others": (self._output(other),)})
        record = CallRecord(
            key=key_of(prompt),
            tool="text2image",
            plugin="sketch",
            parameters={"prompt": prompt},
            outputs=tuple(outputs),
        )
        self.calls.put(record)
        return record

    def _output(self, source: Path) -> ResourceOutput:
        stored = self.store.put_file(source)
        return ResourceOutput(
            type=stored.kind,
            path=str(stored.path),
            mime_type=stored.mime_type,
            size=stored.size,
            metadata={"digest": stored.digest},
        )

    def offers(self, record: CallRecord, **options: bool) -> int:
        """Sends it; how many results wait still."""
        self.shared.offer(record, **options)
        return self.shared.flush(20)  # it ends as soon as all is sent, or the store is away

    def waiting(self) -> list[str]:
        """The names of the files in its outbox."""
        return sorted(path.name for path in (self.home / "outbox").glob("*/*.json"))

    def path_of(self, record: CallRecord) -> Path | None:
        """Where this machine has the record's first file."""
        return self.store.path_of(record.outputs[0].digest)


def key_of(prompt: str) -> str:
    return call_key(
        tool="text2image", plugin="sketch", fingerprint="1", parameters={"prompt": prompt}
    )


def picture(path: Path, shade: int = 7) -> Path:
    Image.new("RGB", (64, 48), (shade, 20, 30)).save(path)
    return path


def sound(path: Path, size_bytes: int) -> Path:
    """A sound that no compression makes smaller."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48000)
        for _ in range(size_bytes // 2**20):
            file.writeframes(os.urandom(2**20))
        file.writeframes(os.urandom(size_bytes % 2**20 // 4 * 4))
    return path
