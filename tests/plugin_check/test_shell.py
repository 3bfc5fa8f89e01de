"""`plugins shell`'s library: what is shown of a conversation, and that nothing is left of it."""

import contextlib
import json
import shutil
import threading
from pathlib import Path

import pytest

from filmeto_core.plugin_check.shell import Shell
from filmeto_core.plugin_check.workshop import work_folder
from filmeto_core.plugin_host.environment import Environments
from filmeto_core.plugin_host.plugin import load_plugin
from filmeto_core.settings import Settings

WAIT_S = 20.0
JOBBER = Path(__file__).resolve().parents[1] / "plugins" / "jobber"


class Talk:
    """A shell on a plugin, and what it showed."""

    def __init__(self, folder, home, stack):
        plugin, _ = load_plugin(folder)
        out = stack.enter_context(work_folder(plugin, Settings(home=home)))
        environments = Environments(Settings(home=home).environments_dir)
        python = environments.build(plugin, lambda line: None)
        environments.close()
        self.shown = []
        show = lambda *what: self.shown.append(what)  # noqa: E731
        self.shell = Shell(plugin, python, Settings(home=home), out, show, timeout_s=WAIT_S)

    def do(self, *lines):
        """Do each line, and wait until it is answered."""
        for line in lines:
            assert self.shell.do(line)
            assert self.shell.wait(WAIT_S)

    def said(self, kind):
        """What was shown of one kind."""
        return [text for shown, text in self.shown if shown == kind]


@pytest.fixture
def talk(home):
    """`talk(folder)`: a started Talk; ended with the test, its thread too."""
    before, talks, stack = set(threading.enumerate()), [], contextlib.ExitStack()

    def start(folder):
        talks.append(Talk(folder, home, stack))
        assert talks[-1].shell.start()
        return talks[-1]

    yield start
    for one in talks:
        one.shell.close()
    stack.close()
    assert set(threading.enumerate()) - before == set()


def test_a_call_shows_both_directions_and_what_was_made(brush, talk):
    spoken = talk(brush)
    spoken.do('call prompt="a boat" width=32 height=16')
    (sent,) = map(json.loads, spoken.said("sent"))
    assert sent["params"]["parameters"]["prompt"] == "a boat"
    assert sent["params"]["parameters"]["width"] == 32
    got = [json.loads(text) for text in spoken.said("got")]
    assert [message.get("method") for message in got][:2] == ["ready", "progress"]
    assert got[-1]["result"]["status"] == "success"
    assert spoken.said("shell")[-1].endswith("picture.png: image/png 32x16")


def test_ping_info_and_lines_of_json_are_answered(brush, talk):
    spoken = talk(brush)
    spoken.do("ping", "info", '{"jsonrpc":"2.0","id":"mine","method":"nothing"}')
    answers = {str(m.get("id")): m for m in map(json.loads, spoken.said("got"))}
    assert answers["1"]["result"] == {"status": "pong"}
    assert answers["2"]["result"]["tools"] == ["text2image"]
    assert answers["mine"]["error"]["code"] == -32601


def test_cancel_stops_the_call_that_runs(brush, talk, edit):
    wait = "import time; time.sleep(0.2); call.check_cancelled()"
    edit(brush / "text2image.py", "call.check_cancelled()", wait)
    spoken = talk(brush)
    assert spoken.shell.do("call height=160")
    spoken.do("cancel")
    last = json.loads(spoken.said("got")[-1])
    assert last["result"]["error_message"] == "cancelled"


def test_text_on_stdout_and_stderr_is_set_apart(copied, talk):
    spoken = talk(copied("seed_style"))
    spoken.do("call prompt=refuse")
    assert spoken.said("text") == ["Loading the model ..."]
    assert json.loads(spoken.said("got")[-1])["result"]["status"] == "error"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("cal", 'Did you mean "call"'),
        ("call text2imge", 'Did you mean "text2image"'),
        ("call widht=3", 'Did you mean "width"'),
        ("call width=wide", "expected an integer"),
        ("call wide", "there is no tool 'wide'"),
        ('call prompt="open', "No closing quotation"),
        ("wait soon", "expected seconds"),
        ("cancel", "nothing was called yet"),
    ],
)
def test_what_is_mistyped_is_told_and_costs_nothing(brush, talk, line, said):
    spoken = talk(brush)
    assert spoken.shell.do(line)
    assert said in spoken.said("shell")[-1]
    assert spoken.said("sent") == []


def test_a_plugin_that_ends_says_how_and_can_be_restarted(copied, talk):
    spoken = talk(copied("crash"))
    assert spoken.shell.do("call how=kill")
    spoken.shell.wait(WAIT_S)
    assert "its process was ended by SIGKILL." in spoken.said("shell")
    assert "the last words of a plugin" in spoken.said("stderr")
    assert not spoken.shell.alive
    assert spoken.shell.do("ping")
    assert "restart" in spoken.said("shell")[-1]
    spoken.do("restart", "ping")
    assert spoken.shell.alive


def test_what_a_plugin_leaves_running_is_told_and_killed(copied, talk, tmp_path):
    spoken = talk(copied("grandchild"))
    spoken.do("call")
    spoken.shell.close()
    left = [text for text in spoken.said("shell") if "left a process running" in text]
    assert len(left) == 2


def test_quit_ends(brush, talk):
    assert talk(brush).shell.do(" quit ") is False


def test_what_a_plugin_asks_is_answered_as_a_host_does(talk, tmp_path):
    shutil.copytree(JOBBER, tmp_path / "jobber")
    told = talk(tmp_path / "jobber")
    told.do("call text2image prompt=boat")
    assert any('"committed":true' in line for line in told.said("sent"))
    assert any('"status":"success"' in line for line in told.said("got"))
