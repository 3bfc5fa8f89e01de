"""What was posted to a server is kept: tasks, their ends, events; many writers' writes in few commits."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import time

import pytest

from filmeto_core.errors import StoreError
from filmeto_core.journal.posted import Posted
from filmeto_core.journal.posted_models import PostedTask
from filmeto_core.types import utc_now


@pytest.fixture
def posted(tmp_path):
    made = Posted(tmp_path / "journal")
    yield made
    made.close()


def a_task(name="t", **fields):
    given = {
        "id": name,
        "tenant": "local",
        "kind": "task",
        "tool": "text2image",
        "plugin": "quick",
        "request": {"tool_name": "text2image"},
        "status": "queued",
        "accepted_at": utc_now(),
    }
    return PostedTask(**{**given, **fields})


def test_a_task_is_there_once_it_was_accepted(posted):
    asyncio.run(posted.accept(a_task()))
    assert posted.task("t").status == "queued" and posted.task("t").is_open
    assert posted.task("other") is None


def test_the_first_end_stays(posted):
    asyncio.run(posted.accept(a_task()))
    assert posted.end("t", "success", result={"status": "success"}).result() is True
    assert posted.end("t", "cancelled").result() is False
    assert posted.task("t").status == "success" and posted.open_tasks() == []


def test_a_key_of_a_tenant_is_used_once_and_other_tenants_may_use_it_too(posted):
    asyncio.run(posted.accept(a_task("a", idempotency_key="k")))
    with pytest.raises(sqlite3.IntegrityError):
        asyncio.run(posted.accept(a_task("b", idempotency_key="k")))
    asyncio.run(posted.accept(a_task("c", idempotency_key="k", tenant="other")))
    assert posted.named("local", "k").id == "a" and posted.named("other", "k").id == "c"


def test_one_write_that_breaks_a_rule_costs_no_other_of_its_commit(posted):
    async def all_at_once():
        tasks = [a_task(f"t{n % 40}") for n in range(50)]  # ten names come twice
        return await asyncio.gather(*map(posted.accept, tasks), return_exceptions=True)

    failed = [r for r in asyncio.run(all_at_once()) if isinstance(r, Exception)]
    assert len(failed) == 10 and len(posted.open_tasks()) == 40


@pytest.mark.parametrize(
    "value",
    ["\ud800", object(), 2**70],
    ids=["half a surrogate pair", "no type of its own", "huge"],
)
def test_what_cannot_be_written_fails_alone_and_the_next_is_written(posted, value):
    writes = [posted.write(lambda c: c.execute("SELECT ?", (value,))), posted.end("t", "success")]
    assert isinstance(writes[0].exception(5), Exception)
    assert writes[1].result(5) is False
    asyncio.run(posted.accept(a_task()))
    assert posted.task("t") is not None


def test_events_come_in_order_after_the_one_that_is_named(posted):
    for event in ((2, 1), (1, 1), (1, 2), (1, 10)):
        posted.add_event("task:t", event, b"{}")
    posted.add_event("task:other", (1, 1), b"{}")
    posted.flush()
    assert [e for e, _ in posted.events("task:t")] == [(1, 1), (1, 2), (1, 10), (2, 1)]
    assert [e for e, _ in posted.events("task:t", (1, 2))] == [(1, 10), (2, 1)]
    assert posted.last_event("task:t")[0] == (2, 1)


def test_what_is_old_is_forgotten_and_what_is_open_is_not(posted):
    for name in ("old", "open"):
        asyncio.run(posted.accept(a_task(name)))
        posted.add_event(f"task:{name}", (1, 1), b"{}")
    posted.end("old", "success").result()
    asyncio.run(posted.forget(time.time() + 1))
    assert posted.task("old") is None and posted.events("task:old") == []
    assert posted.task("open") is not None and len(posted.events("task:open")) == 1


def test_each_start_has_a_number_of_its_own(posted, tmp_path):
    first = posted.begin_epoch()
    posted.close()
    again = Posted(tmp_path / "journal")
    assert again.begin_epoch() == first + 1
    again.close()


def test_what_was_written_outlives_a_kill(tmp_path):
    script = (
        "import asyncio, os, signal, sys\n"
        "from filmeto_core.journal.posted import Posted\n"
        "from pathlib import Path\n"
        "posted = Posted(Path(sys.argv[1]))\n"
        "for n in range(1, 101):\n"
        "    posted.add_event('film:f', (1, n), b'{}').result()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    folder = tmp_path / "journal"
    done = subprocess.run([sys.executable, "-c", script, str(folder)], cwd=os.getcwd())
    assert done.returncode == -9
    assert len(Posted(folder).events("film:f")) == 100


def test_a_file_of_a_newer_filmeto_is_refused(posted, tmp_path):
    posted.begin_epoch()
    posted.close()
    with sqlite3.connect(posted.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="newer filmeto"):
        Posted(tmp_path / "journal").begin_epoch()
