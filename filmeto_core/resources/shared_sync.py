"""Sends all finished calls of a machine to its shared store: what a studio starts its store with.

It goes on where it was stopped: what is there is neither sent nor read again.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from filmeto_core.errors import StoreError
from filmeto_core.resources.calls import CallRecord, all_outputs
from filmeto_core.resources.shared_fetch import Unusable
from filmeto_core.resources.shared_outbox import Entry
from filmeto_core.resources.shared_place import PlaceError
from filmeto_core.resources.shared_record import record_name
from filmeto_core.resources.shared_sender import SENDERS
from filmeto_core.resources.shared_store import SharedStore


@dataclass(frozen=True)
class Synced:
    """What was done, or would be.

    Args:
        records: Finished calls of this machine.
        there: Of these, in the shared store before.
        sent: Sent now.
        size_bytes: What their files have together; some may have been there.
        skipped: Not sent, since a file of theirs is gone or damaged here.
    """

    records: int = 0
    there: int = 0
    sent: int = 0
    size_bytes: int = 0
    skipped: int = 0


def sync(
    shared: SharedStore,
    *,
    dry_run: bool = False,
    progress: Callable[[str, int, int], None] = lambda _what, _done, _of: None,
) -> Synced:
    """Send what waits, then every other record that is not there, with its files.

    Args:
        dry_run: Tell what would be sent; nothing is.
        progress: Called with what is done, how much of it, and of how much.

    Raises:
        StoreError: The shared store cannot be reached, or has a layout that is not known.
    """
    done = Synced()
    try:
        shared.check(make=not dry_run)
        waiting = {entry.key: entry for entry in shared.outbox.entries()}
        keys = _keys(shared)
        todo = [(key, waiting.get(key)) for key in [*waiting, *_absent(shared, keys, waiting)]]
        done = replace(done, records=len(keys), there=len(keys - {key for key, _ in todo}))
        for number, outcome in enumerate(_each(shared, todo, dry_run), 1):
            if outcome is None:
                done = replace(done, skipped=done.skipped + 1)
            else:
                size = done.size_bytes + _size(outcome)
                done = replace(done, sent=done.sent + 1, size_bytes=size)
            progress("sent", number, len(todo))
    except PlaceError as error:
        raise StoreError(
            f"The shared store {shared.place.shown} cannot be used: {error.why}. "
            f"{done.sent} finished calls were sent.",
            hint="Run the same command again when it answers; it goes on where it was.",
        ) from error
    return done


def _keys(shared: SharedStore) -> set[str]:
    return {path.stem for path in shared.calls.catalogue.records.glob("*/*.json")}


def _absent(shared: SharedStore, keys: set[str], waiting: dict[str, Entry]) -> Iterator[str]:
    """Those that the shared store has not, folder by folder: one request for up to 1,000."""
    for folder in sorted({key[:2] for key in keys}):
        there = shared.place.names(f"calls/{folder}")
        own = sorted(key for key in keys if key[:2] == folder and key not in waiting)
        yield from (key for key in own if record_name(key) not in there)


def _each(
    shared: SharedStore, todo: list[tuple[str, Entry | None]], dry_run: bool
) -> Iterator[CallRecord | None]:
    """The record of each, once it is sent; None for one that cannot be."""
    with ThreadPoolExecutor(SENDERS, thread_name_prefix="filmeto-sync") as pool:
        running: set[Future[CallRecord | None]] = set()
        try:
            for key, entry in todo:
                running.add(pool.submit(_one, shared, key, entry, dry_run))
                while len(running) > SENDERS:
                    ended, running = wait(running, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in ended)
            yield from (future.result() for future in running)
        finally:
            for future in running:
                future.cancel()


def _one(shared: SharedStore, key: str, entry: Entry | None, dry_run: bool) -> CallRecord | None:
    record = shared.calls.get(key)
    if record is None or dry_run:
        return record
    try:
        if entry is None:
            shared.send(record)
            return record
        with entry.held() as mine:
            if mine:
                shared.send(record, replace=entry.replace, suspect=entry.suspect)
                entry.done()
    except Unusable:
        return None
    return record


def _size(record: CallRecord) -> int:
    return sum(output.size for output in all_outputs(record.outputs))
