"""A plugin spoken to by hand: short commands or JSON-RPC lines in, everything that goes over the wire out.

What is shown, and how, is the caller's; starting, ending and the lines are `conversation`'s.
"""

import json
import shlex
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from filmeto_core.errors import FilmetoError, ValidationError, did_you_mean
from filmeto_core.media import probe
from filmeto_core.plugin_check.conversation import Conversation, Heard, how_long
from filmeto_core.plugin_check.output_checks import describe
from filmeto_core.plugin_check.samples import sample_inputs, sample_parameters, told_input
from filmeto_core.plugin_check.session import understood
from filmeto_core.plugin_host import wire
from filmeto_core.plugin_host.answers import how_it_ended
from filmeto_core.plugin_host.calls import PluginCall, read_outputs
from filmeto_core.plugin_host.grants import NO_GRANT, Grant
from filmeto_core.plugin_host.manifest_model import ToolSpec
from filmeto_core.plugin_host.plugin import Plugin
from filmeto_core.settings import Settings

Kind = Literal["sent", "got", "text", "stderr", "shell"]
EXIT_WAIT_S = 1.0  # from the end of its pipes to that of its process
STOP_GRACE_S = 2.0
HELP = """\
call [TOOL] [KEY=VALUE ...] [@FILE ...]   call a tool; what is left out is filled in
cancel                                    ask it to stop the call that runs
ping, info                                ping; get_info
wait [SECONDS]                            wait until everything is answered
restart                                   end it, and start it again
{"method": ...}                           any line of JSON-RPC, sent as it is
help, quit                                quit, Ctrl-D and Ctrl-C end it"""


class Shell:
    """One plugin, and the commands for it; `close` it always.

    Args:
        plugin: Whose process.
        python: The interpreter of its environment.
        settings: The host's.
        out: Where its calls leave their files, a folder for each.
        show: Gets what was sent, came, or is to be said, from whichever thread.
        grant: What it is allowed on top.
        timeout_s: The longest that an answer is waited for; by default as the host would.
    """

    def __init__(
        self,
        plugin: Plugin,
        python: Path,
        settings: Settings,
        out: Path,
        show: Callable[[Kind, str], None],
        grant: Grant = NO_GRANT,
        timeout_s: float | None = None,
    ) -> None:
        self.plugin, self.out = plugin, out
        own_s = plugin.manifest.execution.timeout
        self.timeout_s = timeout_s or own_s or settings.task_timeout_s
        self._python, self._settings, self._show = python, settings, show
        self._grant = grant
        self._talk: Conversation | None = None
        self._calls = 0
        self._closing = False
        self._last_task = ""
        self._pending: set[Any] = set()  # numbers of requests that have no answer yet
        self._answered = threading.Condition()

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self._talk is not None and not self._talk.ended

    def start(self) -> bool:
        """Start it, and wait until it is ready."""
        self._closing = False
        self._talk = Conversation(
            self.plugin,
            self._python,
            self._settings,
            self._grant,
            self._heard,
            self._ended,
            lambda line: self._show("sent", line),
        )
        self._show("shell", f"{self.plugin.name} is process {self._talk.pid}")
        limit_s = self.plugin.manifest.startup.timeout
        ready = self._talk.wait(lambda heard: heard.method == "ready", limit_s)
        if ready is None and self.alive:
            self._show("shell", f"it was not ready within {limit_s:g} s")
        return ready is not None

    def close(self) -> None:
        """End it; nothing of it is left running."""
        if self._talk is None:
            return
        ended_before, self._closing = self._talk.ended, True
        ending = self._talk.end(STOP_GRACE_S)
        self._talk = None
        for pid, command in ending.left.items():
            self._show("shell", f"it left a process running, which was killed: {pid} {command}")
        if not ended_before:
            how = how_it_ended(ending.code)[0].rstrip(".")
            self._show("shell", f"{how}, after {how_long(ending.took_s)}")

    def do(self, line: str) -> bool:
        """Do what a line says; False where it says to end.

        What is wrong with it is shown.
        """
        line = line.strip()
        word, _, rest = line.partition(" ")
        if word in ("quit", "exit"):
            return False
        try:
            if line.startswith("{"):
                self._raw(line)
            elif word in self._COMMANDS:
                self._COMMANDS[word](self, rest.strip())
            elif word:
                near = did_you_mean(word, [*self._COMMANDS, "quit"])
                self._show("shell", f"there is no command {word!r}.{near} Try `help`")
        except FilmetoError as error:
            self._show("shell", str(error))
        return True

    def wait(self, limit_s: float | None = None) -> bool:
        """Wait until every request is answered; False where one is not in time."""
        with self._answered:
            return self._answered.wait_for(
                lambda: not self._pending or not self.alive, limit_s or self.timeout_s
            )

    # --- commands -------------------------------------------------------------------------------

    def _help(self, _rest: str) -> None:
        tools = ", ".join(tool.name for tool in self.plugin.manifest.tools)
        self._show("shell", f"{HELP}\nIts tools: {tools}")

    def _ping(self, _rest: str) -> None:
        self._request("ping", {})

    def _info(self, _rest: str) -> None:
        self._request("get_info", {})

    def _cancel(self, rest: str) -> None:
        task_id = rest or self._last_task
        if not task_id:
            raise ValidationError("nothing was called yet.")
        self._send(wire.notification("cancel", {"task_id": task_id}))

    def _wait(self, rest: str) -> None:
        try:
            limit_s = float(rest) if rest else None
        except ValueError:
            raise ValidationError(f"wait: expected seconds, got {rest!r}.") from None
        if not self.wait(limit_s):
            self._show("shell", "it has not answered yet")

    def _restart(self, _rest: str) -> None:
        self.close()
        self._pending.clear()
        self.start()

    def _call(self, rest: str) -> None:
        try:
            words = shlex.split(rest)
        except ValueError as error:
            raise ValidationError(f"call: {error}.") from None
        tool = self._tool(words)
        inputs = [Path(word[1:]).expanduser().resolve() for word in words if word[:1] == "@"]
        given = dict(_pair(tool, word) for word in words if word[:1] != "@")
        unknown = [name for name in given if tool.parameter(name) is None]
        if unknown:
            known = [spec.name for spec in tool.parameters]
            near = did_you_mean(unknown[0], known)
            hint = f"{tool.name} takes {', '.join(known)}; a JSON-RPC line is not checked."
            raise ValidationError(f"there is no parameter {unknown[0]!r}.{near}", hint=hint)
        parameters = sample_parameters(tool, given)
        self._calls += 1
        folder = self.out / f"call-{self._calls}"
        folder.mkdir(parents=True, exist_ok=True)
        self._last_task = f"shell-{self._calls}"
        paths = inputs or sample_inputs(tool, self.out)
        call = PluginCall(
            task_id=self._last_task,
            tool_name=str(tool.name),
            parameters=parameters,
            output_dir=folder,
            resources=[told_input(path) for path in paths],
            processed_resources=[str(path) for path in paths],
        )
        self._request("execute_task", call.params(self.plugin.name, self.timeout_s))

    _COMMANDS = {
        "call": _call,
        "cancel": _cancel,
        "ping": _ping,
        "info": _info,
        "wait": _wait,
        "restart": _restart,
        "help": _help,
    }

    def _tool(self, words: list[str]) -> ToolSpec:
        """The tool that the first word names, taken away from the words; or the first tool."""
        tools = self.plugin.manifest.tools
        if not words or "=" in words[0] or words[0][:1] == "@":
            return tools[0]
        name = words.pop(0)
        tool = self.plugin.manifest.tool(name)
        if tool is None:
            names = [str(tool.name) for tool in tools]
            hint = f"It serves {', '.join(names)}; a JSON-RPC line is not checked."
            raise ValidationError(
                f"there is no tool {name!r}.{did_you_mean(name, names)}", hint=hint
            )
        return tool

    # --- the wire -------------------------------------------------------------------------------

    def _request(self, method: str, params: dict[str, Any]) -> None:
        number = self._talk.next_number() if self._talk else 0
        self._expect(number)
        self._send(wire.request(number, method, params))

    def _raw(self, line: str) -> None:
        message = wire.parse(line.encode())
        if message is None:
            self._show("shell", "that is no JSON object; it is sent all the same")
        elif message.get("id") is not None and "method" in message:
            self._expect(message["id"])
        self._send(line.encode() + b"\n")

    def _expect(self, number: Any) -> None:
        with self._answered:
            self._pending.add(json.dumps(number))

    def _send(self, data: bytes) -> None:
        if not self.alive:
            self._show("shell", "its process has ended; `restart` starts it again")
            return
        self._show("sent", data.decode().rstrip())
        if not self._talk.write(data):
            self._show("shell", "it did not take all of that: it does not read its stdin")

    # --- on the reading thread ------------------------------------------------------------------

    def _heard(self, heard: Heard) -> None:
        if heard.source == "stderr":
            self._show("stderr", heard.text)
            return
        self._show("text" if heard.message is None else "got", heard.text)
        if heard.broken:
            self._show("shell", "a message must stand alone on its line, and whole")
        message = heard.message or {}
        if heard.method is None and ("result" in message or "error" in message):
            self._tell_outputs(heard)
            with self._answered:
                self._pending.discard(json.dumps(message.get("id")))
                self._answered.notify_all()

    def _tell_outputs(self, heard: Heard) -> None:
        result = heard.message.get("result")
        if not isinstance(result, dict) or "status" not in result:
            return
        try:
            outputs = read_outputs(understood(heard)[0] or {}, self.plugin.folder)
            for output in outputs:
                self._show("shell", f"{output.path}: {describe(probe(output.path))}")
        except FilmetoError as error:
            self._show("shell", error.message)

    def _ended(self) -> None:
        talk = self._talk
        if self._closing:  # `close` tells how it ended
            return
        code = None if talk is None else talk.exit_code(EXIT_WAIT_S)
        if code is None:
            self._show("shell", "it closed its pipes and runs on")
        else:
            self._show("shell", how_it_ended(code)[0])
        with self._answered:
            self._answered.notify_all()


def _pair(tool: ToolSpec, word: str) -> tuple[str, Any]:
    """A parameter of a call: a text where the manifest says so, JSON elsewhere."""
    name, equals, value = word.partition("=")
    if not equals or not name:
        raise ValidationError(f"call: expected KEY=VALUE or @FILE, got {word!r}.")
    spec = tool.parameter(name)
    if spec is None or spec.type == "string":
        return name, value
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value  # the check says what is expected
