"""Processes that outlive a command: found again by their records, and no other taken for them."""

import json
import os
import signal
import sys

import pytest

from filmeto_core import process
from filmeto_core.daemon import KEEP_LOG_BYTES, Daemon, last_words

SLEEPER = [sys.executable, "-c", "print('here', flush=True); import time; time.sleep(60)"]


def test_a_daemon_is_found_again_by_its_record_and_ended(tmp_path):
    daemon = Daemon(tmp_path / "up" / "one.json")
    started = daemon.start(SLEEPER, {}, tmp_path / "logs" / "one.log", port=1)
    again = Daemon(daemon.record)
    assert again.pid == started.pid and again.read()["port"] == 1
    assert again.stop(5)
    assert again.pid is None and not daemon.record.exists()
    assert process.identity(started.pid) == ""


def test_a_pid_that_another_program_has_now_is_left_alone(tmp_path):
    daemon = Daemon(tmp_path / "one.json")
    daemon.start(SLEEPER, {}, tmp_path / "one.log")
    told = daemon.read()
    daemon.stop(5)
    other = process.start(SLEEPER, env={})
    daemon.record.write_text(json.dumps({**told, "pid": other.pid}))
    assert daemon.pid is None
    assert not daemon.stop(5)
    assert other.poll() is None
    process.kill_group(other)
    other.stdout.close(), other.stderr.close()


def test_one_that_does_not_heed_sigterm_is_killed(tmp_path):
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True)"
    )
    daemon = Daemon(tmp_path / "one.json")
    log = tmp_path / "one.log"
    started = daemon.start([sys.executable, "-c", deaf + "; time.sleep(60)"], {}, log)
    while not log.read_bytes():
        assert started.poll() is None
    assert daemon.stop(0.1)
    assert started.wait(5) == -signal.SIGKILL


def test_one_that_ended_is_gone_although_nobody_reaped_it(tmp_path):
    daemon = Daemon(tmp_path / "one.json")
    started = daemon.start([sys.executable, "-c", ""], {}, tmp_path / "one.log")
    os.waitid(os.P_PID, started.pid, os.WEXITED | os.WNOWAIT)
    assert daemon.pid is None


def test_a_damaged_record_is_no_process(tmp_path):
    daemon = Daemon(tmp_path / "one.json")
    for text in ("", "[]", "{", '{"pid": "7"}'):
        daemon.record.write_text(text)
        assert daemon.pid is None and not daemon.stop(0)


def test_a_long_log_is_put_aside(tmp_path):
    log = tmp_path / "one.log"
    log.write_bytes(bytes(KEEP_LOG_BYTES + 1))
    daemon = Daemon(tmp_path / "one.json")
    daemon.start(SLEEPER, {}, log)
    daemon.stop(5)
    assert log.stat().st_size < 100 and (tmp_path / "one.log.1").exists()


@pytest.mark.parametrize(
    ("log", "last"),
    [
        ("starting\nTraceback:\nPermissionError: [Errno 13] no: '/tmp/x'\nAn exception occurred.\n",
         "PermissionError: [Errno 13] no: '/tmp/x'"),
        ("a.b.SomeError: first\nsqlite3.OperationalError: disk is full.\n",
         "sqlite3.OperationalError: disk is full"),
        ("INFO  an Error: in a sentence\nport 4200 is taken\n\n", "port 4200 is taken"),
        ("", "it said nothing"),
        (None, "it said nothing"),
    ],
)  # fmt: skip
def test_the_last_words_of_a_program_tell_why_it_ended(tmp_path, log, last):
    if log is not None:
        (tmp_path / "log").write_text(log)
    assert last_words(tmp_path / "log") == last
