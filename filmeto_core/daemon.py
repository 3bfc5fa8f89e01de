"""A process that outlives the command that starts it: its record on the disk, its log, its end.

The record tells the process from a later one of the same number, so that whatever a machine did
meanwhile, no other program is taken for it, or ended in its place.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from filmeto_core import process

LOOK_S = 0.05
KEEP_LOG_BYTES = 10 * 1024 * 1024  # past that, the next start begins a new log and keeps the last
LAST_BYTES = 4096  # of a log, where the reason of an end is looked for
ERROR_LINE = re.compile(r"[\w.]*(?:Error|Exception|Exit)\b: ")  # as a traceback ends
KILLED_S = 5.0  # a killed process is gone in far less, unless the kernel holds it

_started: list[subprocess.Popen[bytes]] = []  # kept, since Popen warns of what it is dropped before


def last_words(log: Path) -> str:
    """What a program that ended said last: the line of its log that names an error, or the last.

    Returns:
        One line of at most 200 characters, without a full stop.
    """
    try:
        said = log.read_bytes()[-LAST_BYTES:].decode(errors="replace").split("\n")
    except OSError:
        said = []
    lines = [line.strip() for line in said if line.strip()]
    named = [line for line in lines if ERROR_LINE.match(line)]
    return (named or lines or ["it said nothing"])[-1][:200].rstrip(".")


@dataclass(frozen=True)
class Daemon:
    """One process, by the file that tells of it.

    Args:
        record: A JSON file: pid, identity, log, since (Unix time), and whatever its starter notes.
    """

    record: Path

    def start(
        self,
        argv: list[str],
        env: Mapping[str, str],
        log: Path,
        cwd: Path | None = None,
        **notes: object,
    ) -> subprocess.Popen[bytes]:
        """Start it, in a session of its own, its output at the end of the log.

        Args:
            notes: Small JSON that `read` gives back.
        """
        _begin_log(log)
        with open(log, "ab") as output:
            started = process.start(argv, env=env, cwd=cwd, stdout=output, stderr=output)
        _started.append(started)
        told = {"pid": started.pid, "identity": process.identity(started.pid), "log": str(log)}
        self._write({**told, "since": time.time(), **notes})
        return started

    def read(self) -> dict[str, object]:
        """What the record says; empty where there is none, or nobody can read it."""
        try:
            told = json.loads(self.record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) and isinstance(told.get("pid"), int) else {}

    @property
    def pid(self) -> int | None:
        """The living process; None where it ended, whoever has its number now."""
        told = self.read()
        if not told or not told.get("identity"):
            return None
        return told["pid"] if process.identity(told["pid"]) == told["identity"] else None

    def signal(self, number: int) -> None:
        """Send it a signal, if it lives."""
        pid = self.pid
        if pid is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)

    def wait(self, timeout_s: float) -> bool:
        """Wait for its end; whether it came."""
        end = time.monotonic() + timeout_s
        while self.pid is not None:
            self._reap()
            if time.monotonic() > end:
                return False
            time.sleep(LOOK_S)
        return True

    def stop(self, grace_s: float) -> bool:
        """End it: SIGTERM, and SIGKILL to its whole group after the grace; forget it.

        Returns:
            Whether it was there.
        """
        pid = self.pid
        if pid is not None:
            self.signal(signal.SIGTERM)
            if not self.wait(grace_s):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)
                self.wait(KILLED_S)
        self.forget()
        return pid is not None

    def forget(self) -> None:
        """Remove the record."""
        self.record.unlink(missing_ok=True)

    def _reap(self) -> None:
        for started in _started:
            started.poll()

    def _write(self, told: dict[str, object]) -> None:
        self.record.parent.mkdir(parents=True, exist_ok=True)
        new = self.record.with_name(f".{self.record.name}.{uuid.uuid4().hex[:8]}")
        new.write_text(json.dumps(told), encoding="utf-8")
        os.replace(new, self.record)


def _begin_log(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > KEEP_LOG_BYTES:
            os.replace(log, log.with_name(log.name + ".1"))
