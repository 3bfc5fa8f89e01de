"""A film of one's own pictures, footage, recordings and music, seen and heard in what comes out."""

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from filmeto_core.film.ffmpeg import ffmpeg_path
from filmeto_core.media import probe

# Each sound is a tone of its own, so that a spectrum tells which is heard.
MUSIC_HZ, FOOTAGE_HZ, VOICE_HZ, EFFECT_HZ = 220, 880, 440, 1760
RATE_HZ = 48_000

BOARD = {
    "title": "My own things",
    "size": "320x180",
    "fps": 24,
    "style": "charcoal",
    "negative_prompt": "birds",
    "seed": 5,
    "voice": {"language": "en"},
    "music": {"file": "own/theme.wav"},
    "shots": [
        {"id": "picture", "image": "own/tall.png", "motion": "static", "duration_s": 1},
        {"id": "footage", "clip": "own/footage.mp4", "duration_s": 1.5},
        {
            "id": "told",
            "prompt": "a house on a hill",
            "narration": "This is my own voice.",
            "voice_file": "own/voice.wav",
            "motion": "static",
        },
        {
            "id": "bang",
            "prompt": "the sea at noon",
            "sound": {"file": "own/bang.wav", "start_s": 0.3},
            "duration_s": 1.5,
            "seed": 9,
            "negative_prompt": "boats",
            "motion": "static",
        },
    ],
}


def ffmpeg(*argv) -> bytes:
    command = [ffmpeg_path(), "-nostdin", "-v", "error", "-y", *map(str, argv)]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout


def tone(path: Path, frequency: int, seconds: float) -> None:
    source = f"sine=frequency={frequency}:duration={seconds}:sample_rate=44100"
    ffmpeg("-f", "lavfi", "-i", source, path)


@pytest.fixture(scope="module")
def made(studio):
    """The film's folder, and a way to make it again with other options."""
    own = studio.work / "own"
    own.mkdir()
    tall = Image.new("RGB", (120, 300), (200, 30, 30))
    tall.save(own / "tall.png")
    tone(own / "theme.wav", MUSIC_HZ, 20)  # longer than the film
    tone(own / "voice.wav", VOICE_HZ, 1.2)
    tone(own / "bang.wav", EFFECT_HZ, 0.5)
    picture = "color=c=0x1E1EC8:s=200x200:r=30:d=1.5"
    sound = f"sine=frequency={FOOTAGE_HZ}:duration=1.5"
    sources = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    ffmpeg(*sources, "-pix_fmt", "yuv420p", "-shortest", own / "footage.mp4")
    path = studio.work / "mine.yaml"
    path.write_text(yaml.safe_dump(BOARD), encoding="utf-8")
    done = studio(path)
    assert done.returncode == 0, done.stderr
    return studio.work / "out" / "mine"


def report(folder: Path) -> dict:
    return json.loads((folder / "film.json").read_text(encoding="utf-8"))


def middle_of(folder: Path, shot: str) -> float:
    told = next(s for s in report(folder)["shots"] if s["id"] == shot)
    return told["start_s"] + told["duration_s"] / 2


def colours(folder: Path, shot: str) -> np.ndarray:
    """The frame in the middle of a shot: RGB, uint8, (height, width, 3)."""
    raw = ["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    data = ffmpeg("-ss", middle_of(folder, shot), "-i", folder / "film.mp4", *raw)
    return np.frombuffer(data, np.uint8).reshape(180, 320, 3)


def loudness(folder: Path, start_s: float, seconds: float) -> dict[int, float]:
    """How loud each of the four tones is in a stretch of the film, in dB."""
    raw = ["-vn", "-ac", "1", "-ar", RATE_HZ, "-f", "f32le", "-"]
    data = ffmpeg("-ss", start_s, "-t", seconds, "-i", folder / "film.mp4", *raw)
    samples = np.frombuffer(data, np.float32)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) / len(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    return {
        f: 20 * np.log10(spectrum[(hz > f * 0.97) & (hz < f * 1.03)].max() + 1e-9)
        for f in (MUSIC_HZ, FOOTAGE_HZ, VOICE_HZ, EFFECT_HZ)
    }


def test_no_tool_is_called_for_what_is_given(made):
    calls = {(a["shot"], a["tool"]) for a in report(made)["assets"]}
    assert calls == {
        ("picture", "image2video"),
        ("told", "text2image"),
        ("told", "image2video"),
        ("bang", "text2image"),
        ("bang", "image2video"),
    }


def test_style_negative_prompt_and_seed_reach_the_drawing(made):
    drawn = {
        a["shot"]: a["parameters"] for a in report(made)["assets"] if a["tool"] == "text2image"
    }
    assert "charcoal" in f"{drawn['told'].get('style')} {drawn['told']['prompt']}"
    assert drawn["told"]["negative_prompt"] == "birds" and drawn["told"]["seed"] == 5
    assert drawn["bang"]["negative_prompt"] == "boats" and drawn["bang"]["seed"] == 9


def test_a_picture_of_another_shape_fills_the_frame(made):
    frame = colours(made, "picture").astype(int)
    assert np.abs(frame - (200, 30, 30)).max() < 24


def test_a_clip_of_another_size_and_rate_fills_the_frame(made):
    film = probe(made / "film.mp4")
    assert (film.width_px, film.height_px, film.frame_rate) == (320, 180, 24)
    frame = colours(made, "footage").astype(int)
    assert np.abs(frame - (30, 30, 200)).max() < 24


def test_each_sound_is_heard_where_it_belongs(made):
    starts = {s["id"]: s["start_s"] for s in report(made)["shots"]}
    heard = loudness(made, starts["footage"] + 0.3, 0.9)
    assert heard[FOOTAGE_HZ] > -50 and heard[VOICE_HZ] < heard[FOOTAGE_HZ] - 30
    heard = loudness(made, middle_of(made, "told") - 0.4, 0.8)
    assert heard[VOICE_HZ] > heard[FOOTAGE_HZ] + 30 and heard[VOICE_HZ] > heard[MUSIC_HZ] + 6
    before, after = (loudness(made, starts["bang"] + s, 0.25) for s in (0.02, 0.4))
    assert after[EFFECT_HZ] > before[EFFECT_HZ] + 20


def test_own_music_gives_way_to_the_voice_and_fades_at_the_end(made):
    starts = {s["id"]: s["start_s"] for s in report(made)["shots"]}
    alone = loudness(made, starts["picture"] + 0.2, 0.6)[MUSIC_HZ]
    under = loudness(made, middle_of(made, "told") - 0.3, 0.6)[MUSIC_HZ]
    last = loudness(made, report(made)["duration_s"] - 0.1, 0.1)[MUSIC_HZ]
    assert alone > -50
    assert under < alone - 3
    assert last < alone - 15


def test_a_recorded_narration_has_subtitles(made):
    assert "This is my own voice." in (made / "film.srt").read_text()


def test_a_draft_of_some_shots_is_half_the_size_and_still_has_its_sounds(made, studio):
    options = ["--out", "draft", "--draft", "--shots", "footage,told"]
    done = studio(studio.work / "mine.yaml", *options)
    assert done.returncode == 0, done.stderr
    folder = studio.work / "draft"
    film = probe(folder / "film.mp4")
    assert (film.width_px, film.height_px) == (160, 90)
    assert [s["id"] for s in report(folder)["shots"]] == ["footage", "told"]
    assert loudness(folder, 0.3, 0.9)[FOOTAGE_HZ] > -50


def test_a_clip_that_is_damaged_in_its_middle_is_told_with_shot_field_and_time(studio):
    path = studio.work / "spoilt.mp4"
    noise = "testsrc2=s=160x96:r=24:d=2,noise=alls=40:allf=t"
    ffmpeg("-f", "lavfi", "-i", noise, "-pix_fmt", "yuv420p", path)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4096] = bytes(4096)
    path.write_bytes(data)
    board = {"size": "320x180", "shots": [{"id": "footage", "clip": "spoilt.mp4"}]}
    (studio.work / "spoilt.yaml").write_text(yaml.safe_dump(board), encoding="utf-8")
    done = studio(studio.work / "spoilt.yaml")
    assert done.returncode == 1
    told = " ".join(done.stderr.split())
    assert re.search(
        r"footage: clip: \S+spoilt\.mp4 looks like video/mp4 but .*at \d\.\d s: ", told
    )
    assert "Traceback" not in done.stderr
    assert not (studio.work / "out" / "spoilt" / "film.mp4").exists()
