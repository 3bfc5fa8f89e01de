import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
import time
from fractions import Fraction
from pathlib import Path

import av
import pytest
from film_material import (
    ffmpeg,
    frames_of,
    loudness_of,
    make_clip,
    make_speech,
    make_timeline,
    make_tone,
)

from filmeto_core.errors import AssemblyError
from filmeto_core.film.ffmpeg import ffmpeg_path, run_ffmpeg
from filmeto_core.film.film_parts import FilmParts, SoundEffect
from filmeto_core.film.render import render_film
from filmeto_core.process import Interrupted

NTSC = Fraction(24000, 1001)
SRT = "1\n00:00:00,300 --> 00:00:01,900\nEvery morning <i>he</i> climbed\n每天早上\n\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A timeline of three shots, its parts, and the film that was made of them."""
    folder = tmp_path_factory.mktemp("film")
    timeline = make_timeline(
        (48, "fade-from-black", 8),
        (40, "dissolve", 10),
        (35, "cut", 0),
        rate=NTSC,
        ending=12,
        voices={"a": (0.3, 1.5), "b": (2.5, 1.0)},
    )
    clips = {
        c.shot_id: make_clip(folder / f"{c.shot_id}.mp4", c.clip_frames, NTSC, hue=60 * i)
        for i, c in enumerate(timeline.clips)
    }
    voices = {
        "a": make_speech(folder / "va.wav", 1.5),
        "b": make_speech(folder / "vb.wav", 1.0, level_lufs=-30),
    }
    score = make_tone(folder / "score.wav", 220, 8, -12)
    subtitles = folder / "film.srt"
    subtitles.write_text(SRT, encoding="utf-8")
    sounds = {"c": SoundEffect(make_tone(folder / "bell.wav", 880, 0.4, -6), 0.5, -3)}
    parts = FilmParts(clips, voices, sounds, score, subtitles, "zh-CN", "灯塔: a 'film'")
    out = folder / "out" / "film.mp4"
    render_film(timeline, parts, out, work_dir=folder / "work")
    return timeline, parts, out


def test_film_is_what_browsers_and_quicktime_play(made):
    timeline, _, film = made
    with av.open(str(film)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert video.codec_context.profile == "High"
        assert video.average_rate == NTSC
        assert [int(video.codec_context.color_primaries), int(video.codec_context.color_trc)] == [
            1,
            1,
        ]
        assert [int(video.codec_context.colorspace), int(video.codec_context.color_range)] == [1, 1]
        assert (audio.codec_context.name, audio.rate, audio.layout.name) == ("aac", 48000, "stereo")
        assert container.metadata["title"] == "灯塔: a 'film'"
        assert container.streams.subtitles[0].language == "zho"
        assert video.start_time == audio.start_time == 0
        picture_s = float(video.duration * video.time_base)
        sound_s = float(audio.duration * audio.time_base)
    assert picture_s == pytest.approx(timeline.duration_s, abs=1e-6)
    assert abs(picture_s - sound_s) < 1 / 24
    content = film.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")  # it plays before it is loaded whole
    assert b"creation_time" not in content and b"Lavf" not in content


def test_film_decodes_without_a_complaint_to_its_exact_frames(made):
    timeline, _, film = made
    command = [ffmpeg_path(), "-v", "warning", "-i", str(film), "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, check=True, timeout=60).stderr
    assert said == b""
    assert len(frames_of(film)) == timeline.frames == 123


def test_subtitles_come_out_of_the_film_as_they_went_in(made):
    text = ffmpeg("-i", made[2], "-map", "0:s:0", "-f", "srt", "-").decode()
    assert "00:00:00,300 --> 00:00:01,900" in text
    assert "<i>he</i> climbed\n每天早上" in text


def test_programme_loudness_holds_for_the_whole_film(made):
    integrated, peak = loudness_of(made[2])
    assert abs(integrated + 16) <= 1 and peak < -1


def test_same_inputs_give_the_same_bytes_and_leave_nothing_behind(made, tmp_path):
    timeline, parts, film = made
    again = tmp_path / "again.mp4"
    seen = []
    render_film(
        timeline,
        parts,
        again,
        work_dir=tmp_path / "work",
        progress=lambda done, _message: seen.append(done),
    )
    assert again.read_bytes() == film.read_bytes()
    assert [p.name for p in tmp_path.iterdir()] in (["again.mp4", "work"], ["work", "again.mp4"])
    assert list((tmp_path / "work").iterdir()) == []
    assert seen == sorted(seen) and seen[-1] == 1.0


def test_flash_and_beep_meet(tmp_path):
    dark = make_clip(tmp_path / "dark.mp4", 60, source="color=black:s=320x180:r=24:d=3")
    bright = make_clip(tmp_path / "bright.mp4", 12, source="color=white:s=320x180:r=24:d=3")
    timeline = make_timeline((31, "cut", 0), (12, "cut", 0), (29, "cut", 0))
    beep = make_tone(tmp_path / "beep.wav", 1000, 0.5, -6)
    film = tmp_path / "film.mp4"
    parts = FilmParts({"a": dark, "b": bright, "c": dark}, sounds={"b": SoundEffect(beep)})
    render_film(timeline, parts, film, work_dir=tmp_path / "work")
    flash_s = first_time(film, "video", lambda frame: bytes(frame.planes[0])[0] > 128)
    beep_s = first_time(film, "audio", is_loud, step_s=0.001)
    assert flash_s == pytest.approx(31 / 24, abs=1e-4)
    assert abs(beep_s - flash_s) < 0.012


def is_loud(frame) -> bool:
    samples = memoryview(bytes(frame.planes[0])).cast("f")[: frame.samples]
    return max(map(abs, samples)) > 0.02


def first_time(film: Path, kind: str, wanted, step_s: float | None = None) -> float:
    """When the first frame (of sound: millisecond) comes that is as wanted."""
    with av.open(str(film)) as container:
        slicer = None
        if step_s is not None:
            slicer = av.AudioResampler(format="fltp", frame_size=round(48000 * step_s))
        for frame in container.decode(**{kind: 0}):
            for part in slicer.resample(frame) if slicer else [frame]:
                if wanted(part):
                    return float(part.pts * part.time_base)
    raise AssertionError(f"no such {kind} frame")


def test_film_of_a_hundred_shots_gets_made_in_few_open_files(tmp_path):
    size = (64, 36)
    clip = make_clip(tmp_path / "clip.mp4", 16, size=size)
    voice = make_speech(tmp_path / "v.wav", 0.4)
    shots = [(12, "dissolve" if i % 2 else "cut", 4 if i % 2 else 0) for i in range(100)]
    voices = {f"shot-{i}": (i * 0.5 + 0.05, 0.4) for i in range(100)}
    timeline = make_timeline(*shots, size=size, voices=voices)
    ids = [c.shot_id for c in timeline.clips]
    parts = FilmParts(dict.fromkeys(ids, clip), dict.fromkeys(ids, voice))
    film = tmp_path / "film.mp4"
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(fd) for fd in os.listdir("/proc/self/fd"))  # what other tests left open
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, highest + 72), hard))
    try:
        render_film(timeline, parts, film, work_dir=tmp_path / "work")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    with av.open(str(film)) as container:
        assert container.streams.video[0].frames == 1200


def test_cancelled_film_stops_at_once_and_leaves_nothing(made, tmp_path):
    timeline, parts, _ = made
    cancelled = threading.Event()
    with pytest.raises(Interrupted):
        render_film(
            timeline,
            parts,
            tmp_path / "film.mp4",
            work_dir=tmp_path / "work",
            cancelled=cancelled,
            progress=lambda done, _message: cancelled.set() if done > 0.1 else None,
        )
    assert [p.name for p in tmp_path.rglob("*")] == ["work"]


def test_killed_render_leaves_nothing_at_the_films_place(made, tmp_path):
    timeline, parts, _ = made
    script = tmp_path / "render.py"
    script.write_text(
        "import sys, pickle, pathlib\n"
        "from filmeto_core.film.render import render_film\n"
        "timeline, parts, out = pickle.loads(sys.stdin.buffer.read())\n"
        "render_film(timeline, parts, out / 'out' / 'film.mp4', work_dir=out / 'work',\n"
        "            progress=lambda done, message: print(done, flush=True))\n"
    )
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"},
    )
    process.stdin.write(pickle.dumps((timeline, parts, tmp_path)))
    process.stdin.close()
    for line in process.stdout:
        if float(line) > 0.1:
            process.send_signal(signal.SIGKILL)
            break
    process.stdout.close()
    process.wait(5)
    assert not (tmp_path / "out").exists()
    assert list((tmp_path / "work").glob("assembly-*"))


def test_earlier_film_stays_until_the_new_one_is_whole(made, tmp_path):
    timeline, parts, film = made
    out = tmp_path / "film.mp4"
    out.write_bytes(b"the earlier film")
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"noise")
    bad = FilmParts(parts.clips, {"a": broken})
    with pytest.raises(AssemblyError, match="a: the file .*broken.wav cannot be read"):
        render_film(timeline, bad, out, work_dir=tmp_path / "work")
    assert out.read_bytes() == b"the earlier film"
    assert list((tmp_path / "work").iterdir()) == []
    render_film(timeline, parts, out, work_dir=tmp_path / "work")
    assert out.read_bytes() == film.read_bytes()


@pytest.mark.parametrize("kind", ["clip", "voice", "sound effect", "score", "subtitles"])
def test_missing_file_is_named_before_any_work(made, tmp_path, kind):
    timeline, parts, _ = made
    gone = tmp_path / "gone.bin"
    changed = {
        "clip": {"clips": {**parts.clips, "b": gone}},
        "voice": {"voices": {"b": gone}},
        "sound effect": {"sounds": {"b": SoundEffect(gone)}},
        "score": {"score": gone},
        "subtitles": {"subtitles": gone},
    }[kind]
    bad = FilmParts(**{"clips": parts.clips, **changed})
    with pytest.raises(AssemblyError, match=f"the {kind} is missing: there is no file .*gone.bin"):
        render_film(timeline, bad, tmp_path / "film.mp4", work_dir=tmp_path / "work")
    assert not (tmp_path / "work").exists()


def test_damaged_clip_fails_the_film_with_its_shot_and_stops_the_sound(made, tmp_path):
    timeline, parts, _ = made
    broken = tmp_path / "broken.mp4"
    whole = parts.clips["b"].read_bytes()
    broken.write_bytes(whole[: len(whole) // 2])
    started = time.monotonic()
    with pytest.raises(AssemblyError) as caught:
        render_film(
            timeline,
            FilmParts({**parts.clips, "b": broken}, parts.voices, score=parts.score),
            tmp_path / "film.mp4",
            work_dir=tmp_path / "work",
        )
    assert caught.value.details["shot"] == "b" and "broken.mp4" in str(caught.value)
    assert time.monotonic() - started < 20
    assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this platform")
def test_full_disk_is_told_as_such():
    with pytest.raises(AssemblyError, match="no space left on the disk. Free some space"):
        run_ffmpeg(
            ["-f", "lavfi", "-i", "testsrc2=d=1", "-f", "rawvideo", "/dev/full"],
            task="join the clips",
        )


def test_output_folder_that_cannot_be_written_is_told(made, tmp_path):
    timeline, parts, _ = made
    (tmp_path / "out").write_text("a file, no folder")
    with pytest.raises(AssemblyError, match="could not make the film: .*out"):
        render_film(timeline, parts, tmp_path / "out" / "film.mp4", work_dir=tmp_path / "work")
