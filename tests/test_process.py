"""Programs are run to their end, with bounded waits, and nothing of them stays behind."""

import os
import subprocess
import sys
import threading
import time

import pytest

from filmeto_core import process

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]


def test_output_exit_code_and_last_stderr_are_told():
    code = "import sys; print(sys.stdin.read()[::-1]); sys.stderr.write('oh'); sys.exit(3)"
    done = process.run([sys.executable, "-c", code], feed=[b"ab", b"c"])
    assert (done.returncode, done.stdout, done.stderr) == (3, b"cba\n", "oh")


def test_stderr_is_heard_while_it_comes_and_its_end_is_kept():
    code = "import sys; sys.stderr.write('x' * 300_000 + 'end')"
    heard = []
    done = process.run([sys.executable, "-c", code], on_stderr=heard.append)
    assert len(b"".join(heard)) == 300_003
    assert done.stderr.endswith("xend") and len(done.stderr) == process.STDERR_TAIL_BYTES


def test_a_program_past_its_time_is_killed():
    started = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired):
        process.run(SLEEP, timeout_s=0.3)
    assert time.monotonic() - started < 10


def test_a_cancelled_program_is_killed():
    cancelled = threading.Event()
    with pytest.raises(process.Interrupted):
        process.run(SLEEP, cancelled=cancelled, on_stdout=lambda piece: cancelled.set())


def test_an_exit_is_seen_without_reaping_and_the_group_is_not_signalled_afterwards():
    child = process.start([sys.executable, "-c", "pass"])
    with child.stdout, child.stderr:
        assert process.wait_exited(child, 5)
        assert child.returncode is None
        process.kill_group(child)
        assert child.returncode == 0
        process.signal_group(child, 9)


def test_a_program_that_runs_on_is_seen_as_such():
    child = process.start(SLEEP)
    with child.stdout, child.stderr:
        assert not process.wait_exited(child, 0.01)
        assert not process.has_exited(child)
        process.kill_group(child)
        assert process.has_exited(child)


@pytest.mark.skipif(sys.platform != "linux", reason="macOS does not show them")
@pytest.mark.parametrize("portable", [False, True])
def test_processes_are_found_by_their_marker_also_outside_their_group(portable):
    code = (
        "import subprocess, sys; "
        f"p = subprocess.Popen({SLEEP!r}, start_new_session=True, stdout=subprocess.PIPE); "
        "p.stdout.readline(); print(p.pid, flush=True)"
    )
    env = {"MARK_OF_THE_TEST": "4711", "PATH": os.environ["PATH"]}
    done = process.run([sys.executable, "-c", code], env=env)
    assert done.returncode == 0
    assert process.kill_marked("MARK_OF_THE_TEST", "471", portable) == 0
    assert process.kill_marked("MARK_OF_THE_TEST", "4711", portable) == 1
    assert process.kill_marked("MARK_OF_THE_TEST", "4711", portable) == 0


def test_the_portable_ways_give_the_same(monkeypatch):
    monkeypatch.setattr(process, "system", None)
    done = process.run([sys.executable, "-c", "print(1)"], timeout_s=5)
    assert done.stdout == b"1\n"
    with pytest.raises(subprocess.TimeoutExpired):
        process.run(SLEEP, timeout_s=0.1)
