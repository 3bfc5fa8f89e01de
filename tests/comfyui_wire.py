"""The comfyui plugin as a process of its own, spoken to over its wire as a host does."""

import json
import os
import queue
import subprocess
import threading
from pathlib import Path

import numpy as np
import yaml
from PIL import Image

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "plugins" / "comfyui"
ANSWER_LIMIT_S = 20


class Plugin:
    """A running plugin; what it says is read by a thread, so that every wait is bounded."""

    def __init__(self, python, folder, environment):
        self._folder, self._calls = folder, 0
        kept = {k: os.environ[k] for k in ("PATH", "HOME") if k in os.environ}
        sdk = ROOT / "filmeto_core" / "plugin_sdk"
        self.errors = (folder / "stderr.txt").open("w+")
        self.process = subprocess.Popen(
            [python, "main.py"],
            cwd=FOLDER,
            env={**kept, "PYTHONPATH": str(sdk), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )
        self._said = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.next()

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(5)
        finally:
            self.process.kill()
            self._reader.join(5)
            self.process.stdout.close()
            self.errors.close()

    def _read(self):
        for line in self.process.stdout:
            self._said.put(json.loads(line))

    def next(self, limit_s=ANSWER_LIMIT_S):
        return self._said.get(timeout=limit_s)

    def send(self, message):
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self.process.stdin.flush()

    def start(self, tool, *inputs, key=None, **parameters):
        self._calls += 1
        made = self._folder / f"made-{self._calls}"
        made.mkdir()
        params = {"task_id": "t", "tool_name": tool, "parameters": defaults(tool) | parameters}
        params |= {"metadata": {"processed_resources": [str(i) for i in inputs]}}
        params |= {"output_dir": str(made), "idempotency_key": key}
        self.send({"id": self._calls, "method": "execute_task", "params": params})

    def until(self, word, limit_s=ANSWER_LIMIT_S):
        """The messages of progress up to the first one with this word in it."""
        heard = []
        while not heard or word not in heard[-1]:
            message = self.next(limit_s)
            if message.get("method") == "progress":
                heard.append(message["params"]["message"])
            assert "result" not in message, message
        return heard

    def finish(self, limit_s=ANSWER_LIMIT_S):
        """The result of the call under way."""
        while "result" not in (message := self.next(limit_s)):
            pass
        return message["result"]

    def call(self, tool, *inputs, **parameters):
        self.start(tool, *inputs, **parameters)
        return self.finish()

    def made(self, tool, *inputs, **parameters):
        """The outputs of a call that must succeed."""
        result = self.call(tool, *inputs, **parameters)
        assert result["status"] == "success", result
        return result["output_resources"]

    def error(self, tool, *inputs, **parameters):
        """(message, what is told of it) of a call that must fail."""
        result = self.call(tool, *inputs, **parameters)
        assert result["status"] == "error", result
        return result["error_message"], result["metadata"]["error"]


def defaults(tool):
    manifest = yaml.safe_load((FOLDER / "plugin.yaml").read_text())
    (spec,) = (spec for spec in manifest["tools"] if spec["name"] == tool)
    filled = {p["name"]: p["default"] for p in spec["parameters"] if "default" in p}
    return filled | {"seed": 7}


def ready_graph(name):
    """A ready workflow's graph with a model that the tests' server has, to be changed."""
    graph = json.loads((FOLDER / "workflows" / f"{name}.json").read_text())
    graph["4"]["inputs"]["ckpt_name"] = "sd/dreamer_v1.safetensors"
    return graph


def pixels(picture):
    """An output's picture, RGB, int, (height, width, 3)."""
    with Image.open(picture["path"]) as opened:
        return np.asarray(opened.convert("RGB")).astype(int)
