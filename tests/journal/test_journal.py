"""Runs, calls and attempts are kept, told, and marked as killed when their process is gone."""

import multiprocessing
import os
import signal
import sqlite3
import threading

import pytest

from filmeto_core.errors import StoreError, ValidationError
from filmeto_core.journal.call_notes import Noted
from filmeto_core.journal.journal import Journal
from filmeto_core.journal.repair import repair
from filmeto_core.money import Money

KEY = "ab" * 32


def noted(number=1, **more):
    fields = {
        "id": f"call-{number}",
        "key": KEY,
        "tool": "text2image",
        "plugin": "sketch",
        "plugin_version": "1.0",
        "fingerprint": "f" * 64,
        "parameters": {"prompt": "a lighthouse", "seed": 7},
        "resources": (),
        "take": 1,
    }
    return Noted(**{**fields, **more})


@pytest.fixture
def journal(tmp_path):
    made = Journal(tmp_path / "journal")
    yield made
    made.close()


def film_of(journal, **more):
    return journal.begin_run("film", "lighthouse", film="/out/lighthouse", **more)


def test_a_journal_that_is_not_there_reads_as_empty_and_stays_away(tmp_path):
    journal = Journal(tmp_path / "journal")
    assert journal.runs() == []
    assert journal.jobs() == []
    assert journal.last_calls("/film") == {}
    assert journal.spent("/film") == ()
    assert not (tmp_path / "journal").exists()


def test_a_run_is_told_with_its_calls(journal):
    run_id = film_of(journal, profile="animatic", options={"draft": True}, budget=Money.read(5))
    made = noted(1, run_id=run_id, film="/out/lighthouse", shot="dawn")
    journal.began(made)
    journal.worked(made, 1.5, Money.read("0.04"), ["sha256:1"])
    again = noted(2, run_id=run_id, film="/out/lighthouse", shot="storm")
    journal.reused(again, 2.5, None, ["sha256:2"])
    failed = noted(3, run_id=run_id, film="/out/lighthouse", shot="night")
    journal.began(failed)
    journal.ended(failed, "failed", "it broke")
    journal.end_run(run_id, "failed", "1 of 3 shots failed")
    (run,) = journal.runs()
    assert (run.state, run.calls, run.cached, run.error) == (
        "failed",
        3,
        1,
        "1 of 3 shots failed",
    )
    assert (run.options, str(run.budget)) == ({"draft": True}, "5.00 USD")
    assert journal.run(run_id[:8]) == journal.run("last") == run
    calls = {call.shot: call for call in journal.calls(run_id)}
    assert [calls[s].state for s in ("dawn", "storm", "night")] == ["done", "done", "failed"]
    assert (calls["dawn"].seconds, str(calls["dawn"].cost)) == (1.5, "0.04 USD")
    assert calls["storm"].cached and calls["storm"].outputs == ("sha256:2",)
    assert calls["night"].error == "it broke"
    assert calls["dawn"].parameters == {"prompt": "a lighthouse", "seed": 7}


def test_the_last_calls_of_a_film_are_those_that_ended_well(journal):
    for number, prompt in enumerate(("one", "two"), 1):
        run_id = film_of(journal)
        call = noted(
            number,
            run_id=run_id,
            film="/out/lighthouse",
            shot="dawn",
            parameters={"prompt": prompt},
        )
        journal.began(call)
        journal.worked(call, 1, None, [])
    broken = noted(3, run_id=run_id, film="/out/lighthouse", shot="dawn")
    journal.began(broken)
    journal.ended(broken, "failed", "no")
    journal.flush()
    last = journal.last_calls("/out/lighthouse")
    assert last["dawn", "text2image"].parameters == {"prompt": "two"}
    assert journal.last_calls("/out/another") == {}
    keys = {name: call.key for name, call in last.items()}
    assert journal.last_keys("/out/lighthouse") == keys and journal.last_keys("/else") == {}


def test_history_tells_of_computed_calls_alone(journal):
    for number in range(3):
        call = noted(number)
        journal.began(call)
        journal.worked(call, number, None, [])
    journal.reused(noted(9), 9, None, [])
    journal.flush()
    assert [call.seconds for call in journal.history("sketch", "text2image")] == [2, 1, 0]
    assert journal.history("sketch", "image2video") == []


def test_attempts_are_counted_from_the_last_one_that_worked(journal):
    call = noted()
    for _ in range(2):
        journal.began(call)
        journal.ended(call, "failed", "busy")
    journal.began(call)
    journal.flush()
    assert journal.failed_attempts(KEY) == 2
    journal.worked(call, 1, None, [])
    journal.flush()
    assert journal.failed_attempts(KEY) == 0


def test_what_a_killed_process_ran_is_told_as_killed(journal, tmp_path):
    def work():
        theirs = Journal(tmp_path / "journal")
        run_id = film_of(theirs)
        theirs.began(noted(1, run_id=run_id))
        theirs.flush()
        os.kill(os.getpid(), signal.SIGKILL)

    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join(5)
    (run,) = journal.runs()
    assert run.state == "killed"
    assert [call.state for call in journal.calls(run.id)] == ["killed"]
    assert journal.failed_attempts(KEY) == 1
    film_of(journal)  # a writer writes it down
    states = sorted(run.state for run in journal.runs())
    assert states == ["killed", "running"]
    assert len(list((tmp_path / "journal" / "owners").iterdir())) == 1


def test_many_processes_and_threads_write_one_journal(journal, tmp_path):
    def work(process):
        theirs = Journal(tmp_path / "journal")

        def note(thread):
            for number in range(20):
                call = noted(f"{process}-{thread}-{number}")
                theirs.began(call)
                theirs.worked(call, 1, None, [])

        threads = [threading.Thread(target=note, args=(t,)) for t in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        theirs.close()

    context = multiprocessing.get_context("fork")
    children = [context.Process(target=work, args=(n,)) for n in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join(30)
    assert len(journal.history("sketch", "text2image", limit=1000)) == 240


def test_a_damaged_journal_is_refused_with_the_command_that_mends_it(journal, tmp_path):
    film_of(journal)
    journal.close()
    path = tmp_path / "journal" / "journal.db"
    path.write_bytes(b"rubbish" * 1000)
    with pytest.raises(StoreError, match="filmeto runs repair"):
        film_of(journal)
    with pytest.raises(StoreError, match="filmeto runs repair"):
        journal.runs()
    journal.close()
    mended = repair(tmp_path / "journal")
    assert mended.damaged.read_bytes().startswith(b"rubbish")
    assert mended.unread
    film_of(journal)
    assert len(journal.runs()) == 1


def test_what_can_be_read_of_a_damaged_journal_is_saved(journal, tmp_path):
    for _ in range(300):
        film_of(journal, options={"text": "x" * 200})
    journal.close()
    path = tmp_path / "journal" / "journal.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    data = bytearray(path.read_bytes())
    data[-3 * 4096 :] = b"\xff" * (3 * 4096)
    path.write_bytes(data)
    mended = repair(tmp_path / "journal")
    assert 0 < mended.saved["runs"] <= 300
    assert len(journal.runs(limit=1000)) == mended.saved["runs"]
    assert repair(tmp_path / "journal").damaged is None


def test_a_newer_journal_is_refused_with_what_to_do(journal, tmp_path):
    film_of(journal)
    journal.close()
    with sqlite3.connect(tmp_path / "journal" / "journal.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="newer filmeto"):
        film_of(journal)


def test_a_run_that_is_not_there_or_not_named_enough_is_told(journal):
    for _ in range(17):  # two of them begin alike
        film_of(journal)
    with pytest.raises(ValidationError, match="filmeto runs ls"):
        journal.run("xyz")
    digits = [run.id[0] for run in journal.runs()]
    double = next(digit for digit in digits if digits.count(digit) > 1)
    with pytest.raises(ValidationError, match="several runs"):
        journal.run(double)
