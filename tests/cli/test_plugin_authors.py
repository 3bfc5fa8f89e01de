"""`filmeto plugins new`, `check` and `shell`, as a person runs them."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from filmeto_core.media import probe

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "tests" / "plugins"
SMALL = ("--param", "width=32", "--param", "height=32")


@pytest.fixture
def brush(filmeto):
    """A new plugin in the working folder."""
    done = filmeto("plugins", "new", "brush", "--tool", "text2image")
    assert done.returncode == 0, done.stderr
    return Path("brush")


@pytest.fixture
def shell(home):
    """`shell(lines, folder)`: the shell with these lines on its stdin, which then ends."""

    def run(lines, folder="./brush", *options):
        command = [sys.executable, "-m", "filmeto_core", "plugins", "shell", folder, *options]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            command, input=lines, capture_output=True, text=True, timeout=30, env=env
        )

    return run


# --- new ------------------------------------------------------------------------------------------


def test_new_names_what_it_wrote_and_what_to_do_next(filmeto):
    done = filmeto("plugins", "new", "brush", "--tool", "text2image", "--dir", "mine/brush")
    assert "mine/brush/plugin.yaml" in done.stdout.splitlines()
    assert "filmeto plugins check mine/brush" in done.stderr
    assert Path("mine/brush/test_brush.py").is_file()


def test_a_new_plugin_makes_a_picture(filmeto, brush):
    command = ("run", "text2image", "--plugin", "brush", "--direct", "--param", "prompt=dawn")
    done = filmeto(*command, FILMETO_PLUGINS="brush")
    assert done.returncode == 0, done.stderr
    assert probe(Path(done.stdout.strip())).width_px == 640


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("brush", "--tool", "text2imge"), 'Did you mean "text2image"'),
        (("brush",), "--tool"),
        (("../brush", "--tool", "text2image"), "the name: expected 1 to 64 letters"),
        (("brush", "--tool", "text2image", "--dir", "."), "nothing is overwritten"),
    ],
)
def test_new_refuses_what_is_wrong_and_writes_nothing(filmeto, argv, said):
    Path("mine.txt").touch()
    done = filmeto("plugins", "new", *argv)
    assert done.returncode == 2
    assert said in done.stderr and "Traceback" not in done.stderr
    assert os.listdir() == ["mine.txt"]


# --- check ----------------------------------------------------------------------------------------


def test_check_passes_a_new_plugin_by_its_folder_and_by_its_name(filmeto, brush):
    for meant in ("./brush", "brush"):
        done = filmeto("plugins", "check", meant, *SMALL, FILMETO_PLUGINS="brush")
        assert done.returncode == 0, done.stdout
        assert done.stdout.splitlines()[-1].startswith("brush passes: ")


def test_check_tells_a_failure_with_what_to_do_and_exit_code_1(filmeto):
    done = filmeto("plugins", "check", "never_ready", FILMETO_PLUGINS=str(PLUGINS))
    assert done.returncode == 1
    assert "FAILED  ready" in done.stdout and "load()" in done.stdout
    assert "never_ready does not pass" in done.stdout


def test_check_tells_programs_all_in_json(filmeto, brush):
    done = filmeto("plugins", "check", "./brush", "--json", *SMALL)
    told = json.loads(done.stdout)
    assert (told["plugin"], told["passed"], told["counts"]["failed"]) == ("brush", True, 0)
    checks = {check["check"]: check["state"] for check in told["checks"]}
    assert checks["text2image.seed"] == checks["processes"] == "ok"


def test_check_shows_a_broken_manifest_with_its_lines(filmeto, brush):
    path = brush / "plugin.yaml"
    path.write_text(path.read_text().replace("type: integer", "type: whole", 1))
    for meant in ("./brush", "brush"):
        done = filmeto("plugins", "check", meant, FILMETO_PLUGINS=".")
        assert done.returncode == 1
        assert "FAILED  manifest" in done.stdout and "plugin.yaml:22: tools[0]" in done.stdout


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("nowhere",), "there is no plugin 'nowhere'"),
        (("./empty",), "holds no plugin.yaml"),
        (("skech",), 'Did you mean "sketch"'),
        (("sketch", "--param", "widht=3"), 'Did you mean "width"'),
        (("sketch", "--param", "width=3"), "width: expected an integer from 64"),
        (("sketch", "--timeout", "0"), "--timeout"),
    ],
)
def test_check_refuses_what_is_no_plugin_or_no_parameter(filmeto, argv, said):
    Path("empty").mkdir()
    done = filmeto("plugins", "check", *argv)
    assert done.returncode == 2, done.stdout
    assert said in done.stderr and "Traceback" not in done.stderr


def test_ctrl_c_ends_a_check_and_leaves_nothing(brush, home, tmp_path):
    path = brush / "text2image.py"
    path.write_text(path.read_text().replace("    rows = bytearray()", "    while True: pass"))
    left = tmp_path / "temporary"
    left.mkdir()
    command = [sys.executable, "-m", "filmeto_core", "plugins", "check", "./brush"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(left)}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE) as process:
        end = time.monotonic() + 10
        while not list(home.glob("calls/brush/work-*/call-1")) and time.monotonic() < end:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 130
    assert [*left.iterdir(), *home.glob("calls/brush/*")] == []
    assert _working_in(brush.resolve()) == []


# --- shell ----------------------------------------------------------------------------------------


def test_the_shell_reads_a_script_and_waits_for_every_answer(brush, shell):
    done = shell('call prompt="a boat" width=32 height=16\ninfo\n')
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("-> ") and "execute_task" in line]
    assert any(line.startswith("<- ") and '"status":"success"' in line for line in lines)
    assert "picture.png: image/png 32x16" in done.stdout
    assert "exit code 0" in lines[-1]
    assert _working_in(brush.resolve()) == []


def test_the_shell_keeps_what_is_made_where_it_is_told(brush, shell):
    shell("call width=32 height=16\n", "./brush", "--out", "kept")
    assert probe(Path("kept/call-1/picture.png")).width_px == 32


def test_the_shell_of_a_plugin_that_never_gets_ready_is_exit_code_1(shell):
    done = shell("ping\n", str(PLUGINS / "never_ready"))
    assert done.returncode == 1
    assert " | still loading" in done.stdout
    assert "not ready within 0.5 s" in done.stdout


def test_the_shell_on_a_terminal_prompts_and_ends_at_ctrl_c(brush, home):
    command = [sys.executable, "-m", "filmeto_core", "plugins", "shell", "./brush"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "200"}
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, env=env, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        _hear(ours, b"> ")
        os.write(ours, b"ping\n")
        _hear(ours, b"pong")
        process.send_signal(signal.SIGINT)
        _hear(ours, b"exit code 0")
        assert process.wait(5) == 130
    os.close(ours)
    assert _working_in(brush.resolve()) == []


def _hear(terminal, wanted):
    heard, end = b"", time.monotonic() + 10
    while wanted not in heard:
        assert time.monotonic() < end, heard
        heard += os.read(terminal, 4096)


def _working_in(folder):
    found = []
    for name in filter(str.isdigit, os.listdir("/proc") if sys.platform == "linux" else ()):
        try:
            if os.readlink(f"/proc/{name}/cwd") == str(folder):
                found.append(int(name))
        except OSError:
            continue
    return found
