"""Calls in a plugin's process as a check makes them: each in a folder of its own, all it said kept."""

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filmeto_core.errors import FilmetoError, PluginExecutionError, PluginProtocolError
from filmeto_core.plugin_check.conversation import Conversation, Ending, Heard, how_long
from filmeto_core.plugin_check.samples import sample_inputs, sample_parameters, told_input
from filmeto_core.plugin_host.answers import how_it_ended, read_answer
from filmeto_core.plugin_host.calls import PluginCall
from filmeto_core.plugin_host.denials import explained
from filmeto_core.plugin_host.grants import NO_GRANT, Grant
from filmeto_core.plugin_host.manifest_model import ToolSpec
from filmeto_core.plugin_host.plugin import Plugin
from filmeto_core.settings import Settings


@dataclass
class Trace:
    """What one call in the process came to.

    Args:
        call: As it was sent.
        seconds: From its request to its answer, or to its end.
        lines: What the plugin sent meanwhile, the answer last.
        result: Of a call that went well.
        why: Why it did not, in a sentence.
        advice: What to do about it, where the host kept it from something.
        ended: Whether the process ended.
        late: Whether it had not answered in time.
    """

    call: PluginCall
    seconds: float
    lines: list[Heard]
    result: dict[str, Any] | None = None
    why: str = ""
    advice: str = ""
    ended: bool = False
    late: bool = False

    def told(self, method: str) -> list[Heard]:
        """Its notifications of that method."""
        ids = (None, self.call.task_id)
        return [h for h in self.lines if h.method == method and h.params.get("task_id") in ids]


@dataclass
class Session:
    """A plugin under a check: its process of the moment, and what its earlier ones said.

    Args:
        plugin: What is checked.
        python: The interpreter of its environment.
        settings: The host's.
        work: A folder for inputs and outputs; removed by its owner.
        timeout_s: The most that a call may take.
        parameters: Values by name, instead of the manifest's defaults.
        grant: What it is allowed on top.
    """

    plugin: Plugin
    python: Path
    settings: Settings
    work: Path
    timeout_s: float
    parameters: Mapping[str, Any]
    grant: Grant = NO_GRANT
    cooperative: bool = False  # it told a protocol_version
    lines: list[Heard] = field(default_factory=list)  # of the processes that have ended
    talk: Conversation | None = None
    worked: bool = False  # whether the process of the moment was given a call
    endings: list[Ending] = field(default_factory=list)  # of those that worked and were let end
    _numbers: Any = field(default_factory=itertools.count)

    def ready(self) -> tuple[Heard | None, float]:
        """Start its process if none runs: its `ready`, None if it never came, and the seconds."""
        if self.talk is not None and not self.talk.ended:
            return next(h for h in self.talk.lines if h.method == "ready"), 0.0
        self.end(0)
        started = time.monotonic()
        self.talk, self.worked = (
            Conversation(self.plugin, self.python, self.settings, self.grant),
            False,
        )
        limit_s = self.plugin.manifest.startup.timeout
        heard = self.talk.wait(lambda h: h.method == "ready", limit_s)
        if heard is not None:
            self.cooperative = "protocol_version" in heard.params
        return heard, time.monotonic() - started

    def new_call(self, tool: ToolSpec, **changed: Any) -> PluginCall:
        """A call with sample parameters and inputs, in a folder of its own."""
        number = next(self._numbers)
        folder = self.work / f"call-{number}"
        folder.mkdir()
        inputs = self.work / f"inputs-{tool.name}"
        inputs.mkdir(exist_ok=True)
        paths = sample_inputs(tool, inputs)
        return PluginCall(
            task_id=f"check-{self.work.name[-8:]}-{number}",
            tool_name=str(tool.name),
            parameters=sample_parameters(tool, {**self.parameters, **changed}),
            output_dir=folder,
            resources=[told_input(path) for path in paths],
            processed_resources=[str(path) for path in paths],
            timeout_s=self.timeout_s,
        )

    def send(self, call: PluginCall, tool_name: str | None = None) -> tuple[int, int]:
        """Send a call: its request's number, and that of the first line after it."""
        since, self.worked = len(self.talk.lines), True
        params = call.params(self.plugin.name, self.timeout_s)
        params["tool_name"] = tool_name or params["tool_name"]
        return self.talk.request("execute_task", params), since

    def run(self, call: PluginCall, tool_name: str | None = None, limit_s: float = 0) -> Trace:
        """Send a call and wait for its answer; a process that does not give it is ended."""
        heard, _ = self.ready()
        if heard is None:
            return Trace(call, 0, [], why=self.why_not_ready(), ended=True)
        limit_s = limit_s or self.timeout_s
        started = time.monotonic()
        number, since = self.send(call, tool_name)
        answer = self.talk.answer(number, limit_s, since)
        trace = Trace(call, time.monotonic() - started, self.talk.lines[since:])
        if answer is not None:
            trace.result, trace.why = understood(answer)
            if trace.result is None:
                trace.advice = self._kept_from(trace.why)
            return trace
        if self.talk.ended:
            trace.ended, trace.why = True, f"{self.how_it_ended()} It had not answered."
            trace.advice = self._kept_from(trace.why)
        else:
            trace.late, trace.why = True, f"it had not answered after {how_long(limit_s)}."
            self.end(0)
        return trace

    def _kept_from(self, why: str) -> str:
        """What to add to filmeto.yaml or the manifest, if the sandbox or a limit was the reason."""
        failed, said = PluginExecutionError(why), self.talk.stderr_text()
        return explained(failed, said, self.plugin, self.talk.bounds).hint

    def how_it_ended(self) -> str:
        """How the process ended, and its last word."""
        said = self.talk.last_stderr()
        how = how_it_ended(self.talk.exit_code())[0]
        return f"{how} It last said: {said[:200]}." if said else how

    def why_not_ready(self) -> str:
        """Why `ready` has no answer."""
        if self.talk.ended:
            return f"{self.how_it_ended()} It was not ready yet."
        return f"it was not ready within {self.plugin.manifest.startup.timeout:g} s."

    def end(self, grace_s: float) -> None:
        """End its process, if one runs, and keep what it said; with a grace, also how it ended."""
        if self.talk is None:
            return
        alive = not self.talk.ended
        ending = self.talk.end(grace_s)
        if alive and grace_s > 0 and self.worked:
            self.endings.append(ending)
        self.lines += self.talk.lines
        self.talk = None


def understood(answer: Heard) -> tuple[dict[str, Any] | None, str]:
    """The result in an answer, or why there is none."""
    outcome = read_answer(answer.message)
    if isinstance(outcome, PluginProtocolError):
        return None, str(outcome)
    if isinstance(outcome, FilmetoError):
        return None, f"it answered with an error: {outcome.message}"
    return outcome, ""
