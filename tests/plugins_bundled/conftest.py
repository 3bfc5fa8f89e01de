"""Bundled plugins as they really run: their own environment, their own process, the real wire."""

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import yaml

from filmeto_core.errors import PluginEnvironmentError
from filmeto_core.plugin_host.pythons import find_python, version_fits
from tests.comfyui_fixtures import (  # noqa: F401
    comfy,
    comfy_plugin,
    comfy_server,
    comfyui_backend,
    kept_comfy_plugin,
    start_comfy,
)
from tests.diffusers_fixtures import (  # noqa: F401
    diffusers_backend,
    diffusers_python,
    tiny_models,
)

REPOSITORY = Path(__file__).resolve().parents[2]
# Tests that read a plugin's modules here need what the host puts on a plugin's path.
sys.path.insert(0, str(REPOSITORY / "filmeto_core" / "plugin_sdk"))
sys.path.append(str(REPOSITORY / "tests"))  # the servers that are written from vendors' protocols
INSTALL_LIMIT_S = 600  # from an empty package cache; from a full one it takes a second or two
CALL_LIMIT_S = 120


class PluginProcess:
    """A running bundled plugin.

    Args:
        python: The interpreter of its environment.
        folder: The plugin's folder.
        work: Where the outputs of its calls go, a folder for each.
        environment: Variables that it sees as well.
    """

    def __init__(self, python, folder, work, environment=None):
        self.folder, self._work, self._calls = folder, work, 0
        sdk = REPOSITORY / "filmeto_core" / "plugin_sdk"
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TMPDIR")}
        with (work / "stderr.txt").open("wb") as stderr:
            self.process = subprocess.Popen(
                [str(python), "main.py"],
                cwd=folder,
                env={**kept, "PYTHONPATH": str(sdk), "PYTHONUTF8": "1", **(environment or {})},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
            )
        self._lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.receive(60)  # "ready"

    def _read(self):
        for line in self.process.stdout:
            self._lines.put(json.loads(line))
        self._lines.put(None)

    def receive(self, timeout_s):
        """The next message; fails the test with the plugin's stderr if there is none in time."""
        try:
            message = self._lines.get(timeout=timeout_s)
        except queue.Empty:
            message = None
        if message is None:
            tail = (self._work / "stderr.txt").read_text(errors="replace")[-2000:]
            pytest.fail(f"{self.folder.name} sent nothing more; its stderr ends with:\n{tail}")
        return message

    def send(self, method, params, request_id=None):
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        if request_id is not None:
            message["id"] = request_id
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def start_call(self, tool, parameters, inputs=()):
        """Send one call and return its id; `finish_call` collects it."""
        self._calls += 1
        output_dir = self._work / f"call_{self._calls}"
        output_dir.mkdir()
        params = {
            "task_id": f"task-{self._calls}",
            "tool_name": tool,
            "plugin_name": self.folder.name,
            "parameters": with_defaults(self.folder, tool, parameters),
            "resources": [_resource(i) for i in inputs],
            "timeout": CALL_LIMIT_S,
            "metadata": {"processed_resources": [str(_path(i)) for i in inputs]},
            "output_dir": str(output_dir),
        }
        self.send("execute_task", params, request_id=self._calls)
        return self._calls

    def finish_call(self, request_id):
        """(result, notifications): the result's dict, and the messages that came before it."""
        notifications, end = [], time.monotonic() + CALL_LIMIT_S
        while True:
            message = self.receive(max(0.1, end - time.monotonic()))
            if message.get("id") == request_id:
                return message["result"], notifications
            notifications.append(message)

    def call(self, tool, parameters, inputs=()):
        return self.finish_call(self.start_call(tool, parameters, inputs))

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
        self.process.stdout.close()


def with_defaults(folder, tool, parameters):
    """Parameters as the host would send them: the manifest's defaults, and a seed if it has one."""
    manifest = yaml.safe_load((folder / "plugin.yaml").read_text(encoding="utf-8"))
    tools = manifest.get("tools") or [{**manifest, "name": manifest.get("tool_type")}]
    declared = next(t for t in tools if t["name"] == tool).get("parameters") or []
    filled = {p["name"]: p["default"] for p in declared if p.get("default") is not None}
    if any(p["name"] == "seed" for p in declared):
        filled.setdefault("seed", 7)
    return {**filled, **parameters}


def _path(given):
    return given["path"] if isinstance(given, dict) else given


def _resource(given):
    """An input as the host tells of it: a path, or a dict of path, mime_type and metadata."""
    about = given if isinstance(given, dict) else {}
    kind = {".png": "image/png", ".jpg": "image/jpeg", ".wav": "audio/wav", ".mp4": "video/mp4"}
    mime = about.get("mime_type") or kind.get(Path(_path(given)).suffix, "")
    told = {"type": "local_path", "data": str(_path(given)), "mime_type": mime}
    return {**told, "metadata": about.get("metadata") or {}}


@pytest.fixture(scope="session")
def plugin_python(tmp_path_factory):
    """`plugin_python(name)`: the interpreter of that plugin's environment, built once a session."""
    built = {}

    def python_of(name):
        if name not in built:
            built[name] = _build(name, tmp_path_factory.mktemp(f"env_{name}") / "env")
        return built[name]

    return python_of


def _build(name, environment):
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    requirements = REPOSITORY / "plugins" / name / "requirements.txt"
    python = environment / "bin" / "python"
    _quietly([uv, "venv", "--quiet", "--python", _python_for(name), str(environment)])
    if requirements.is_file():
        install = [uv, "pip", "install", "--quiet", "--python", str(python), "-r"]
        _quietly([*install, str(requirements)])
    return python


def _python_for(name):
    """This one, unless the plugin wants another; where that is not here, its tests are skipped."""
    manifest = yaml.safe_load((REPOSITORY / "plugins" / name / "plugin.yaml").read_text())
    wanted = (manifest.get("requirements") or {}).get("python", "")
    if version_fits(wanted, sys.version_info[:3]) is not False:
        return sys.executable
    try:
        return str(find_python(name, wanted))
    except PluginEnvironmentError as error:
        pytest.skip(str(error))


def _quietly(command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_LIMIT_S)
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stderr[-2000:]}"


@pytest.fixture(scope="session")
def start_plugin(plugin_python, tmp_path_factory):
    """`start_plugin(name)`: its PluginProcess, started once and kept until the session ends."""
    running = {}

    def started(name):
        if name not in running:
            folder, work = REPOSITORY / "plugins" / name, tmp_path_factory.mktemp(f"run_{name}")
            running[name] = PluginProcess(plugin_python(name), folder, work)
        return running[name]

    yield started
    for process in running.values():
        process.close()


@pytest.fixture(scope="session")
def call_plugin(plugin_python, tmp_path_factory):
    """`call_plugin(name, tool, parameters, inputs=())`: one call in a fresh process.

    Returns (result, notifications): the result's dict as it came over the wire, and every message
    before it. Defaults of plugin.yaml are filled in; inputs are paths, or dicts with `path`,
    `mime_type` and `metadata`.
    """

    def call(name, tool, parameters, inputs=()):
        folder, work = REPOSITORY / "plugins" / name, tmp_path_factory.mktemp(f"run_{name}")
        process = PluginProcess(plugin_python(name), folder, work)
        try:
            return process.call(tool, parameters, inputs)
        finally:
            process.close()

    return call
