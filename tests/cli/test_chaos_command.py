"""`filmeto chaos` refuses what it should not start, before anything is started."""

import json

import pytest
import yaml

from filmeto_core.cli import main

BOARD = {"size": "160x90", "profile": "costly", "shots": [{"id": "one", "prompt": "a lamp"}]}
PROJECT = "profiles:\n  costly: {text2image: paid, image2video: paid}\n"


@pytest.fixture
def story(home, tmp_path, monkeypatch, request):
    monkeypatch.setenv("FILMETO_PLUGINS", str(request.config.rootpath / "tests" / "plugins"))
    (tmp_path / "filmeto.yaml").write_text(PROJECT)
    path = tmp_path / "story.yaml"
    path.write_text(yaml.safe_dump(BOARD))
    return path


def test_films_that_cost_money_are_refused_with_what_they_would_cost(story, capsys):
    assert main(["chaos", str(story), "--runs", "9"]) == 2
    told = capsys.readouterr().err
    assert "these 10 films" in told and "3.40 USD" in told and "--spend AMOUNT" in told
    assert not (story.parent / "work" / "out").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--victims", "flow,plugn"], 'Did you mean "plugin"?'),
        (["--victims", ","], "names nobody"),
        (["--spend", "much"], "--spend: expected an amount of money"),
        (["--profile", "costli"], 'Did you mean "costly"?'),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(story, capsys, words, told):
    assert main(["chaos", str(story), *words]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--runs", "0"], ["--jobs", "x"], ["--film", "-1"]])
def test_counts_are_whole_numbers_from_one(story, capsys, words):
    with pytest.raises(SystemExit) as left:
        main(["chaos", str(story), *words])
    assert left.value.code == 2
    assert "expected a whole number from 1" in capsys.readouterr().err


def test_a_folder_of_other_films_is_refused(story, capsys):
    out = story.parent / "there"
    out.mkdir()
    (out / "ledger.jsonl").write_text(json.dumps({"kind": "about", "seed": 3}) + "\n")
    assert main(["chaos", str(story), "--spend", "99", "--out", str(out)]) == 2
    assert "films were killed there already" in capsys.readouterr().err
