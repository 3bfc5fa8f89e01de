"""Signals: a moment for the last words, exit code 130, whatever the process is doing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import time
from filmeto_core.cli.interrupt import leave, on_interrupt
def broken(): raise OSError("no")
def slow(): time.sleep(60)
on_interrupt(lambda: leave("go on like this", broken, slow))
print("ready", flush=True)
while True: time.sleep(0.01)
"""


@pytest.fixture
def process():
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as started:
        assert started.stdout.readline() == "ready\n"
        yield started
        started.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_with_130_and_says_how_to_go_on(process, number):
    started = time.monotonic()
    process.send_signal(number)
    said = process.communicate(timeout=20)[1]
    assert process.returncode == 130
    assert said == "\nfilmeto: stopped; go on like this\n"
    assert time.monotonic() - started < 10


def test_it_ends_also_where_nobody_reads_what_it_says(process):
    process.stderr.close()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 130
