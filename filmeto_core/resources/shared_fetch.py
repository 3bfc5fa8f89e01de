"""Takes a record and its files from a shared store; nothing is trusted before it is proved."""

from collections.abc import Callable
from pathlib import Path

from filmeto_core.errors import ResourceProcessingError, StoreError
from filmeto_core.resources.calls import CallRecord
from filmeto_core.resources.incoming import Incoming, Partial
from filmeto_core.resources.shared_place import READ_BYTES, Place, PlaceError
from filmeto_core.resources.shared_record import (
    MAX_RECORD_BYTES,
    object_name,
    read_record,
    record_name,
)
from filmeto_core.resources.store import Store
from filmeto_core.types import ResourceOutput

Watch = Callable[[int, int], bool]  # gets bytes that came, and all; False: nobody wants it any more
_CHECKPOINT_BYTES = 64 * 1024 * 1024  # a download whose process is killed loses no more than this


class Unusable(Exception):
    """A record or file, here or there, is not what it should be.

    Args:
        why: What is wrong, in words.
        digest: Of the file, where it is one.
    """

    def __init__(self, why: str, digest: str | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.digest = digest


class Stopped(Exception):
    """Whoever wanted a file has left; what came of it is kept."""


def fetch_record(place: Place, key: str) -> CallRecord | None:
    """The record of a call there; None where there is none.

    Raises:
        PlaceError: The place cannot be read.
        Unusable: It is no record of that call.
    """
    try:
        data = place.read(record_name(key), 0, MAX_RECORD_BYTES)
    except FileNotFoundError:
        return None
    record = read_record(data, key)
    if record is None:
        raise Unusable(f"the record {record_name(key)} is damaged, or of a newer filmeto")
    return record


def bring(output: ResourceOutput, place: Place, store: Store, watch: Watch) -> Path:
    """The path in a machine's own store of a file that a shared record names.

    Args:
        watch: Called between the pieces of 8 MiB.

    Raises:
        Stopped: Nobody does.
        PlaceError: The place cannot be read; what came is kept, for a later attempt to go on with.
        Unusable: The file there is missing, or not what its name says, or no media.
        StoreError: The machine's own store cannot be written.
    """
    if store.verify(output.digest):
        return store.path_of(output.digest)
    with store.writer(output.digest.removeprefix("sha256:")) as incoming:
        for _ in range(2):  # once more: it may have been damaged on its way alone
            _download(output, place, incoming, watch)
            if incoming.digest == output.digest:
                break
            incoming.restart()
        else:
            raise Unusable(f"{object_name(output)} is damaged there", output.digest)
        try:
            return store.commit(incoming, name=object_name(output), settle=False).path
        except StoreError:
            raise
        except ResourceProcessingError as error:
            incoming.restart()
            raise Unusable(error.message.rstrip("."), output.digest) from error


def _download(output: ResourceOutput, place: Place, incoming: Incoming, watch: Watch) -> None:
    state = {"shared": output.digest}
    resumes = isinstance(incoming, Partial)
    if resumes and incoming.size and (incoming.state != state or incoming.size > output.size):
        incoming.restart()
    kept = incoming.size
    try:
        while incoming.size < output.size:
            if not watch(incoming.size, output.size):
                raise Stopped
            end = min(output.size, incoming.size + READ_BYTES)
            data = place.read(object_name(output), incoming.size, end)
            if not data:
                return  # shorter than its record says: the digest will tell
            incoming.write(data)
            if resumes and incoming.size - kept >= _CHECKPOINT_BYTES:
                incoming.checkpoint(state)
                kept = incoming.size
    except FileNotFoundError:
        raise Unusable(f"{object_name(output)} is missing there", output.digest) from None
    except (PlaceError, Stopped):
        if resumes and incoming.size > kept:
            incoming.checkpoint(state)
        raise
