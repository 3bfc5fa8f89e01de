"""Odd but valid files, as they look and sound once they are used: by the camera, and in the film."""

import functools
import importlib.util
import subprocess
import threading
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import odd_pictures as pictures
import odd_streams as streams
import pytest
from film_material import make_clip, make_timeline, make_tone
from PIL import Image

from filmeto_core.film.film_parts import FilmParts
from filmeto_core.film.render import render_film
from filmeto_core.media import probe

CAMERA = Path(__file__).resolve().parents[2] / "plugins" / "camera" / "camera_picture.py"
SIZE = (96, 64)
RATE_HZ = 48_000


@functools.cache
def camera():
    """The camera plugin's own reader of pictures."""
    spec = importlib.util.spec_from_file_location("camera_picture", CAMERA)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def limit_of_pixels(monkeypatch):
    """The camera, a process of its own, lifts Pillow's limit."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)


SEEN = {
    **{f"EXIF {n}": lambda n=n: pictures.turned(n) for n in range(1, 9)},
    **{
        f"{kind} with EXIF {n}": lambda kind=kind, n=n: pictures.turned(n, kind)
        for kind in ("PNG", "WEBP", "TIFF", "AVIF")
        for n in (5, 6, 8)
    },
    "CMYK JPEG": lambda: pictures.saved(pictures.scene().convert("CMYK"), "JPEG", quality=95),
    "CMYK TIFF": lambda: pictures.saved(pictures.scene().convert("CMYK"), "TIFF"),
    "16 bit PNG": pictures.sixteen_bit_rgb,
    "palette with a see-through entry": pictures.palette_with_alpha,
    "profile": pictures.with_profile,
    "broken profile": lambda: pictures.saved(pictures.scene(), "PNG", icc_profile=b"none"),
    "animated GIF": lambda: pictures.animated("GIF"),
    "animated WebP": lambda: pictures.animated("WEBP", lossless=True),
    "animated PNG": lambda: pictures.animated("PNG"),
    "TIFF of pages": lambda: pictures.animated("TIFF"),
    "AVIF": lambda: pictures.saved(pictures.scene(), "AVIF", quality=95),
    "progressive JPEG": lambda: pictures.saved(pictures.scene(), "JPEG", progressive=True),
    "GIF that is a script": pictures.gif_that_is_a_script,
    "picture and page": lambda: pictures.saved(pictures.scene(), "JPEG") + b"<html>",
}


@pytest.mark.parametrize("name", SEEN)
def test_the_camera_sees_an_odd_picture_as_a_viewer_shows_it(tmp_path, name):
    (tmp_path / "a").write_bytes(SEEN[name]())
    told = probe(tmp_path / "a")
    seen = camera().load_picture(tmp_path / "a")
    assert (seen.mode, seen.size) == ("RGB", (told.width_px, told.height_px))
    if name != "GIF that is a script":
        assert seen.size == pictures.SIZE
    width, height = pictures.SIZE
    assert seen.getpixel((width // 2, height // 4)) == pytest.approx(pictures.RED, abs=12)
    assert seen.getpixel((width // 2, height * 3 // 4)) == pytest.approx(pictures.BLUE, abs=12)


def test_sixteen_bits_of_grey_are_not_clipped(tmp_path):
    (tmp_path / "a.png").write_bytes(pictures.sixteen_bit_grey())
    assert camera().load_picture(tmp_path / "a.png").getpixel((5, 5)) == (100, 100, 100)


def filmed(folder: Path, frames: int, **parts) -> Path:
    """A film of 96x64 at 24 frames a second."""
    timeline = make_timeline((frames, "cut", 0), size=SIZE)
    out = folder / "film.mp4"
    render_film(
        timeline, FilmParts(**parts), out, work_dir=folder / "work", cancelled=threading.Event()
    )
    made = probe(out)
    assert (made.frames, made.width_px, made.height_px) == (frames, *SIZE)
    assert made.duration_s == pytest.approx(frames / 24)
    return out


def decoded(path: Path, *options: str) -> bytes:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-i", str(path)]
    return subprocess.run(
        [*command, *options, "-"], check=True, capture_output=True, timeout=60
    ).stdout


def frames_of(path: Path) -> np.ndarray:
    """RGB, uint8, (frame, height, width, 3)."""
    raw = decoded(path, "-f", "rawvideo", "-pix_fmt", "rgb24")
    return np.frombuffer(raw, np.uint8).reshape(-1, SIZE[1], SIZE[0], 3)


def sound_of(path: Path) -> np.ndarray:
    """Mono, float32, 48 kHz."""
    raw = decoded(path, "-vn", "-ac", "1", "-ar", str(RATE_HZ), "-f", "f32le")
    return np.frombuffer(raw, np.float32)


def pitch_hz(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * RATE_HZ / len(samples))


FLASH = "drawbox=color=white:t=fill:enable='between(t,{0},{1})'"


def flashing(path: Path, *options: str, at_s: float, rate: str = "24", sound: bool = True) -> Path:
    """Two seconds of black in which a flash comes, and a beep with it."""
    until = at_s + 0.25
    picture = f"color=black:s=96x64:r={rate}:d=2,{FLASH.format(at_s, until)}"
    beep = f"aevalsrc='0.5*sin(2*PI*1000*t)*between(t,{at_s},{until})':s=48000:d=2"
    heard = ("-f", "lavfi", "-i", beep) if sound else ()
    streams.ffmpeg("-f", "lavfi", "-i", picture, *heard, *streams.H264, *options, path)
    return path


def first_bright_s(film: Path) -> float:
    bright = frames_of(film).mean(axis=(1, 2, 3)) > 128
    return int(np.argmax(bright)) / 24


def first_loud_s(film: Path) -> float:
    return int(np.argmax(np.abs(sound_of(film)) > 0.05)) / RATE_HZ


def test_a_clip_of_uneven_frame_times_stays_with_its_sound(tmp_path):
    # 24 frames in the first second, 8 in the next: by its frames' number the flash would be early.
    uneven = "select='lt(t,1)+not(mod(n,3))'"
    clip = flashing(tmp_path / "a.mp4", "-vf", uneven, "-fps_mode", "vfr", at_s=1.5, rate="24")
    assert probe(clip).frames < 40
    film = filmed(tmp_path, 48, clips={"a": clip})
    assert first_bright_s(film) == pytest.approx(1.5, abs=0.05)
    assert first_loud_s(film) == pytest.approx(1.5, abs=0.05)


@pytest.mark.parametrize("rate", ["12.5", "29.97", "60"])
def test_a_clip_of_another_rate_stays_with_its_sound(tmp_path, rate):
    clip = flashing(tmp_path / "a.mp4", at_s=1.5, rate=rate)
    film = filmed(tmp_path, 48, clips={"a": clip})
    assert first_bright_s(film) == pytest.approx(1.5, abs=0.06)
    assert first_loud_s(film) == pytest.approx(1.5, abs=0.06)


def test_a_clip_that_was_cut_without_encoding_shows_from_its_cut(tmp_path):
    whole = flashing(tmp_path / "whole.mp4", "-g", "48", "-bf", "2", at_s=1.5)
    streams.ffmpeg("-ss", "0.7", "-i", whole, "-c", "copy", tmp_path / "a.mp4")
    told = probe(tmp_path / "a.mp4")
    film = filmed(tmp_path, 30, clips={"a": tmp_path / "a.mp4"})
    assert told.duration_s == pytest.approx(1.3, abs=0.1)
    assert first_bright_s(film) == pytest.approx(0.8, abs=0.06)
    assert first_loud_s(film) == pytest.approx(0.8, abs=0.06)


def test_a_clip_whose_times_begin_late_begins_at_once_in_the_film(tmp_path):
    whole = flashing(tmp_path / "whole.mp4", at_s=0.5)
    late = ("-itsoffset", "5", "-i", whole, "-copyts", "-c", "copy", tmp_path / "a.mp4")
    streams.ffmpeg(*late)
    film = filmed(tmp_path, 40, clips={"a": tmp_path / "a.mp4"})
    assert first_bright_s(film) == pytest.approx(0.5, abs=0.06)
    assert first_loud_s(film) == pytest.approx(0.5, abs=0.06)


def test_a_clip_without_sound_gives_a_silent_film(tmp_path):
    film = filmed(tmp_path, 24, clips={"a": flashing(tmp_path / "a.mp4", at_s=0.5, sound=False)})
    assert np.abs(sound_of(film)).max() < 1e-3
    assert first_bright_s(film) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_clip_stands_upright_in_the_film(tmp_path, degrees):
    # White above, as it is meant to be seen; stored turned, with a note that undoes it.
    undo = {90: "transpose=clock", 180: "hflip,vflip", 270: "transpose=cclock"}[degrees]
    source = "color=black:s=96x64:r=24:d=1,drawbox=h=32:color=white:t=fill"
    streams.ffmpeg("-f", "lavfi", "-i", source, "-vf", undo, *streams.H264, tmp_path / "flat.mp4")
    turn = ("-display_rotation", str(degrees), "-i", tmp_path / "flat.mp4", "-c", "copy")
    streams.ffmpeg(*turn, tmp_path / "a.mp4")
    told = probe(tmp_path / "a.mp4")
    assert (told.width_px, told.height_px) == SIZE
    frame = frames_of(filmed(tmp_path, 12, clips={"a": tmp_path / "a.mp4"}))[5]
    assert frame[8:24].mean() > 220 > 30 > frame[40:56].mean()


def test_a_mirrored_clip_is_shown_as_players_show_it(tmp_path):
    # In the film's own encoding, so that it might be copied as it is.
    source = "color=black:s=96x64:r=24:d=1,drawbox=h=32:color=white:t=fill"
    flat = make_clip(tmp_path / "flat.mp4", 24, size=SIZE, source=source)
    streams.ffmpeg("-display_vflip", "-i", flat, "-c", "copy", tmp_path / "a.mp4")
    frame = frames_of(filmed(tmp_path, 12, clips={"a": tmp_path / "a.mp4"}))[5]
    assert frame[40:56].mean() > 220 > 30 > frame[8:24].mean()


@pytest.mark.parametrize("options", [("-pix_fmt", "yuv444p"), ("-pix_fmt", "yuv444p10le")])
def test_a_clip_of_odd_size_fills_the_frame_in_its_colours(tmp_path, options):
    source = "color=0xC82020:s=97x65:r=24:d=1"
    streams.ffmpeg("-f", "lavfi", "-i", source, "-c:v", "libx264", *options, tmp_path / "a.mp4")
    frame = frames_of(filmed(tmp_path, 12, clips={"a": tmp_path / "a.mp4"}))[5].astype(int)
    assert np.abs(frame - (0xC8, 0x20, 0x20)).max() < 16


@pytest.mark.parametrize("source", ["one frame", "GIF"])
def test_a_clip_of_one_frame_holds_it(tmp_path, source):
    picture = "color=0x2020C8:s=96x64:r=24:d=1"
    streams.ffmpeg(
        "-f", "lavfi", "-i", picture, "-frames:v", "1", *streams.H264, tmp_path / "a.mp4"
    )
    frames = frames_of(filmed(tmp_path, 12, clips={"a": tmp_path / "a.mp4"})).astype(int)
    assert np.abs(frames - (0x20, 0x20, 0xC8)).max() < 16


def test_a_clip_without_a_frame_rate_keeps_its_times(tmp_path):
    whole = flashing(tmp_path / "whole.mp4", at_s=0.5)
    streams.ffmpeg("-i", whole, "-c", "copy", "-bsf:v", "setts=duration=0", tmp_path / "a.mkv")
    film = filmed(tmp_path, 36, clips={"a": tmp_path / "a.mkv"})
    assert first_bright_s(film) == pytest.approx(0.5, abs=0.06)


VOICES = {
    "192 kHz": lambda path: streams.sound(path, "-ar", "192000"),
    "8 kHz, A-law": lambda path: streams.sound(path, "-c:a", "pcm_alaw", "-ar", "8000"),
    "8 channels": lambda path: streams.sound(path, "-ac", "8"),
    "floats": lambda path: streams.sound(path, "-c:a", "pcm_f32le"),
    "floats beyond full scale": lambda path: streams.sound(
        path, "-c:a", "pcm_f32le", "-af", "volume=20dB"
    ),
    "cover": lambda path: streams.with_cover(
        path.with_suffix(".mp3"), pictures.saved(pictures.scene(), "PNG")
    ),
    "MP4 of sound alone": lambda path: streams.sound(path.with_name("voice.mp4"), "-c:a", "aac"),
}


@pytest.mark.parametrize("name", VOICES)
def test_an_odd_voice_is_heard_at_its_pitch_for_its_time(tmp_path, name):
    voice = VOICES[name](tmp_path / "a.wav")
    clip = make_clip(tmp_path / "a.mp4", 48, size=SIZE)
    heard = sound_of(filmed(tmp_path, 48, clips={"a": clip}, voices={"a": voice}))
    assert pitch_hz(heard[4800:43_000]) == pytest.approx(440, abs=3)
    assert np.abs(heard).max() <= 1.0
    loud = np.abs(heard) > 0.02
    assert np.flatnonzero(loud)[-1] / RATE_HZ == pytest.approx(1.0, abs=0.1)


def test_a_voice_of_one_sample_does_no_harm(tmp_path):
    voice = streams.samples(tmp_path / "a.wav", 1)
    clip = make_clip(tmp_path / "a.mp4", 24, size=SIZE)
    heard = sound_of(filmed(tmp_path, 24, clips={"a": clip}, voices={"a": voice}))
    assert len(heard) == pytest.approx(RATE_HZ, abs=2048)
    assert np.abs(heard).max() < 0.2


def test_music_of_another_rate_keeps_its_length(tmp_path):
    music = make_tone(tmp_path / "a.wav", 330, 3.0, -12)
    streams.ffmpeg("-i", music, "-ar", "11025", tmp_path / "b.wav")
    clip = make_clip(tmp_path / "a.mp4", 48, size=SIZE)
    heard = sound_of(filmed(tmp_path, 48, clips={"a": clip}, score=tmp_path / "b.wav"))
    assert pitch_hz(heard[9600:60_000]) == pytest.approx(330, abs=3)


def test_the_frame_rate_of_a_phones_clip_is_told_as_it_is(tmp_path):
    clip = flashing(tmp_path / "a.mp4", at_s=0.5, rate="30000/1001")
    assert probe(clip).frame_rate == Fraction(30000, 1001)
