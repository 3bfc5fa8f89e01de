"""The room that all plugins' processes share: how many there may be, their memory, the GPUs.

A process that finds no room has the one that was idle longest ended, and waits where none is idle.
What a single plugin may take is `limits`'; whether it takes more, `watch`'s. On the host's loop.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from filmeto_core.errors import PluginStartError
from filmeto_core.plugin_host.discovery import Plugin
from filmeto_core.plugin_host.gpu import Device, Seat, choose_seat, find_devices
from filmeto_core.plugin_host.worker import Worker
from filmeto_core.settings import Settings


class Tenant(Protocol):
    """A plugin's pool, as far as the room knows it."""

    plugin: Plugin
    expected_bytes: int

    def saw(self, memory_bytes: int) -> None:
        """One of its processes takes so much."""

    def evict(self, worker: Worker) -> Awaitable[None]:
        """End an idle process of its own; over once it is gone."""


class Room:
    """Lets processes in, and knows those that are there.

    Args:
        loop: The host's loop.
        settings: The bounds.
        devices: Tells of the GPUs; called in a thread.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        settings: Settings,
        devices: Callable[[], list[Device]] = find_devices,
    ) -> None:
        self.workers: dict[Worker, Tenant] = {}
        self.idle: dict[Worker, Tenant] = {}  # the one that was idle longest first
        self._loop, self._settings, self._devices = loop, settings, devices
        self._entrance = asyncio.Lock()  # those who wait go in one by one, in order
        self._changed = asyncio.Event()

    async def enter(self, tenant: Tenant, waits: Callable[[str], None]) -> Seat | None:
        """Wait until one more process of this plugin may be started, and where.

        Args:
            tenant: Whose process; it must `join` before anything else is awaited.
            waits: Told, in words for people, what is waited for.

        Raises:
            PluginStartError: It needs a GPU, and there is none, or none that is large enough.
        """
        told = ""
        async with self._entrance:
            while True:
                self._changed.clear()
                why, seat, victims = await self._look(tenant)
                if not why:
                    return seat
                victim = next((w for w in self.idle if w in victims), None)
                if victim is not None:
                    await self.idle[victim].evict(victim)
                elif not self.workers:
                    return seat  # more room than all of it there will not be
                else:
                    if why != told:
                        waits(why)
                        told = why
                    await self._changed.wait()

    def join(self, worker: Worker, tenant: Tenant) -> None:
        """It takes its place until it is gone."""
        self.workers[worker] = tenant
        worker.gone.add_done_callback(lambda _: self._left(worker))

    def rest(self, worker: Worker, tenant: Tenant) -> None:
        """It is idle from now on."""
        if worker.seat is not None:
            worker.seat.pending = False  # its model is loaded: the device's free memory shows it
        self.idle[worker] = tenant
        self._changed.set()

    def wake(self, worker: Worker) -> None:
        """It is idle no more."""
        self.idle.pop(worker, None)

    def looked(self) -> None:
        """What they take is known anew."""
        self._changed.set()

    @property
    def memory_bytes(self) -> int:
        """What all processes take, by their last look or, before the first, as expected."""
        return sum(w.usage.memory_bytes or t.expected_bytes for w, t in self.workers.items())

    def _left(self, worker: Worker) -> None:
        self.workers.pop(worker, None)
        self.idle.pop(worker, None)
        self._changed.set()

    async def _look(self, tenant: Tenant) -> tuple[str, Seat | None, set[Worker]]:
        """What is in the way (nothing: ""), the seat if one is needed, who could make room."""
        everyone = set(self.workers)
        need = tenant.plugin.manifest.resources.gpu
        seat = None
        if need is not None:
            devices = await self._loop.run_in_executor(None, self._devices)
            _check_devices(devices, need, tenant.plugin)
            seated = {w for w in self.workers if w.seat is not None}
            seat = choose_seat(devices, [w.seat for w in seated], need.memory)
            if devices and seat is None:
                return "waiting for a GPU", None, seated
        bound = self._settings.process_bound
        if len(self.workers) >= bound:
            return f"waiting: {bound} plugin processes run already", seat, everyone
        bound = self._settings.memory_bound_bytes
        if self.workers and self.memory_bytes + tenant.expected_bytes > bound:
            return f"waiting for memory: plugins may take {bound / 2**30:.1f} GiB", seat, everyone
        return "", seat, set()


def _check_devices(devices: list[Device], need, plugin: Plugin) -> None:
    largest = max((device.total_bytes for device in devices), default=0)
    if not need.required or (devices and (need.memory or 0) <= largest):
        return
    found = f"the largest here has {largest / 2**30:.3g} GiB" if devices else "there is none here"
    wanted = f" with {need.memory / 2**30:.3g} GiB" if need.memory else ""
    raise PluginStartError(
        f"it needs a GPU{wanted}, and {found}.",
        hint="Run it on a machine that has one, or choose another plugin or profile.",
        retryable=False,
        plugin=plugin.name,
    )
