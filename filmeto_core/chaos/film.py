"""One film: killed, run again by the same command until it ends, then looked at."""

import time
from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import Field

from filmeto_core import process
from filmeto_core.chaos import evidence
from filmeto_core.chaos.attempt import Attempt, Ended, Struck, Undisturbed
from filmeto_core.chaos.blows import Blow
from filmeto_core.chaos.evidence import Asset, Tally
from filmeto_core.chaos.scene import Scene
from filmeto_core.journal.models import Call, Job
from filmeto_core.types import Model

MORE_RUNS = 6  # runs of the command after the last blow, before it counts as stuck
HANGS_AFTER = 20  # times the undisturbed film's time
HANGS_AFTER_S = 120.0  # and at least so long: a killed Prefect server takes its time
REFERENCE_S = 24 * 3600.0  # an undisturbed film may take long

Decide = Callable[[Scene, Job, list[Call]], list[str] | None]


class Reference(Model):
    """The undisturbed film: when things happen in it, and what it is made of."""

    usual: Undisturbed
    assets: tuple[Asset, ...]
    frames: int
    finished: int = Field(0, description="Finished calls on record, the assembly's too")
    tally: Tally


class Made(Model):
    """What came of one film."""

    number: int
    take: str = Field("", description="What tells it from another film of that number")
    end: Literal["done", "unknown", "failed"] = Field(
        description="unknown: a job may be out, and the user is to decide"
    )
    struck: tuple[Struck, ...] = ()
    runs: tuple[Ended, ...] = ()
    seconds: float = 0.0
    tally: Tally = Tally()
    decided: int = Field(0, description="Jobs that were unknown, until the user decided")
    twice: tuple[str, ...] = Field((), description="What was made or sent more than once")
    problems: tuple[str, ...] = Field((), description="All else that did not hold")

    @property
    def held(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.twice and not self.problems


def make_reference(scene: Scene) -> Reference | Ended:
    """The film without a blow; how its command ended, if it failed."""
    attempt = Attempt(scene, 0, None, [], REFERENCE_S)
    ended = attempt.run()
    if ended.code != 0:
        return ended
    calls, jobs = evidence.journal_of(scene)
    usual = Undisturbed(
        seconds=ended.seconds,
        counts={**scene.line.counts, "connections": scene.line.connections},
        calls=attempt.calls,
        assembly_s=attempt.started + ended.seconds - attempt.calls_done_at,
    )
    return Reference(
        usual=usual,
        assets=tuple(evidence.assets_of(scene)),
        frames=evidence.decoded(scene.film / "film.mp4"),
        finished=len(evidence.finished_calls(scene.settings)),
        tally=evidence.tally(calls, jobs),
    )


class Filming:
    """One film among many.

    Args:
        exact: By plugin, whether the same call gives the same bytes.
        decide: What the user does about a job that is unknown: the arguments of a `filmeto`
            command; None: leave it.
    """

    def __init__(
        self,
        scene: Scene,
        number: int,
        blows: tuple[Blow, ...],
        reference: Reference,
        exact: Mapping[str, bool],
        decide: Decide | None = None,
    ) -> None:
        self.scene, self.number, self.reference = scene, number, reference
        self._blows, self._exact, self._decide = list(blows), exact, decide
        self._runs: list[Ended] = []
        self._struck: list[Struck] = []
        self._known: list[dict[str, str]] = []  # finished calls, after each run
        self._decided: set[str] = set()

    def make(self) -> Made:
        """Run it to its end, and tell what came of it."""
        started = time.monotonic()
        end = self._run()
        calls, jobs = evidence.journal_of(self.scene)
        twice = evidence.twice_made(calls, jobs, self._known)
        return Made(
            number=self.number,
            take=self.scene.take,
            end=end,
            struck=tuple(self._struck),
            runs=tuple(run.model_copy(update={"said": ()}) for run in self._runs),
            seconds=round(time.monotonic() - started, 2),
            tally=evidence.tally(calls, jobs),
            decided=len(self._decided),
            twice=tuple(twice),
            problems=tuple(self._problems(end, jobs)),
        )

    def _run(self) -> Literal["done", "unknown", "failed"]:
        after = 0  # the last blow
        while after <= MORE_RUNS:
            ended = self._attempt()
            if ended.code == 0:
                return "done"
            if self._struck and self._struck[-1].attempt == len(self._runs):
                after = 0
                continue
            after += 1
            if self._unknown() and not self._decisions():
                return "unknown"
        return "failed"

    def _attempt(self) -> Ended:
        usual = self.reference.usual
        timeout_s = max(HANGS_AFTER_S, HANGS_AFTER * usual.seconds)
        attempt = Attempt(self.scene, len(self._runs) + 1, usual, self._blows, timeout_s)
        self._runs.append(attempt.run())
        self._struck += attempt.struck
        self._known.append(evidence.finished_calls(self.scene.settings))
        return self._runs[-1]

    def _unknown(self) -> list[Job]:
        return [job for job in evidence.journal_of(self.scene)[1] if job.state == "unknown"]

    def _decisions(self) -> bool:
        """Have the user decide what is unknown; whether all of it was."""
        calls, _ = evidence.journal_of(self.scene)
        for job in self._unknown():
            arguments = self._decide and self._decide(self.scene, job, calls)
            if not arguments:
                return False
            done = process.run(
                self.scene.command(*arguments),
                env=self.scene.environment(),
                timeout_s=HANGS_AFTER_S,
            )
            if done.returncode != 0:
                return False
            self._decided.add(job.idempotency_key)
        return True

    def _problems(self, end: str, jobs: list[Job]) -> list[str]:
        problems = []
        if end == "failed":
            last = self._runs[-1]
            problems.append(f"it does not end: exit code {last.code}: {' | '.join(last.said[-4:])}")
        if end == "done":
            if len(self._known[-1]) < self.reference.finished:
                problems.append("not all of its finished calls are on record")
            problems += self._unlike()
            problems += evidence.open_jobs(jobs)
        return problems + evidence.left_behind(self.scene)

    def _unlike(self) -> list[str]:
        try:
            assets = evidence.assets_of(self.scene)
        except (OSError, ValueError, KeyError) as error:
            return [f"film.json cannot be read: {error!r}"]
        problems = evidence.unlike(assets, self.reference.assets, self._exact)
        problems += evidence.broken_files(self.scene)
        frames, wanted = evidence.decoded(self.scene.film / "film.mp4"), self.reference.frames
        if not frames:
            problems.append("film.mp4 does not play")
        elif frames != wanted:
            problems.append(f"film.mp4 has {frames} pictures, the undisturbed one {wanted}")
        return problems
