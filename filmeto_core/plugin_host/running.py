"""The one call that runs in a plugin's process, as the worker keeps it."""

import asyncio
import time
from collections.abc import Callable

from filmeto_core.plugin_host.calls import PluginCall
from filmeto_core.plugin_host.plugin import Plugin
from filmeto_core.plugin_host.wire import Notification
from filmeto_core.settings import Settings

Deliver = Callable[[Notification], None]


class NotReached(Exception):
    """The process ended before it took anything of the call, which may run in another one."""


class Running:
    """The call in the process; times are the loop's, in seconds."""

    def __init__(self, number: int, call: PluginCall, deliver: Deliver, future: asyncio.Future):
        self.number, self.call, self.deliver, self.future = number, call, deliver, future
        self.size_bytes = 0
        self.timers: list[asyncio.TimerHandle] = []
        self.timeout_s = self.silence_s = self.ends = 0.0
        self.percent = 0.0
        self.heard = time.monotonic()
        self.beats = False

    def limit(self, plugin: Plugin, settings: Settings) -> float:
        """Set how long it may take, and be silent once it has sent a heartbeat; when to look."""
        told = plugin.manifest.execution
        self.timeout_s = self.call.timeout_s or told.timeout or settings.task_timeout_s
        self.silence_s = told.heartbeat_timeout or settings.heartbeat_timeout_s
        self.ends = self.heard + self.timeout_s
        return self.next_look(self.heard)

    def is_silent(self, now: float) -> bool:
        """Whether it sent heartbeats and then nothing for too long."""
        return self.beats and now >= self.heard + self.silence_s

    def next_look(self, now: float) -> float:
        """When it may next have taken too long."""
        return min(self.ends, (self.heard if self.beats else now) + self.silence_s)
