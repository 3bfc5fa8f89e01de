"""Wrong input: exit code 2, one short message, no traceback, nothing started or left behind."""

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
    said = refused("run", "text2video", "--param", "prompt=x")
    assert "no installed plugin serves text2video" in said
