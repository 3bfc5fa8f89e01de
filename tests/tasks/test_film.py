"""Whole films through the command line: made, made again, edited, damaged, failed, stopped."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from filmeto_core.media import probe

ROOT = Path(__file__).resolve().parents[2]

BOARD = {
    "title": "Two lamps",
    "size": "320x180",
    "fps": 24,
    "voice": {"language": "en"},
    "music": {"prompt": "calm piano"},
    "shots": [
        {"id": "dawn", "prompt": "a lighthouse on a cliff at dawn", "narration": "It was early."},
        {
            "id": "night",
            "prompt": "a boat on the sea at night, rain",
            "narration": "Then the lamp went dark.",
            "transition": {"kind": "dissolve", "duration_s": 0.5},
            "motion": "pan-left",
        },
        {"id": "end", "prompt": "the sea at sunset", "duration_s": 1, "motion": "static"},
    ],
}


def write(path: Path, board: dict) -> Path:
    path.write_text(yaml.safe_dump(board, allow_unicode=True), encoding="utf-8")
    return path


def edited(**shots: dict) -> dict:
    return {**BOARD, "shots": [{**s, **shots.get(s["id"], {})} for s in BOARD["shots"]]}


def report(folder: Path) -> dict:
    return json.loads((folder / "film.json").read_text(encoding="utf-8"))


def computed(folder: Path) -> set[tuple[str | None, str]]:
    return {(a["shot"], a["tool"]) for a in report(folder)["assets"] if not a["cached"]}


@pytest.fixture(scope="module")
def first(studio):
    done = studio(write(studio.work / "lamps.yaml", BOARD))
    assert done.returncode == 0, done.stderr
    return done, studio.work / "out" / "lamps"


def test_a_storyboard_becomes_a_film_with_all_its_papers(first):
    done, out = first
    film = probe(out / "film.mp4")
    assert (film.width_px, film.height_px, film.frame_rate) == (320, 180, 24)
    assert film.has_audio and film.sample_rate_hz == 48000
    assert abs(film.duration_s - report(out)["duration_s"]) < 1 / 24
    assert "It was early." in (out / "film.srt").read_text()
    assert probe(out / "contact_sheet.png").kind == "image"
    assert probe(out / "shots" / "dawn" / "still.png").width_px == 320
    assert probe(out / "shots" / "dawn" / "clip.mp4").kind == "video"
    assert probe(out / "shots" / "dawn" / "voice.wav").kind == "audio"
    assert probe(out / "score.wav").kind == "audio"
    assert not (out / "shots" / "end" / "voice.wav").exists()


def test_the_command_prints_the_files_and_the_runs_link(first):
    done, out = first
    assert done.stdout.splitlines() == [
        "out/lamps/film.mp4",
        "out/lamps/film.srt",
        "out/lamps/contact_sheet.png",
        "out/lamps/film.json",
    ]
    assert "/runs/flow-run/" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_report_lists_every_call_with_its_parameters(first):
    _, out = first
    told = report(out)
    assert [shot["id"] for shot in told["shots"]] == ["dawn", "night", "end"]
    assert told["size"] == "320x180" and told["fps"] == "24" and told["profile"] == "animatic"
    assert computed(out) == {
        (shot, tool)
        for shot in ("dawn", "night", "end")
        for tool in ("text2image", "image2video", "text2speak")
    } - {("end", "text2speak")} | {(None, "text2music")}
    still = next(a for a in told["assets"] if (a["shot"], a["tool"]) == ("dawn", "text2image"))
    assert still["plugin"] == "sketch" and still["parameters"]["width"] == 320
    assert isinstance(still["parameters"]["seed"], int)
    clip = next(a for a in told["assets"] if (a["shot"], a["tool"]) == ("dawn", "image2video"))
    assert clip["resources"] == [still["digest"]]
    assert Path(clip["path"]).is_absolute() and Path(clip["path"]).exists()


def test_the_second_run_calls_no_tool(studio, first):
    done = studio(studio.work / "lamps.yaml", "--out", "again")
    assert done.returncode == 0, done.stderr
    again = report(studio.work / "again")
    assert all(asset["cached"] for asset in again["assets"]) and again["film"]["cached"]
    assert again["film"]["digest"] == report(first[1])["film"]["digest"]


def test_an_edited_narration_makes_its_speech_and_what_depends_on_it(studio, first):
    board = edited(dawn={"narration": "It was very early, and cold."})
    done = studio(write(studio.work / "edited.yaml", board))
    assert done.returncode == 0, done.stderr
    out = studio.work / "out" / "edited"
    assert computed(out) == {
        ("dawn", "text2speak"),
        ("dawn", "image2video"),
        (None, "text2music"),
    }
    assert not report(out)["film"]["cached"]


def test_a_file_deleted_from_the_store_is_made_again(studio, first):
    _, out = first
    still = next(
        a for a in report(out)["assets"] if (a["shot"], a["tool"]) == ("end", "text2image")
    )
    before = Path(still["path"]).read_bytes()
    Path(still["path"]).unlink()
    done = studio(studio.work / "lamps.yaml", "--out", "healed")
    assert done.returncode == 0, done.stderr
    assert computed(studio.work / "healed") == {("end", "text2image")}
    assert Path(still["path"]).read_bytes() == before


def flip(path: Path) -> None:
    """Flip a bit as a disk does: size and times stay."""
    status, data = path.stat(), bytearray(path.read_bytes())
    data[len(data) // 2] ^= 16
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(0o444)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_flipped_bit_in_a_part_or_in_the_film_never_makes_a_bad_film_silently(studio, first):
    _, out = first
    told = report(out)
    clip = next(a for a in told["assets"] if (a["shot"], a["tool"]) == ("dawn", "image2video"))
    flip(Path(clip["path"]))
    flip(Path(told["film"]["path"]))  # the film that is there is of no use, and so made anew
    done = studio(studio.work / "lamps.yaml", "--out", "flipped")
    assert done.returncode == 1
    assert "missing or damaged" in done.stderr and clip["digest"] in done.stderr
    assert "Run the same command again" in done.stderr
    assert not (studio.work / "flipped/film.mp4").exists()
    done = studio(studio.work / "lamps.yaml", "--out", "flipped")
    assert done.returncode == 0, done.stderr
    assert computed(studio.work / "flipped") == {("dawn", "image2video")}
    film = (studio.work / "flipped/film.mp4").read_bytes()
    assert "sha256:" + hashlib.sha256(film).hexdigest() == told["film"]["digest"]


def test_refresh_makes_one_shot_anew(studio, first):
    done = studio(studio.work / "lamps.yaml", "--out", "fresh", "--refresh", "end")
    assert done.returncode == 0, done.stderr
    assert computed(studio.work / "fresh") == {("end", "text2image"), ("end", "image2video")}


def test_shots_and_draft_make_less_of_the_film(studio, first):
    done = studio(studio.work / "lamps.yaml", "--out", "less", "--shots", "dawn,end", "--draft")
    assert done.returncode == 0, done.stderr
    told = report(studio.work / "less")
    assert [shot["id"] for shot in told["shots"]] == ["dawn", "end"]
    assert told["size"] == "160x90"


def test_a_plugin_that_dies_in_one_shot_costs_only_that_shot(studio, first):
    plugins = {"FILMETO_PLUGINS": str(ROOT / "tests" / "plugins")}
    board = edited(
        end={"prompt": "now die", "plugin": {"text2image": "dies_on_word"}},
        dawn={"prompt": "a castle on a hill at noon"},
    )
    path = write(studio.work / "dies.yaml", board)
    done = studio(path, **plugins)
    assert done.returncode == 1
    assert "1 of 3 shots failed" in done.stderr
    assert "end · text2image · dies_on_word" in done.stderr
    assert "exit code 7" in done.stderr and "no more strength" in done.stderr
    assert "Traceback" not in done.stderr
    out = studio.work / "out" / "dies"
    assert (out / "shots" / "dawn" / "clip.mp4").exists()
    assert not (out / "film.mp4").exists()
    board["shots"][2]["prompt"] = "now live"
    done = studio(write(path, board), **plugins)
    assert done.returncode == 0, done.stderr
    assert computed(out) == {("end", "text2image"), ("end", "image2video")}


def test_ctrl_c_stops_all_and_the_next_run_goes_on(studio, first):
    board = edited(dawn={"prompt": "a whale in the sea", "duration_s": 8})
    path = write(studio.work / "stopped.yaml", board)
    command = [sys.executable, "-m", "filmeto_core", "film", str(path)]
    env = {**os.environ, "FILMETO_HOME": str(studio.home), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=studio.work, env=env, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        for line in process.stderr:
            if "text2image" in line and "done" in line:
                break
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=20)[1]
    assert process.returncode == 130
    assert "the same command goes on from here" in said
    done = studio(path)
    assert done.returncode == 0, done.stderr
    assert list((studio.home / "work").glob(f"calls/*/{process.pid}-*")) == []


def test_a_finished_film_leaves_no_work_behind(studio, first):
    # A folder for each plugin stays, since rules of running processes are tied to it; none for a call.
    assert list((studio.home / "work").glob("calls/*/*")) == []
    assert [folder.name for folder in (studio.home / "work").iterdir()] == ["calls"]
