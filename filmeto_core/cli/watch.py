"""A film's making on the terminal: a bar a shot, or plain lines where the output is no terminal."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from filmeto_core.film.storyboard_models import Storyboard
from filmeto_core.tasks.runtime import CallEvent, watching

FILM = "film"  # the row of what belongs to no shot


class Watch(Protocol):
    """What shows a film's making."""

    def link(self, url: str) -> None:
        """The run can be seen at this address."""

    def __call__(self, event: CallEvent) -> None:
        """Something happened."""

    def close(self) -> None:
        """Leave the terminal as it was, whatever still runs."""


@contextmanager
def watch_film(board: Storyboard) -> Iterator[Watch]:
    """Show the making of this film on stderr while this lasts."""
    with _shown(board) as watch, watching(watch):
        yield watch


@contextmanager
def _shown(board: Storyboard) -> Iterator[Watch]:
    if sys.stderr.isatty():
        from rich.console import Console

        from filmeto_core.cli.bars import bars

        console = Console(stderr=True)
        if not console.is_dumb_terminal:  # it cannot move its cursor
            with bars(board, console) as drawn:
                yield drawn
            return
    yield PlainWatch()


class PlainWatch:
    """One line for what was done, and for what takes long before it starts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._installing: dict[str, float] = {}

    def link(self, url: str) -> None:
        """The run can be seen at this address."""
        self._say(f"run: {url}")

    def __call__(self, event: CallEvent) -> None:
        """Something happened."""
        if event.stage == "environment":
            self._environment(event)
            return
        name = f"{event.shot or FILM}: {event.tool} ({event.plugin})"
        if event.kind in ("waiting", "answered"):
            self._say(event.message)
        elif event.kind == "done":
            how = "from the cache" if event.cached else f"{event.seconds:.1f} s"
            self._say(f"{name} done, {how}")
        elif event.kind == "failed":
            self._say(f"{name} failed: {event.message}")

    def close(self) -> None:
        """Nothing is to be undone."""

    def _environment(self, event: CallEvent) -> None:
        """One line when an installation starts, one when it ends; not what the installer says."""
        with self._lock:
            since = self._installing.get(event.plugin)
            if event.kind == "done":
                self._installing.pop(event.plugin, None)
            elif since is None:
                self._installing[event.plugin] = time.monotonic()
        if event.kind == "done" and since is not None:
            self._say(f"{event.plugin}: ready after {time.monotonic() - since:.0f} s")
        elif event.kind != "done" and since is None:
            self._say(f"{event.plugin}: {one_line(event.message)}")

    def _say(self, line: str) -> None:
        with self._lock:
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()


def one_line(text: str) -> str:
    """The text without what would move the cursor: line ends, tabs, escape sequences."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
