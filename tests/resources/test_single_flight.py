"""One call at a time computes a key, over tasks, threads and processes; whoever dies is succeeded."""

import asyncio
import multiprocessing
import os
import signal
import time
from pathlib import Path

from PIL import Image

from filmeto_core.resources.calls import CallIndex, CallRecord, call_key
from filmeto_core.resources.store import Store
from filmeto_core.types import ResourceOutput

KEY = call_key(tool="text2image", plugin="sketch", fingerprint="f1", parameters={"a": 1})
PROCESSES, TASKS = 5, 10
TAKEN_OVER_S = 1.0  # the bar: from a holder's death to the next computation


def _compute(index: CallIndex) -> CallRecord:
    path = index.folder.parent / f"{os.getpid()}.png"
    Image.new("RGB", (16, 16), (3, 0, 0)).save(path)
    stored = index.store.put_file(path)
    output = ResourceOutput(type="image", path=str(stored.path), metadata={"digest": stored.digest})
    record = CallRecord(key=KEY, tool="text2image", plugin="sketch", outputs=(output,))
    index.put(record)
    return record


async def _task(index: CallIndex, log: Path, hang: bool) -> str:
    async with index.lock(KEY, timeout_s=20):
        found = index.get(KEY)
        if found is None:
            with log.open("a") as file:
                file.write(f"{os.getpid()} {time.monotonic()}\n")
            if hang and len(log.read_text().splitlines()) == 1:
                await asyncio.Event().wait()  # the first never comes to its end
            await asyncio.sleep(0.05)
            found = await asyncio.to_thread(_compute, index)
        return found.id


def _ask(folder: Path, hang: bool, begin, answers) -> None:
    index = CallIndex(folder / "cache", Store(folder / "store"))
    begin.wait(20)

    async def ask() -> list[str]:
        return await asyncio.gather(*(_task(index, folder / "log", hang) for _ in range(TASKS)))

    answers.put(asyncio.run(ask()))


def _start(folder: Path, *, hang: bool):
    spawn = multiprocessing.get_context("spawn")
    begin, answers = spawn.Barrier(PROCESSES), spawn.Queue()
    workers = [
        spawn.Process(target=_ask, args=(folder, hang, begin, answers)) for _ in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    return workers, answers, begin  # which must live until all have it


def test_fifty_tasks_in_five_processes_compute_a_key_once(tmp_path):
    workers, answers, _begin = _start(tmp_path, hang=False)
    ids = [id_ for _ in workers for id_ in answers.get(timeout=30)]
    for worker in workers:
        worker.join(5)
    assert len(ids) == PROCESSES * TASKS and len(set(ids)) == 1
    assert len((tmp_path / "log").read_text().splitlines()) == 1


def test_a_killed_holder_is_succeeded_within_a_second_and_the_rest_compute_nothing(tmp_path):
    workers, answers, _begin = _start(tmp_path, hang=True)
    log = tmp_path / "log"
    end = time.monotonic() + 30
    while not (log.exists() and log.read_text().endswith("\n")) and time.monotonic() < end:
        os.sched_yield()
    pid = int(log.read_text().split()[0])
    killed_at = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    ids = [id_ for _ in workers[1:] for id_ in answers.get(timeout=20)]
    for worker in workers:
        worker.join(5)
    assert len(ids) == (PROCESSES - 1) * TASKS and len(set(ids)) == 1
    first, second = (line.split() for line in log.read_text().splitlines())
    assert second[0] != first[0]
    assert float(second[1]) - killed_at < TAKEN_OVER_S
    assert list((tmp_path / "cache/locks").iterdir()) == []
