"""One process of a plugin: started, spoken to, watched, ended. It belongs to the host's loop thread.

Death is seen through a pidfd, not through the pipes: a grandchild may hold those open. All pipes are
non-blocking, so a plugin that neither reads nor stops writing never holds the loop.

Source: pidfd_open(2), waitid(2), pipe(7).
"""

import asyncio
import logging
import os
import signal
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filmeto_core import process as processes
from filmeto_core.errors import (
    FilmetoError,
    PluginCrashed,
    PluginProtocolError,
    PluginStartError,
)
from filmeto_core.plugin_host import wire
from filmeto_core.plugin_host.discovery import Plugin
from filmeto_core.settings import Settings, inherited_environment

logger = logging.getLogger(__name__)

MARKER = "FILMETO_PLUGIN_PROCESS"  # in the environment of a plugin's whole tree
STDERR_KEPT_BYTES = 64 * 1024
TOLD_LINES = 12  # of stderr, in an error
READ_BYTES = 256 * 1024
CLOSED_STDOUT_S = 1.0  # a plugin that closed its end of the wire may live on for so long
LAUNCHER = Path(__file__).with_name("launcher.py")
SDK_FOLDER = Path(__file__).parent.parent / "plugin_sdk"

Message = dict[str, Any]


class Worker:
    """A plugin's process. `start` it, `ask` it, `stop` or `kill` it; `gone` is set at its end.

    Args:
        plugin: What runs.
        python: Its environment's interpreter.
        on_notification: Gets every notification that is not `ready`, in order.
    """

    def __init__(
        self,
        plugin: Plugin,
        python: Path,
        settings: Settings,
        on_notification: Callable[[str, Message], None],
    ) -> None:
        self.plugin, self.settings = plugin, settings
        self.info: Message = {}
        self.gone = asyncio.Event()
        self.used_s = 0.0
        self._python, self._on_notification = python, on_notification
        self._loop = asyncio.get_running_loop()
        self._marker = uuid.uuid4().hex
        self._lines = wire.LineSplitter(settings.max_line_bytes)
        self._stderr = bytearray()
        self._out = bytearray()
        self._ready: asyncio.Future[Message] = self._loop.create_future()
        self._answers: dict[int, asyncio.Future[Message]] = {}
        self._number = 0
        self._process: Any = None
        self._lifeline = -1
        self._failure: FilmetoError | None = None
        self._forget_exit: Callable[[], None] = lambda: None

    @property
    def pid(self) -> int:
        """Its process id, which is also its group's."""
        return self._process.pid

    @property
    def cooperative(self) -> bool:
        """Whether it was made with the SDK, and so hears a `cancel` while it works."""
        return "protocol_version" in self.info

    async def start(self) -> None:
        """Start the process and wait until it is ready.

        Raises:
            PluginStartError: It was not ready in time, ended, or could not be started.
        """
        self._spawn()
        timeout_s = self.plugin.manifest.startup.timeout
        try:
            self.info = await asyncio.wait_for(asyncio.shield(self._ready), timeout_s)
        except TimeoutError:
            await self.kill()
            raise PluginStartError(
                f"expected it to be ready within {timeout_s:g} s, got nothing.",
                hint="Raise startup.timeout in its manifest, or see what it waits for.",
                **self.told(),
            ) from None
        except asyncio.CancelledError:
            await self.kill()
            raise

    def _spawn(self) -> None:
        lifeline, self._lifeline = os.pipe()
        environment = {
            **inherited_environment(self.plugin.manifest.environment),
            "PYTHONPATH": str(SDK_FOLDER),
            "PYTHONUTF8": "1",
            "VIRTUAL_ENV": str(self._python.parent.parent),
            MARKER: self._marker,
        }
        try:
            self._process = processes.start(
                [str(self._python), str(LAUNCHER), str(lifeline), str(self.plugin.main)],
                env=environment,
                cwd=self.plugin.folder,
                stdin=processes.PIPE,
                pass_fds=(lifeline,),
            )
        except OSError as error:
            os.close(self._lifeline)
            raise PluginStartError(
                f"{self._python} could not be started: {error.strerror or error}.",
                hint="`filmeto doctor` tells what is missing.",
                retryable=False,
            ) from error
        finally:
            os.close(lifeline)
        for pipe, read in (
            (self._process.stdout, self._read_stdout),
            (self._process.stderr, self._read_stderr),
        ):
            os.set_blocking(pipe.fileno(), False)
            self._loop.add_reader(pipe.fileno(), read)
        os.set_blocking(self._process.stdin.fileno(), False)
        self._forget_exit = processes.when_exited(self._process, self._loop, self._exited)

    def ask(self, method: str, params: Message) -> "asyncio.Future[Message]":
        """Send a request; the future gets the response, or the reason why there will be none."""
        self._number += 1
        answer: asyncio.Future[Message] = self._loop.create_future()
        self._answers[self._number] = answer
        if self.gone.is_set():
            answer.set_exception(self._failure or self._crash())
        else:
            self._send(wire.request(self._number, method, params))
        return answer

    def tell(self, method: str, params: Message) -> None:
        """Send a notification."""
        if not self.gone.is_set():
            self._send(wire.notification(method, params))

    async def stop(self, grace_s: float) -> None:
        """End it gracefully: stdin closes, then SIGTERM, then SIGKILL, each after `grace_s`."""
        self._close_stdin()
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                await asyncio.wait_for(self.gone.wait(), grace_s)
                return
            except TimeoutError:
                self._signal(number)
        await self.gone.wait()

    async def kill(self, reason: FilmetoError | None = None) -> None:
        """End it and all it started, now; `reason` is what waiting calls are told."""
        self._failure = self._failure or reason
        self._signal(signal.SIGKILL)
        if self._process is not None:
            await self.gone.wait()

    def told(self) -> Message:
        """What an error tells of the process: its end, the last lines of stderr."""
        self._read_stderr()
        code = self._process.returncode if self._process else None
        name = signal.Signals(-code).name if code is not None and code < 0 else None
        return {
            "plugin": self.plugin.name,
            "exit_code": code if code is None or code >= 0 else None,
            "signal": name,
            "stderr": self.last_lines() or None,
        }

    def last_lines(self) -> str:
        """The last lines that it wrote to stderr."""
        lines = self._stderr.decode("utf-8", "replace").strip().splitlines()
        return "\n".join(lines[-TOLD_LINES:])

    def _signal(self, number: int) -> None:
        if self._process is not None and not self.gone.is_set():
            processes.signal_group(self._process, number)

    # The wire, from the plugin.

    def _read_stdout(self) -> None:
        data = self._read(self._process.stdout)
        if data is None:
            return
        if data == b"":
            self._loop.remove_reader(self._process.stdout.fileno())
            self._loop.call_later(CLOSED_STDOUT_S, self._signal, signal.SIGKILL)
            return
        try:
            for line in self._lines.feed(data):
                self._take(line)
        except wire.LineTooLong:
            self._failure = PluginProtocolError(
                f"expected lines of at most {self.settings.max_line_bytes} bytes, got a longer one.",
                hint="Put large results into files; the plugin was stopped.",
                plugin=self.plugin.name,
            )
            self._signal(signal.SIGKILL)

    def _read_stderr(self) -> None:
        if self._process is None or self._process.stderr.closed:
            return
        while data := self._read(self._process.stderr):
            self._stderr += data
            if len(self._stderr) > 2 * STDERR_KEPT_BYTES:
                del self._stderr[:-STDERR_KEPT_BYTES]
            if len(data) < READ_BYTES:
                return
        if data == b"":
            self._loop.remove_reader(self._process.stderr.fileno())

    def _read(self, pipe: Any) -> bytes | None:
        """What is there: b"" at the end, None for nothing yet."""
        try:
            return os.read(pipe.fileno(), READ_BYTES)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def _take(self, line: bytes) -> None:
        message = wire.parse(line)
        if message is None:
            if line.strip():
                logger.debug("%s: %s", self.plugin.name, line[:500].decode("utf-8", "replace"))
            return
        method, params = message.get("method"), message.get("params")
        params = params if isinstance(params, dict) else {}
        if method == "ready":
            if not self._ready.done():
                self._ready.set_result(params)
        elif isinstance(method, str):
            self._on_notification(method, params)
        else:
            self._answered(message)

    def _answered(self, message: Message) -> None:
        number = message.get("id")
        answer = self._answers.pop(number, None) if type(number) is int else None
        if answer is None or answer.done():
            logger.debug("%s: an answer to nothing: %r", self.plugin.name, number)
        else:
            answer.set_result(message)

    # The wire, to the plugin.

    def _send(self, data: bytes) -> None:
        waiting = bool(self._out)
        self._out += data
        if not waiting:
            self._write()

    def _write(self) -> None:
        stdin = self._process.stdin
        if stdin.closed:
            return
        try:
            while self._out:
                written = os.write(stdin.fileno(), memoryview(self._out)[:READ_BYTES])
                del self._out[:written]
        except BlockingIOError:
            self._loop.add_writer(stdin.fileno(), self._write)
            return
        except OSError:  # it closed its stdin, or is gone; its end or a time-out tells
            self._out.clear()
        self._loop.remove_writer(stdin.fileno())

    def _close_stdin(self) -> None:
        if self._process is not None and not self._process.stdin.closed:
            self._loop.remove_writer(self._process.stdin.fileno())
            self._process.stdin.close()

    # Its end.

    def _exited(self) -> None:
        """The process ended and is not reaped yet: its group is ended while its id is still its."""
        processes.signal_group(self._process, signal.SIGKILL)
        self._drain()
        self._process.wait()
        self._forget_exit()
        processes.kill_marked(MARKER, self._marker)
        self._read_stderr()
        for pipe in (self._process.stdout, self._process.stderr):
            self._loop.remove_reader(pipe.fileno())
            pipe.close()
        self._close_stdin()
        os.close(self._lifeline)
        self._fail_all()
        self.gone.set()

    def _drain(self) -> None:
        """A result that was sent before the end counts, also without its newline."""
        while data := self._read(self._process.stdout):
            try:
                for line in self._lines.feed(data):
                    self._take(line)
            except wire.LineTooLong:
                return
        self._take(self._lines.last())

    def _fail_all(self) -> None:
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(self._failure or self._crash())
                answer.exception()  # whoever still waits gets it; nobody may
        self._answers.clear()
        if not self._ready.done():
            told = self.told()
            self._ready.set_exception(
                PluginStartError(
                    f"expected it to get ready, but it ended ({_ending(told)}).{self._said()}",
                    hint="Run its main.py by hand in its environment to see why.",
                    **told,
                )
            )
            self._ready.exception()

    def _crash(self) -> PluginCrashed:
        told = self.told()
        return PluginCrashed(
            f"its process ended before it answered ({_ending(told)}).{self._said()}",
            hint="The next call starts it anew.",
            **told,
        )

    def _said(self) -> str:
        lines = self.last_lines()
        return f" It last said:\n{lines}\n" if lines else ""


def _ending(told: Message) -> str:
    if told["signal"]:
        return f"killed by {told['signal']}"
    return f"exit code {told['exit_code']}"
