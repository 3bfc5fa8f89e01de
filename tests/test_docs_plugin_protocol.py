"""docs/plugin-protocol.md: its conversation is had with the plugin of the other page, line by line."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from filmeto_core import plugin_sdk
from filmeto_core.plugin_host import wire
from filmeto_core.plugin_host.calls import PluginCall
from filmeto_core.settings import Settings

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "plugin-protocol.md").read_text()
# What is another at each run, or on each machine.
VARIES = {"timestamp": "", "pid": 0, "execution_time": 0, "size": 0}
LIMIT_S = 20


def conversation():
    """(who, line) of the transcript."""
    (block,) = re.findall(r"```\n(plugin: .*?)```", PAGE, re.S)
    pairs = [re.match(r"(plugin|host):\s+(.*)", line).groups() for line in block.splitlines()]
    assert len(pairs) == 16
    return pairs


def settled(value, folder):
    """The value without what varies, its paths from the folder of the run."""
    if isinstance(value, dict):
        return {k: VARIES.get(k, settled(v, folder)) for k, v in value.items()}
    if isinstance(value, list):
        return [settled(item, folder) for item in value]
    return value.removeprefix(f"{folder}/") if isinstance(value, str) else value


@pytest.fixture
def plugin(tmp_path):
    """The process of the plugin on the other page; its outputs go to `out` beside it."""
    page = (DOCS / "writing-a-plugin.md").read_text()
    (tmp_path / "main.py").write_text(re.findall(r"```python\n(.*?)```", page, re.S)[0])
    command = [sys.executable, "main.py"]
    env = {"PYTHONPATH": str(Path(plugin_sdk.__file__).parent), "PATH": os.environ["PATH"]}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=tmp_path, env=env, stdin=pipe, stdout=pipe, stderr=pipe
    ) as process:
        yield process
        process.kill()


def test_the_conversation_is_had_as_it_stands(plugin, tmp_path):
    skipping = False
    for who, line in conversation():
        if who == "host":
            plugin.stdin.write(line.encode() + b"\n")
            plugin.stdin.flush()
        elif line == "...":
            skipping = True
        else:
            expected = json.loads(line)
            heard = json.loads(plugin.stdout.readline())
            while skipping and heard.get("method") == "progress":
                heard = json.loads(plugin.stdout.readline())
            skipping = False
            assert settled(heard, tmp_path) == settled(expected, tmp_path)
    plugin.stdin.close()
    assert plugin.wait(LIMIT_S) == 0
    assert plugin.stderr.read() == b""
    assert [path.name for path in tmp_path.glob("out/t*/*")] == ["picture.png"]


def test_the_hosts_lines_are_what_the_host_sends():
    for who, line in conversation():
        message = wire.parse(line.encode()) if line != "..." else {}
        if who == "host" and message["method"] == "execute_task":
            params = PluginCall("t1", "text2image", {}, Path("out")).params("brush", 300)
            assert set(message["params"]) == set(params)


def test_every_field_and_method_is_on_the_page():
    call = PluginCall("t1", "text2image", {}, Path("out"), idempotency_key="k")
    methods = [
        "ready",
        "get_info",
        "ping",
        "execute_task",
        "progress",
        "heartbeat",
        "cancel",
        "log",
    ]
    for name in (*call.params("brush", 300), *methods, "processed_resources", "protocol_version"):
        assert f"`{name}`" in PAGE, name


def test_the_numbers_on_the_page_are_those_of_the_code():
    from filmeto_core.plugin_host.worker import CANCEL_GRACE_S

    assert f"more than {Settings().max_line_bytes // 1024**2} MiB" in PAGE
    assert f"waits {CANCEL_GRACE_S:g} s for the answer" in PAGE
