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
from filmeto_core.plugin_host.discovery import Plugin, Registry, load_plugin
from filmeto_core.plugin_host.environment import Environments
from filmeto_core.plugin_host.grants import Grant
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

# Its file is what `prompt` spells in hexadecimal digits.
MAIN = """
import os
from filmeto_plugin import run


def text2image(call):
    for i in range(call.parameters["count"]):
        call.progress(i, f"step {i}", {"i": i})
    path = call.output("made")
    if not os.path.exists(path):
        with open(path, "wb") as file:
            file.write(bytes.fromhex(call.parameters["prompt"]))
    return path


if __name__ == "__main__":
    run(text2image=text2image)
"""

# Written from the wire's table, without the SDK: it has a child, ignores SIGTERM, or floods.
ODD = """
import json, os, signal, subprocess, sys, time

PIECE = (b"w" * 99 + b"\\n") * 1311  # 128 KiB
sys.stdout.write(json.dumps({"jsonrpc": "2.0", "method": "ready", "params": {}}) + "\\n")
sys.stdout.flush()
for line in sys.stdin:
    request = json.loads(line)
    task, how = request["params"]["task_id"], request["params"]["parameters"]["how"]
    if how == "wait":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        told = {"task_id": task, "type": "progress", "percent": 50, "data": {"child": child.pid}}
        print(json.dumps({"jsonrpc": "2.0", "method": "progress", "params": told}), flush=True)
        time.sleep(60)
    fd = {"stdout": 1, "stderr": 2}.get(how)
    for _ in range(8192 if fd else 0):
        left = memoryview(PIECE)
        while left:
            left = left[os.write(fd, left) :]
    path = os.path.join(request["params"]["output_dir"], "odd")
    with open(path, "w") as file:
        file.write("made")
    result = {"task_id": task, "status": "success", "output_files": [path]}
    print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}), flush=True)
"""

# Of the size that a prompt has.
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
def studio(plugins: int = 1, concurrency: int = 1, folder: Path | None = None) -> Iterator[Studio]:
    """A fresh one, whose processes and files go with it.

    Args:
        plugins: How many with the SDK, called plugin0, plugin1, ...; there is also one called odd.
        concurrency: How many processes each may have.
        folder: Where its files lie; by default where temporary files do.
    """
    with tempfile.TemporaryDirectory(prefix="filmeto-bars-", dir=folder) as name:
        home = Path(name)
        loaded = [add_plugin(home, f"plugin{i}", MAIN, concurrency) for i in range(plugins)]
        loaded.append(add_plugin(home, "odd", ODD))
        made = Settings(home=home, concurrency=256)
        python = Environments(made.environments_dir).build(loaded[0], lambda text: None)
        out = home / "out"
        out.mkdir()
        grants = {plugin.name: Grant(write=(out,)) for plugin in loaded}
        manager = PluginManager(Registry(loaded), made, grants)
        try:
            yield Studio(home, out, python, made, manager)
        finally:
            manager.close_sync()


def add_plugin(home: Path, name: str, main: str, concurrency: int = 1) -> Plugin:
    """A plugin's folder under `home`, loaded."""
    folder = home / "plugins" / name
    folder.mkdir(parents=True)
    (folder / "plugin.yaml").write_text(MANIFEST.format(name=name, concurrency=concurrency))
    (folder / "main.py").write_text(main)
    plugin, problems = load_plugin(folder)
    if plugin is None:
        raise RuntimeError(str(problems))
    return plugin
