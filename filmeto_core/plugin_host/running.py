"""The one call that runs in a plugin's process, as the worker keeps it."""

import asyncio
import time
from collections.abc import Callable

from filmeto_core.plugin_host.calls import PluginCall
from filmeto_core.plugin_host.wire import Notification

Deliver = Callable[[Notification], None]


class NotReached(Exception):
    """The process ended before it took anything of the call, which may run in another one."""


class Running:
    """The call in the process."""

    def __init__(self, number: int, call: PluginCall, deliver: Deliver, future: asyncio.Future):
        self.number, self.call, self.deliver, self.future = number, call, deliver, future
        self.size_bytes = 0
        self.timers: list[asyncio.TimerHandle] = []
        self.percent = 0.0
        self.heard = time.monotonic()
        self.beats = False
