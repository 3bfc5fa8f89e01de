"""Wrong input: exit code 2, one short message, no traceback, nothing started or left behind."""

import fcntl
import os
import time
from pathlib import Path

import pytest
import yaml

SHOT = {"prompt": "a boat"}


def board(work: Path, **fields) -> str:
    path = work / "story.yaml"
    path.write_text(yaml.safe_dump({"shots": [SHOT], **fields}), encoding="utf-8")
    return str(path)


@pytest.fixture
def refused(filmeto, home):
    """Runs a command that has to be refused; its message."""

    def run(*argv: str, port: str = "1") -> str:
        api = f"http://127.0.0.1:{port}/api"  # nothing answers there, and nothing may be started
        done = filmeto(*argv, PREFECT_API_URL=api)
        assert done.returncode == 2, done.stderr
        assert "Traceback" not in done.stderr
        assert not Path("out").exists()
        assert not any((home / "work").glob("*"))
        return done.stderr

    return run


def test_a_missing_storyboard(refused):
    assert "nowhere.yaml" in refused("film", "nowhere.yaml")


def test_a_misspelt_key_with_its_line(refused):
    said = refused("film", board(Path.cwd(), shots=[{**SHOT, "moton": "static"}]))
    assert "story.yaml:2" in said and 'Did you mean "motion"?' in said


def test_all_problems_of_a_storyboard_at_once(refused):
    said = refused("film", board(Path.cwd(), size="1281x720", fps=0, shots=[{"id": "../x"}]))
    for field in ("size", "fps", "shots[0].id", "shots[0]"):
        assert field in said


def test_an_unknown_shot(refused):
    said = refused("film", board(Path.cwd()), "--shots", "shot-2")
    assert 'no shot "shot-2"' in said


def test_an_unknown_profile(refused):
    assert 'no profile "studio"' in refused("film", board(Path.cwd()), "--profile", "studio")


def test_an_unknown_plugin_in_a_shot(refused):
    said = refused("film", board(Path.cwd(), shots=[{**SHOT, "plugin": {"text2image": "skech"}}]))
    assert 'Did you mean "sketch"?' in said


def test_a_given_picture_that_is_none(refused):
    Path("ref.png").write_bytes(b"not a picture")
    said = refused("film", board(Path.cwd(), shots=[{"image": "ref.png"}]))
    assert "ref.png" in said


def test_an_unknown_tool(refused):
    assert 'Did you mean "text2image"?' in refused("run", "text2imge")


def test_an_unknown_option(refused):
    assert "Did you mean --draft?" in refused("film", "x.yaml", "--darft")


def test_an_unknown_parameter(refused):
    said = refused("run", "text2image", "--param", "prompt=x", "--param", "widht=64")
    assert "widht" in said and 'Did you mean "width"?' in said


def test_a_parameter_out_of_range(refused):
    said = refused("run", "text2image", "--param", "prompt=x", "--param", "width=1")
    assert "width" in said and "64" in said


def test_a_parameter_of_the_wrong_type(refused):
    assert "expected integer" in refused("run", "text2image", "--param", "width=wide")


def test_a_missing_prompt(refused):
    assert "prompt" in refused("run", "text2image")


def test_an_unknown_plugin(refused):
    said = refused("run", "text2image", "--plugin", "skech", "--param", "prompt=x")
    assert 'Did you mean "sketch"?' in said


def test_a_missing_input_file(refused):
    said = refused("run", "image2video", "--input", "nowhere.png")
    assert "nowhere.png" in said


def test_a_malformed_url(refused):
    assert "http" in refused("run", "image2video", "--input", "http://[::1")


def test_bad_base64(refused):
    assert "base64" in refused("run", "image2video", "--input", "data:image/png;base64,@@@")


def test_a_tool_that_nothing_serves(refused):
    Path("filmeto.yaml").write_text("profiles: {animatic: {text2video: nobody}}")
    said = refused("run", "text2video", "--param", "prompt=x")
    assert "no installed plugin serves text2video" in said


@pytest.mark.parametrize("written", ["prompt", "=x", " =x"])
def test_a_parameter_that_is_no_pair(refused, written):
    assert "expected KEY=VALUE" in refused("run", "text2image", "--param", written)


def test_a_parameter_given_twice(refused):
    said = refused("run", "text2image", "--param", "prompt=x", "--param", "prompt=y")
    assert "prompt is given twice" in said


@pytest.mark.parametrize(
    ("name", "said"),
    [("binary.yaml", "not UTF-8"), ("folder.yaml", "folder"), ("empty.yaml", "nothing in it")],
)
def test_a_storyboard_that_is_none(refused, name, said):
    Path("binary.yaml").write_bytes(bytes(range(256)) * 20)
    Path("folder.yaml").mkdir()
    Path("empty.yaml").touch()
    assert said in refused("film", name)


def test_no_shot_among_the_shots(refused):
    assert "names no shot" in refused("film", board(Path.cwd()), "--shots", " ,")


@pytest.mark.parametrize("out", ["taken", "taken/inside"])
def test_an_output_folder_that_is_a_file(refused, out):
    Path("taken").write_text("mine")
    said = refused("film", board(Path.cwd()), "--out", out)
    assert "a file of that name is in the way" in said and "--out" in said
    said = refused("run", "text2image", "--param", "prompt=x", "--direct", "--out", out)
    assert "a file of that name is in the way" in said
    assert Path("taken").read_text() == "mine"


def test_an_output_folder_in_which_another_film_is_being_made(refused):
    Path("busy").mkdir()
    held = os.open("busy", os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    said = refused("film", board(Path.cwd()), "--out", "busy")
    os.close(held)
    assert "another film is being made there" in said


def test_a_data_folder_that_cannot_be_made(filmeto, home):
    Path("taken").write_text("mine")
    story = board(Path.cwd())
    for command in (("film", story), ("run", "text2image", "--direct", "--param", "prompt=x")):
        done = filmeto(*command, FILMETO_HOME=str(Path("taken").absolute() / "home"))
        assert done.returncode == 2
        assert "Set FILMETO_HOME" in done.stderr and "Traceback" not in done.stderr


def test_a_thousand_shots_are_checked_in_seconds(refused):
    shots = [{"id": f"s{n}", "prompt": "a boat", "narration": "Row."} for n in range(1000)]
    path = board(Path.cwd(), shots=shots)
    started = time.monotonic()
    for option in ("--refresh", "--shots"):
        said = refused("film", path, option, "shot-2")
        assert "shot-2" in said and "988 more" in said and len(said) < 400
    assert time.monotonic() - started < 15  # 3 s where the machine is idle
