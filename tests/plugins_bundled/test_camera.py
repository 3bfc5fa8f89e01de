"""The camera plugin as a host sees it: the real process, over the wire, and the clips it makes."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image, ImageCms, ImageDraw
from uv import find_uv_bin

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "plugins" / "camera"
SDK = ROOT / "filmeto_core" / "plugin_sdk"
GREEN = (40, 160, 90)
GREEN_YUV = (127, 109, 78)  # by BT.709, limited range


@pytest.fixture(scope="module")
def camera_python(tmp_path_factory):
    """A Python with what the camera's requirements.txt lists."""
    folder = tmp_path_factory.mktemp("camera") / "env"
    uv = find_uv_bin()
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, folder], check=True)
    python = folder / "bin" / "python"
    wanted = ["-q", "--python", python, "-r", FOLDER / "requirements.txt"]
    subprocess.run([uv, "pip", "install", *wanted], check=True)
    return python


class Wire:
    """A running camera; what it says is read by a thread, so that every wait is bounded."""

    def __init__(self, python, folder, **environment):
        self.folder = folder
        self.process = subprocess.Popen(
            [python, "main.py"],
            cwd=FOLDER,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SDK), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.next()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(5)
        self.reader.join(5)
        self.process.stdout.close()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))

    def next(self):
        return self.lines.get(timeout=60)

    def send(self, message):
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self.process.stdin.flush()

    def start(self, still, **parameters):
        paths = [] if still is None else [str(still)]
        params = {"task_id": "t", "tool_name": "image2video", "parameters": parameters}
        params |= {"metadata": {"processed_resources": paths}, "output_dir": str(self.folder)}
        self.send({"id": 1, "method": "execute_task", "params": params})

    def finish(self):
        """The result of the call under way, and its progress notifications."""
        progress = []
        while "result" not in (message := self.next()):
            if message["method"] == "progress":
                progress.append(message["params"])
        return message["result"], progress

    def call(self, still, **parameters):
        self.start(still, **parameters)
        return self.finish()

    def clip(self, still, **parameters):
        """The path of a clip that must succeed, and its metadata."""
        result, _ = self.call(still, **parameters)
        assert result["status"] == "success", result
        output = result["output_resources"][0]
        assert output["mime_type"] == "video/mp4"
        return output["path"], output["metadata"]

    def ffmpegs(self):
        """The process ids of the plugin's children."""
        pid = self.process.pid
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


@pytest.fixture(scope="module")
def wire(camera_python, tmp_path_factory):
    with Wire(camera_python, tmp_path_factory.mktemp("made")) as wire:
        yield wire


@pytest.fixture
def still(tmp_path):
    path = tmp_path / "still.png"
    Image.radial_gradient("L").convert("RGB").resize((320, 180)).save(path)
    return path


def frames_of(path):
    with av.open(path) as clip:
        return list(clip.decode(video=0))


def plane_value(frame, plane, x, y):
    """One sample of a plane; x and y from 0 to 1."""
    data = frame.planes[plane]
    return bytes(data)[int(y * data.height) * data.line_size + int(x * data.width)]


def colour(frame, x=0.5, y=0.5):
    return [plane_value(frame, plane, x, y) for plane in range(3)]


@pytest.mark.parametrize(
    ("fps", "rate", "duration_s", "frames"),
    [
        ("24", "24", 2.0, 48),
        ("23.976", "24000/1001", 1.0, 24),
        ("24000/1001", "24000/1001", 10.01, 240),
        ("29.97", "30000/1001", 1.5, 45),
        ("25", "25", 0.04, 1),
        ("12.5", "25/2", 1.2, 15),
    ],
)
def test_clip_is_exact_to_the_frame_and_tagged(wire, still, fps, rate, duration_s, frames):
    path, about = wire.clip(still, fps=fps, duration_s=duration_s, width=160, height=90)
    assert about == {
        "frames": frames,
        "fps": rate,
        "duration_s": pytest.approx(frames / Fraction(rate), abs=1e-6),
        "width": 160,
        "height": 90,
        "motion": "push-in",
    }
    with av.open(path) as clip:
        (stream,) = clip.streams
        codec = stream.codec_context
        assert (codec.name, codec.profile, codec.pix_fmt) == ("h264", "High", "yuv420p")
        assert stream.average_rate == Fraction(rate)
        tags = (codec.color_range, codec.color_primaries, codec.color_trc, codec.colorspace)
        assert tags == (1, 1, 1, 1)  # tv, and BT.709 three times
        tick = 1 / (stream.time_base * Fraction(rate))
        decoded = list(clip.decode(stream))
        assert [frame.pts for frame in decoded] == [i * tick for i in range(frames)]
        assert {(frame.width, frame.height) for frame in decoded} == {(160, 90)}
        key = round(Fraction(rate) / 2)
        keys = [i for i, frame in enumerate(decoded) if frame.key_frame]
        assert keys == list(range(0, frames, key))
    raw = Path(path).read_bytes()
    assert raw.index(b"moov") < raw.index(b"mdat")


@pytest.mark.parametrize("motion", ["push-in", "pan-left", "tilt-up", "parallax", "static"])
def test_same_call_gives_the_same_bytes(wire, still, motion):
    made = [Path(wire.clip(still, motion=motion, duration_s=0.5)[0]).read_bytes() for _ in range(2)]
    assert made[0] == made[1]


def test_clips_join_by_copying_their_packets(camera_python, wire, still, tmp_path):
    names = []
    for i, (motion, seconds) in enumerate([("push-in", 1.0), ("parallax", 0.7), ("pan-left", 1)]):
        path, _ = wire.clip(still, motion=motion, duration_s=seconds, fps="23.976")
        names.append(f"file '{Path(path).rename(tmp_path / f'{i}.mp4')}'\n")
    (tmp_path / "list").write_text("".join(names))
    where = "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())"
    ffmpeg = subprocess.check_output([camera_python, "-c", where], text=True).strip()
    command = [ffmpeg, "-v", "warning", "-f", "concat", "-safe", "0", "-i", tmp_path / "list"]
    command += ["-c", "copy", "-video_track_timescale", "24000", tmp_path / "joined.mp4"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    times = [frame.pts for frame in frames_of(tmp_path / "joined.mp4")]
    assert times == [1001 * i for i in range(24 + 17 + 24)]


def test_colours_are_converted_by_bt709(wire, tmp_path):
    Image.new("RGB", (320, 180), GREEN).save(tmp_path / "flat.png")
    frame = frames_of(wire.clip(tmp_path / "flat.png", duration_s=0.2)[0])[0]
    assert colour(frame) == pytest.approx(GREEN_YUV, abs=1)


def kinds_of_picture():
    flat = Image.new("RGB", (64, 64), GREEN)
    clear = flat.convert("RGBA")
    clear.putalpha(0)
    palette = flat.quantize(4)
    wide = Image.new("I;16", (64, 64), 257 * 100)
    yield "rgb.png", flat, GREEN_YUV
    yield "rgb.jpg", flat, GREEN_YUV
    yield "rgb.webp", flat, GREEN_YUV
    yield "palette.gif", palette, GREEN_YUV
    yield "clear.png", clear, (235, 128, 128)
    yield "grey.png", Image.new("L", (64, 64), 100), (102, 128, 128)
    yield "grey_alpha.png", Image.new("LA", (64, 64), (100, 255)), (102, 128, 128)
    yield "wide.png", wide, (102, 128, 128)
    yield "wide.tif", wide, (102, 128, 128)
    yield "float.tif", Image.new("F", (64, 64), 100 / 255), (102, 128, 128)
    yield "bits.png", Image.new("1", (64, 64), 1), (235, 128, 128)
    yield "ink.jpg", Image.new("CMYK", (64, 64), (0, 0, 0, 155)), (102, 128, 128)
    yield "lab.tif", Image.new("LAB", (64, 64), (255, 128, 128)), (235, 128, 128)
    yield "tiny.png", flat.resize((1, 1)), GREEN_YUV


@pytest.mark.parametrize("kind", list(kinds_of_picture()), ids=lambda kind: kind[0])
def test_pictures_of_every_kind_keep_their_colour(wire, tmp_path, kind):
    name, picture, expected = kind
    picture.save(tmp_path / name)
    frame = frames_of(wire.clip(tmp_path / name, duration_s=0.04)[0])[0]
    assert colour(frame) == pytest.approx(expected, abs=3)


def test_transparent_palette_shows_white(wire, tmp_path):
    picture = Image.new("P", (64, 64), 0)
    picture.putpalette([*GREEN, 0, 0, 0])
    picture.save(tmp_path / "hole.png", transparency=0)
    frame = frames_of(wire.clip(tmp_path / "hole.png", duration_s=0.04)[0])[0]
    assert colour(frame)[0] == pytest.approx(235, abs=2)


def test_colour_profile_is_honoured_and_a_broken_one_ignored(wire, tmp_path):
    flat = Image.new("RGB", (64, 64), GREEN)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (srgb, b"not a profile"):
        flat.save(tmp_path / "flat.png", icc_profile=profile)
        frame = frames_of(wire.clip(tmp_path / "flat.png", duration_s=0.04)[0])[0]
        assert colour(frame) == pytest.approx(GREEN_YUV, abs=2)


def test_exif_rotation_turns_the_picture_upright(wire, tmp_path):
    picture = Image.new("RGB", (120, 80), "black")
    picture.paste("white", (0, 0, 60, 80))  # left half; upright it is the top half
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(tmp_path / "turned.jpg", exif=exif)
    frame = frames_of(wire.clip(tmp_path / "turned.jpg", duration_s=0.04)[0])[0]
    assert (frame.width, frame.height) == (80, 120)
    assert plane_value(frame, 0, 0.5, 0.2) > 200 > 50 > plane_value(frame, 0, 0.5, 0.8)


@pytest.mark.parametrize(
    ("picture", "asked", "size"),
    [
        ((321, 181), {}, (320, 180)),
        ((3000, 1000), {}, (1920, 640)),
        ((1000, 3001), {}, (638, 1920)),
        ((320, 180), {"width": 160}, (160, 90)),
        ((320, 180), {"height": 64}, (112, 64)),
        ((2000, 3), {}, (1920, 16)),
    ],
)
def test_size_follows_the_picture_unless_asked_for(wire, tmp_path, picture, asked, size):
    Image.new("RGB", picture, GREEN).save(tmp_path / "still.png")
    _, about = wire.clip(tmp_path / "still.png", duration_s=0.04, **asked)
    assert (about["width"], about["height"]) == size


@pytest.mark.parametrize("motion", ["push-in", "pan-right", "tilt-up", "parallax", "static"])
@pytest.mark.parametrize("size", [(320, 180), (180, 320), (200, 200)])
@pytest.mark.parametrize("picture", [(600, 300), (300, 600)])
def test_frame_is_filled_and_nothing_is_stretched(wire, tmp_path, picture, size, motion):
    drawn = Image.new("RGB", picture, (200, 200, 200))
    middle, radius = (picture[0] / 2, picture[1] / 2), 40
    ImageDraw.Draw(drawn).circle(middle, radius, fill="black")
    drawn.save(tmp_path / "disc.png")
    path, _ = wire.clip(
        tmp_path / "disc.png", motion=motion, duration_s=0.4, width=size[0], height=size[1]
    )
    for frame in frames_of(path):
        for x in (0, 0.999):
            for y in (0, 0.999):
                assert plane_value(frame, 0, x, y) > 150
        luma = frame.reformat(format="gray").to_image()
        left, top, right, bottom = luma.point(lambda v: 255 if v < 110 else 0).getbbox()
        assert bottom < size[1] and right < size[0]
        assert (right - left) / (bottom - top) == pytest.approx(1, abs=0.09)


def test_progress_rises_by_whole_percents_from_frames_written(wire, still):
    result, progress = wire.call(still, duration_s=10, width=160, height=90)
    percents = [p["percent"] for p in progress]
    assert 90 <= len(percents) <= 100
    assert percents == sorted(set(percents))
    written = [p["data"]["frames"] for p in progress]
    assert [100 * n // 240 for n in written] == percents
    assert result["output_resources"][0]["metadata"]["frames"] == 240


def gone(pid):
    return not os.path.exists(f"/proc/{pid}")


def until(condition, limit_s=20.0):
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def test_cancel_stops_ffmpeg_at_once_and_leaves_nothing(camera_python, still, tmp_path):
    folder = tmp_path / "made"
    with Wire(camera_python, folder) as wire:
        wire.start(still, duration_s=100, width=1280, height=720)
        wire.next()
        (ffmpeg,) = wire.ffmpegs()
        asked = time.monotonic()
        wire.send({"method": "cancel", "params": {"task_id": "t"}})
        result, _ = wire.finish()
        assert time.monotonic() - asked < 10
        assert result["metadata"]["error"]["code"] == "cancelled"
        assert gone(ffmpeg) and wire.ffmpegs() == []
        assert list(folder.iterdir()) == []
        wire.clip(still, duration_s=0.1)


def test_killed_plugin_takes_ffmpeg_along(camera_python, still, tmp_path):
    with Wire(camera_python, tmp_path / "made") as wire:
        wire.start(still, duration_s=100, width=640, height=360)
        wire.next()
        (ffmpeg,) = wire.ffmpegs()
        wire.process.send_signal(signal.SIGKILL)
        until(lambda: gone(ffmpeg))


def test_ffmpeg_that_dies_midway_is_told_with_its_last_lines(camera_python, still, tmp_path):
    fake = tmp_path / "ffmpeg"
    fake.write_text("#!/bin/sh\nhead -c 200000 >/dev/null\necho 'disk on fire' >&2\nexit 3\n")
    fake.chmod(0o755)
    folder = tmp_path / "made"
    with Wire(camera_python, folder, IMAGEIO_FFMPEG_EXE=str(fake)) as wire:
        result, _ = wire.call(still, duration_s=5)
    assert result["status"] == "error"
    assert result["metadata"]["error"]["code"] == "encoder_failed"
    assert "exit code 3" in result["error_message"]
    assert "disk on fire" in result["error_message"]
    assert list(folder.iterdir()) == []


def test_missing_ffmpeg_is_told(camera_python, still, tmp_path):
    missing = str(tmp_path / "nowhere")
    with Wire(camera_python, tmp_path / "made", IMAGEIO_FFMPEG_EXE=missing) as wire:
        result, _ = wire.call(still)
    assert "cannot start ffmpeg" in result["error_message"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"fps": "abc"}, "fps is 'abc'"),
        ({"width": 641}, "640 or 642"),
        ({"height": 8}, "at least 16"),
    ],
)
def test_bad_parameters_are_refused_in_words(wire, still, parameters, message):
    result, _ = wire.call(still, **parameters)
    assert message in result["error_message"]
    assert result["metadata"]["error"]["code"] == "bad_input"


def test_missing_or_damaged_picture_is_refused_in_words(wire, still, tmp_path):
    cut = tmp_path / "cut.png"
    cut.write_bytes(still.read_bytes()[:200])
    text = tmp_path / "text.png"
    text.write_text("not a picture")
    for path in (cut, text, tmp_path / "nowhere.png"):
        assert "cannot read the picture" in wire.call(path)[0]["error_message"]
    assert "one picture" in wire.call(None)[0]["error_message"]


def test_movement_is_true_to_a_tenth_of_a_pixel(camera_python, tmp_path):
    script = Path(__file__).with_name("camera_tracking.py")
    motions = ["push-in", "pan-left", "static", "parallax"]
    command = [camera_python, script, FOLDER, tmp_path, *motions]
    measured = json.loads(subprocess.check_output(command, timeout=120))
    assert {m: v["rms_px"] <= 0.1 for m, v in measured.items()} == dict.fromkeys(motions, True)
