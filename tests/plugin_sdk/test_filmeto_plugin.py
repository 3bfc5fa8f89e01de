"""The plugin author's SDK, run as a plugin is, with this test as its host."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from filmeto_core import plugin_sdk

WAIT_S = 20.0
SDK = Path(plugin_sdk.__file__).parent


class Plugin:
    """A plugin's process, and the wire to it."""

    def __init__(self, folder, body, python_flags=()):
        script = folder / "main.py"
        script.write_text("from filmeto_plugin import *\n" + textwrap.dedent(body))
        self.process = subprocess.Popen(
            [sys.executable, *python_flags, script],
            env={"PYTHONPATH": str(SDK), "PATH": os.environ["PATH"]},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
        )
        self.folder = folder
        self.guard = threading.Timer(WAIT_S, self.process.kill)  # no test waits longer
        self.guard.start()

    def hear(self):
        """The next message."""
        return json.loads(self.process.stdout.readline())

    def say(self, message):
        """Send a message."""
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self.process.stdin.flush()

    def call(self, **parameters):
        """Have it run text2image."""
        params = {"task_id": "t", "tool_name": "text2image", "parameters": parameters}
        params["output_dir"] = str(self.folder / "out")
        self.say({"id": 1, "method": "execute_task", "params": params})

    def result(self):
        """The call's result, past its notifications."""
        while "result" not in (message := self.hear()):
            pass
        return message["result"]


@pytest.fixture
def start(tmp_path):
    """Starts plugins, and ends them."""
    started = []

    def go(body, **rest):
        started.append(Plugin(tmp_path, body, **rest))
        return started[-1]

    yield go
    for plugin in started:
        plugin.guard.cancel()
        plugin.process.kill()
        plugin.process.wait()
        for pipe in (plugin.process.stdin, plugin.process.stdout, plugin.process.stderr):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


MAKES = """
def text2image(call):
    path = call.output("a.txt")
    open(path, "w").write("a")
    return path
run(text2image=text2image)
"""


def test_ready_is_the_first_message_and_tells_the_tools(start):
    ready = start(MAKES).hear()
    assert ready["method"] == "ready"
    assert ready["params"]["tools"] == ["text2image"]
    assert ready["params"]["protocol_version"] == 1


def test_info_and_ping_are_answered_also_while_a_tool_works(start):
    plugin = start(
        """
        import time
        def text2image(call):
            while not call.cancelled:
                time.sleep(0.005)
            return MISSING
        run(text2image=text2image)
        """
    )
    plugin.hear()
    plugin.call()
    plugin.say({"id": 2, "method": "ping"})
    assert plugin.hear() == {"id": 2, "result": {"status": "pong"}, "jsonrpc": "2.0"}
    plugin.say({"id": 3, "method": "get_info"})
    assert plugin.hear()["result"]["tools"] == ["text2image"]
    plugin.say({"id": 4, "method": "dance"})
    assert plugin.hear()["error"]["code"] == -32601
    plugin.say({"method": "cancel", "params": {"task_id": "t"}})
    assert plugin.result()["error_message"].startswith("NameError")


def test_a_cancel_that_comes_before_its_call_has_begun_is_not_lost(start):
    plugin = start(
        """
        import time
        class Studio:
            def load(self):
                time.sleep(0.2)
            def text2image(self, call):
                while True:
                    call.check_cancelled()
                    time.sleep(0.005)
        run(Studio())
        """
    )
    plugin.hear()
    params = {"task_id": "t", "tool_name": "text2image", "output_dir": str(plugin.folder)}
    lines = [{"id": 1, "method": "execute_task", "params": params}]
    lines += [{"method": "cancel", "params": {"task_id": "t"}}]
    plugin.process.stdin.write(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    plugin.process.stdin.flush()
    assert plugin.result()["metadata"]["error"]["code"] == "cancelled"


def test_an_object_serves_its_methods_and_loads_once(start):
    plugin = start(
        """
        class Studio:
            loads = 0
            def load(self):
                self.loads += 1
            def text2image(self, call):
                path = call.output("a.txt")
                open(path, "w").write("a")
                return Output(path, "text/plain", {"loads": self.loads})
            def _text2video(self, call): ...
            def log2(self): ...
        run(Studio())
        """
    )
    assert plugin.hear()["params"]["tools"] == ["text2image"]
    for _ in range(2):
        plugin.call()
        (output,) = plugin.result()["output_resources"]
        assert output["metadata"] == {"loads": 1}
        assert (output["mime_type"], output["type"], output["size"]) == ("text/plain", "text", 1)


@pytest.mark.parametrize("work", ["time.sleep(60)", "while True: pass"])
def test_the_end_of_stdin_ends_it_in_the_middle_of_work(start, work):
    plugin = start(
        f"""
        import time
        def text2image(call):
            call.progress(1)
            {work}
        run(text2image=text2image)
        """
    )
    plugin.hear()
    plugin.call()
    plugin.hear()
    plugin.process.stdin.close()
    assert plugin.process.wait(4) == 0


def test_the_end_of_stdin_ends_it_at_once_when_it_is_idle(start):
    plugin = start(MAKES)
    plugin.hear()
    plugin.process.stdin.close()
    assert plugin.process.wait(2) == 0


def test_a_tool_sees_that_its_host_is_gone_and_may_tidy_up(start, tmp_path):
    plugin = start(
        """
        import time
        def text2image(call):
            call.progress(1)
            try:
                while True:
                    call.check_cancelled()
                    time.sleep(0.005)
            finally:
                open("tidy", "w").close()
        run(text2image=text2image)
        """
    )
    plugin.hear()
    plugin.call()
    plugin.hear()
    plugin.process.stdin.close()
    plugin.process.wait(4)
    assert (tmp_path / "tidy").exists()


def test_heartbeats_go_out_while_a_tool_waits_in_c(start):
    plugin = start(
        """
        import filmeto_plugin._loop, threading
        filmeto_plugin._loop.HEARTBEAT_S = 0.05
        def text2image(call):
            threading.Event().wait(60)
        run(text2image=text2image)
        """
    )
    plugin.hear()
    plugin.call()
    beats = [plugin.hear() for _ in range(3)]
    assert {(b["method"], b["params"]["task_id"]) for b in beats} == {("heartbeat", "t")}


def test_messages_from_many_threads_never_mix(start):
    plugin = start(
        """
        import threading
        def text2image(call):
            def tell():
                for i in range(200):
                    call.progress(i, "x" * 3000)
            threads = [threading.Thread(target=tell) for _ in range(4)]
            for t in threads: t.start()
            for t in threads: t.join()
            raise PluginError("enough", code="enough")
        run(text2image=text2image)
        """
    )
    plugin.hear()
    plugin.call()
    messages = []
    while "result" not in (message := plugin.hear()):
        messages.append(message["params"]["message"])
    assert messages == ["x" * 3000] * 800
    assert message["result"]["metadata"]["error"]["code"] == "enough"


def test_what_is_no_json_is_told_as_text_or_null(start):
    plugin = start(
        """
        import pathlib
        class Number:
            shape = ()
            def item(self):
                return 1.5
        def text2image(call):
            circle = []
            circle.append(circle)
            told = {"nan": float("nan"), "inf": [float("-inf")], "path": pathlib.Path("a"), 5: {1}}
            call.progress(Number(), "\\ud800", {**told, "circle": circle, "number": Number()})
            raise PluginError("over")
        run(text2image=text2image)
        """
    )
    plugin.hear()
    plugin.call()
    params = plugin.hear()["params"]
    data = params["data"]
    assert params["percent"] == 1.5 and params["message"] == "\ud800"
    assert (data["nan"], data["inf"], data["path"], data["5"]) == (None, [None], "a", [1])
    assert data["number"] == 1.5


def test_lines_that_are_no_messages_are_passed_over(start):
    plugin = start(MAKES)
    plugin.hear()
    plugin.process.stdin.write(b"\n42\n[]\n{\n\xff\n" + b"[" * 100_000 + b"\n")
    plugin.call()
    assert plugin.result()["status"] == "success"


def test_prints_and_input_do_not_touch_the_wire(start):
    plugin = start(
        """
        import os, sys
        def text2image(call):
            print("to the log")
            os.system("echo from a child")
            call.progress(5, sys.stdin.read())
            raise PluginError("over")
        run(text2image=text2image)
        """
    )
    plugin.hear()
    plugin.call()
    assert plugin.hear()["params"]["message"] == ""
    assert plugin.result()["error_message"] == "over"
    plugin.process.stdin.close()
    plugin.process.wait(4)
    assert plugin.process.stderr.read() == b"to the log\nfrom a child\n"


def test_a_host_that_reads_no_more_ends_it(start):
    plugin = start(
        """
        def text2image(call):
            while True:
                call.progress(1)
        run(text2image=text2image)
        """
    )
    plugin.hear()
    plugin.call()
    plugin.process.stdout.close()
    assert plugin.process.wait(4) == 1


def test_sigterm_ends_it_at_once(start):
    plugin = start(MAKES)
    plugin.hear()
    plugin.process.terminate()
    assert plugin.process.wait(2) == -signal.SIGTERM


def test_nothing_costly_is_imported_before_ready(tmp_path):
    script = tmp_path / "main.py"
    script.write_text(
        "import sys\nbefore = set(sys.modules)\nimport filmeto_plugin\n"
        "sys.stderr.write(' '.join(sorted(set(sys.modules) - before)))\n"
    )
    env = {"PYTHONPATH": str(SDK)}
    flags = [sys.executable, "-S", script]  # no site: what it imports is not the SDK's
    done = subprocess.run(flags, env=env, capture_output=True, text=True, check=True)
    heavy = {"json", "asyncio", "threading", "logging", "re", "enum", "typing", "dataclasses"}
    assert not heavy & set(done.stderr.split())
