"""Environments being built in this process: one build each, however many calls wait for it."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable
from pathlib import Path

from filmeto_core.plugin_host.discovery import Plugin
from filmeto_core.plugin_host.environment import build_environment
from filmeto_core.settings import Settings

Say = Callable[[str], None]


class _Build:
    """One build in a thread of its own, and those who wait for it."""

    def __init__(self, plugin: Plugin, settings: Settings) -> None:
        self.done: concurrent.futures.Future[None] = concurrent.futures.Future()
        self.cancelled = threading.Event()
        self.listeners: list[Say] = []
        work = threading.Thread(target=self._run, args=(plugin, settings), daemon=True)
        work.start()

    def _run(self, plugin: Plugin, settings: Settings) -> None:
        try:
            build_environment(plugin, settings, self._say, self.cancelled)
        except BaseException as error:  # the edge of the thread: whoever waits gets it
            self.done.set_exception(error)
        else:
            self.done.set_result(None)

    def _say(self, line: str) -> None:
        for listener in tuple(self.listeners):
            listener(line)


class Builds:
    """The builds of one manager, by the environment's folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._running: dict[Path, _Build] = {}

    async def wait_for(self, folder: Path, plugin: Plugin, say: Say) -> None:
        """Wait until the environment is built; the last one to give up stops the build.

        Args:
            say: Gets lines for people, in the caller's loop.

        Raises:
            PluginEnvironmentError: It cannot be built.
        """
        loop = asyncio.get_running_loop()

        def listen(line: str) -> None:
            loop.call_soon_threadsafe(say, line)

        with self._lock:
            build = self._running.get(folder)
            if build is None or build.done.done():
                build = self._running[folder] = _Build(plugin, self._settings)
            build.listeners.append(listen)
        try:
            await asyncio.shield(asyncio.wrap_future(build.done))
        finally:
            with self._lock:
                build.listeners.remove(listen)
                if not build.listeners and not build.done.done():
                    build.cancelled.set()
                    del self._running[folder]
