"""Calls of one plugin for its author's tests: as filmeto makes them, with nothing else around."""

import asyncio
import contextlib
import itertools
from pathlib import Path
from typing import Any

from filmeto_core.errors import PluginNotFoundError
from filmeto_core.plugin_check.samples import (
    make_picture,
    make_sound,
    sample_parameters,
    told_input,
)
from filmeto_core.plugin_check.workshop import work_folder
from filmeto_core.plugin_host.calls import PluginCall
from filmeto_core.plugin_host.discovery import Registry
from filmeto_core.plugin_host.host import PluginManager
from filmeto_core.plugin_host.plugin import load_plugin
from filmeto_core.settings import Settings


class Trial:
    """A plugin that can be called; use it in a `with` block, which ends it and clears up.

        with Trial("plugins/brush") as trial:
            (picture,) = trial.call("text2image", prompt="hills", seed=1)

    Args:
        folder: The plugin's.
        settings: By default those of the environment.
    """

    def __init__(self, folder: str | Path, settings: Settings | None = None) -> None:
        plugin, problems = load_plugin(Path(folder))
        if plugin is None:
            raise PluginNotFoundError("; ".join(map(str, problems)), hint="Correct it.")
        self.plugin = plugin
        settings = settings or Settings()
        self._manager = PluginManager(Registry([plugin]), settings)
        self._stack = contextlib.ExitStack()
        self._work = self._stack.enter_context(work_folder(plugin, settings))
        self._numbers = itertools.count(1)

    def __enter__(self) -> "Trial":
        return self

    def __exit__(self, *_: object) -> None:
        self._manager.close_sync()
        self._stack.close()

    def picture(self) -> Path:
        """A small picture, to be given as an input."""
        return make_picture(self._work / "picture.png")

    def sound(self) -> Path:
        """A second of sound, to be given as an input."""
        return make_sound(self._work / "sound.wav")

    def call(self, tool: str, *inputs: str | Path, **parameters: Any) -> list[Path]:
        """What one call makes; what is not given of the parameters is filled in.

        Args:
            tool: One of the plugin's.
            inputs: Local files.
            parameters: By name.

        Raises:
            ValidationError: A parameter does not fit the manifest.
            PluginExecutionError: The tool's own error, or one of its subclasses.
            TimeoutError: The call took too long.
        """
        spec = self.plugin.manifest.tool(tool)
        if spec is None:
            raise PluginNotFoundError(f"{self.plugin.name} does not serve {tool}.")
        number = next(self._numbers)
        folder = self._work / f"call-{number}"
        folder.mkdir()
        paths = [Path(path).resolve() for path in inputs]
        call = PluginCall(
            task_id=f"trial-{number}",
            tool_name=tool,
            parameters=sample_parameters(spec, parameters),
            output_dir=folder,
            resources=[told_input(path) for path in paths],
            processed_resources=[str(path) for path in paths],
        )
        answer = asyncio.run(self._manager.execute(self.plugin.name, call))
        return [output.path for output in answer.outputs]
