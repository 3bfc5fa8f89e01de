"""The catalogue follows the records, costs a call next to nothing, and is never missed."""

import multiprocessing
import os
import shutil
import time
from pathlib import Path

import pytest

from filmeto_core.resources.calls import CallIndex
from filmeto_core.resources.catalogue_sync import current
from filmeto_core.resources.store import Store


def keys(made, index: CallIndex | None = None) -> set[str]:
    index = index or made.opened()
    with current(index.catalogue, index.store.folder / "objects") as connection:
        return {key.hex() for (key,) in connection.execute("SELECT key FROM records")}


def test_it_is_built_from_the_records_and_then_follows_them(made):
    records = [made.call(n) for n in range(3)]
    made.index.catalogue.close()
    made.index.catalogue.discard()
    assert keys(made) == {r.key for r in records}
    made.index.forget(records[0].key)
    late = made.call(7)
    assert keys(made) == {r.key for r in (*records[1:], late)}


def test_a_record_that_was_replaced_is_read_again(made):
    record = made.call(1)
    keys(made)
    other = made.output(9)
    made.index.put(record.model_copy(update={"outputs": (other,)}))
    index = CallIndex(made.folder / "cache", made.index.store)
    with current(index.catalogue, index.store.folder / "objects") as connection:
        (found,) = connection.execute("SELECT digest FROM refs").fetchall()
    assert f"sha256:{found[0].hex()}" == other.digest


@pytest.mark.parametrize("content", [b"", b"garbage" * 1000, b"SQLite format 3\0" + b"\xff" * 8000])
def test_a_damaged_one_is_built_anew(made, content):
    record = made.call(1)
    keys(made)
    made.index.catalogue.close()
    for suffix in ("-wal", "-shm"):
        Path(f"{made.index.catalogue.path}{suffix}").unlink(missing_ok=True)
    made.index.catalogue.path.write_bytes(content)
    assert made.opened().get(record.key) == record, "a hit does not look at it"
    assert made.opened().get("0" * 64) is None
    assert keys(made) == {record.key}
    made.index.catalogue.path.unlink()
    made.index.catalogue.path.write_bytes(content)
    made.call(2)
    made.index.catalogue.close()
    assert len(keys(made)) == 2


def test_one_that_is_cut_off_is_built_anew(made):
    records = [made.call(n) for n in range(40)]
    keys(made)
    made.index.catalogue.close()
    path = made.index.catalogue.path
    os.truncate(path, path.stat().st_size // 2 // 4096 * 4096)
    assert keys(made) == {r.key for r in records}


def test_one_of_another_release_is_built_anew(made):
    record = made.call(1)
    keys(made)
    with made.index.catalogue.open() as connection:
        connection.execute("DROP TABLE refs")
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert keys(made) == {record.key}


def test_a_folder_in_its_place_costs_no_call(made):
    made.index.catalogue.path.mkdir(parents=True)
    record = made.call(1)
    made.index.catalogue.close()
    assert made.opened().get(record.key) == record
    assert keys(made) == {record.key}, "in memory"


def test_a_put_leaves_the_writing_to_a_thread(made):
    record = made.call(1)
    path, data = made.record_path(record), {"record": record.to_dict(), "files": {}}
    made.index.catalogue.note(path, data)
    times = []
    for _ in range(200):
        start = time.perf_counter()
        made.index.catalogue.note(path, data)
        times.append(time.perf_counter() - start)
    assert sorted(times)[100] < 0.0002


def test_it_knows_a_record_within_a_moment_of_its_put(made):
    record = made.call(1)
    end = time.monotonic() + 5
    while time.monotonic() < end and not made.opened().catalogue.text(record.key):
        os.sched_yield()
    made.record_path(record).unlink()
    assert made.opened().get(record.key) == record


def test_files_of_a_lost_record_that_are_gone_too_are_a_miss(made):
    record = made.call(1)
    keys(made)
    made.record_path(record).unlink()
    Path(record.outputs[0].path).unlink()
    assert made.opened().get(record.key) is None
    assert not made.record_path(record).exists()


def _put_some(folder, first, begin):
    begin.wait(10)
    index = CallIndex(folder / "cache", Store(folder / "store"))
    digest = (folder / "digest").read_text()
    from filmeto_core.resources.calls import CallRecord, call_key
    from filmeto_core.types import ResourceOutput

    output = ResourceOutput(type="image", path="a.png", metadata={"digest": digest})
    for n in range(first, first + 20):
        key = call_key(tool="t", plugin="p", fingerprint="f", parameters={"n": n})
        index.put(CallRecord(key=key, tool="t", plugin="p", outputs=(output,)))
    with current(index.catalogue, index.store.folder / "objects"):
        pass


def test_many_processes_write_one(made):
    (made.folder / "digest").write_text(made.output(1).digest)
    spawn = multiprocessing.get_context("spawn")
    begin = spawn.Barrier(3)
    workers = [
        spawn.Process(target=_put_some, args=(made.folder, first, begin)) for first in (0, 100, 200)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert keys(made) == made.records() and len(made.records()) == 60


def test_a_copied_home_needs_no_catalogue(made, tmp_path):
    record = made.call(1)
    made.index.catalogue.close()
    moved = tmp_path / "moved"
    shutil.copytree(made.folder / "cache", moved / "cache")
    shutil.copytree(made.folder / "store", moved / "store")
    (moved / "cache/catalogue.db").unlink(missing_ok=True)
    index = CallIndex(moved / "cache", Store(moved / "store"))
    assert index.get(record.key).outputs[0].path.startswith(str(moved))
    assert keys(made, index) == {record.key}
