"""A film's run in words, for the Prefect UI: the plan before it, its shots as they are made, its end.

Both of Prefect's pages show markdown; tables of the kind "table" are plain text in one of them, so that
links and pictures are in markdown alone.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from filmeto_core.errors import some_of
from filmeto_core.money import Money
from filmeto_core.plan.models import Plan, PlannedCall
from filmeto_core.plan.totals import added, in_one_line
from filmeto_core.plan.wording import seconds_text
from filmeto_core.tasks.film_progress import FilmProgress
from filmeto_core.tasks.runtime import CallEvent

FILM = "film"  # the row of what belongs to no shot
NOTE_CHARACTERS = 160  # of why a shot failed, in its row; the run's state has all of it
CELL_CHARACTERS = 300
MOST_ROWS = 200  # of a plan or a list of files; more than that nobody reads, and the database keeps


@dataclass
class Tally:
    """What the calls of a shot came to in this run, as its row tells."""

    done: int = 0
    cached: int = 0
    seconds: float = 0.0
    costs: list[Money] = field(default_factory=list)

    def note(self, event: CallEvent) -> None:
        """A call that is done."""
        self.done += 1
        self.cached += event.cached
        if not event.cached:
            self.seconds += event.seconds
            self.costs += [Money.read(event.cost)] if event.cost else []


def shot_row(name: str, progress: FilmProgress, tally: Tally, over: bool) -> dict[str, object]:
    """One row of the table of shots.

    Args:
        name: The shot's, or FILM.
        over: Whether the run has ended, so that nothing more is made.
    """
    run = progress.part(None if name == FILM else name)
    state = run.state
    if over and run.state in ("running", "waiting"):
        state = "not made"
    elif run.state == "running":
        state = f"{run.stage} {run.percent:.0f} %".strip()
    note = run.error.message if run.error else ""
    return {
        "shot": name,
        "state": state,
        "cached": f"{tally.cached} of {tally.done}" if tally.done else "",
        "seconds": round(tally.seconds, 1),
        "cost": " + ".join(map(str, added(tally.costs))) or ("none" if tally.done else ""),
        "why": _short(note, NOTE_CHARACTERS),
    }


def clock(seconds: float) -> str:
    """A film's length: "0:55"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def plan_text(plan: Plan) -> str:
    """What the run would do, as it found things when it began."""
    calls = [*plan.calls, plan.assembly]
    lines = [f"# {plan.title}", "", f"**{in_one_line(plan.totals)}**", "", _what_film(plan), ""]
    lines += [
        "| shot | tool | plugin | what | time | cost | why |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [_row(_planned(call)) for call in calls[:MOST_ROWS]]
    if len(calls) > MOST_ROWS:
        lines += ["", f"… and {len(calls) - MOST_ROWS} more"]
    lines += ["", *(f"- {note}" for note in plan.notes)]
    return "\n".join(lines).rstrip()


def _what_film(plan: Plan) -> str:
    about = "" if plan.duration_known else "about "
    return f"{about}{clock(plan.duration_s)}, {plan.size}, {plan.fps} fps, profile {plan.profile}"


def _planned(call: PlannedCall) -> tuple[str, ...]:
    what = call.action if call.certain else f"{call.action}?"
    time = "" if not call.works else "?" if call.seconds is None else seconds_text(call.seconds)
    cost = str(call.cost) if call.cost else "" if call.priced or not call.works else "?"
    return (call.shot or FILM, call.tool, call.plugin, what, time, cost, call.why)


@dataclass(frozen=True)
class Made:
    """What a film's end tells.

    Args:
        title: The film's.
        folder: Where it lies, absolute.
        duration_s: The film's length.
        facts: Pairs of a name and what is told of it.
        notes: What differs from what was asked.
        shots: By shot, the files beside the film: (name, path).
    """

    title: str
    folder: Path
    duration_s: float
    facts: Sequence[tuple[str, str]]
    notes: Sequence[str]
    shots: dict[str, list[tuple[str, Path]]]


def summary_text(
    made: Made,
    link: Callable[[Path], str | None],
    picture: str,
    page: str | None,
    again: str | None,
) -> str:
    """The film as it ended: its picture, where it opens, what it took, what to do next.

    Args:
        link: Where a file opens in a browser; None where nowhere.
        picture: Of its contact sheet: an address, or a data: URI.
        page: The film's page at its server, if it has one.
        again: The command by which it is made again, where there is one.
    """
    film, subtitles = made.folder / "film.mp4", made.folder / "film.srt"
    lines = [f"# {made.title}", "", f"![contact sheet]({picture})", ""]
    watch = f"[Watch the film]({url})" if (url := link(film)) else f"`{film}`"
    lines += [f"**{watch}** · {clock(made.duration_s)}", ""]
    facts = [*made.facts, ("subtitles", _file(subtitles, link)), ("folder", f"`{made.folder}`")]
    lines += ["| | |", "|---|---|", *(_row(fact) for fact in facts), ""]
    lines += [f"- {note}" for note in made.notes]
    lines += ["", *_files(made, link), "", "## Next", "", *_next_steps(again, page)]
    return "\n".join(lines)


def _files(made: Made, link: Callable[[Path], str | None]) -> Iterable[str]:
    yield "## Shots"
    yield ""
    yield from ("| shot | files |", "|---|---|")
    for shot, files in list(made.shots.items())[:MOST_ROWS]:
        told = (
            f"[{name}]({url})" if (url := link(path)) else f"`{path.relative_to(made.folder)}`"
            for name, path in files
        )
        yield f"| {_cell(shot)} | {' · '.join(told)} |"  # never cut: a link is whole, or none
    if len(made.shots) > MOST_ROWS:
        yield f"\n… and {len(made.shots) - MOST_ROWS} more"


def _file(path: Path, link: Callable[[Path], str | None]) -> str:
    return f"[{path.name}]({url})" if (url := link(path)) else f"`{path}`"


def _next_steps(again: str | None, page: str | None) -> Iterable[str]:
    if page:
        yield f"- [Open the film's page]({page}) to edit shots, compare takes and run it again."
        return
    told = (lambda more: f": `{again}{more}`") if again else lambda _more: "."
    yield f"- Edit the storyboard and run it again; only what changed is made anew{told('')}"
    yield f"- Have other pictures, clips and voices of one shot{told(' --refresh SHOT')}"
    yield f"- See what an edit would cost before it is made{told(' --plan')}"


def failed_text(
    title: str, reason: str, table: Sequence[dict[str, object]], again: str | None
) -> str:
    """The film's end where it failed, or was stopped: why, what there is, how to go on."""
    done = [str(row["shot"]) for row in table if row["state"] == "done"]
    first, *rest = reason.splitlines() or [""]
    kept = some_of(done) if done else "nothing yet"
    lines = [f"# {title}: not made", "", f"**{first}**", "", *rest, "", f"Done and kept: {kept}."]
    lines += ["", f"To go on from here: `{again}`"] if again else []
    return "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    return _short(text.replace("|", "\\|").replace("\n", " "), CELL_CHARACTERS)


def _short(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
