"""A service over a copy of one bundled plugin whose calls cost: to be called, killed, called again."""

import asyncio
import os
import shutil
import signal
from pathlib import Path

import pytest

from filmeto_core.errors import FilmetoError
from filmeto_core.place import NOWHERE
from filmeto_core.profiles import find_project
from filmeto_core.resources.inputs import resource_input
from filmeto_core.service import FilmetoService, Reuse
from filmeto_core.settings import Settings
from filmeto_core.types import FilmetoTask, ProgressType

PLUGINS = Path(__file__).resolve().parent.parent / "plugins"


class ProviderStudio:
    """The service; `close` ends it.

    Args:
        name: The plugin's.
        folder: Gets the copy.
    """

    def __init__(self, name, folder):
        self.name, self.folder = name, folder / name
        if not self.folder.exists():
            ignored = shutil.ignore_patterns("outputs", "__pycache__")
            shutil.copytree(PLUGINS / name, self.folder, ignore=ignored)
        self.service = FilmetoService(Settings(), find_project())
        self.told = []  # messages of the calls' progress

    def task(self, tool, *inputs, **parameters):
        return FilmetoTask(
            tool_name=tool,
            plugin_name=self.name,
            parameters=parameters,
            resources=[resource_input(path) for path in inputs],
        )

    async def call(self, tool, *inputs, reuse=Reuse.ALWAYS, place=NOWHERE, **parameters):
        def update(progress):
            if progress.type is ProgressType.PROGRESS:
                self.told.append(progress.message)

        checked = self.service.check(self.task(tool, *inputs, **parameters))
        return await self.service.call(checked, update, reuse, place=place)

    def make(self, tool, *inputs, **parameters):
        """The record of a call."""
        return asyncio.run(self.call(tool, *inputs, **parameters)).record

    def fails(self, tool, *inputs, **parameters):
        """The error of a call, and the code that the plugin gave it."""
        with pytest.raises(FilmetoError) as caught:
            self.make(tool, *inputs, **parameters)
        return caught.value, caught.value.details.get("plugin_code")

    def jobs(self):
        """The journal's jobs, oldest first."""
        return self.service.journal.jobs()

    def states(self):
        return [job.state for job in self.jobs()]

    def path(self, record):
        """Where the record's first output lies."""
        return Path(record.outputs[0].path)

    def kill(self):
        """SIGKILL to the plugin's processes."""
        for pid in self.service.plugins.states()[self.name]["pids"]:
            os.kill(pid, signal.SIGKILL)

    def close(self):
        self.service.close_sync()
