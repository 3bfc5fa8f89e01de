"""Two machines make films while each fault of the list is done to them.

    python tests/proofs/two_machines.py [--fault NAME ...] [--report FILE] [--plain]

One machine makes the film, voices, music and the cut; the other one, in a network namespace of its own,
serves the work queue `gpu` and makes stills and clips, by a provider that counts its jobs. Between them
are Prefect's server on Postgres and an S3 server, nothing else. Both machines are `filmeto up`.

Of each fault the report says how the film ended, whether the same command had to be given again, how many
jobs the provider was sent, and what did not hold: a job sent twice, a run that is Running for ever, a
process that is left. Exits 1 if anything did not hold. `--plain` does without Postgres and namespaces.
"""

import argparse
import functools
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from machines import (  # noqa: E402
    FAKETIME,
    Postgres,
    Process,
    cables_work,
    descendants,
    until,
    with_in_environment,
)
from studio import ENDED, Studio  # noqa: E402

MARKED_S = 120.0  # a zombie is marked within
CANCELLED_S = 10.0  # a cancellation has reached the plugin within
FILM_S = 600.0  # the longest that a film may take, on a busy computer


@dataclass
class Row:
    """What came of one fault."""

    fault: str
    done: str = ""
    runs: int = 1
    end: str = ""
    seconds: float = 0.0
    jobs: int = 0
    told: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def line(self) -> str:
        """As the report's table has it."""
        held = "; ".join(self.problems) or "held"
        cells = (self.fault, self.done, self.end, self.runs, self.jobs, f"{self.seconds:.0f}")
        return "| " + " | ".join([*map(str, cells), "; ".join(self.told) or "-", held]) + " |"


HEAD = (
    "| fault | what was done | film | runs | jobs | s | measured | |",
    "|---|---|---|---|---|---|---|---|",
)


class Trial:
    """One film under one fault.

    Args:
        studio: Where.
        row: What is told of it.
        profile: Of the film.
        shots: Of the film; each needs two jobs, a still and a clip.
    """

    def __init__(self, studio: Studio, row: Row, profile: str = "studio", shots: int = 2) -> None:
        self.studio, self.row, self.profile, self.shots = studio, row, profile, shots
        self.before = studio.jobs().jobs
        self.began = time.monotonic()
        self.started = studio.now()
        self.story = studio.story(row.fault, shots, profile)

    def film(self) -> str:
        """Begin the film, as the UI's button does; its run."""
        return self.studio.film(self.row.fault, storyboard=str(self.story), profile=self.profile)

    def at_work(self) -> None:
        """Wait until the other machine has a job at the provider."""
        until("a job at the provider", lambda: self.studio.jobs().jobs > self.before, FILM_S)

    def taken(self, state: str) -> None:
        """Wait until a run of the other machine is in this state."""

        def states() -> list[str]:
            since = {"after_": self.started}
            runs = self.studio.runs(expected_start_time=since)
            return [run["state_type"] for run in runs if run["work_queue_name"] == "gpu"]

        until(f"a run that is {state}", lambda: state in states(), FILM_S, 0.05)

    def marked(self, died: float, what: str, is_marked: Callable[[], bool]) -> None:
        """Wait until the server has marked what is lost, and say how long it took."""
        until(what, is_marked, MARKED_S + 30)
        took_s = time.monotonic() - died
        self.row.told.append(f"marked after {took_s:.0f} s")
        if took_s > MARKED_S:
            self.row.problems.append(f"marked only after {took_s:.0f} s")

    def finish(self, run: str, most_runs: int = 2) -> None:
        """See the film to its end, by the same command again where need be."""
        end = self.studio.end_of(run, FILM_S)
        while end["state_type"] != "COMPLETED" and self.row.runs < most_runs:
            self.row.told.append(f"run {self.row.runs}: {end['state_name']}")
            self.row.runs += 1
            end = self.studio.end_of(self.film(), FILM_S)
        self.row.end = end["state_name"]
        if end["state_type"] != "COMPLETED":
            self.row.problems.append(f"the film: {end['state']['message']}")
        elif not (self.studio.folder / self.row.fault / "film.mp4").is_file():
            self.row.problems.append("there is no film.mp4")

    def judge(self, jobs: int | None) -> None:
        """Compare with the provider's count, and with what Prefect says of every run."""
        told, row = self.studio.jobs(), self.row
        row.jobs, row.seconds = told.jobs - self.before, time.monotonic() - self.began
        row.problems += [f"the provider made {what} {n} times" for what, n in told.twice.items()]
        if jobs is not None and row.jobs != jobs:
            row.problems.append(f"{row.jobs} jobs, {jobs} expected")
        try:
            until("the end of all runs", lambda: not self.open_runs(), MARKED_S)
        except AssertionError:
            row.problems += [f"run {name} is not over" for name in self.open_runs()]

    def open_runs(self) -> list[str]:
        """The runs that are not over, by name and state."""
        runs = self.studio.runs(expected_start_time={"after_": self.started})
        asked = [r for r in runs if not r["auto_scheduled"]]  # the nightly ones are to come
        return [f"{r['name']} ({r['state_name']})" for r in asked if r["state_type"] not in ENDED]


def killed_worker(trial: Trial) -> None:
    """kill -9 of the gpu machine's worker and what it runs, in the middle of a shot; up again."""
    gpu = trial.studio.machines["gpu"]
    run = trial.film()
    trial.at_work()
    worker = gpu.worker()
    for pid in [worker, *descendants(worker)]:
        os.kill(pid, signal.SIGKILL)
    gpu.up()
    trial.finish(run)


def lost_machine(trial: Trial) -> None:
    """The gpu machine loses its power in the middle of a shot, for good; another one is set up."""
    run = trial.film()
    trial.at_work()
    _lose_gpu(trial)
    trial.finish(run)


def lost_before_start(trial: Trial) -> None:
    """The gpu machine loses its power when its worker has taken a run, which has not begun."""
    run = trial.film()
    trial.taken("PENDING")
    _lose_gpu(trial)
    trial.finish(run)


def lost_at_start(trial: Trial) -> None:
    """The gpu machine loses its power as soon as one of its runs is Running."""
    run = trial.film()
    trial.taken("RUNNING")
    _lose_gpu(trial)
    trial.finish(run)


def _lose_gpu(trial: Trial) -> None:
    studio = trial.studio
    studio.machines["gpu"].kill()
    died = time.monotonic()
    studio.replace("gpu")
    trial.marked(died, "a lost run is marked", lambda: bool(studio.crashed(trial.started)))


def lost_film_machine(trial: Trial) -> None:
    """The film's own machine loses its power; its run is marked, and the same film is begun again."""
    studio = trial.studio
    run = trial.film()
    trial.at_work()
    studio.machines["film"].kill()
    died = time.monotonic()
    trial.marked(
        died, "the film's run is marked", lambda: studio.run(run)["state_type"] == "CRASHED"
    )
    studio.machines["film"].up()
    trial.finish(run)


def cut_off(trial: Trial) -> None:
    """The gpu machine's cable is out for a minute, in the middle of a shot."""
    run = trial.film()
    trial.at_work()
    trial.studio.machines["gpu"].cable.unplug(60)
    trial.finish(run)
    if studio_crashed := trial.studio.crashed(trial.started):
        trial.row.told.append(f"{len(studio_crashed)} runs were taken for dead")


def postgres_restarted(trial: Trial) -> None:
    """Postgres ends at once and starts again, in the middle of a shot."""
    run = trial.film()
    trial.at_work()
    trial.studio.database.restart()
    trial.finish(run)


def store_away(trial: Trial) -> None:
    """The S3 server takes connections and answers nothing for 30 s."""
    run = trial.film()
    trial.at_work()
    trial.studio.s3.pause(30)
    trial.finish(run)


def server_killed(trial: Trial) -> None:
    """kill -9 of Prefect's server; it is back after 15 s."""
    run = trial.film()
    trial.at_work()
    trial.studio.server.kill()
    time.sleep(15)
    trial.studio.server.start()
    trial.finish(run)


def clock_behind(trial: Trial) -> None:
    """The gpu machine's clock is 10 minutes behind."""
    _with_clock(trial, -600)


def clock_ahead(trial: Trial) -> None:
    """The gpu machine's clock is 10 minutes ahead."""
    _with_clock(trial, 600)


def _with_clock(trial: Trial, skew_s: float) -> None:
    studio = trial.studio
    studio.replace("gpu", skew_s=skew_s)
    try:
        trial.finish(trial.film())
        if lost := studio.crashed(trial.started):
            trial.row.problems.append(f"{len(lost)} runs were taken for dead")
    finally:
        studio.replace("gpu")


def cancelled(trial: Trial) -> None:
    """The film's run is cancelled in the UI, in the middle of a shot; then the same film again."""
    studio = trial.studio
    gpu = studio.machines["gpu"]
    run = trial.film()
    trial.at_work()
    studio.cancel(run)
    asked = time.monotonic()
    until("the plugin is told", lambda: not gpu.calls(), 60)
    took_s = time.monotonic() - asked
    trial.row.told.append(f"the plugin stopped after {took_s:.1f} s")
    if took_s > CANCELLED_S:
        trial.row.problems.append(f"the plugin stopped only after {took_s:.1f} s")
    if (end := studio.end_of(run, 60))["state_type"] != "CANCELLED":
        trial.row.problems.append(f"the run is {end['state_name']}")
    trial.finish(run)


def cancelled_lost(trial: Trial) -> None:
    """The gpu machine loses its power, and the film's run is cancelled; then the same film again."""
    studio = trial.studio
    run = trial.film()
    trial.at_work()
    studio.machines["gpu"].kill()
    studio.cancel(run)
    died = time.monotonic()
    trial.marked(died, "every run is over", lambda: not trial.open_runs())
    studio.replace("gpu")
    trial.finish(run)


def unknown_job(trial: Trial) -> None:
    """As a lost machine, with a provider that takes no key: its job is collected, or left to the user."""
    studio = trial.studio
    run = trial.film()
    trial.at_work()
    studio.machines["gpu"].kill()
    studio.replace("gpu")
    end = studio.end_of(run, FILM_S)
    trial.row.end = end["state_name"]
    said = end["state"]["message"] or ""
    if end["state_type"] == "COMPLETED":
        trial.row.told.append("the other machine collected the job by its id")
    elif "nobody can tell" in said:
        trial.row.told.append("the film says which job is unknown, and what to do")
    else:
        trial.row.problems.append(f"the film: {end['state_name']}: {said}")


def scaled(trial: Trial) -> None:
    """No fault: the gpu machine's workers come and go between 0 and 3 with the queue's length."""
    studio, gpu = trial.studio, trial.studio.machines["gpu"]
    gpu.down()
    scaling = gpu.start("scale_workers", [str(ROOT / "examples/scale_workers.py"), "gpu"]
                        + ["--most", "3", "--each", "1", "--rest", "5"])  # fmt: skip
    try:
        run, seen = trial.film(), set()

        def all_gone() -> bool:
            seen.add(len([c for c in gpu.commands() if b"prefect\0worker" in c]))
            return (
                studio.run(run)["state_type"] in ENDED and max(seen) > 0 and _last(scaling) == "0"
            )

        until("the workers' end", all_gone, FILM_S)
        trial.row.told.append(f"0 to {max(seen)} workers, and 0 again")
        if not min(2, trial.shots) <= max(seen) <= 3:
            trial.row.problems.append(f"{max(seen)} workers at once")
        trial.finish(run)
    finally:
        scaling.stop()
        gpu.up()


def _last(scaling: Process) -> str:
    """How many workers there are, by the last line that says so."""
    told = [line for line in scaling.log().splitlines() if " workers: " in line]
    return told[-1].split()[0] if told else ""


FAULTS: dict[str, Callable[[Trial], None]] = {
    "worker": killed_worker,
    "network": cut_off,
    "postgres": postgres_restarted,
    "store": store_away,
    "server": server_killed,
    "cancel": cancelled,
    "clock-behind": clock_behind,
    "clock-ahead": clock_ahead,
    "film-machine": lost_film_machine,
    "machine": lost_machine,
    "taken": lost_before_start,
    "start": lost_at_start,
    "cancel-lost": cancelled_lost,
    "keyless": unknown_job,
    "scale": scaled,
}


def two_machines(
    folder: Path,
    faults: list[str],
    plain: bool = False,
    say: Callable[[str], None] = print,
    shots: int = 2,
) -> list[Row]:
    """Each fault's row, in one studio."""
    rows = []
    with Studio(folder, postgres=not plain, cables=not plain, slow_s=20.0) as studio:
        studio.machine("film", "default")
        studio.machine("gpu", "gpu")
        for name in faults:
            row = Row(name, " ".join((FAULTS[name].__doc__ or "").split()))
            trial = Trial(studio, row, "keyless" if name == "keyless" else "studio", shots)
            try:
                FAULTS[name](trial)
                trial.judge(None if name == "keyless" else 2 * shots)
            except Exception as error:  # the edge of one fault: the others are tried all the same
                row.problems.append(f"{type(error).__name__}: {error}")
            rows.append(row)
            say(row.line())
        for machine in studio.machines.values():
            machine.down()
        rows[-1].problems += [f"left: {what}" for what in left_in(folder).values()]
    return rows


def left_in(folder: Path) -> dict[int, str]:
    """Processes of the studio's machines, once they are down."""
    return with_in_environment(f"FILMETO_HOME={folder}")


@contextmanager
def place() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="fm-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fault", action="append", choices=FAULTS, help="this one; by default all")
    parser.add_argument("--report", type=Path, help="write the table there")
    parser.add_argument("--plain", action="store_true", help="without Postgres and namespaces")
    parser.add_argument("--shots", type=int, default=2, help="of each film")
    asked = parser.parse_args()
    faults = asked.fault or list(FAULTS)
    if not asked.plain and (Postgres.BIN is None or not cables_work()):
        print("no Postgres or no network namespaces here (root is needed): try --plain")
        return 2
    if asked.plain:
        faults = [name for name in faults if name not in ("network", "postgres")]
    if FAKETIME is None:
        faults = [name for name in faults if not name.startswith("clock")]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was begun is ended then, too
    print("\n".join(HEAD), flush=True)
    with place() as folder:
        say = functools.partial(print, flush=True)
        rows = two_machines(folder, faults, asked.plain, say, asked.shots)
    if asked.report:
        asked.report.write_text("\n".join([*HEAD, *(row.line() for row in rows), ""]))
    return 1 if any(row.problems for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
