"""Files and records that one machine hands to another through a shared store, at once.

What a store of one's own sends and fetches on the side may wait (`shared_store`); whoever works for
another machine may not: it tries again while the store is away, for minutes, and says so in the end.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import Field

from filmeto_core.errors import StoreError
from filmeto_core.resources.calls import CallRecord
from filmeto_core.resources.shared_fetch import Unusable, bring, fetch_record
from filmeto_core.resources.shared_place import PlaceError
from filmeto_core.resources.shared_record import object_name, with_paths
from filmeto_core.resources.shared_store import SharedStore
from filmeto_core.types import Model, ResourceOutput

logger = logging.getLogger(__name__)

T = TypeVar("T")

PATIENCE_S = 180.0  # a store that is away for longer ends the call, which is made again later
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 5.0


class SharedFile(Model):
    """A file in the shared store, as one machine names it to another: by its content."""

    digest: str = Field(pattern=r"^sha256:[0-9a-f]{64}$", description="sha256:HEX of its content")
    kind: str = Field(pattern=r"^(image|video|audio)$", description="image, video or audio")
    mime_type: str = Field(description="What it is; it tells the ending of its name")
    size: int = Field(gt=0, description="Bytes")

    def as_output(self) -> ResourceOutput:
        """As records name files."""
        return ResourceOutput(
            type=self.kind,
            path="",
            mime_type=self.mime_type,
            size=self.size,
            metadata={"digest": self.digest},
        )


class Exchange:
    """What two machines hand each other through one shared store.

    Args:
        shared: The store, as this machine sees it.
        patience_s: How long it may be away.
    """

    def __init__(self, shared: SharedStore, patience_s: float = PATIENCE_S) -> None:
        self._shared, self._patience_s = shared, patience_s

    async def give(self, file: SharedFile, path: Path) -> None:
        """Have a file of this machine's store there.

        Raises:
            StoreError: The shared store was away for too long.
        """
        await self._patiently(lambda: self._give(file, path))

    async def take(self, file: SharedFile) -> Path:
        """The path, in this machine's store, of a file from there.

        Raises:
            StoreError: It is not there, or damaged; or the shared store was away for too long.
        """
        place, store = self._shared.place, self._shared.store
        return await self._patiently(
            lambda: bring(file.as_output(), place, store, lambda _got, _all: True)
        )

    async def give_record(
        self, record: CallRecord, *, replace: bool = False, suspect: tuple[str, ...] = ()
    ) -> None:
        """Have a record of this machine's index there, and its files; as `SharedStore.send`."""
        await self._patiently(
            lambda: self._shared.send(record, replace=replace or bool(suspect), suspect=suspect)
        )

    async def take_record(self, key: str, made: str | None = None) -> CallRecord | None:
        """A call's record from there, with its files in this machine's store.

        Args:
            made: The id of the computation that is wanted; None: any.

        Returns:
            None where there is no such record.

        Raises:
            StoreError: A file of it is damaged there; or the shared store was away for too long.
        """
        return await self._patiently(lambda: self._take_record(key, made))

    def _give(self, file: SharedFile, path: Path) -> None:
        place, name = self._shared.place, object_name(file.as_output())
        self._shared.check(make=True)
        if not place.holds(name, path, file.digest):
            place.upload(name, path, file.digest)

    def _take_record(self, key: str, made: str | None) -> CallRecord | None:
        place, store = self._shared.place, self._shared.store
        record = fetch_record(place, key) if self._shared.check() else None
        if record is None or (made is not None and record.id != made):
            return None
        outputs = [o for output in record.outputs for o in (output, *output.others)]
        paths = {o.digest: bring(o, place, store, lambda _got, _all: True) for o in outputs}
        return with_paths(record, paths)

    async def _patiently(self, action: Callable[[], T]) -> T:
        """What it returns, once the store answers.

        Raises:
            StoreError: It did not for too long, or what is there is of no use.
        """
        end, pause_s, told = time.monotonic() + self._patience_s, FIRST_PAUSE_S, False
        shown = self._shared.place.shown
        while True:
            try:
                return await asyncio.to_thread(action)
            except Unusable as error:
                raise StoreError(
                    f"the shared store {shown}: {error.why}.",
                    hint="See that FILMETO_STORE_URL is the same on all machines; if it is, have it "
                    "made again: --refresh SHOT in a film, or another take.",
                    digest=error.digest,
                ) from error
            except PlaceError as error:
                if time.monotonic() > end:
                    raise StoreError(
                        f"the shared store {shown} was away for {self._patience_s:.0f} s: "
                        f"{error.why}.",
                        hint="What is made is kept; once it answers, run the same command again.",
                        retryable=True,
                    ) from error
                if not told:
                    logger.warning("The shared store %s is away (%s); waiting.", shown, error.why)
                told = True
            await asyncio.sleep(pause_s)
            pause_s = min(LONGEST_PAUSE_S, pause_s * 2)
