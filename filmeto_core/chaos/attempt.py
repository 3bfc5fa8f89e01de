"""One run of a film's command, with blows that fall while it lasts."""

import os
import threading
import time
from collections import deque
from typing import Any

from pydantic import Field

from filmeto_core import process
from filmeto_core.chaos import victims
from filmeto_core.chaos.blows import Blow
from filmeto_core.chaos.line import Moment
from filmeto_core.chaos.scene import Scene
from filmeto_core.types import Model

LOOK_S = 0.02  # how often a victim that is not there yet is looked for
LAST_LINES = 12  # of what a command said, for the report of one that failed
_MOMENTS = {"submit": "submit", "accepted": "accepted", "download": "download"}
_MOMENTS["commit"] = "collected"


class Undisturbed(Model):
    """The film without a blow, which tells when blows may fall.

    Args:
        seconds: What it took.
        counts: How many moments of each name the line saw, and how many "connections".
        calls: How many calls the command told of.
        assembly_s: From the last of them to the end.
    """

    seconds: float
    counts: dict[str, int]
    calls: int
    assembly_s: float

    def phases(self) -> set[str]:
        """Those that blows can be aimed at here."""
        seen = {phase for phase, moment in _MOMENTS.items() if self.counts.get(moment)}
        return seen | {"assembly"}


class Struck(Model):
    """A blow that fell."""

    victim: str
    phase: str
    moment: int | None = Field(None, description="The how manieth of its kind; None: at a time")
    at_s: float = Field(description="After the command's start")
    attempt: int


class Ended(Model):
    """How one run of the command ended."""

    code: int = Field(description="Negative: the signal")
    seconds: float
    said: tuple[str, ...] = Field((), description="Its last lines")


class Attempt:
    """One run of a film's command.

    Args:
        number: From 1.
        usual: The film undisturbed; None where this is it.
        blows: Those that did not fall yet; what falls is taken from them.
        timeout_s: After so long the command hangs, and is killed.
    """

    def __init__(
        self,
        scene: Scene,
        number: int,
        usual: Undisturbed | None,
        blows: list[Blow],
        timeout_s: float,
    ) -> None:
        self.scene, self.number, self.usual, self.blows = scene, number, usual, blows
        self.struck: list[Struck] = []
        self.calls, self.calls_done_at = 0, 0.0
        self._timeout_s, self._mutex = timeout_s, threading.Lock()
        self._timers: list[threading.Timer] = []
        self._armed: Blow | None = None
        self._aim: int | None = None  # the number of the moment at which the armed blow falls
        self._over = threading.Event()

    def run(self) -> Ended:
        """Run it to its end, whichever that is."""
        self.started = time.monotonic()
        reading, writing = os.pipe()  # whose writing end goes with this process
        command = process.start(self.scene.make_film(), env=self.scene.environment(), stdout=-3)
        try:
            if process.outside():
                process.arm_lifeline(reading, command)
            self._pid = command.pid
            self.scene.line.listener = self._passes
            self._arm()
            self._after(self._timeout_s, lambda: victims.kill(command.pid))
            said = self._read(command.stderr)
            command.wait()
        finally:
            self._end(command)
            for end in (reading, writing):
                os.close(end)
        return Ended(
            code=command.returncode, seconds=time.monotonic() - self.started, said=tuple(said)
        )

    def _read(self, pipe: Any) -> deque[str]:
        """What the command says, to its end; a line that ends with "done, ..." is a call's."""
        said: deque[str] = deque(maxlen=LAST_LINES)
        with os.fdopen(os.dup(pipe.fileno()), encoding="utf-8", errors="replace") as lines:
            for line in lines:
                said.append(line.rstrip())
                if ") done, " in line and ": assemble (" not in line:
                    self.calls += 1
                    self.calls_done_at = time.monotonic()
                    if self.usual and self.calls == self.usual.calls:
                        self._assembles()
        return said

    def _end(self, command: Any) -> None:
        self._over.set()
        self.scene.line.listener = lambda moment: None
        for timer in self._timers:
            timer.cancel()
        process.kill_group(command)
        command.stderr.close()

    # --- when a blow falls ---

    def _arm(self) -> None:
        """The next blow waits for its moment; with `_mutex` held, or before anyone else looks."""
        self._armed, self._aim = (self.blows[0] if self.blows else None), None
        blow = self._armed
        if blow is None or self.usual is None:
            return
        if blow.phase in _MOMENTS:
            seen = self.scene.line.counts[_MOMENTS[blow.phase]]
            left = max(1, self.usual.counts[_MOMENTS[blow.phase]] - seen)
            self._aim = seen + 1 + int(blow.fraction * left)
        elif blow.phase == "any":
            gone = time.monotonic() - self.started
            wait = blow.fraction * max(self.usual.seconds - gone, 0.5)
            self._after(wait, lambda: self._fall(blow))

    def _passes(self, moment: Moment) -> None:
        """The line's listener: called where the moment is, which waits for this."""
        with self._mutex:
            blow = self._armed
            if blow is None or _MOMENTS.get(blow.phase) != moment.name:
                return
            if self._aim is None or moment.number < self._aim:
                return
        if blow.phase == "commit":
            time.sleep(blow.delay_s)
        self._fall(blow, moment)

    def _assembles(self) -> None:
        blow = self._armed
        if blow is not None and blow.phase == "assembly":
            self._after(blow.fraction * self.usual.assembly_s, lambda: self._fall(blow))

    def _fall(self, blow: Blow, moment: Moment | None = None) -> None:
        with self._mutex:
            if self._armed is not blow or self._over.is_set():
                return
            self._armed = None  # one moment is enough
        while not self._strike(blow, moment):
            if self._over.wait(LOOK_S):
                return
        with self._mutex:
            self.struck.append(
                Struck(
                    victim=blow.victim,
                    phase=blow.phase,
                    moment=moment.number if moment else None,
                    at_s=round(time.monotonic() - self.started, 3),
                    attempt=self.number,
                )
            )
            self.blows.remove(blow)
            self._arm()

    def _strike(self, blow: Blow, moment: Moment | None) -> bool:
        """Kill the victim; False if it is not there."""
        if blow.victim == "flow":
            return victims.kill(self._pid)
        if blow.victim == "provider":
            self.scene.line.cut(blow.outage_s)
            return True
        if blow.victim == "server":
            pid = self.scene.server.pid
            return pid is not None and victims.kill(pid)
        plugins = sorted(victims.plugins_of(self.scene.folder))
        pid = victims.owner_of(moment.client_port, plugins) if moment else None
        if pid is None and plugins:
            pid = plugins[int(blow.fraction * len(plugins))]
        return pid is not None and victims.kill(pid)

    def _after(self, seconds: float, do: Any) -> None:
        timer = threading.Timer(seconds, do)
        timer.daemon = True
        self._timers.append(timer)
        timer.start()
