"""What filmeto itself makes of finished calls' files, in the index of finished calls: never made twice."""

import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from filmeto_core.resources.calls import CallRecord
from filmeto_core.resources.durable import store_errors
from filmeto_core.resources.store import Stored
from filmeto_core.service import FilmetoService
from filmeto_core.types import ResourceOutput, utc_now
from filmeto_core.uninterrupted import uninterrupted
from filmeto_core.work_folder import work_folder


@dataclass(frozen=True)
class Making:
    """How one file is made, and what is written down of it.

    Args:
        key: Of the index; all that the file depends on is in it.
        tool: What the index calls the work.
        version: Of the code that does it.
        inputs: The files that it is made of.
        name: The file's, by whose ending its kind is told.
        make: Writes it there, in a thread; ends early once the event is set.
    """

    key: str
    tool: str
    version: int
    inputs: Sequence[ResourceOutput]
    name: str
    make: Callable[[Path, threading.Event], object]


async def made_once(service: FilmetoService, making: Making) -> ResourceOutput:
    """The file: taken from the store where it is there, else made; by one of all who ask.

    Raises:
        AssemblyError: It cannot be made of these files.
        StoreError: There is no room for it.
    """
    cancelled = threading.Event()
    async with service.calls.lock(making.key):
        record = service.calls.get(making.key)
        if record is None:
            async with work_folder(service.settings.work_dir) as work:
                with store_errors(work.parent):
                    record = await uninterrupted(
                        _record, service, making, work, cancelled, hurry=cancelled.set
                    )
    return record.outputs[0]


def _record(
    service: FilmetoService, making: Making, work: Path, cancelled: threading.Event
) -> CallRecord:
    made = work / making.name
    making.make(made, cancelled)
    record = CallRecord(
        key=making.key,
        id=uuid.uuid4().hex,
        tool=making.tool,
        plugin="filmeto",
        plugin_version=str(making.version),
        resources=tuple(one.digest or "" for one in making.inputs),
        outputs=(stored_output(service.store.put_file(made, name=making.name)),),
        created_at=utc_now(),
    )
    service.calls.put(record)
    return record


def stored_output(stored: Stored) -> ResourceOutput:
    """A file of the store as the output of a call."""
    length = {} if stored.info.duration_s is None else {"duration_s": stored.info.duration_s}
    return ResourceOutput(
        type=stored.kind,
        path=str(stored.path),
        mime_type=stored.mime_type,
        size=stored.size,
        metadata={"digest": stored.digest, **length},
    )
