"""The bare pipe that every figure is held against: JSON lines over blocking pipes, nothing else."""

import asyncio
import json
import os
import subprocess
from pathlib import Path
from typing import Any

NOTIFICATIONS, PARAMS_BYTES = 20, 500

# What a plugin does at least: read a line, tell `count` times, make its file where it
# is not there yet (a file costs as much as the whole call), answer.
RAW = """
import json, os, sys
for line in sys.stdin.buffer:
    request = json.loads(line)
    params = request["params"]
    task = params["task_id"]
    for i in range(params["parameters"]["count"]):
        told = {"task_id": task, "type": "progress", "percent": i, "message": f"step {i}"}
        told.update(timestamp="2026-01-01T00:00:00+00:00", data={"i": i})
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", "method": "progress", "params": told}) + "\\n")
        sys.stdout.flush()
    path = params["output_dir"] + "/made"
    if not os.path.exists(path):
        with open(path, "wb") as file:
            file.write(bytes.fromhex(params["parameters"]["prompt"]))
    result = {"task_id": task, "status": "success", "output_files": [path]}
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}) + "\\n")
    sys.stdout.flush()
"""


def clean_environment() -> dict[str, str]:
    """This process's variables without those that a user's machine does not set."""
    unset = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
    return {name: value for name, value in os.environ.items() if name not in unset}


class Raw:
    """A process that answers over its pipes, read by blocking reads.

    Args:
        python: The interpreter that runs it.
    """

    def __init__(self, python: Path) -> None:
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen([python, "-c", RAW], env=clean_environment(), **pipes)

    def call(self, params: dict[str, Any]) -> None:
        """One call; every message is read as JSON."""
        request = {"jsonrpc": "2.0", "id": 1, "method": "execute_task", "params": params}
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        while "result" not in json.loads(self.process.stdout.readline()):
            pass

    def close(self) -> None:
        """End it."""
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


class RawInLoop:
    """The same process, read in an event loop as its pipe becomes readable.

    Args:
        python: The interpreter that runs it.
    """

    def __init__(self, python: Path) -> None:
        self._raw = Raw(python)
        self._answer: asyncio.Future[None]
        self._rest = b""

    async def call(self, params: dict[str, Any]) -> None:
        """One call; every message is read as JSON."""
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        out = self._raw.process.stdout.fileno()
        loop.add_reader(out, self._read, out)
        request = {"jsonrpc": "2.0", "id": 1, "method": "execute_task", "params": params}
        os.write(self._raw.process.stdin.fileno(), json.dumps(request).encode() + b"\n")
        await self._answer
        loop.remove_reader(out)

    def _read(self, out: int) -> None:
        *lines, self._rest = (self._rest + os.read(out, 65536)).split(b"\n")
        for line in lines:
            if "result" in json.loads(line):
                self._answer.set_result(None)

    def close(self) -> None:
        """End it."""
        self._raw.close()
