"""A plugin's interpreter, held while a check or a shell works with it, and a guard over what it starts."""

import contextlib
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from filmeto_core.plugin_host.environment import Environments
from filmeto_core.plugin_host.guard import Guard
from filmeto_core.plugin_host.plugin import Plugin
from filmeto_core.plugin_host.sandbox import output_parent
from filmeto_core.settings import Settings


@contextlib.contextmanager
def work_folder(plugin: Plugin, settings: Settings) -> Iterator[Path]:
    """A folder for the outputs of the plugin's calls, where it may write; gone with the block."""
    with tempfile.TemporaryDirectory(
        prefix="work-", dir=output_parent(plugin.name, settings), ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder).resolve()


@contextlib.contextmanager
def workshop(
    plugin: Plugin, settings: Settings, say: Callable[[str], None] = lambda line: None
) -> Iterator[Path]:
    """The interpreter of the plugin's environment, which is built if it is not there.

    Until the block ends nothing removes the environment; should this process be killed within it,
    what the plugin started is ended.

    Raises:
        PluginEnvironmentError: It could not be built.
    """
    environments = Environments(settings.environments_dir)
    guard = None
    try:
        python = environments.build(plugin, say, threading.Event())
        guard = Guard()
        yield python
    finally:
        if guard is not None:
            guard.close()
        environments.close()
