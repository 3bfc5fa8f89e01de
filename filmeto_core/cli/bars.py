"""A bar for each shot on a terminal: how far it is, and what is being done for it right now."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.table import Column
from rich.text import Text

from filmeto_core.cli.watch import FILM, one_line
from filmeto_core.film.storyboard_models import Storyboard
from filmeto_core.film_calls import tools_of
from filmeto_core.tasks.runtime import CallEvent, service

KEPT_ROWS = 6  # lines of a terminal that are not bars: the command, what came before, the prompt
NAME_CELLS = 16  # a longer shot's name is cut, so that its step has room
REFRESHES_HZ = 5.0  # often enough for a person; each draws all rows
WIDE_COLUMNS = 110


class _Row:
    """One shot, or what belongs to the whole film: its calls, those that run or ended."""

    def __init__(self, bar: TaskID, calls: int) -> None:
        self.bar, self.calls = bar, max(1, calls)
        self.percents: dict[str, float] = {}
        self.running: dict[str, CallEvent] = {}
        self.done: set[str] = set()
        self.computed = 0
        self.failed: dict[str, str] = {}

    def note(self, event: CallEvent) -> None:
        """One more event of this row's."""
        call = event.call_id
        self.failed.pop(call, None)  # a call that failed and is tried again
        if event.kind in ("done", "failed", "answered"):
            self.running.pop(call, None)
        if event.kind == "done":
            self.done.add(call)
            self.computed += not event.cached
            self.percents[call] = 100.0
        elif event.kind == "failed":
            self.failed[call] = event.tool
        elif call not in self.done and event.kind != "answered":
            self.running[call] = event
            self.percents[call] = event.percent

    @property
    def percent(self) -> float:
        return min(100.0, sum(self.percents.values()) / self.calls)

    @property
    def finished(self) -> bool:
        return len(self.done) >= self.calls

    def rank(self) -> int:
        """Rows of a lower rank are shown first where not all can be."""
        if any(event.kind == "progress" for event in self.running.values()):
            return 0
        return 1 if self.failed else 2

    def step(self) -> str:
        """What is done for it now, in a few words."""
        events = list(self.running.values())
        if len(events) == 1:
            said = one_line(events[0].message) or events[0].plugin
            return f"{events[0].tool}: {said}"
        if events:
            return ", ".join(dict.fromkeys(event.tool for event in events))
        if self.failed:
            return ", ".join(f"{tool} failed" for tool in self.failed.values())
        if self.finished:
            return "done" if self.computed else "from the cache"
        return "waiting"


class Bars:
    """The bars of one film; it may be told of events from any thread."""

    def __init__(self, board: Storyboard, progress: Progress) -> None:
        self._progress, self._lock = progress, threading.Lock()
        self._room = max(4, progress.console.size.height - KEPT_ROWS)
        self._crowded = len(board.shots) + 1 > self._room
        self._installing: dict[str, str] = {}
        self._started = False
        self._seen: set[TaskID] = set()
        calls = Counter(shot.id for shot, _ in tools_of(service(), board) if shot)
        self._shots = {shot.id: self._add(shot.id, calls[shot.id]) for shot in board.shots}
        composed = bool(board.music and not board.music.file)
        self._film = self._add(FILM, 1 + composed)
        progress.update(self._film.bar, visible=True)
        self._show()

    def link(self, url: str) -> None:
        """The run can be seen at this address."""
        self._started = True
        self._progress.console.print(f"run: {url}", highlight=False, soft_wrap=True)
        with self._lock:
            self._show()

    def __call__(self, event: CallEvent) -> None:
        """Something happened."""
        if event.kind in ("waiting", "answered"):
            self._progress.console.print(
                event.message, highlight=False, soft_wrap=True, markup=False
            )
            event = event.model_copy(update={"message": "waiting for you"})
        with self._lock:
            if event.stage == "environment" and event.shot is None:
                self._note_environment(event)
                self._show()
            else:
                row = self._shots.get(event.shot or "", self._film)
                row.note(event)
                self._show(row)

    def close(self) -> None:
        """Leave the terminal as it was, whatever still runs."""
        self._progress.stop()

    def _add(self, name: str, calls: int) -> _Row:
        fields = {"step": "waiting", "style": "dim", "visible": not self._crowded}
        return _Row(self._progress.add_task(name, total=100, **fields), calls)

    def _note_environment(self, event: CallEvent) -> None:
        if event.kind == "done":
            self._installing.pop(event.plugin, None)
        else:
            self._installing[event.plugin] = one_line(event.message)

    def _show(self, changed: _Row | None = None) -> None:
        if changed is not None and changed is not self._film:
            style = "red" if changed.failed else "" if changed.running else "dim"
            step, percent = changed.step(), changed.percent
            self._progress.update(changed.bar, completed=percent, step=step, style=style)
        if self._crowded:
            self._choose()
        rows = [*self._shots.values(), self._film]
        done = sum(row.percent * row.calls for row in rows) / sum(row.calls for row in rows)
        self._progress.update(self._film.bar, completed=done, step=self._whole(), style="")

    def _choose(self) -> None:
        """Give a bar to as many shots as the screen holds: those at work, failed ones, waiting."""
        rows = [row for row in self._shots.values() if row.running or row.failed]
        rows.sort(key=_Row.rank)
        seen = {row.bar for row in rows[: self._room - 1]}
        for bar in seen ^ self._seen:
            self._progress.update(bar, visible=bar in seen)
        self._seen = seen

    def _whole(self) -> str:
        """What the film's own row says."""
        if self._installing:
            if len(self._installing) == 1:
                ((plugin, line),) = self._installing.items()
                return f"{plugin}: {line}"
            return f"installing {', '.join(self._installing)}"
        if self._film.running or self._film.failed:
            return self._film.step()
        if self._film.finished:
            return self._film.step()
        if not self._started:
            return "starting"
        finished = sum(row.finished for row in self._shots.values())
        return f"{finished} of {len(self._shots)} shots done"


class _Step(ProgressColumn):
    """A row's step on one line; text of plugins is shown as it is, never read as markup."""

    def __init__(self, console: Console, before: int) -> None:
        super().__init__()
        self._console, self._before = console, before

    def render(self, task: Task) -> Text:
        """The step, and on the film's row the time so far."""
        clock = ""
        if task.description == FILM:
            minutes, seconds = divmod(int(task.elapsed or 0), 60)
            clock = f"{minutes}:{seconds:02d} · "
        style = str(task.fields["style"])
        step = Text(clock + task.fields["step"], style=style, no_wrap=True, end="")
        # Not the whole line: the ^C that a terminal shows has to stay on it, or it shifts the rows.
        step.truncate(max(8, self._console.width - self._before), overflow="ellipsis")
        return step


class _Name(ProgressColumn):
    """A row's name, cut where it is long."""

    def render(self, task: Task) -> Text:
        """The shot's id."""
        name = Text(task.description, no_wrap=True, end="")
        name.truncate(NAME_CELLS, overflow="ellipsis")
        return name


@contextmanager
def bars(board: Storyboard, console: Console) -> Iterator[Bars]:
    """Draw the bars while this lasts."""
    names = [*(shot.id for shot in board.shots), FILM]
    width = min(NAME_CELLS, max(map(cell_len, names)))
    bar = 24 if console.width >= WIDE_COLUMNS else 12
    progress = Progress(
        _Name(table_column=Column(no_wrap=True)),
        BarColumn(bar_width=bar),
        TextColumn("{task.percentage:>3.0f} %"),
        _Step(console, before=width + bar + len(" 100 %   ") + len("^C ")),
        console=console,
        refresh_per_second=REFRESHES_HZ,
    )
    with progress:
        yield Bars(board, progress)
