"""The sketch plugin draws: deterministic, never empty, every subject leaves its mark."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "plugins" / "sketch"
sys.path.insert(0, str(PLUGIN))

from sketch_engine import draw, sheet  # noqa: E402
from sketch_people import look_of  # noqa: E402
from sketch_vocabulary import TABLES  # noqa: E402
from sketch_words import parse  # noqa: E402


def pixels(prompt, width=160, height=90, **more):
    picture, _ = draw(prompt, width=width, height=height, seed=more.pop("seed", 7), **more)
    return np.asarray(picture)


def english(table):
    for line in TABLES[table].strip().splitlines():
        name, _, rest = line.partition(":")
        yield name, rest.split(",")[0].split("|")[0].strip()


def test_same_prompt_and_seed_give_the_same_bytes():
    one, two = (pixels("a lighthouse on a cliff at dawn, gulls") for _ in range(2))
    assert hashlib.sha256(one.tobytes()).digest() == hashlib.sha256(two.tobytes()).digest()


def test_ink_with_watercolour_is_coloured_and_ink_alone_is_not():
    def colour(style):
        picture = pixels("the sea at sunset", style=style).astype(int)
        return (picture.max(axis=2) - picture.min(axis=2)).mean()

    assert colour("ink and watercolour") > 3 * colour("ink")


def test_a_lantern_in_a_boat_hangs_at_its_bow_and_not_in_the_sky():
    plain = pixels("a boat on the sea at night, two people rowing", 320, 180).astype(int)
    lit = pixels("a boat with a lantern on the sea at night, two people rowing", 320, 180)
    changed = np.abs(lit - plain).max(axis=2)
    assert changed[60:].max() > 100 and changed[:36].max() < 40


def test_another_seed_gives_another_picture():
    assert (pixels("a village at dusk") != pixels("a village at dusk", seed=8)).any()


def test_unknown_words_do_not_change_a_pixel():
    plain = pixels("a small boat in rain, two people rowing")
    assert (pixels("a small glorbish boat in rain, two snazzy people rowing, zxcv") == plain).all()


@pytest.mark.parametrize("prompt", ["", "  ", "zxcv qwrt", "!!", "的", "🙂"])
def test_a_frame_is_never_empty(prompt):
    grey = pixels(prompt, 320, 180).mean(axis=2)
    counts = np.histogram(grey, 64, (0, 256))[0] / grey.size
    entropy = -(counts[counts > 0] * np.log2(counts[counts > 0])).sum()
    assert grey.std() > 15
    assert entropy > 3.0


def test_negative_prompt_removes_its_subject():
    with_birds = pixels("the sea, gulls", 320, 180)
    without = pixels("the sea, gulls", 320, 180, negative_prompt="gulls")
    assert (without == pixels("the sea", 320, 180)).all()
    assert (with_birds != without).any()


@pytest.mark.parametrize(
    ("width", "height"), [(64, 64), (64, 200), (333, 91), (270, 480), (300, 300)]
)
def test_every_size_is_drawn_exactly(width, height):
    picture, facts = draw("a woman with an umbrella in the street", width=width, height=height)
    assert picture.size == (width, height) == (facts["width"], facts["height"])
    assert np.asarray(picture).std() > 10


def test_the_largest_frame_is_drawn_on_a_bounded_sheet():
    w, h = sheet(4096, 4096)
    assert w * h <= 1.01 * 1080 * 1920


@pytest.mark.parametrize("name, phrase", [*english("thing"), *english("person")])
def test_every_subject_changes_the_picture(name, phrase):
    plain, drawn = pixels("hill"), pixels(f"hill, {phrase}")
    assert (np.abs(plain.astype(int) - drawn) > 6).sum() > 12, name


@pytest.mark.parametrize("name, phrase", [*english("place"), *english("body"), *english("action")])
def test_every_place_and_action_is_drawn(name, phrase):
    assert pixels(f"a man, {phrase}").std() > 8


@pytest.mark.parametrize("category", ["shot", "angle", "time", "weather", "season", "style"])
def test_every_way_of_seeing_changes_the_picture(category):
    seen = {
        hashlib.sha256(pixels(f"a house and a tree, {phrase}").tobytes()).digest()
        for name, phrase in english(category)
        if name not in ("eye", "day", "wide", "clear")
    }
    plain = hashlib.sha256(pixels("a house and a tree").tobytes()).digest()
    assert plain not in seen
    assert len(seen) >= len(list(english(category))) - 1


def test_night_is_darker_than_day():
    assert pixels("a village at night").mean() + 40 < pixels("a village, day").mean()


def test_black_and_white_has_no_colour():
    picture = pixels("a red house, black and white").astype(int)
    assert np.ptp(picture, axis=2).mean() < 6


def test_the_plugin_answers_over_its_wire(tmp_path):
    parameters = {
        "prompt": "雪夜，村庄的灯火，月亮",
        "negative_prompt": "",
        "width": 128,
        "height": 72,
        "seed": 5,
        "style": "",
    }
    request = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "execute_task",
        "params": {
            "task_id": "t1",
            "tool_name": "text2image",
            "plugin_name": "sketch",
            "parameters": parameters,
            "resources": [],
            "output_dir": str(tmp_path),
        },
    }
    sdk = ROOT / "filmeto_core" / "plugin_sdk"
    done = subprocess.Popen(
        [sys.executable, "main.py"],
        cwd=PLUGIN,
        env={**os.environ, "PYTHONPATH": str(sdk)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with done:
        done.stdin.write(json.dumps(request) + "\n")
        done.stdin.flush()
        messages = []
        for line in done.stdout:
            messages.append(json.loads(line))
            if messages[-1].get("id") == 1:
                break
        done.stdin.close()
        done.stdout.read()
    assert messages[0]["method"] == "ready"
    percents = [m["params"]["percent"] for m in messages if m.get("method") == "progress"]
    assert percents == sorted(percents) and len(percents) >= 5
    result = messages[-1]["result"]
    assert result["status"] == "success", result
    (resource,) = result["output_resources"]
    assert resource["metadata"]["subjects"] == ["lights", "moon"]
    assert resource["metadata"]["time"] == "night"
    with Image.open(tmp_path / "frame.png") as picture:
        assert picture.size == (128, 72)


def test_a_person_wears_the_same_clothes_whatever_the_seed():
    keeper = parse("the keeper on a cliff").people[0]
    looks = {look_of(keeper, np.random.default_rng(seed))[:3] for seed in range(5)}
    assert len(looks) == 1
    crowd = parse("five people on a beach").people[0]
    assert len({look_of(crowd, np.random.default_rng(seed))[:3] for seed in range(9)}) > 1
