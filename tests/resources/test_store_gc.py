"""Garbage collection removes what nothing needs, and nothing else, whatever happens meanwhile."""

import json
import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from filmeto_core.resources import store_gc
from filmeto_core.resources.call_key import call_key
from filmeto_core.resources.calls import CallIndex
from filmeto_core.resources.gc_plan import GcPlan
from filmeto_core.resources.store import Store
from filmeto_core.resources.store_gc import collect

DAY_S = 86400.0


def gc(made, days: float = 30, **options):
    return collect(made.opened(), older_than_s=days * DAY_S, **options)


def digest_of(record) -> str:
    return record.outputs[0].digest


def film_json(folder: Path, *records) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    report = folder / "film.json"
    report.write_text(json.dumps({"assets": [{"digest": digest_of(r)} for r in records]}))
    return report


def test_what_was_not_used_of_late_goes_and_the_rest_stays(made):
    old, new = made.call(1, days=40), made.call(2, days=20)
    done = gc(made)
    assert (done.files, done.records) == (1, 1)
    assert done.size_bytes == old.outputs[0].size
    assert made.files() == {digest_of(new)} and made.records() == {new.key}
    assert made.opened().get(old.key) is None
    assert made.opened().get(new.key) == new
    assert gc(made).files == 0


def test_a_dry_run_tells_the_same_and_removes_nothing(made):
    made.call(1, days=40, others=(3,))
    made.call(2)
    (made.folder / "store/incoming/left").write_text("by a dead writer")
    planned = gc(made, dry_run=True, listed=True)
    assert len(made.files()) == 3 and (made.folder / "store/incoming/left").exists()
    done = gc(made, listed=True)
    assert (planned.files, planned.records, planned.size_bytes) == (2, 1, done.size_bytes)
    assert (planned.leftovers, done.leftovers) == (1, 1)
    assert planned.listed == done.listed
    assert len(made.files()) == 1 and not (made.folder / "store/incoming/left").exists()


def test_a_hit_is_a_use_and_so_is_a_file_put_again(made):
    hit, put, gone = (made.call(n, days=40) for n in (1, 2, 3))
    assert made.opened().get(hit.key)
    made.output(2)  # the same content again
    gc(made)
    assert made.files() == {digest_of(hit), digest_of(put)}
    assert made.records() == {hit.key}


def test_a_file_outside_that_this_process_knows_is_used_when_it_is_put_again(made):
    record = made.call(1, days=40)
    store = made.index.store
    store.put_file(made.folder / "1.png")
    assert time.time() - Path(record.outputs[0].path).stat().st_atime < 60


def test_a_film_keeps_what_its_report_names_while_it_is_there(made):
    kept, other, old = (made.call(n, days=400, others=(n + 10,)) for n in (1, 2, 3))
    report = film_json(made.folder / "out" / "film", kept)
    made.index.store.keep_film(report, [digest_of(other)])
    done = gc(made)
    assert done.films == 1 and done.files == 2
    assert made.records() == {kept.key, other.key}, "what was noted, and what film.json names"
    assert made.opened().get(kept.key) == kept, "with the others that came with it"
    assert made.opened().get(other.key) == other
    assert made.opened().get(old.key) is None
    for record in (kept, other):
        made.age(record, 400)
    report.unlink()
    then = time.time() - 31 * DAY_S
    (note,) = (made.folder / "store/roots").iterdir()
    os.utime(note, (then, then))
    assert gc(made).gone_films == [report]
    assert made.files() == set() == made.records()
    assert not note.exists()


def test_a_film_that_is_being_made_keeps_what_it_began_with(made):
    record = made.call(1, days=400)
    made.index.store.keep_film(made.folder / "out/film.json", [digest_of(record)])
    assert gc(made).films == 1
    assert made.records() == {record.key}


def test_a_film_on_a_drive_that_is_away_is_kept_for_a_season(made):
    record = made.call(1, days=400)
    report = film_json(made.folder / "drive/films/2026/one", record)
    made.index.store.keep_film(report, [digest_of(record)])
    (note,) = (made.folder / "store/roots").iterdir()
    (made.folder / "drive").rename(made.folder / "elsewhere")
    for days, kept in ((80, 1), (100, 0)):
        then = time.time() - days * DAY_S
        os.utime(note, (then, then))
        assert gc(made).films == kept
        assert len(made.records()) == kept


def test_a_pin_holds_a_file_and_its_record_until_it_is_unpinned(made):
    record = made.call(1, days=400)
    made.index.store.pin(digest_of(record), "the take we chose")
    assert gc(made).pins == 1
    assert made.opened().get(record.key) == record
    made.age(record, 400)
    assert made.index.store.holds.unpin(digest_of(record))
    assert not made.index.store.holds.unpin(digest_of(record))
    gc(made)
    assert made.records() == set()


def test_the_longest_unused_go_first_until_the_rest_fits(made):
    records = [made.call(n, days=20 - n) for n in range(6)]
    size = sum(r.outputs[0].size for r in records[3:])
    done = gc(made, max_size_bytes=size)
    assert made.records() == {r.key for r in records[3:]}
    assert made.files() == {digest_of(r) for r in records[3:]}
    assert done.files == 3 and done.over_bytes == 0


def test_what_must_stay_stays_though_it_is_too_large(made):
    record = made.call(1, days=20)
    made.call(2, days=10)
    made.index.store.pin(digest_of(record))
    done = gc(made, max_size_bytes=1)
    assert made.files() == {digest_of(record)}
    assert done.over_bytes == record.outputs[0].size - 1


def _work(folder, key, begun, go_on, answers):
    index = CallIndex(folder / "cache", Store(folder / "store"))
    with index.store.in_use():
        found = index.get(key)
        begun.set()
        go_on.wait(5)
        answers.put(found is not None and Path(found.outputs[0].path).exists())


def test_what_running_work_used_stays_and_a_killed_one_protects_nothing(made):
    used, idle = made.call(1, days=400), made.call(2, days=400)
    spawn = multiprocessing.get_context("spawn")
    begun, go_on, answers = spawn.Event(), spawn.Event(), spawn.Queue()
    arguments = (made.folder, used.key, begun, go_on, answers)
    worker = spawn.Process(target=_work, args=arguments)
    worker.start()
    assert begun.wait(10)
    done = gc(made, days=0, max_size_bytes=0)
    assert done.running == 1
    assert made.records() == {used.key} and made.files() == {digest_of(used)}
    go_on.set()
    assert answers.get(timeout=20) is True
    worker.join(5)
    assert list((made.folder / "store/running").iterdir()) == []

    begun, go_on = spawn.Event(), spawn.Event()
    worker = spawn.Process(target=_work, args=(made.folder, used.key, begun, go_on, answers))
    worker.start()
    assert begun.wait(10)
    os.kill(worker.pid, signal.SIGKILL)
    worker.join(5)
    done = gc(made, days=0)
    assert (done.running, done.leftovers) == (0, 1)
    assert made.records() == set()
    assert idle.key not in made.records()


def test_a_use_after_the_plan_was_made_saves_record_and_file(made, monkeypatch):
    record, file, gone = (made.call(n, days=40) for n in (1, 2, 3))
    made.index.forget(file.key)

    class Late(GcPlan):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            assert self.files == 3 and self.records == 2
            assert made.opened().get(record.key) == record
            made.output(2)

    monkeypatch.setattr(store_gc, "GcPlan", Late)
    done = gc(made)
    assert (done.files, done.records) == (1, 1)
    assert made.records() == {record.key}
    assert made.files() == {digest_of(record), digest_of(file)}
    assert made.opened().get(record.key) == record
    assert made.opened().get(gone.key) is None


def _hit_and_put(folder, keys, stop, answers):
    """Ask for the same calls on and on; what is a hit must be there, what is a miss is made again."""
    made_again = 0
    index = CallIndex(folder / "cache", Store(folder / "store"))
    with index.store.in_use():
        while not stop.is_set():
            for number, key in keys:
                found = index.get(key)
                if found is None:
                    stored = index.store.put_file(folder / f"{number}.png")
                    assert stored.path.exists()
                    made_again += 1
                else:
                    assert Path(found.outputs[0].path).read_bytes()
    answers.put(made_again)


def test_a_hit_is_whole_though_garbage_is_collected_all_the_time(made):
    keys = []
    for number in range(30):
        keys.append((number, made.call(number, days=40).key))
    spawn = multiprocessing.get_context("spawn")
    stop, answers = spawn.Event(), spawn.Queue()
    users = [
        spawn.Process(target=_hit_and_put, args=(made.folder, keys, stop, answers))
        for _ in range(2)
    ]
    for user in users:
        user.start()
    for _ in range(12):
        for path in (made.folder / "cache/records").glob("*/*"):
            then = time.time() - 40 * DAY_S
            os.utime(path, (then, then))  # as if it had been used long ago, under their hands
        gc(made, days=30)
    stop.set()
    told = [answers.get(timeout=10) for _ in users]
    for user in users:
        user.join(5)
    assert [user.exitcode for user in users] == [0, 0], told


def test_leftovers_of_every_kind_go(made):
    made.call(1)
    store, cache = made.folder / "store", made.folder / "cache"
    for folder in (store / "removed", store / "urls/ab", cache / "incoming", cache / "locks"):
        folder.mkdir(parents=True, exist_ok=True)
    (store / "removed/old").write_bytes(b"12345")
    (store / "urls/ab/x.json").write_text('{"digest": "sha256:' + "0" * 64 + '"}')
    (store / "urls/ab/y.json").write_text(json.dumps({"digest": next(iter(made.files()))}))
    (cache / "incoming/half").write_bytes(b"{")
    (cache / "locks" / ("0" * 64)).touch()
    for name, days in (("old", 8), ("new", 6)):
        (store / "partial" / name).write_bytes(b"123")
        then = time.time() - days * DAY_S
        os.utime(store / "partial" / name, (then, then))
    done = gc(made)
    assert (done.leftovers, done.leftover_bytes) == (5, 9)
    assert [p.name for p in (store / "partial").iterdir()] == ["new"]
    assert [p.name for p in (store / "urls/ab").iterdir()] == ["y.json"]
    assert not (store / "removed/old").exists()
    assert list((cache / "incoming").iterdir()) == list((cache / "locks").iterdir()) == []


def test_a_lock_that_is_held_is_no_leftover(made):
    key = call_key(tool="t", plugin="p", fingerprint="f", parameters={})
    with made.index.lock(key):
        assert gc(made, days=0).leftovers == 0
        assert (made.folder / "cache/locks" / key).exists()


def test_an_old_refusal_is_forgotten_and_one_that_is_told_again_is_not(made):
    keys = [call_key(tool="t", plugin="p", fingerprint="f", parameters={"n": n}) for n in (1, 2)]
    for key in keys:
        made.index.put_failure(key, {"code": "plugin_refused"})
        path = made.folder / "cache/failures" / key[:2] / f"{key}.json"
        os.utime(path, (1, 1))
    assert made.index.get_failure(keys[0])
    assert gc(made).failures == 1
    assert made.index.get_failure(keys[0]) and not made.index.get_failure(keys[1])


def test_an_empty_store_is_collected_and_nothing_is_made(tmp_path):
    index = CallIndex(tmp_path / "cache", Store(tmp_path / "store"))
    assert collect(index, older_than_s=0).files == 0
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_is_none_goes_when_it_is_old(made):
    made.call(1)
    path = made.folder / "cache/records/00" / ("0" * 64 + ".json")
    path.parent.mkdir(exist_ok=True)
    path.write_text("garbage")
    assert gc(made).records == 0
    os.utime(path, (1, 1))
    assert gc(made).records == 1
    assert not path.exists()


@pytest.mark.parametrize("days", [0, 30])
def test_gc_needs_no_process_to_have_told_that_it_works(made, days):
    record = made.call(1)
    gc(made, days=days)
    assert (record.key in made.records()) is (days == 30)


def _killed_collection(folder, at):
    calls = iter(range(10**6))

    def die(_what, _done, _of):
        if next(calls) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    store_gc.BATCH = 2
    index = CallIndex(folder / "cache", Store(folder / "store"))
    collect(index, older_than_s=30 * DAY_S, progress=die)


@pytest.mark.parametrize("at", [256, 258, 261, 263])  # it is told of 256 shards first
def test_a_killed_collection_leaves_nothing_that_looks_whole_and_is_not(made, at):
    old = [made.call(n, days=40) for n in range(12)]
    new = made.call(20)
    killed = multiprocessing.get_context("spawn").Process(
        target=_killed_collection, args=(made.folder, at)
    )
    killed.start()
    killed.join(10)
    assert killed.exitcode == -signal.SIGKILL
    assert len(made.records()) + len(made.files()) < 26, "some were removed"
    there = made.files()
    for record in old:
        if record.key in made.records():
            assert digest_of(record) in there, "records go first"
    gc(made)
    assert made.records() == {new.key} and made.files() == {digest_of(new)}
    assert not (made.folder / "store/removed").exists() or not any(
        (made.folder / "store/removed").iterdir()
    )
