"""What a film's process tells its server: JSON objects, one a line, as the film is made.

Whoever tells something never waits for the server to read it: a thread of its own writes. Of a call's
progress only the latest is told, ten times a second; how a call ended is never left out.
"""

import json
import logging
import os
import threading
from typing import Any

from filmeto_core.tasks.runtime import CallEvent, current_place, current_shot

PERIOD_S = 0.1  # between two writes
LAST_WRITE_S = 5.0  # what the server has to take the last lines
ENDED = "Finished in state"  # what Prefect says of each task, and a "call" line says better
LONGEST_LINE = 2000  # characters of a log line; a traceback in one is cut


class FilmLines:
    """Tells of one film; a `Watch` of its run as well.

    Args:
        descriptor: Where lines are written.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._waiting: list[dict[str, Any]] = []
        self._latest: dict[str, CallEvent] = {}
        self._run_id: str | None = None
        self._something, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._write_on, name="film-lines", daemon=True)
        self._thread.start()

    def tell(self, kind: str, **fields: Any) -> None:
        """One more line, of this `_type`."""
        with self._lock:
            self._waiting.append({"_type": kind, **fields})
        self._something.set()

    def link(self, url: str) -> None:
        """The run can be seen at this address."""
        self.tell("run", prefect_url=url)

    def __call__(self, event: CallEvent) -> None:
        """Something happened to a call."""
        run_id = current_place().run_id
        if run_id is not None and self._run_id is None:
            self._run_id = run_id
            self.tell("run", id=run_id)
        with self._lock:
            if event.kind == "progress":
                self._latest[event.call_id] = event
            else:
                self._latest.pop(event.call_id, None)
                self._waiting.append({"_type": "call", **event.model_dump(mode="json")})
        self._something.set()

    def close(self) -> None:
        """Write what is left, and no more."""
        self._over.set()
        self._something.set()
        self._thread.join(LAST_WRITE_S)

    def _write_on(self) -> None:
        try:
            while not self._over.is_set():
                self._something.wait()
                self._something.clear()
                self._write()
                self._over.wait(PERIOD_S)
            self._write()
        except OSError:  # the server is gone, and this process with it in a moment
            return

    def _write(self) -> None:
        with self._lock:
            lines, self._waiting = self._waiting, []
            latest, self._latest = self._latest, {}
        calls = ({"_type": "call", **one.model_dump(mode="json")} for one in latest.values())
        text = "".join(f"{json.dumps(line, default=str)}\n" for line in (*lines, *calls))
        left = memoryview(text.encode())
        while left:
            left = left[os.write(self._descriptor, left) :]


class LogLines(logging.Handler):
    """Hands log records on, with the shot and the tool that they belong to.

    Args:
        level: The least that is handed on.
    """

    def __init__(self, lines: FilmLines, level: int) -> None:
        super().__init__(level)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """One more record."""
        try:
            line = record.getMessage()[:LONGEST_LINE]
            if record.levelno < logging.WARNING and line.startswith(ENDED):
                return
            self._lines.tell(
                "log",
                line=line,
                level=record.levelname.lower(),
                shot=current_shot(),
                tool=getattr(record, "task_name", None),
            )
        except Exception:  # as logging asks of a handler
            self.handleError(record)
