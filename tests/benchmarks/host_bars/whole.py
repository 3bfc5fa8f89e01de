"""The whole service: FilmetoApi.execute_task_stream, from a task to a stored and indexed picture."""

import asyncio
import os
import shutil
import struct
import time
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from host_bars.baseline import NOTIFICATIONS, Raw
from host_bars.studio import Studio, studio
from host_bars.table import TURN, Row, Times, taking_turns

from filmeto_core import FilmetoApi, FilmetoTask
from filmeto_core.resources.calls import CallRecord
from filmeto_core.service import FilmetoService
from filmeto_core.types import ResourceOutput


def whole_service(rounds: int) -> list[Row]:
    """A task with 20 notifications and no inputs, against a raw pipe whose plugin makes the file.

    Both make a folder for the call, and the plugin makes a new file in it. The service besides
    checks the task and hears of every notification: that is what the bar is for. What it does with
    the file (copied into the store, decoded, synced, a record of it) is told without a bar: a raw
    pipe has nothing of the kind. In memory first, since how long a disk takes is the disk's; on the
    disk, a second baseline syncs its file, as the service promises.
    """
    memory = Path("/dev/shm")
    rows = []
    if memory.is_dir():
        ours, pipe, _, parts, bare = _measure(memory, rounds)
        name = "whole service / raw pipe that makes the file"
        rows += [
            Row(f"{name}, without the store", bare.over(pipe), 3, how=bare.against(pipe)),
            Row("  with the store and its index", ours.over(pipe), how=ours.against(pipe)),
            Row("  its parts", sum(parts.values()) * 1e3, unit="ms", how=_told(parts)),
        ]
    ours, pipe, synced, parts, _ = _measure(None, rounds)
    name = "  on this disk / raw pipe that makes"
    return [
        *rows,
        Row(f"{name} and syncs the file", ours.over(synced), how=ours.against(synced)),
        Row(f"{name} the file, unsynced", ours.over(pipe), how=ours.against(pipe)),
        Row("  its parts", sum(parts.values()) * 1e3, unit="ms", how=_told(parts)),
    ]


class _Keepless(FilmetoService):
    """The service without its store and index: what a plugin made is named, and gone."""

    def _store(self, checked, key, digests, answer, work, *_rest) -> CallRecord:
        made = [
            ResourceOutput(type="image", path=str(one.path), mime_type="image/png", size=1)
            for one in answer.outputs
        ]
        shutil.rmtree(work)
        return CallRecord(
            key=key,
            tool=str(checked.tool),
            plugin=checked.plugin.name,
            parameters=checked.parameters,
            outputs=tuple(made),
        )


def _measure(folder: Path | None, rounds: int) -> tuple[Times, Times, Times, dict, Times]:
    with studio(folder=folder) as it:
        raw = Raw(it.python)
        try:
            ours, bare, pipe, synced = asyncio.run(_turns(it, raw, rounds))
        finally:
            raw.close()
        return ours, pipe, synced, asyncio.run(_parts(it, rounds)), bare


def _told(parts: dict[str, float]) -> str:
    return ", ".join(f"{part} {seconds * 1e3:.2f} ms" for part, seconds in parts.items())


def _service(it: Studio, kind: type[FilmetoService] = FilmetoService) -> FilmetoApi:
    api = FilmetoApi(settings=it.settings)
    api.service = kind(it.settings, registry=it.manager.registry)
    for number in range(256):  # a store in use has them
        for folder in (it.settings.store_dir / "objects", it.settings.cache_dir / "records"):
            (folder / f"{number:02x}").mkdir(parents=True, exist_ok=True)
    return api


async def _turns(it: Studio, raw: Raw, rounds: int) -> list[Times]:
    numbers = iter(range(1, 1 << 24))
    async with _service(it) as api, _service(it, _Keepless) as keepless:

        async def piped(sync: bool) -> None:
            number = next(numbers)
            folder = it.out / str(number)
            folder.mkdir()
            params = it.params()
            params |= {"task_id": str(number), "output_dir": str(folder)}
            params["parameters"]["prompt"] = picture(number).hex()
            raw.call(params)
            if sync:
                descriptor = os.open(folder / "made", os.O_RDONLY)
                os.fsync(descriptor)
                os.close(descriptor)

        works = [
            lambda: _execute(api, next(numbers)),
            lambda: _execute(keepless, next(numbers)),
            partial(piped, False),
            partial(piped, True),
        ]
        return await taking_turns(works, rounds, TURN // 2)


async def _execute(api: FilmetoApi, number: int) -> None:
    parameters = {"prompt": picture(number).hex(), "count": NOTIFICATIONS}
    task = FilmetoTask(tool_name="text2image", plugin_name="plugin0", parameters=parameters)
    told = [update async for update in api.execute_task_stream(task)]
    progress = [one for one in told[:-1] if one.type == "progress"]
    if told[-1].status != "success" or len(progress) != NOTIFICATIONS:
        raise RuntimeError(f"{len(progress)} notifications came, then {told[-1]}")


async def _parts(it: Studio, rounds: int) -> dict[str, float]:
    """Median seconds of what the service does in a call, timed at its own seams."""
    spent: dict[str, list[float]] = {}
    service = FilmetoService
    seams: list[tuple[Any, str, str]] = [
        (service, "check", "check"),
        (service, "_compute", "host and work folder"),
        (service, "_store", "store and index"),
    ]
    originals = [(owner, name, getattr(owner, name)) for owner, name, _ in seams]
    for owner, name, part in seams:
        setattr(owner, name, _timed(getattr(owner, name), spent.setdefault(part, [])))
    whole: list[float] = []
    try:
        async with _service(it) as api:
            for number in range(1 << 23, (1 << 23) + max(10, rounds)):
                started = time.perf_counter()
                await _execute(api, number)
                whole.append(time.perf_counter() - started)
    finally:
        for owner, name, original in originals:
            setattr(owner, name, original)
    middle = {part: sorted(seconds)[len(seconds) // 2] for part, seconds in spent.items()}
    middle["host and work folder"] -= middle["store and index"]
    middle["the rest"] = sorted(whole)[len(whole) // 2] - sum(middle.values())
    return middle


def _timed(work: Callable, spent: list[float]) -> Callable:
    if asyncio.iscoroutinefunction(work):

        async def timed_async(*args: Any, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return await work(*args, **named)
            finally:
                spent.append(time.perf_counter() - started)

        return timed_async

    def timed(*args: Any, **named: Any) -> Any:
        started = time.perf_counter()
        try:
            return work(*args, **named)
        finally:
            spent.append(time.perf_counter() - started)

    return timed


def picture(number: int) -> bytes:
    """A PNG of one pixel, whose colour is `number`: each is a new file to the store."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(b"\0" + number.to_bytes(3, "big"))
    chunks = ((b"IHDR", header), (b"IDAT", pixel), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
