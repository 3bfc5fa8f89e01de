"""Plugins as users write them, and a manager over them, in a folder of the benchmark's own."""

import asyncio
import contextlib
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from host_bars.baseline import NOTIFICATIONS, PARAMS_BYTES

from filmeto_core.plugin_host.calls import PluginCall
from filmeto_core.plugin_host.discovery import Registry, load_plugin
from filmeto_core.plugin_host.environment import Environments
from filmeto_core.plugin_host.host import PluginManager
from filmeto_core.settings import Settings

MANIFEST = """
name: {name}
version: 1.0.0
description: Tells as often as it is asked, and makes one file.
author: filmeto
tool_type: text2image
execution: {{timeout: 300, concurrency: {concurrency}}}
parameters:
  - {{name: prompt, type: string, required: true}}
  - {{name: count, type: integer, default: 20}}
  - {{name: how, type: string, default: ""}}
"""

# One plugin for all rows. Its file is what `prompt` spells in hexadecimal digits.
MAIN = """
import os, subprocess, sys, time
from filmeto_plugin import run


def text2image(call):
    how = call.parameters["how"]
    for i in range(call.parameters["count"]):
        call.progress(i, f"step {i}", {"i": i})
    if how:
        odd(call, how)
    path = call.output("made")
    if not os.path.exists(path):
        with open(path, "wb") as file:
            file.write(bytes.fromhex(call.parameters["prompt"]))
    return path


def odd(call, how):
    if how == "stderr" or how == "stdout":
        piece = (b"w" * 99 + b"\\n") * 1311
        fd = 2 if how == "stderr" else call._wire_fd()
        for _ in range(8192):
            os.write(fd, piece)
    if how == "wait" or how == "child":
        if how == "child":
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        call.progress(50, "waiting")
        time.sleep(60)


if __name__ == "__main__":
    run(text2image=text2image)
"""

# A picture of one pixel, and text of the size that a prompt has.
PROMPT = "78" * (PARAMS_BYTES // 2)


@dataclass(frozen=True)
class Studio:
    """What a row needs: folders, an interpreter without packages, a manager."""

    home: Path
    out: Path
    python: Path
    settings: Settings
    manager: PluginManager

    def call(self, task_id: str = "t", count: int = NOTIFICATIONS, how: str = "") -> PluginCall:
        """A call that tells `count` times."""
        parameters = {"prompt": PROMPT, "count": count, "how": how}
        return PluginCall(task_id, "text2image", parameters, self.out)

    def params(self, count: int = NOTIFICATIONS) -> dict[str, Any]:
        """The same call, as the raw pipe gets it."""
        return self.call(count=count).params("plugin0", 300)

    async def inside(self, work: Callable[[], Awaitable[Any]]) -> Any:
        """Have `work` run on the host's own loop."""
        loop = self.manager._running_loop()
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work(), loop))


@contextlib.contextmanager
def studio(plugins: int = 1, concurrency: int = 1, **settings: Any) -> Iterator[Studio]:
    """A fresh one, whose processes and files go with it.

    Args:
        plugins: How many, called plugin0, plugin1, ...
        concurrency: How many processes each may have.
    """
    with tempfile.TemporaryDirectory(prefix="filmeto-bars-") as name:
        home = Path(name)
        loaded = [_plugin(home, f"plugin{i}", concurrency) for i in range(plugins)]
        made = Settings(home=home, parallel_calls=256, **settings)
        python = Environments(made.environments_dir).build(loaded[0], lambda text: None)
        out = home / "out"
        out.mkdir()
        manager = PluginManager(Registry(loaded), made)
        try:
            yield Studio(home, out, python, made, manager)
        finally:
            manager.close_sync()


def _plugin(home: Path, name: str, concurrency: int):
    folder = home / "plugins" / name
    folder.mkdir(parents=True)
    (folder / "plugin.yaml").write_text(MANIFEST.format(name=name, concurrency=concurrency))
    (folder / "main.py").write_text(MAIN)
    plugin, problems = load_plugin(folder)
    if plugin is None:
        raise RuntimeError(str(problems))
    return plugin
