"""Who reads a plugin's wire: its main thread between calls, another one while a call lasts."""

import contextlib
import json
import os
import random
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from filmeto_core import plugin_sdk

SDK = Path(plugin_sdk.__file__).parent
WAIT_S = 20  # the guard's; a call that nobody reads the wire for would last for ever


class Wire:
    """A plugin's process, spoken to over its pipes."""

    def __init__(self, folder, body):
        (folder / "main.py").write_text("from filmeto_plugin import *\n" + textwrap.dedent(body))
        self.out = folder / "out"
        self.out.mkdir()
        self.process = subprocess.Popen(
            [sys.executable, folder / "main.py"],
            env={"PYTHONPATH": str(SDK), "PATH": os.environ["PATH"]},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder,
        )
        self.guard = threading.Timer(WAIT_S, self.process.kill)
        self.guard.start()
        assert self.hear()["method"] == "ready"

    def hear(self):
        """The next message."""
        return json.loads(self.process.stdout.readline())

    def say(self, *messages):
        """Send messages in one write."""
        lines = [json.dumps({"jsonrpc": "2.0", **message}) + "\n" for message in messages]
        self.process.stdin.write("".join(lines).encode())
        self.process.stdin.flush()

    def request(self, number, **parameters):
        """An execute_task, as a message."""
        params = {"task_id": f"t{number}", "tool_name": "text2image", "parameters": parameters}
        params["output_dir"] = str(self.out)
        return {"id": number, "method": "execute_task", "params": params}

    def result(self, number):
        """The answer of that number, past all else."""
        while (message := self.hear()).get("id") != number:
            pass
        return message["result"]


def cancel(number):
    """A cancel, as a message."""
    return {"method": "cancel", "params": {"task_id": f"t{number}"}}


@pytest.fixture
def wire(tmp_path):
    """A plugin whose calls last as long as they are told, at most until they are cancelled."""
    made = Wire(
        tmp_path,
        """
        import filmeto_plugin._loop, time
        filmeto_plugin._loop.LOOK_S = 0.002
        filmeto_plugin._loop.PARKED_AFTER = 3
        def text2image(call):
            end = time.monotonic() + call.parameters.get("lasts_s", 0)
            while time.monotonic() < end:
                call.check_cancelled()
                time.sleep(0.0005)
            path = call.output("made")
            open(path, "w").write("made")
            return path
        run(text2image=text2image)
        """,
    )
    yield made
    made.guard.cancel()
    made.process.kill()
    made.process.wait()
    for pipe in (made.process.stdin, made.process.stdout):
        with contextlib.suppress(BrokenPipeError):
            pipe.close()


def test_cancels_at_random_moments_of_many_short_calls_end_the_right_ones(wire):
    chance = random.Random(4)
    for number in range(1, 1001):
        # Lengths about the moment at which the other thread takes over, and gives back.
        lasts_s = chance.choice([0, 0, 0.001, 0.002, 0.004])
        messages = [wire.request(number, lasts_s=lasts_s)]
        if chance.random() < 0.3:
            messages += [cancel(number)]
        if chance.random() < 0.2:
            messages += [{"id": -number, "method": "ping"}]
        if chance.random() < 0.5:
            wire.say(*messages)
        else:
            for message in messages:
                wire.say(message)
        result = wire.result(number)
        assert result["task_id"] == f"t{number}"
        told = (result.get("metadata") or {}).get("error", {}).get("code")
        assert result["status"] == "success" or told == "cancelled"
        if cancel(number) not in messages:
            assert result["status"] == "success"


def test_a_cancel_reaches_every_call_that_lasts(wire):
    for number in range(1, 60):
        wire.say(wire.request(number, lasts_s=60))
        if number % 3 == 0:
            wire.say({"id": -number, "method": "ping"})
            assert wire.hear()["result"] == {"status": "pong"}
        wire.say(cancel(number))
        assert wire.result(number)["metadata"]["error"]["code"] == "cancelled"


def test_a_cancel_after_its_calls_end_is_nobodys(wire):
    wire.say(wire.request(1))
    assert wire.result(1)["status"] == "success"
    again = wire.request(2, lasts_s=0.01)
    again["params"]["task_id"] = "t1"
    wire.say(cancel(1))
    wire.say({"id": 9, "method": "ping"})
    assert wire.result(9) == {"status": "pong"}
    wire.say(again)
    assert wire.result(2)["status"] == "success"


def test_requests_that_come_during_a_call_run_after_it_in_order(wire):
    wire.say(wire.request(1, lasts_s=0.05))
    wire.say(wire.request(2), wire.request(3, lasts_s=60), wire.request(4), cancel(3))
    assert [wire.result(number)["status"] for number in (1, 2, 3, 4)] == [
        "success",
        "success",
        "error",
        "success",
    ]


def test_a_call_is_watched_also_after_the_watcher_had_gone_to_sleep(wire):
    for number in range(1, 6):
        wire.say({"id": 100 + number, "method": "get_info"})
        assert wire.result(100 + number)["tools"] == ["text2image"]
        threading.Event().wait(0.02)  # past PARKED_AFTER looks without a call
        wire.say(wire.request(number, lasts_s=60))
        wire.say(cancel(number))
        assert wire.result(number)["metadata"]["error"]["code"] == "cancelled"


def test_a_request_of_many_reads_is_put_together(wire):
    wire.say(wire.request(1, prompt="x" * 300_000))
    assert wire.result(1)["status"] == "success"


def test_the_end_of_the_wire_is_seen_while_a_call_lasts(wire):
    wire.say(wire.request(1, lasts_s=60))
    wire.process.stdin.close()
    assert wire.process.wait(4) == 0
