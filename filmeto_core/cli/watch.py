"""A film's making on the terminal: a bar a shot, or plain lines where the output is no terminal."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from filmeto_core.film.storyboard_models import Shot, Storyboard
from filmeto_core.tasks.runtime import CallEvent, watching

FILM = "film"  # the row of what belongs to no shot


class Watch(Protocol):
    """What shows a film's making."""

    def link(self, url: str) -> None:
        """The run can be seen at this address."""

    def __call__(self, event: CallEvent) -> None:
        """Something happened."""


@contextmanager
def watch_film(board: Storyboard) -> Iterator[Watch]:
    """Show the making of this film on stderr while this lasts."""
    if sys.stderr.isatty():
        from filmeto_core.cli.bars import bars

        with bars(board) as shown, watching(shown):
            yield shown
    else:
        plain = PlainWatch()
        with watching(plain):
            yield plain


class PlainWatch:
    """One line for what was done, and for what takes long before it starts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: set[tuple[str, str]] = set()

    def link(self, url: str) -> None:
        """The run can be seen at this address."""
        self._say(f"run: {url}")

    def __call__(self, event: CallEvent) -> None:
        """Something happened."""
        name = f"{event.shot or FILM}: {event.tool} ({event.plugin})"
        if event.kind == "done":
            how = "from the cache" if event.cached else f"{event.seconds:.1f} s"
            self._say(f"{name} done, {how}")
        elif event.kind == "failed":
            self._say(f"{name} failed: {event.message}")
        elif event.kind == "progress" and event.stage == "environment":
            if (event.plugin, event.message) not in self._said:
                self._said.add((event.plugin, event.message))
                self._say(f"{event.plugin}: {event.message}")

    def _say(self, line: str) -> None:
        with self._lock:
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()


def expected_calls(shot: Shot) -> int:
    """How many tool calls a shot takes."""
    speaks = bool(shot.narration and not shot.voice_file)
    shows = 0 if shot.clip else 1 if shot.image else 2
    return speaks + shows
