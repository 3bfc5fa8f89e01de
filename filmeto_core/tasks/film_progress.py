"""How far a film is: of the whole and of each shot, and how long the rest will take.

Each call weighs as much as it should take: by the film's plan, else by calls like it in this run. The
time left is what is still to be done, over the calls that run side by side, at the pace so far. It is
not told where a call is left of which nobody can say how long it takes.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import mean
from typing import Literal

from pydantic import Field

from filmeto_core.assembly_key import ASSEMBLY
from filmeto_core.plan.models import Plan, PlannedCall
from filmeto_core.tasks.runtime import CallEvent
from filmeto_core.types import Model

REUSED_S = 0.05  # what a call weighs that is there already
UNKNOWN_S = 5.0  # what one weighs of which nothing is known; the weight alone, not the time left
PACE_S = 5.0  # of work before the pace so far counts for as much as the plan

NO_HINT = "Change the shot, or run the film again."  # a plugin's own words may name no way out

Name = tuple[str | None, str]  # a shot and a tool
ShotStatus = Literal["waiting", "running", "done", "failed"]


class FilmError(Model):
    """Why something failed, and what to do."""

    code: str
    message: str
    hint: str = ""
    tool: str | None = None
    plugin: str | None = None
    retryable: bool = False


class ShotRun(Model):
    """A shot in a run, as those who watch it need to know."""

    id: str
    state: ShotStatus = "waiting"
    percent: float = Field(0.0, description="0 to 100, of its calls' work")
    stage: str = Field("", description="The tool that is at work, or what is made ready for it")
    message: str = Field("", description="What was last said of it")
    error: FilmError | None = None


@dataclass
class _Call:
    """One call of the film, planned or seen."""

    shot: str | None
    tool: str
    plugin: str
    works: bool  # whether it has to be computed
    expected_s: float | None = None
    percent: float = 0.0
    state: str = "waiting"
    stage: str = ""
    message: str = ""
    error: FilmError | None = None

    @property
    def ended(self) -> bool:
        return self.state == "done"


@dataclass
class FilmProgress:
    """The progress of one run.

    Args:
        shots: Their ids, in the film's order.
        plan: What the run will do; None: nobody could tell.
    """

    shots: Sequence[str]
    plan: Plan | None
    calls: dict[Name, _Call] = field(default_factory=dict)
    done: int = 0
    cached: int = 0
    installing: str = ""
    begun: bool = False
    asks: str = ""
    _of_shot: dict[str | None, list[_Call]] = field(default_factory=dict)
    _took: dict[Name, list[float]] = field(default_factory=dict)  # by tool and plugin
    _since: float | None = None
    _percent: float = 0.0

    def __post_init__(self) -> None:
        if self.plan is not None:
            for planned in (*self.plan.calls, self.plan.assembly):
                self._add(_planned(planned))

    def note(self, event: CallEvent) -> None:
        """One more event."""
        self.begun = True
        if event.kind in ("waiting", "answered"):
            self.asks = event.message.partition("\n")[0] if event.kind == "waiting" else ""
            return
        if event.stage == "environment" and event.shot is None and event.call_id == event.plugin:
            self.installing = "" if event.kind == "done" else f"{event.plugin}: {event.message}"
            return
        call = self._of(event)
        if event.kind == "done" and not call.ended and event.tool != ASSEMBLY:
            self.done += 1
            self.cached += event.cached
        works = event.kind == "progress" or (event.kind == "done" and not event.cached)
        if works and self._since is None:
            self._since = time.monotonic()
        if event.kind == "done" and not event.cached:
            self._took.setdefault((call.tool, event.plugin), []).append(event.seconds)
        _note(call, event)

    def fail(self, errors: dict[str, dict]) -> None:
        """The film failed for these, by shot ("score" for the film's own)."""
        for shot, error in errors.items():
            name = shot if shot in self.shots else None
            told = film_error(error)
            call = self.calls.get((name, told.tool or "")) or self._add(_Call(name, "", "", False))
            call.state, call.error, call.message = "failed", told, told.message

    # --- the whole ----------------------------------------------------------------------------

    @property
    def percent(self) -> float:
        """0 to 100, never falling."""
        self._percent = max(self._percent, self._share(list(self.calls.values())))
        return round(self._percent, 1)

    def time_left_s(self) -> float | None:
        """Seconds; None: nobody can say."""
        left = [call for call in self.calls.values() if call.works and not call.ended]
        if self.plan is None or self.installing:
            return None
        times = {id(call): self._expected_s(call) for call in left}
        if None in times.values():
            return None
        rest = {True: 0.0, False: 0.0}  # the assembly's, and the calls'
        for call in left:
            rest[call.tool == ASSEMBLY] += times[id(call)] * (1 - call.percent / 100)
        work_s = rest[False] / self._at_once(left) + rest[True]
        return round(work_s * self._pace(), 1)

    @property
    def message(self) -> str:
        """What is done now, in a few words; empty before anything is."""
        if not self.begun:
            return ""
        if self.installing or self.asks:
            return self.installing or self.asks
        running = [call for call in self.calls.values() if call.state == "running"]
        if any(call.tool == ASSEMBLY for call in running):
            return "putting the film together"
        states = [self.shot(shot).state for shot in self.shots]
        return f"{states.count('done')} of {len(states)} shots done"

    # --- one shot -----------------------------------------------------------------------------

    def shot(self, shot: str) -> ShotRun:
        """How far a shot is."""
        return self.part(shot)

    def part(self, shot: str | None) -> ShotRun:
        """How far a shot is; or, of None, what belongs to the film as a whole."""
        calls = self._of_shot.get(shot, [])
        failed = next((call for call in calls if call.state == "failed"), None)
        running = [call for call in calls if call.state == "running"]
        latest = running[-1] if running else failed
        return ShotRun(
            id=shot or "",
            state=_state(calls, failed is not None, bool(running)),
            percent=round(self._share(calls), 1) if calls else 100.0,
            stage=(latest.stage or latest.tool) if latest else "",
            message=latest.message if latest else "",
            error=failed.error if failed else None,
        )

    # --- figures ------------------------------------------------------------------------------

    def _of(self, event: CallEvent) -> _Call:
        name = (event.shot, event.tool)
        return self.calls.get(name) or self._add(_Call(*name, event.plugin, not event.cached))

    def _add(self, call: _Call) -> _Call:
        self.calls[call.shot, call.tool] = call
        self._of_shot.setdefault(call.shot, []).append(call)
        return call

    def _share(self, calls: Sequence[_Call]) -> float:
        weights = [self._weight(call) for call in calls]
        done = sum(w * c.percent for w, c in zip(weights, calls, strict=True))
        return done / sum(weights) if weights else 0.0

    def _weight(self, call: _Call) -> float:
        if not call.works:
            return REUSED_S
        return max(REUSED_S, self._expected_s(call) or UNKNOWN_S)

    def _expected_s(self, call: _Call) -> float | None:
        """What a call should take, by the plan or by its like in this run."""
        if call.expected_s is not None:
            return call.expected_s
        alike = self._took.get((call.tool, call.plugin))
        return mean(alike) if alike else None

    def _at_once(self, left: Sequence[_Call]) -> int:
        calls = sum(call.tool != ASSEMBLY for call in left)
        return max(1, min(self.plan.totals.at_once, calls))

    def _pace(self) -> float:
        """Seconds of this run for a second of the plan: 1 at first, then as it was so far."""
        if self._since is None:
            return 1.0
        working = [call for call in self.calls.values() if call.works and call.tool != ASSEMBLY]
        done_s = sum((self._expected_s(c) or 0.0) * c.percent / 100 for c in working)
        planned_s = done_s / max(1, min(self.plan.totals.at_once, len(working)))
        elapsed_s = time.monotonic() - self._since
        return (elapsed_s + PACE_S) / (planned_s + PACE_S)


def film_error(told: dict) -> FilmError:
    """An error's `to_dict`, as the page shows it."""
    details = told.get("details") or {}
    return FilmError(
        code=told.get("code", "internal"),
        message=told.get("message", "").strip(),
        hint=told.get("hint") or NO_HINT,
        tool=details.get("tool"),
        plugin=details.get("plugin"),
        retryable=bool(told.get("retryable")),
    )


def _planned(planned: PlannedCall) -> _Call:
    expected_s = planned.seconds if planned.works else 0.0
    return _Call(planned.shot, planned.tool, planned.plugin, planned.works, expected_s)


def _note(call: _Call, event: CallEvent) -> None:
    call.plugin = event.plugin or call.plugin
    if event.kind == "done":
        call.state, call.percent, call.stage, call.message = "done", 100.0, "", ""
        call.error = None
    elif event.kind == "failed":
        call.state, call.message, call.stage = "failed", event.message, ""
        call.error = film_error(event.error or {"message": event.message})
    elif not call.ended:
        call.state, call.error = "running", None
        if event.kind == "progress" and not call.works:  # it was to be there, and is not
            call.works, call.expected_s = True, None
        call.percent = 0.0 if event.kind == "started" else max(call.percent, event.percent)
        call.message, call.stage = event.message, event.stage


def _state(calls: Sequence[_Call], failed: bool, running: bool) -> ShotStatus:
    if failed:
        return "failed"
    if all(call.ended for call in calls):
        return "done"
    begun = running or any(call.ended for call in calls)
    return "running" if begun else "waiting"
