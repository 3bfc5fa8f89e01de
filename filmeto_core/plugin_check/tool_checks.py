"""The checks of one tool: its parameters, its call, what it tells meanwhile, its second call."""

import contextlib
import math
import time
from typing import Any

from filmeto_core.errors import ValidationError
from filmeto_core.plugin_check.conversation import Heard, how_long
from filmeto_core.plugin_check.output_checks import check_files, digests
from filmeto_core.plugin_check.report import Report
from filmeto_core.plugin_check.samples import sample_parameters, wrong_parameters
from filmeto_core.plugin_check.session import Session, Trace, understood
from filmeto_core.plugin_host.manifest_model import ToolSpec
from filmeto_core.plugin_host.parameters import check_parameters
from filmeto_core.plugin_host.worker import CANCEL_GRACE_S
from filmeto_core.types import REQUIRED_PARAMETERS

LONG_CALL_S = 5.0  # a person wonders after so long whether anything happens
STOP_GRACE_S = 2.0  # from the end of stdin to SIGTERM, as the host's default
CANCEL_AFTER_S = 1.0  # the call is cancelled at its first progress, or after so long
CANCEL_MARGIN_S = 0.5  # a busy machine's, before a plugin is called slow
CHEAP_CALL_S = 5.0  # a call that costs less is made once more, with another seed
AFTER_FIRST = ("outputs", "jobs", "progress", "heartbeat", "again", "cancel", "host", "seed")


class ToolChecks:
    """Looks at one tool of the plugin, and adds what it finds to the report.

    Args:
        report: Gets the checks.
        session: The plugin.
        tool: Which tool.
        say: Gets a word on what is being done.
    """

    def __init__(self, report: Report, session: Session, tool: ToolSpec, say) -> None:
        self.report, self.session, self.tool, self.say = report, session, tool, say
        self.first: Trace | None = None
        self.made: list[str] = []  # digests of what the first call made
        self.repeats = False  # a second call in the same process made the same bytes

    def run(self) -> None:
        """All of them, but the host's call (`host_check`) and the verdict on the seed."""
        if not self.parameters():
            self.skip(("call", *AFTER_FIRST), "its parameters are wrong")
            return
        if not self.call():
            self.skip(AFTER_FIRST, "its call failed")
            return
        self.jobs()
        self.progress()
        self.heartbeat()
        self.again()
        if not self.session.cooperative:
            self.session.end(STOP_GRACE_S)  # what it leaves is its own doing; the next end is ours
        self.cancel()

    def add(self, name: str, state: Any, found: str, advice: str = "") -> None:
        """A check of this tool."""
        self.report.add(name, state, found, tool=str(self.tool.name), advice=advice)

    def skip(self, names: tuple[str, ...], why: str) -> None:
        """What cannot be looked at."""
        for name in names:
            self.add(name, "skipped", why)

    def parameters(self) -> bool:
        """What a call needs is declared, and what is wrong is refused."""
        self.say(f"{self.tool.name}: parameters")
        needed = REQUIRED_PARAMETERS.get(self.tool.name, ())
        missing = [name for name in needed if self.tool.parameter(name) is None]
        if missing:
            advice = "Declare it in plugin.yaml: every call gives it."
            self.add("parameters", "failed", f"{', '.join(missing)} is not declared", advice)
            return False
        try:
            fine = sample_parameters(self.tool, self.session.parameters)
        except ValidationError as error:
            advice = "Give a default in plugin.yaml, or a value with --param."
            self.add("parameters", "failed", error.message, advice)
            return False
        refused = taken = 0
        for wrong in wrong_parameters(self.tool, fine):
            try:
                check_parameters(self.tool, wrong)
                taken += 1
            except ValidationError:
                refused += 1
        state = "failed" if taken else "ok"
        accepted = f", {taken} wrong ones accepted" if taken else ""
        self.add("parameters", state, f"{refused} wrong calls refused{accepted}")
        return not taken

    def call(self) -> bool:
        """One call with the defaults, and what it made."""
        self.say(f"{self.tool.name}: a call with the defaults")
        trace = self.session.run(self.session.new_call(self.tool))
        if trace.result is None:
            advice = trace.advice
            if trace.late:
                advice = "Give slow models more time: --timeout SECONDS, or smaller --param."
            self.add("call", "failed", trace.why, advice)
            return False
        self.first = trace
        self.add("call", "ok", f"answered after {how_long(trace.seconds)}")
        state, found, advice = check_files(self.tool, trace, self.session.plugin)
        self.add("outputs", state, found, advice)
        if state != "failed":
            self.made = digests(trace.result, self.session.plugin)
        return True

    def jobs(self) -> None:
        """A plugin whose calls are jobs at a provider says which one took its job."""
        if not self.session.plugin.manifest.is_remote:
            return
        told = self.first.told("submitted")
        good = [h for h in told if h.asks is not None and _is_job(h.params.get("job_id"))]
        if good:
            self.add("jobs", "ok", f"told the job {good[0].params['job_id']} before its answer")
        elif told:
            found = f"expected a request with the provider's job_id, got {told[0].text:.200}"
            self.add("jobs", "failed", found, "See docs/plugin-protocol.md, jobs at a provider.")
        else:
            advice = (
                "Call call.submitted(job_id) right after the provider took the job: else a call that "
                "is killed cannot be collected."
            )
            self.add("jobs", "note", "its calls are jobs, and it never told of one", advice)

    def progress(self) -> None:
        """Numbers from 0 to 100 that do not fall."""
        told = [h.params.get("percent") for h in self.first.told("progress")]
        odd = [percent for percent in told if not _is_percent(percent)]
        fine = [percent for percent in told if _is_percent(percent)]
        falls = [f"{a:g} then {b:g}" for a, b in zip(fine, fine[1:], strict=False) if b < a]
        if odd:
            found = f"expected numbers from 0 to 100, got {odd[0]!r}"
            self.add("progress", "failed", found, "filmeto clamps what is told.")
        elif falls:
            own = "failed" if self.session.cooperative else "note"
            self.add("progress", own, f"falls: {falls[0]}", "filmeto holds the last one.")
        elif not told:
            slow = self.first.seconds > LONG_CALL_S
            found = f"told nothing in {how_long(self.first.seconds)}"
            advice = "Call call.progress(percent, message) now and then."
            self.add("progress", "failed" if slow else "note", found, advice)
        else:
            self.add("progress", "ok", f"{len(told)} told, {fine[0]:.3g} to {fine[-1]:.3g}")

    def heartbeat(self) -> None:
        """A sign of life in a long call."""
        beats, seconds = len(self.first.told("heartbeat")), self.first.seconds
        if beats:
            self.add("heartbeat", "ok", f"{beats} in {how_long(seconds)}")
        elif seconds < LONG_CALL_S:
            self.add("heartbeat", "ok", f"not needed in {how_long(seconds)}")
        else:
            advice = "Without it a hang is only seen when the call's time is up."
            self.add("heartbeat", "note", f"none in {how_long(seconds)}", advice)

    def again(self) -> None:
        """The same call once more, in the same process."""
        self.say(f"{self.tool.name}: the same call again")
        trace = self.session.run(self.session.new_call(self.tool))
        if trace.result is None:
            self.add("again", "failed", trace.why, "A process is kept for many calls.")
            self.skip(("seed",), "the second call failed")
            return
        self.add("again", "ok", f"answered after {how_long(trace.seconds)}")
        self._compare(trace)

    def _compare(self, trace: Trace) -> None:
        if not self.made:
            self.skip(("seed",), "what it made could not be read")
            return
        if not self.session.plugin.manifest.deterministic:
            self.add("seed", "ok", "it says `deterministic: false`; not compared")
            return
        if _read(trace, self.session) != self.made:
            advice = "Draw chance from the seed alone, or say `deterministic: false`."
            self.add("seed", "failed", "the same call twice gave other bytes", advice)
            return
        self.repeats = True
        spec = self.tool.parameter("seed")
        if spec is None:
            self.add("seed", "ok", "the same call twice gave the same bytes; there is no seed")
        elif trace.seconds < CHEAP_CALL_S and not spec.choices:
            self._other_seed(trace.call.parameters.get("seed"))
        else:
            self.add("seed", "ok", "the same seed twice gave the same bytes")

    def _other_seed(self, seed: Any) -> None:
        changed = {}
        for other in (seed + 1, seed - 1) if isinstance(seed, (int, float)) else ():
            with contextlib.suppress(ValidationError):
                changed = changed or self.session.new_call(self.tool, seed=other)
        trace = self.session.run(changed) if changed else None
        found = "the same seed twice gave the same bytes"
        if trace is None or trace.result is None or _read(trace, self.session) != self.made:
            self.add("seed", "ok", found)
        else:
            self.add("seed", "note", f"{found}, and so did another seed")

    def cancel(self) -> None:
        """A running call that is cancelled ends within its grace."""
        self.say(f"{self.tool.name}: cancelling")
        call = self.session.new_call(self.tool)
        heard, _ = self.session.ready()
        if heard is None:
            self.add("cancel", "skipped", self.session.why_not_ready())
            return
        number, since = self.session.send(call)
        talk = self.session.talk
        seen = talk.wait(
            lambda h: h.method == "progress" or h.answers(number), CANCEL_AFTER_S, since
        )
        if seen is not None and seen.answers(number):
            self.add("cancel", "ok", "the call ended before it could be cancelled")
            return
        sent_s = time.monotonic()
        talk.notify("cancel", {"task_id": call.task_id})
        answer = talk.answer(number, CANCEL_GRACE_S + CANCEL_MARGIN_S, since)
        self._cancelled(answer, sent_s)

    def _cancelled(self, answer: Heard | None, sent_s: float) -> None:
        if answer is not None:
            took = how_long(max(0.0, answer.at_s - sent_s))
            finished = understood(answer)[0] is not None
            how = "went on to its end in" if finished else "stopped itself within"
            self.add("cancel", "ok", f"{how} {took}")
        elif self.session.talk.ended:
            self.session.end(0)
            state = "failed" if self.session.cooperative else "note"
            self.add("cancel", state, "its process ended, and did not answer")
        else:
            self.session.end(0)
            if self.session.cooperative:
                found = f"had not stopped {CANCEL_GRACE_S:g} s after `cancel`; it is killed"
                advice = "Call call.check_cancelled() between the steps of the work."
                self.add("cancel", "failed", found, advice)
            else:
                self.add("cancel", "note", "is killed: it does not read `cancel` while it works")


def _is_job(job_id: Any) -> bool:
    return isinstance(job_id, str) and bool(job_id)


def _is_percent(value: Any) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and math.isfinite(value) and 0 <= value <= 100


def _read(trace: Trace, session: Session) -> list[str]:
    return digests(trace.result, session.plugin)
