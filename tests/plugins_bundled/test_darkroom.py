"""The darkroom plugin develops pictures: each look is seen in the pixels, and nothing else changes."""

import os
import re
import struct
import sys
import zlib
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "plugins" / "darkroom"))

from darkroom_words import DETAILS, LOOKS, read_looks, words_of  # noqa: E402

SIZE = WIDTH, HEIGHT = 192, 108
SKY, LAMP, MEADOW, ROAD = ((20, 6), (52, 71), (30, 84), (130, 97))  # a pixel of each
LARGEST_JUMP = 3  # times the step in strength: the steepest that a pixel's way may be


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """A day outdoors: a sky, a meadow, a tree, a house with windows, a grey road, a lamp."""
    picture = Image.new("RGB", SIZE, (118, 160, 84))
    draw = ImageDraw.Draw(picture)
    for row in range(56):
        draw.line([(0, row), (WIDTH, row)], (120 + row, 170 + row // 2, 235))
    draw.rectangle([100, 30, 170, 78], (205, 190, 170))
    for x in range(106, 166, 16):
        for y in (36, 56):
            draw.rectangle([x, y, x + 7, y + 10], (70, 80, 95))
    draw.ellipse([10, 34, 44, 70], (70, 120, 50))
    draw.polygon([(80, 108), (190, 108), (150, 80), (110, 80)], (130, 128, 126))
    draw.rectangle([51, 74, 53, 90], (50, 45, 40))
    draw.ellipse([47, 66, 57, 76], (255, 246, 205))
    grain = np.random.default_rng(5).integers(-6, 7, (HEIGHT, WIDTH, 1))
    path = tmp_path_factory.mktemp("scene") / "scene.png"
    Image.fromarray((np.asarray(picture) + grain).clip(0, 255).astype(np.uint8)).save(path)
    return path


@pytest.fixture
def restyle(start_plugin):
    """`restyle(picture, prompt, **parameters)`: the path of what the plugin made."""

    def restyled(picture, prompt, **parameters):
        result, _ = start_plugin("darkroom").call(
            "image2image", {"prompt": prompt, **parameters}, [picture]
        )
        assert result["status"] == "success", result
        return Path(result["output_files"][0])

    return restyled


def refused(start_plugin, pictures, **parameters):
    result, _ = start_plugin("darkroom").call("image2image", parameters, pictures)
    assert result["metadata"]["error"]["code"] == "bad_input", result
    return result["error_message"]


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture).astype(float)


def around(picture, place):
    """The mean colour of 5 by 5 pixels."""
    x, y = place
    return picture[y - 2 : y + 3, x - 2 : x + 3].reshape(25, -1).mean(axis=0)


def saturation(picture):
    return (picture.max(axis=2) - picture.min(axis=2)).mean()


def lines(picture):
    """How many pixels differ from their right neighbour by what a line does."""
    grey = picture.mean(axis=2)
    return (np.abs(np.diff(grey, axis=1)) > 60).mean()


def write_png16(path, samples):
    """A PNG of 16 bit; (height, width) or (height, width, 3 or 4)."""
    kinds = {2: 0, 3: {3: 2, 4: 6}}
    kind = kinds[samples.ndim] if samples.ndim == 2 else kinds[3][samples.shape[2]]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    head = struct.pack(">IIBBBBB", samples.shape[1], samples.shape[0], 16, kind, 0, 0, 0)
    chunks = [b"IHDR" + head, b"IDAT" + zlib.compress(rows), b"IEND"]
    body = [struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in chunks]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(body))
    return path


def read_wide(path, layout):
    with av.open(str(path)) as file:
        frame = next(file.decode(video=0))
    assert frame.format.name.startswith(layout), frame.format.name
    return frame.to_ndarray(format=f"{layout}le")


MEASURES = {
    "ink": lambda was, made: saturation(made) < 12 and lines(made) > 3 * lines(was),
    "watercolour": lambda was, made: made.mean() > was.mean() and saturation(made) > 30,
    "charcoal": lambda was, made: saturation(made) < 15 and made.std() > was.std(),
    "blueprint": lambda was, made: (made[..., 2] > made[..., 0] + 40).mean() > 0.8,
    "film noir": lambda was, made: saturation(made) == 0 and made.std() > 1.2 * was.std(),
    "black and white": lambda was, made: saturation(made) == 0,
    "sepia": lambda was, made: (made[..., 0] >= made[..., 2]).all(),
    "warm": lambda was, made: (made - was)[..., 0].mean() > 4 + (made - was)[..., 2].mean(),
    "cool": lambda was, made: (made - was)[..., 2].mean() > 4 + (made - was)[..., 0].mean(),
    "faded": lambda was, made: made.std() < 0.85 * was.std() and made.min() > 20,
    "golden hour": lambda was, made: np.subtract(*made[40:48, 60:90, ::2].T).mean() > 30,
    "spring": lambda was, made: around(made, MEADOW)[1] > around(was, MEADOW)[1],
    "summer": lambda was, made: saturation(made) > saturation(was),
    "autumn": lambda was, made: around(made, MEADOW)[0] > around(made, MEADOW)[1],
    "winter": lambda was, made: around(made, MEADOW).mean() > around(was, MEADOW).mean() + 25,
    "night": lambda was, made: made.mean() < 0.5 * was.mean(),
}  # fmt: skip


def test_every_look_has_a_measure():
    assert {read_looks(prompt).names for prompt in MEASURES} == {(name,) for name in LOOKS}


@pytest.mark.parametrize("prompt", MEASURES)
def test_a_look_is_seen_and_grows_with_strength_without_a_jump(prompt, scene, restyle):
    was = pixels(scene)
    strengths = (0.01, 0.3, 0.32, 0.7, 1.0)
    steps = [pixels(restyle(scene, prompt, strength=s)) for s in strengths]
    assert MEASURES[prompt](was, steps[-1])
    distances = [np.abs(step - was).mean() for step in steps]
    assert distances == sorted(distances)
    assert distances[0] < 0.05 * distances[-1]
    assert np.abs(steps[2] - steps[1]).max() <= LARGEST_JUMP * 0.02 * 255 + 1


def test_night_darkens_the_sky_more_than_the_lamp_and_lights_windows(scene, restyle):
    was, made = pixels(scene), pixels(restyle(scene, "night"))
    kept = [around(made, place).mean() / around(was, place).mean() for place in (SKY, LAMP)]
    assert kept[0] < 0.4 < 0.8 < kept[1]
    unlit = pixels(restyle(scene, "night", negative_prompt="lit windows"))
    house = np.s_[30:70, 100:170]
    assert (made[house] - unlit[house]).max() > 80
    assert (made[house] - unlit[house]).min() > -12


def test_winter_covers_the_ground_and_a_room_stays_without_snow(scene, restyle):
    outside = pixels(restyle(scene, "winter"))
    assert around(outside, ROAD).min() > 170
    inside = pixels(restyle(scene, "winter, indoors"))
    assert around(inside, ROAD).max() < 160


def test_looks_combine_in_any_order_and_both_languages_mean_the_same(scene, restyle):
    both = restyle(scene, "watercolour, autumn").read_bytes()
    assert restyle(scene, "autumn in watercolor").read_bytes() == both
    assert restyle(scene, "秋天，水彩").read_bytes() == both
    alone = [restyle(scene, prompt).read_bytes() for prompt in ("watercolour", "autumn")]
    assert both not in alone


def test_the_seed_changes_the_grain_and_only_that(scene, restyle):
    one, again, other = (restyle(scene, "film noir", seed=s) for s in (1, 1, 2))
    assert one.read_bytes() == again.read_bytes()
    first, second = pixels(one), pixels(other)
    assert 0.5 < np.abs(first - second).mean() < 12
    clean = [restyle(scene, "film noir, no grain", seed=s).read_bytes() for s in (1, 2)]
    assert clean[0] == clean[1]


def test_strength_zero_gives_the_samples_of_every_kind_of_picture(scene, restyle, tmp_path):
    with Image.open(scene) as picture:
        alpha = Image.linear_gradient("L").resize(SIZE)
        for mode in ("RGB", "L", "RGBA", "LA"):
            given = picture.convert(mode)
            if mode.endswith("A"):
                given.putalpha(alpha)
            given.save(tmp_path / f"{mode}.png", icc_profile=b"a profile")
            with Image.open(restyle(tmp_path / f"{mode}.png", "ink", strength=0)) as made:
                assert (made.mode, made.tobytes()) == (mode, given.tobytes())
                assert made.info["icc_profile"] == b"a profile"


def test_sixteen_bit_stay_sixteen_bit(restyle, tmp_path):
    colours = np.random.default_rng(1).integers(0, 65536, (40, 60, 3)).astype(np.uint16)
    path = write_png16(tmp_path / "wide.png", colours)
    assert (read_wide(restyle(path, "sepia", strength=0), "rgb48") == colours).all()
    made = read_wide(restyle(path, "sepia"), "rgb48")
    assert len(np.unique(made)) > 3000
    grey = write_png16(tmp_path / "grey.png", colours[..., 0])
    assert (
        read_wide(restyle(grey, "black and white", strength=0), "gray16") == colours[..., 0]
    ).all()


def test_transparency_stays_and_hidden_colours_do_not_bleed(scene, restyle, tmp_path):
    with Image.open(scene) as picture:
        given = picture.convert("RGBA")
    cut = np.array(given)
    cut[:, :96, 3] = 0
    cut[:, :96, :3] = (255, 0, 255)
    Image.fromarray(cut).save(tmp_path / "cut.png")
    made = pixels(restyle(tmp_path / "cut.png", "watercolour"))
    assert (made[..., 3] == cut[..., 3]).all()
    border = made[:50, 96:100, :3].reshape(-1, 3).mean(axis=0)
    assert border[1] > 120  # a magenta border would have no green


def test_a_photograph_is_turned_upright_as_its_exif_says(scene, restyle, tmp_path):
    turned = Image.Exif()
    turned[0x0112] = 6
    with Image.open(scene) as picture:
        picture.save(tmp_path / "photo.jpg", exif=turned, quality=95)
        made = pixels(restyle(tmp_path / "photo.jpg", "warm", strength=0))
        upright = np.asarray(picture.transpose(Image.Transpose.ROTATE_270)).astype(float)
    assert made.shape == (WIDTH, HEIGHT, 3)
    assert np.abs(made - upright).mean() < 4


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (5, 3)])
def test_the_smallest_pictures_get_every_look(size, restyle, tmp_path):
    Image.new("RGB", size, (90, 140, 60)).save(tmp_path / "tiny.png")
    for prompt in ("winter, night, ink, sepia", "spring, noir, charcoal", "autumn, blueprint"):
        with Image.open(restyle(tmp_path / "tiny.png", prompt)) as made:
            assert made.size == size


def test_a_picture_of_4096_by_4096_keeps_its_detail_in_the_memory_that_is_declared(
    start_plugin, restyle, tmp_path
):
    fine = np.zeros((4096, 4096), np.uint8)
    fine[:, ::2] = 120
    Image.fromarray(fine).save(tmp_path / "large.png", compress_level=1)
    with Image.open(restyle(tmp_path / "large.png", "cool")) as made:
        assert made.size == (4096, 4096)
        middle = np.asarray(made.crop((2000, 2000, 2100, 2100))).astype(float)
    assert np.abs(np.diff(middle[..., 1], axis=1)).mean() > 60
    if os.path.exists("/proc"):
        status = Path(f"/proc/{start_plugin('darkroom').process.pid}/status").read_text()
        assert int(re.search(r"VmHWM:\s+(\d+)", status)[1]) < 2 * 1024 * 1024  # kB


def test_a_prompt_without_a_look_is_told_which_there_are(start_plugin, scene):
    told = refused(start_plugin, [scene], prompt="a boat at noon")
    assert all(words_of(name)[0][0] in told for name in LOOKS)
    told = refused(start_plugin, [scene], prompt="night", negative_prompt="night")
    assert "left out" in told


def test_what_is_no_picture_is_refused(start_plugin, scene, tmp_path):
    (tmp_path / "broken.png").write_bytes(scene.read_bytes()[:300])
    assert "cannot read" in refused(start_plugin, [tmp_path / "broken.png"], prompt="ink")
    assert "got 2 inputs" in refused(start_plugin, [scene, scene], prompt="ink")


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("a light snow fall", ("winter",)),
        ("Autumn leaves falling", ("autumn",)),
        ("not night, ink", ("ink",)),
        ("ink wash", ("watercolour", "ink", "bw")),
        ("雪夜", ("winter", "night")),
        ("springboard in thinking, sepia", ("sepia",)),
    ],
)
def test_words_are_read_as_people_mean_them(prompt, names):
    assert read_looks(prompt).names == names


def test_the_page_of_looks_lists_every_word_and_no_other():
    page = (ROOT / "docs" / "looks.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \| .+ \|$", page, re.MULTILINE)
    told = {name: (english.split(", "), chinese.split(", ")) for name, english, chinese in rows}
    assert told == {name: words_of(name) for name in (*LOOKS, *DETAILS, "indoors")}
