"""The camera plugin's clips must be copied into a film as they are: one encoder, written down twice."""

import subprocess
import sys
import threading
from fractions import Fraction
from pathlib import Path

import pytest
from film_material import ffmpeg, frames_of, make_timeline

from filmeto_core.film import encoder
from filmeto_core.film.clip_index import read_facts
from filmeto_core.film.ffmpeg import ffmpeg_path
from filmeto_core.film.picture import Workshop, make_picture

sys.path.append(str(Path(__file__).parents[2] / "plugins" / "camera"))
import camera_encoder
import camera_rate


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(24000, 1001), Fraction(25, 2)])
def test_clips_of_the_camera_are_copied_into_the_film_bit_for_bit(tmp_path, rate):
    raw, clip = tmp_path / "raw.yuv", tmp_path / "clip.mp4"
    source = f"testsrc2=s=320x180:r={rate}:d=3"
    ffmpeg(
        "-f", "lavfi", "-i", source, "-frames:v", "30", "-pix_fmt", "yuv420p", "-f", "rawvideo", raw
    )
    subprocess.run(
        camera_encoder.encoder_command(ffmpeg_path(), str(raw), (320, 180), rate, str(clip)),
        check=True,
        timeout=30,
    )
    work = tmp_path / "work"
    work.mkdir()
    film = tmp_path / "picture.mp4"
    timeline = make_timeline((25, "cut", 0), (30, "dissolve", 5), rate=rate)
    workshop = Workshop(timeline, work, threading.Event(), 2)
    make_picture(workshop, {"a": clip, "b": clip}, film, lambda _done, _message: None)
    assert not list(work.glob("clip-*"))  # none was encoded anew as a whole
    assert read_facts(film).extradata == read_facts(clip).extradata
    given, got = frames_of(clip), frames_of(film)
    assert got[:20] == given[:20] and got[-12:] == given[-12:]


@pytest.mark.parametrize("rate", [Fraction(1), Fraction(24), Fraction(30000, 1001), Fraction(120)])
def test_key_frames_and_time_scale_are_the_cameras(rate):
    assert encoder.key_interval(rate) == camera_rate.key_interval(rate)
    assert encoder.timescale(rate) == camera_rate.timescale(rate)
