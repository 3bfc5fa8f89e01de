"""`filmeto write` as people call it: a process of its own, stdout, stderr, files, exit codes."""

import json
import re
import shlex
from pathlib import Path

import pytest

from filmeto_core.cli.parser import parse
from filmeto_core.errors import ValidationError
from filmeto_core.film.storyboard import load_storyboard, read_storyboard
from tests.write.fake_model import completion, failure, serving_model

PAGE = Path(__file__).resolve().parents[2] / "docs" / "writing-a-storyboard.md"
LOGLINE = "An old lighthouse keeper finds a letter from his daughter on the night of a great storm."
NO_MODEL = {"FILMETO_WRITER_URL": "", "FILMETO_WRITER_MODEL": "", "FILMETO_WRITER_KEY": ""}


def test_stdout_is_the_storyboard_and_nothing_else_and_stderr_says_who_wrote_it(filmeto):
    done = filmeto("write", LOGLINE, "--shots", "5", **NO_MODEL)
    assert done.returncode == 0, done.stderr
    board = read_storyboard(done.stdout.encode(), base=Path.cwd())
    assert len(board.shots) == 5 and "keeper" in done.stdout
    assert done.stdout.startswith("# Written by filmeto's template writer, not by a language model")
    assert "not by a language model" in done.stderr and "FILMETO_WRITER_URL" in done.stderr


def test_a_chinese_logline_is_saved_and_not_overwritten_unless_told(filmeto):
    asked = ("write", "小女孩在江南水乡寻找外婆丢失的古琴。", "--out", "故事.yaml", "--shots", "3")
    done = filmeto(*asked, **NO_MODEL)
    assert (done.returncode, done.stdout) == (0, "") and "故事.yaml" in done.stderr
    assert load_storyboard("故事.yaml").voice.language == "zh"
    Path("故事.yaml").write_text("mine", encoding="utf-8")
    again = filmeto(*asked, **NO_MODEL)
    assert again.returncode == 2 and "--force" in again.stderr
    assert Path("故事.yaml").read_text(encoding="utf-8") == "mine"
    assert filmeto(*asked, "--force", **NO_MODEL).returncode == 0
    assert len(load_storyboard("故事.yaml").shots) == 3
    assert [path.name for path in Path.cwd().iterdir()] == ["故事.yaml"]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--shots", "101"), "1 to 100"),
        (("--profile", "studioo"), 'no profile "studioo"'),
        (("--language", "english"), 'Did you mean "en"?'),
        (("--out", "nowhere/story.yaml"), "no folder nowhere"),
        (("--out", "."), "is a folder"),
    ],
)
def test_wrong_options_are_wrong_usage_and_print_nothing(home, monkeypatch, capsys, argv, said):
    for name in NO_MODEL:
        monkeypatch.delenv(name, raising=False)
    options = parse(["write", LOGLINE, *argv])
    with pytest.raises(ValidationError) as caught:
        options.command(options)
    assert said in str(caught.value) and caught.value.handling.exit_code == 2
    assert capsys.readouterr().out == ""


def test_no_shots_are_refused_with_2_and_nothing_on_stdout(filmeto):
    done = filmeto("write", LOGLINE, "--shots", "0", **NO_MODEL)
    assert (done.returncode, done.stdout) == (2, "") and "whole number from 1" in done.stderr


def test_a_configured_model_is_asked_and_not_with_template(filmeto):
    shots = [{"prompt": f"a boat {n}", "narration": f"Line {n}."} for n in range(2)]
    with serving_model(completion(json.dumps({"title": "Boats", "shots": shots}))) as fake:
        model = {"FILMETO_WRITER_URL": fake.url, "FILMETO_WRITER_MODEL": "tiny"}
        asked = filmeto("write", LOGLINE, "--shots", "2", "--seed", "3", **model)
        plain = filmeto("write", LOGLINE, "--shots", "2", "--template", **model)
    assert asked.returncode == 0 and "title: Boats" in asked.stdout
    assert "asking tiny" in asked.stderr and "written by tiny" in asked.stderr
    assert "Boats" not in plain.stdout and len(fake.asked) == 1 and fake.asked[0]["seed"] == 3


def test_a_model_that_fails_is_exit_code_1_and_no_half_file(filmeto):
    with (
        serving_model(failure(401, "bad key sk-123")) as fake,
        serving_model(completion("no")) as deaf,
    ):
        env = {"FILMETO_WRITER_MODEL": "m", "FILMETO_WRITER_KEY": "sk-123"}
        refused = filmeto("write", LOGLINE, "--out", "a.yaml", FILMETO_WRITER_URL=fake.url, **env)
        silent = filmeto("write", LOGLINE, "--out", "b.yaml", FILMETO_WRITER_URL=deaf.url, **env)
    assert refused.returncode == 2 and "sk-123" not in refused.stderr + refused.stdout
    assert silent.returncode == 1 and "wrote no storyboard" in silent.stderr
    assert list(Path.cwd().iterdir()) == []


def test_the_pages_example_gives_what_the_page_shows(filmeto):
    page = PAGE.read_text(encoding="utf-8")
    (command,) = re.findall(r"^    (filmeto write .*--out \S+)$", page, re.MULTILINE)
    (shown,) = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    argv = shlex.split(command)[1:]
    done = filmeto(*argv, **NO_MODEL)
    assert done.returncode == 0, done.stderr
    assert Path(argv[-1]).read_text(encoding="utf-8") == shown
