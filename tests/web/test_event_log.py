"""Every watcher gets every event once and in order, from memory or disk, over restarts too."""

import asyncio
import random

import orjson
import pytest

from filmeto_core.errors import ValidationError
from filmeto_core.journal.posted import Posted
from filmeto_core.web import event_log
from filmeto_core.web.event_log import EventLog, read_event_id

BEAT_S = 0.01


@pytest.fixture
def posted(tmp_path):
    made = Posted(tmp_path)
    yield made
    made.close()


def fresh(posted):
    return EventLog(posted, posted.begin_epoch())


async def all_of(log, name, after=None):
    return [e async for batch in log.read(name, after, BEAT_S) for e in batch]


def numbers(events):
    return [orjson.loads(event.data)["n"] for event in events]


@pytest.fixture(params=[5, 1000], ids=["memory of 5", "memory of 1000"])
def memory(request, monkeypatch):
    monkeypatch.setattr(event_log, "IN_MEMORY", request.param)


def test_watchers_that_come_at_any_time_get_all_once_and_in_order(posted, memory):
    log, dice = fresh(posted), random.Random(1)

    async def main():
        async def watch(later):
            await asyncio.sleep(later)
            return numbers(await all_of(log, "task:t"))

        watchers = [asyncio.create_task(watch(dice.random() * 0.1)) for _ in range(20)]
        for n in range(300):
            log.add("task:t", {"_type": "progress", "n": n})
            if n % 7 == 0:
                await asyncio.sleep(0.001)
        log.add("task:t", {"_type": "result", "n": 300}, last=True)
        return await asyncio.gather(*watchers)

    assert all(got == list(range(301)) for got in asyncio.run(main()))


def test_a_watcher_that_comes_back_gets_the_rest_wherever_it_left(posted, memory):
    async def main():
        log = fresh(posted)
        made = [log.add("task:t", {"_type": "progress", "n": n}, last=n == 49) for n in range(50)]
        for i, event in enumerate(made):
            assert numbers(await all_of(log, "task:t", event.id)) == list(range(i + 1, 50))

    asyncio.run(main())


def test_after_a_restart_what_was_never_written_is_not_missed_and_nothing_comes_twice(posted):
    async def main():
        before = fresh(posted)
        for n in range(10):
            before.add("film:f", {"_type": "shot", "n": n})
        lost = event_log.made_event((before.epoch, 11), b"{}")  # seen by a watcher, then the kill
        after = fresh(posted)
        after.add("film:f", {"_type": "shot", "n": 100})
        got = []
        async for batch in after.read("film:f", lost.id, BEAT_S):
            got += batch
            if got:
                break
        assert numbers(got) == [100]
        rest = []
        async for batch in after.read("film:f", (before.epoch, 8), BEAT_S):
            rest += batch
            if len(rest) == 3:
                break
        assert numbers(rest) == [8, 9, 100]

    asyncio.run(main())


def test_subjects_that_are_over_leave_the_memory_and_are_read_from_the_disk(posted, monkeypatch):
    monkeypatch.setattr(event_log, "SUBJECTS_IN_MEMORY", 3)

    async def main():
        log = fresh(posted)
        for task in range(20):
            for n in range(3):
                kind = "result" if n == 2 else "progress"
                log.add(f"task:{task}", {"_type": kind, "n": n}, last=n == 2)
        await asyncio.to_thread(posted.flush)
        log.subject("film:next", new=True)  # what is over and kept goes as another comes
        assert len(log._subjects) <= 4
        for task in range(20):
            assert numbers(await all_of(log, f"task:{task}")) == [0, 1, 2]

    asyncio.run(main())


def test_films_leave_the_memory_too_and_their_events_count_on(posted, monkeypatch):
    monkeypatch.setattr(event_log, "SUBJECTS_IN_MEMORY", 3)

    async def main():
        log = fresh(posted)
        for n in range(3):
            for film in range(20):
                log.add(f"film:{film}", {"_type": "run", "n": n})
                await asyncio.to_thread(posted.flush)
        assert len(log._subjects) <= 4
        told = await asyncio.to_thread(posted.events, "film:0", (0, 0), 10)
        assert [event_id for event_id, _ in told] == [(log.epoch, n) for n in (1, 2, 3)]

    asyncio.run(main())


def test_large_events_do_not_pile_up_in_memory(posted, monkeypatch):
    monkeypatch.setattr(event_log, "IN_MEMORY_BYTES", 10_000)

    async def main():
        log = fresh(posted)
        for n in range(50):
            log.add("task:t", {"_type": "progress", "n": n, "x": "y" * 1000}, last=n == 49)
        assert sum(len(e.sse) for e in log.subject("task:t").tail) <= 10_000
        assert numbers(await all_of(log, "task:t")) == list(range(50))

    asyncio.run(main())


def test_readers_are_counted_and_counted_off_when_they_go(posted):
    async def main():
        log, seen = fresh(posted), []
        log.on_readers = lambda name, n: seen.append((name, n))
        reading = log.read("task:t", None, BEAT_S)
        assert await anext(reading) == []  # a heartbeat
        assert log.readers == 1
        await reading.aclose()
        assert log.readers == 0 and seen == [("task:t", 1), ("task:t", 0)]

    asyncio.run(main())


def test_a_server_that_closes_lets_its_watchers_go(posted):
    async def main():
        log = fresh(posted)
        reading = asyncio.create_task(all_of(log, "task:t"))
        await asyncio.sleep(0)
        log.close()
        assert await asyncio.wait_for(reading, 20) == []

    asyncio.run(main())


@pytest.mark.parametrize("text", ["x", "1", "1-2-3", "-1-2", "1-٣", "9" * 20 + "-1"])
def test_a_last_event_id_that_is_none_of_ours_is_refused(text):
    with pytest.raises(ValidationError, match="Last-Event-ID"):
        read_event_id(text)


@pytest.mark.parametrize("text", [None, "", " "])
def test_no_last_event_id_means_from_the_beginning(text):
    assert read_event_id(text) is None
