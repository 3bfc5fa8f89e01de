"""text2video in sketch: what moves, moves where and as it should; the clip is what was asked for."""

import json
import os
import signal
import subprocess
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

HERE = Path(__file__).parent
SKETCH = HERE.parents[1] / "plugins" / "sketch"
SMALL = {"width": 160, "height": 90}


def steps(count, apart_s, start=1.0):
    return [round(start + i * apart_s, 4) for i in range(count)]


# What the tests look at, drawn once. "held" (the default) keeps the camera quite still.
JOBS = {
    "rain": {"prompt": "heavy rain over the sea", "times": steps(14, 1 / 48)},
    "snow": {"prompt": "a field in the snow", "times": steps(14, 1 / 12)},
    "smoke": {"prompt": "a house with smoke, winter", "times": steps(16, 1 / 8)},
    "cliff": {"prompt": "a cliff by the sea at dusk", "times": steps(10, 1 / 6)},
    "walker": {"prompt": "a woman walks through the desert", "times": steps(30, 1 / 12)},
    "tree": {"prompt": "a tree in a field, strong wind", "times": steps(16, 1 / 6)},
    "boat": {"prompt": "a boat on the sea", "times": steps(16, 1 / 4)},
    "beam": {"prompt": "a lighthouse at night", "times": steps(15, 1 / 2)},
    "stars": {"prompt": "a field under a starry sky at night", "times": steps(12, 1 / 4)},
    "birds": {"prompt": "birds over a field, clear sky", "times": steps(12, 1 / 8)},
    "fog": {"prompt": "a field in thick fog", "times": steps(6, 1.0)},
    "storm": {"prompt": "a storm at sea, lightning", "times": steps(40, 1 / 8, 0.4)},
    "street": {"prompt": "a street at night, neon", "times": steps(20, 1 / 4)},
    "room": {"prompt": "an empty room", "times": steps(4, 1.0)},
    "train": {"prompt": "a steam train on a viaduct", "times": steps(8, 1 / 8)},
    "fire": {"prompt": "a campfire at night", "times": steps(12, 1 / 10)},
    "face": {"prompt": "a woman, close-up", "times": steps(50, 1 / 12)},
    "long": {"prompt": "a lake, a tree, clouds", "times": [i / 2 for i in range(25)]},
    "parallax": {
        "prompt": "a field, mountains far away, a fence",
        "times": steps(17, 1 / 4, 0.0),
        "motion": "parallax",
        "held": False,
    },
    "pan": {
        "prompt": "an old village in the morning",
        "times": steps(20, 1 / 24, 2.0),
        "motion": "pan-right",
        "held": False,
    },
}


@pytest.fixture(scope="module")
def shots(plugin_python, tmp_path_factory):
    """`shots(name)`: (frames of the job as float grey, (n, h, w); places of what is in it)."""
    folder = tmp_path_factory.mktemp("shots")
    (folder / "jobs.json").write_text(json.dumps(JOBS))
    command = [plugin_python("sketch"), HERE / "sketch_shots.py", "jobs.json", "frames.npz"]
    subprocess.run(command, cwd=folder, check=True, timeout=110)
    saved = np.load(folder / "frames.npz")

    def shot(name):
        return saved[name].astype(np.float32).mean(axis=3), json.loads(str(saved[f"{name}.places"]))

    shot.saved = saved
    return shot


def travel(frames, axis, reach=7):
    """How far what moves in the frames goes from one to the next along an axis, whole pixels."""
    moving = frames - np.median(frames, axis=0)
    best = {}
    for shift in range(-reach, reach + 1):
        moved = np.roll(moving[:-1], shift, axis=axis + 1)
        inner = (slice(None), slice(reach, -reach), slice(reach, -reach))
        best[shift] = float((moved[inner] * moving[1:][inner]).sum())
    return max(best, key=best.get)


def shifted(one, two, axis, reach):
    """How far a strip of `two` lies from where it is in `one`, to a fraction of a pixel."""
    a, b = one - one.mean(), two - two.mean()
    shifts = np.arange(-reach, reach + 1)
    inner = [slice(None)] * 2
    inner[axis] = slice(reach, -reach)
    error = np.array([((np.roll(a, s, axis) - b)[tuple(inner)] ** 2).mean() for s in shifts])
    i = int(np.clip(np.argmin(error), 1, len(shifts) - 2))
    left, mid, right = error[i - 1 : i + 2]
    return shifts[i] + 0.5 * (left - right) / (left - 2 * mid + right + 1e-9)


def change(frames):
    """How much each pixel changes over the frames: their standard deviation, (h, w)."""
    return frames.std(axis=0)


def part(frames, box):
    x0, y0, x1, y1 = (round(v) for v in box)
    return frames[..., max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)]


def test_rain_falls(shots):
    frames, places = shots("rain")
    assert travel(frames[:, : int(places["horizon"])], axis=0) >= 2


def test_snow_falls_slower_than_rain(shots):
    frames, places = shots("snow")
    a_second = travel(frames[:, : int(places["horizon"])], axis=0) * 12
    assert 0 < a_second < 0.5 * 48 * travel(shots("rain")[0][:, :80], axis=0)


def test_smoke_rises_from_the_chimney(shots):
    frames, places = shots("smoke")
    x, y = places["smoke"][0]
    above = part(frames, (x - 30, y - 34, x + 34, y - 1))
    assert change(above).max() > 3
    # It goes slowly: less than a pixel from one frame to the next.
    assert [travel(above[i::5], axis=0, reach=8) < 0 for i in range(5)] == [True] * 5


def test_water_moves_while_the_land_does_not(shots):
    frames, places = shots("cliff")
    moved = change(frames)
    x0, y0, x1, y1 = max(places["thing"], key=lambda box: box[2] - box[0])
    land = part(moved, (x0 + 4, y0 + 4, x1 - 4, y1 - 4))
    sea = moved[int(places["horizon"]) + 8 :]
    assert np.percentile(sea, 80) > 2.0
    assert np.median(land) < 0.35 * np.percentile(sea, 80)


def figure_of(frames):
    """Where the moving figure is in each frame: (columns that it covers, its lowest rows)."""
    moving = np.abs(frames - np.median(frames, axis=0)) > 26
    return moving


def test_a_walker_crosses_on_alternating_feet(shots):
    frames, places = shots("walker")
    _, foot = places["person"][0]
    moving = figure_of(frames)[:, int(foot) - 50 : int(foot) - 4]
    middles = [np.flatnonzero(m.any(axis=0)).mean() for m in moving]
    went = np.diff(middles)
    assert abs(middles[-1] - middles[0]) > 40
    assert np.mean(np.sign(went) == np.sign(middles[-1] - middles[0])) > 0.85
    feet = figure_of(frames)[:, int(foot) - 7 : int(foot) + 1]
    spans = np.array([np.ptp(np.flatnonzero(m.any(axis=0))) for m in feet], float)
    # The feet part and pass each other: two times in each cycle of about a second.
    wave = spans - spans.mean()
    crossings = int((np.diff(np.sign(wave)) != 0).sum())
    assert spans.max() > spans.min() + 5
    assert 6 <= crossings <= 16


def test_a_tree_sways_at_its_top_and_stands_at_its_foot(shots):
    frames, places = shots("tree")
    x0, y0, x1, y1 = max(places["tree"], key=lambda box: box[3] - box[1])
    height = y1 - y0

    def sway(top, bottom):
        strip = part(frames, (x0 - 8, y0 + top * height, x1 + 8, y0 + bottom * height))
        return np.ptp([shifted(strip[0], frame, 1, 6) for frame in strip])

    assert sway(0.0, 0.35) > 0.5
    assert sway(0.0, 0.35) > 2 * sway(0.78, 0.98)


def test_a_boat_rises_and_falls_with_the_sea(shots):
    frames, places = shots("boat")
    box = max(places["boat"], key=lambda box: box[2] - box[0])
    hull = part(frames, box)
    heights = [shifted(hull[0], frame, 0, 6) for frame in hull]
    assert 0.8 < np.ptp(heights) < 12
    turns = np.diff(np.sign(np.diff(heights)))
    assert (turns != 0).sum() >= 1


def test_a_lighthouse_beam_turns(shots):
    frames, places = shots("beam")
    x, y = places["beams"][0]
    left = part(frames, (x - 90, y - 16, x - 20, y + 16)).mean(axis=(1, 2))
    right = part(frames, (x + 20, y - 16, x + 90, y + 16)).mean(axis=(1, 2))
    assert np.ptp(left) > 6 or np.ptp(right) > 6
    # A whole turn of its two beams takes seven seconds: after it the light is as it was.
    assert abs(left[14] - left[0]) < 0.35 * np.ptp(left) + 1


def test_stars_twinkle_and_the_sky_between_them_does_not(shots):
    frames, places = shots("stars")
    sky = frames[:, 4 : int(places["horizon"]) - 30]
    moved, bright = change(sky), sky.mean(axis=0)
    stars = bright > np.percentile(bright, 98)
    assert moved[stars].mean() > 4 * np.median(moved)


def test_birds_fly(shots):
    frames, places = shots("birds")
    sky = frames[:, : int(places["horizon"])]
    dark = (sky < np.median(sky, axis=0) - 25).sum(axis=(1, 2))
    assert (dark > 4).all()
    assert change(sky).max() > 25
    assert abs(travel(sky, axis=1)) >= 1


def test_fog_passes(shots):
    frames, _ = shots("fog")
    assert change(frames).mean() > 1.0
    soft = np.abs(np.diff(frames[0] - frames[-1], axis=1)).mean()
    assert soft < 0.6 * np.abs(frames[0] - frames[-1]).mean() + 0.6


def test_lightning_strikes_and_goes(shots):
    frames, _ = shots("storm")
    light = frames.mean(axis=(1, 2))
    assert light.max() > np.median(light) + 10
    assert (light > np.median(light) + 10).mean() < 0.4


def test_neon_and_windows_flicker(shots):
    frames, _ = shots("street")
    assert np.percentile(change(frames), 99) > 3


def test_a_fire_burns(shots):
    frames, places = shots("fire")
    box = places["fire"][0]
    middle = (box[0] + box[2]) / 2
    flames = change(part(frames, (middle - 14, box[3] - 40, middle + 14, box[3])))
    assert flames.max() > 12


def test_a_train_moves_with_its_smoke(shots):
    frames, places = shots("train")
    assert change(frames).max() > 30
    assert abs(travel(frames, axis=1)) >= 2


def test_a_face_blinks(shots):
    frames, _ = shots("face")
    steps_apart = np.abs(np.diff(frames, axis=0)).max(axis=(1, 2))
    assert steps_apart.max() > 3 * np.median(steps_apart)


def test_a_prompt_with_nothing_that_moves_still_lives(shots):
    frames, _ = shots("room")
    assert 0.05 < np.abs(np.diff(frames, axis=0)).mean() < 8


def test_nothing_repeats_within_ten_seconds(shots):
    frames, _ = shots("long")
    for apart in range(1, 21):
        pairs = np.abs(frames[apart:] - frames[:-apart]).mean(axis=(1, 2))
        assert pairs.min() > 0.4, f"{apart / 2} s apart"


def test_near_things_move_further_than_far_ones(shots):
    frames, places = shots("parallax")
    horizon = int(places["horizon"])
    one, two = frames[0], frames[-1]
    far = shifted(one[horizon - 26 : horizon - 4], two[horizon - 26 : horizon - 4], 1, 30)
    near = shifted(one[-30:], two[-30:], 1, 45)
    assert abs(near) > 1.6 * abs(far) > 1.6
    assert np.sign(near) == np.sign(far)


def test_a_pan_turns_the_right_way_without_jitter(shots):
    frames, places = shots("pan")
    rows = slice(int(places["horizon"]) - 24, int(places["horizon"]) - 2)
    went = np.array([shifted(frames[0, rows], frame[rows], 1, 40) for frame in frames])
    assert went[-1] < -8  # the camera turns right: the picture goes left
    smooth = np.polyval(np.polyfit(np.arange(len(went)), went, 3), np.arange(len(went)))
    assert np.sqrt(((went - smooth) ** 2).mean()) < 0.15


def test_memory_does_not_grow_with_the_length(shots):
    assert int(shots.saved["grown_kib"]) < 16 * 1024


# -- the clip -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sketch(start_plugin):
    return start_plugin("sketch")


def made(sketch, **parameters):
    """The clip's path and metadata, and the progress on the way."""
    given = {"prompt": "a house in the rain", "duration_s": 0.5, **SMALL, **parameters}
    result, told = sketch.call("text2video", given)
    assert result["status"] == "success", result
    (output,) = result["output_resources"]
    progress = [m["params"] for m in told if m.get("method") == "progress"]
    return Path(output["path"]), output["metadata"], progress


@pytest.mark.parametrize(
    ("fps", "rate", "duration_s", "frames"),
    [("23.976", "24000/1001", 1.0, 24), ("12.5", "25/2", 1.2, 15), ("24", "24", 0.04, 1)],
)
def test_clip_is_exact_to_the_frame(sketch, fps, rate, duration_s, frames):
    path, about, progress = made(sketch, fps=fps, duration_s=duration_s)
    assert (about["frames"], about["fps"]) == (frames, rate)
    assert about["duration_s"] == pytest.approx(float(frames / Fraction(rate)), abs=1e-6)
    assert about["weather"] == "rain" and about["subjects"] == ["house"]
    with av.open(path) as clip:
        (stream,) = clip.streams
        codec = stream.codec_context
        assert (codec.name, codec.pix_fmt) == ("h264", "yuv420p")
        assert (codec.color_range, codec.colorspace) == (1, 1)
        tick = 1 / (stream.time_base * Fraction(rate))
        assert [f.pts for f in clip.decode(stream)] == [i * tick for i in range(frames)]
    percents = [p["percent"] for p in progress]
    assert percents == sorted(percents) and len(percents) >= min(5, frames)
    assert progress[-1]["data"] == {"frames": frames, "frames_total": frames}


def test_same_seed_gives_the_same_bytes_and_another_does_not(sketch):
    one, two, other = (made(sketch, seed=seed)[0].read_bytes() for seed in (3, 3, 4))
    assert one == two != other


def test_chinese_is_understood(sketch):
    _, about, _ = made(sketch, prompt="雪夜，村庄的灯火，月亮", duration_s=0.1)
    assert (about["weather"], about["time"]) == ("snow", "night")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"width": 161}, "width is 161; video sizes are even: 160 or 162"),
        ({"fps": "fast"}, "fps is 'fast'; expected a number such as 24"),
    ],
)
def test_bad_parameters_are_told(sketch, wrong, told):
    result, _ = sketch.call("text2video", {"prompt": "a house", **SMALL, **wrong})
    assert result["metadata"]["error"]["code"] == "bad_input"
    assert told in result["error_message"]


def children(process):
    return Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()


def until_gone(pid, limit_s=5):
    end = time.monotonic() + limit_s
    while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text():
        assert time.monotonic() < end, f"process {pid} is still there"
        time.sleep(0.02)


def under_way(sketch):
    """A long clip under way: its call's id and ffmpeg's process id."""
    call = sketch.start_call("text2video", {"prompt": "the sea", "duration_s": 500.0, **SMALL})
    while "frame " not in str(sketch.receive(60).get("params", {}).get("message")):
        pass
    (ffmpeg,) = children(sketch.process)
    return call, ffmpeg


def test_cancel_stops_ffmpeg_and_leaves_nothing(sketch):
    call, ffmpeg = under_way(sketch)
    sketch.send("cancel", {"task_id": f"task-{call}"})
    result, _ = sketch.finish_call(call)
    assert result["metadata"]["error"]["code"] == "cancelled"
    until_gone(ffmpeg)
    assert list((sketch._work / f"call_{call}").iterdir()) == []


def test_killed_plugin_takes_ffmpeg_along(plugin_python, tmp_path):
    parameters = {"prompt": "the sea", "duration_s": 500.0, **SMALL}
    params = {"task_id": "t", "tool_name": "text2video", "parameters": parameters}
    params |= {"output_dir": str(tmp_path), "resources": []}
    request = {"jsonrpc": "2.0", "id": 1, "method": "execute_task", "params": params}
    sdk = SKETCH.parents[1] / "filmeto_core" / "plugin_sdk"
    with subprocess.Popen(
        [plugin_python("sketch"), "main.py"],
        cwd=SKETCH,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(sdk)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        while "frame " not in json.loads(process.stdout.readline())["params"].get("message", ""):
            pass
        (ffmpeg,) = children(process)
        process.send_signal(signal.SIGKILL)
        until_gone(ffmpeg)


def test_naming_elements_changes_no_byte_of_a_still(plugin_python):
    script = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1]); import sketch_elements\n"
        "if sys.argv[2] == 'plain': sketch_elements.element = lambda kind: lambda draw: draw\n"
        "from sketch_engine import draw\n"
        "for p in ('a storm, a boat, two people', 'a girl walks by the river at night, lanterns'):\n"
        "    print(hashlib.sha256(draw(p, width=160, height=90)[0].tobytes()).hexdigest())\n"
    )
    command = [plugin_python("sketch"), "-c", script, str(SKETCH)]
    plain, named = (subprocess.check_output([*command, how]) for how in ("plain", "named"))
    assert plain == named
