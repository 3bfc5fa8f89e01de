"""A bar for each shot on a terminal: how far it is, and what is being done for it right now."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from filmeto_core.cli.watch import FILM, expected_calls
from filmeto_core.film.storyboard_models import Storyboard
from filmeto_core.tasks.runtime import CallEvent

KEPT_ROWS = 5  # lines of a terminal that are not bars


class _Row:
    """One shot: its bar, how many calls it takes, and those that run or ended."""

    def __init__(self, bar: TaskID, calls: int) -> None:
        self.bar, self.calls = bar, max(1, calls)
        self.percents: dict[str, float] = {}
        self.running: dict[str, str] = {}
        self.done: set[str] = set()
        self.failed = ""

    @property
    def percent(self) -> float:
        return min(100.0, sum(self.percents.values()) / self.calls)

    @property
    def finished(self) -> bool:
        return len(self.done) >= self.calls


class Bars:
    """The bars of one film; it may be told of events from any thread."""

    def __init__(self, board: Storyboard, progress: Progress) -> None:
        self._progress, self._lock = progress, threading.Lock()
        self._rows: dict[str, _Row] = {}
        room = max(4, progress.console.size.height - KEPT_ROWS)
        self._crowded = len(board.shots) + 1 > room
        for shot in board.shots:
            self._add(shot.id, expected_calls(shot))
        composed = bool(board.music and not board.music.file)
        self._add(FILM, 1 + composed)

    def link(self, url: str) -> None:
        """The run can be seen at this address."""
        self._progress.console.print(f"run: {url}", highlight=False, soft_wrap=True)

    def __call__(self, event: CallEvent) -> None:
        """Something happened."""
        with self._lock:
            row = self._rows.get(event.shot or FILM)
            if row is not None:
                self._note(row, event)
                self._show(row)

    def _add(self, name: str, calls: int) -> None:
        bar = self._progress.add_task(name, total=100, step="", visible=not self._crowded)
        self._rows[name] = _Row(bar, calls)

    def _note(self, row: _Row, event: CallEvent) -> None:
        call = event.tool
        if event.kind == "done":
            row.percents[call] = 100.0
            row.running.pop(call, None)
            row.done.add(call)
        elif event.kind == "failed":
            row.running.pop(call, None)
            row.failed = f"[red]{event.tool} failed[/red]"
        else:
            row.percents[call] = event.percent
            said = f" {event.message}" if event.message and event.kind == "progress" else ""
            row.running[call] = f"{event.tool} ({event.plugin}){said}"

    def _show(self, row: _Row) -> None:
        step = " · ".join(row.running.values()) or row.failed or ("done" if row.finished else "")
        busy = bool(row.running or row.failed)
        self._progress.update(
            row.bar,
            completed=row.percent,
            step=step,
            visible=busy if self._crowded else True,
        )


@contextmanager
def bars(board: Storyboard) -> Iterator[Bars]:
    """Draw the bars on stderr while this lasts."""
    from rich.table import Column

    console = Console(stderr=True)
    progress = Progress(
        TextColumn("{task.description}", table_column=Column(no_wrap=True)),
        BarColumn(bar_width=24),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[step]}", table_column=Column(no_wrap=True, ratio=1)),
        console=console,
        expand=True,
    )
    with progress:
        yield Bars(board, progress)
