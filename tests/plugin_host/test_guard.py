"""The guard: it ends what carries its host's mark once the host is gone, and nothing before."""

import os
import subprocess
import sys

import pytest
import traces

from filmeto_core import process
from filmeto_core.plugin_host.guard import Guard

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is none")

HOST = """
import subprocess, sys, time
from filmeto_core import process
from filmeto_core.plugin_host.guard import Guard

guard = Guard()
env = {process.HOST_MARKER: process.host_mark(), "HOME": sys.argv[1]}
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], env=env,
                 start_new_session=True)
print("started", flush=True)
if sys.argv[2] == "closes":
    guard.close()
time.sleep(600)
"""


@pytest.fixture
def host(tmp_path):
    """A function: a process that has a guard, or has closed it, and a child apart."""

    def start(how):
        argv = [sys.executable, "-c", HOST, str(tmp_path), how]
        made = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env={**os.environ})
        assert made.stdout.readline() == "started\n"
        return made

    return start


def guards_of(pid):
    """The guards that wait for this process."""
    found = []
    for other in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{other}/cmdline", "rb") as file:
                argv = file.read().split(b"\0")
        except OSError:
            continue
        if len(argv) > 4 and argv[3].endswith(b"guard_process.py") and argv[4] == b"%d" % pid:
            found.append(int(other))
    return found


def test_what_a_killed_host_left_ends_though_it_left_the_group_and_so_does_the_guard(
    host, tmp_path
):
    with host("stays") as killed:
        assert len(traces.processes_of(tmp_path)) == 1
        assert len(guards_of(killed.pid)) == 1
        killed.kill()
    assert traces.eventually(lambda: traces.processes_of(tmp_path)) == []
    assert traces.eventually(lambda: guards_of(killed.pid)) == []


def test_a_guard_that_was_closed_is_gone_and_ends_nothing(host, tmp_path):
    with host("closes") as killed:
        assert traces.eventually(lambda: guards_of(killed.pid)) == []
        killed.kill()
    (left,) = traces.processes_of(tmp_path)
    os.kill(left, 9)


def test_the_mark_tells_a_process_from_a_later_one_of_the_same_number():
    namespace, pid, started = process.host_mark().split("-")
    assert int(pid) == os.getpid()
    assert int(namespace) == os.stat("/proc/self/ns/pid").st_ino
    assert int(started) > 0


def test_closing_twice_is_nothing():
    guard = Guard()
    guard.close()
    guard.close()
    assert guards_of(os.getpid()) == []
