"""`filmeto film --plan` as people and programs see it; nothing is started for it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from filmeto_core.cli import main

ROOT = Path(__file__).resolve().parents[2]
BOARD = {
    "title": "Two lamps",
    "size": "320x180",
    "music": "calm piano",
    "shots": [
        {"id": "dawn", "prompt": "a lighthouse", "narration": "It was early."},
        {"id": "night", "prompt": "a boat", "duration_s": 2},
    ],
}


@pytest.fixture
def storyboard(home):
    path = Path("lamps.yaml")
    path.write_text(yaml.safe_dump(BOARD))
    return path


def test_each_call_has_a_line_then_the_assembly_then_what_they_come_to(storyboard, capsys):
    assert main(["film", str(storyboard), "--plan"]) == 0
    heading, *rows, totals = capsys.readouterr().out.splitlines()
    assert heading.split() == ["shot", "tool", "plugin", "what", "time", "why"]
    assert [tuple(row.split()[:4]) for row in rows] == [
        ("dawn", "text2speak", "piper", "compute"),
        ("dawn", "text2image", "sketch", "compute"),
        ("dawn", "image2video", "camera", "compute"),
        ("night", "text2image", "sketch", "compute"),
        ("night", "image2video", "camera", "compute"),
        ("film", "text2music", "score", "compute"),
        ("film", "assemble", "filmeto", "compute"),
    ]
    assert rows[2].endswith("first time; as long as its narration needs, about 2.2 s")
    assert totals == "6 calls: 6 computed, nobody knows yet how long"


def test_programs_get_the_same_as_fields(storyboard, capsys):
    assert main(["film", str(storyboard), "--plan", "--json", "--shots", "night", "--draft"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert (plan["size"], plan["film"]) == ("160x90", str(Path("out/lamps").absolute()))
    still, clip, score = plan["calls"]
    assert (still["shot"], still["tool"], still["plugin"]) == ("night", "text2image", "sketch")
    assert (still["action"], still["certain"], still["why"]) == ("compute", True, "first time")
    assert len(still["key"]) == 64 and clip["key"] is None and score["shot"] is None
    assert still["seconds"] is None and still["cost"] is None and still["changes"] == []
    assert plan["totals"]["calls"] == 3 and plan["assembly"]["tool"] == "assemble"


def test_a_plan_makes_no_folder_and_refuses_what_the_film_would(storyboard, capsys):
    assert main(["film", str(storyboard), "--plan", "--out", "new"]) == 0
    assert not Path("new").exists() and not Path("out").exists()
    assert main(["film", str(storyboard), "--plan", "--shots", "noon"]) == 2
    assert main(["film", str(storyboard), "--plan", "--refresh", "noon"]) == 2
    assert main(["film", str(storyboard), "--json"]) == 2
    assert "add --plan" in capsys.readouterr().err


def test_planning_starts_no_process_and_imports_no_prefect(storyboard):
    script = """
import sys
started = []
def heard(event, arguments):
    if event in ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.exec", "os.system"):
        started.append(event)
sys.addaudithook(heard)
from filmeto_core.cli import main
code = main(sys.argv[1:])
import threading
sys.stdout.write(repr((code, started, "prefect" in sys.modules, threading.active_count())))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, "film", str(storyboard), "--plan"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.splitlines()[-1] == "(0, [], False, 1)"
