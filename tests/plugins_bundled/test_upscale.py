"""The upscale plugin enlarges: sharper than plain, without seams, with all that a picture has."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

sys.path.insert(0, str(Path(__file__).parents[2] / "plugins" / "upscale"))

from upscale_words import factor_of

SIZE = WIDTH, HEIGHT = 72, 48


def drawn(scale):
    """Lines and shapes with smooth edges, drawn at a multiple of SIZE."""
    large = Image.new("RGB", (WIDTH * 8, HEIGHT * 8), (225, 215, 190))
    draw = ImageDraw.Draw(large)
    draw.ellipse([60, 60, 300, 300], (180, 60, 40), (20, 20, 30), 16)
    draw.line([(20, 350), (560, 40)], (20, 20, 30), 14)
    draw.polygon([(330, 340), (540, 340), (440, 180)], (40, 110, 160), (20, 20, 30), 12)
    return large.resize((WIDTH * scale, HEIGHT * scale), Image.Resampling.BOX)


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    path = tmp_path_factory.mktemp("still") / "still.png"
    drawn(1).save(path)
    return path


@pytest.fixture
def enlarge(start_plugin):
    """`enlarge(picture, **parameters)`: (what was made, the progress that was told)."""

    def enlarged(picture, **parameters):
        result, told = start_plugin("upscale").call("image2image", parameters, [picture])
        assert result["status"] == "success", result
        with Image.open(result["output_files"][0]) as made:
            made.load()
        return made, [t["params"] for t in told if t["method"] == "progress"]

    return enlarged


def refused(start_plugin, picture, **parameters):
    result, _ = start_plugin("upscale").call("image2image", parameters, [picture])
    return result["metadata"]["error"], result["error_message"]


def distance(one, other):
    return np.abs(np.asarray(one, float) - np.asarray(other, float))


@pytest.mark.parametrize("scale", [2, 4])
def test_it_comes_nearer_to_the_large_picture_than_a_plain_enlargement(scale, still, enlarge):
    made, _ = enlarge(still, scale=scale)
    plain, _ = enlarge(still, scale=scale, strength=0)
    assert made.size == plain.size == (WIDTH * scale, HEIGHT * scale)
    assert distance(made, drawn(scale)).mean() < 0.8 * distance(plain, drawn(scale)).mean()


def test_tiles_meet_without_a_seam_and_are_told_one_by_one(still, enlarge):
    whole, _ = enlarge(still, prompt="2x", tile_px=256)
    tiled, told = enlarge(still, prompt="2x", tile_px=40)
    assert distance(whole, tiled).max() <= 1
    assert [t["message"] for t in told if "tile" in t["message"]] == [
        f"tile {n} of 4" for n in range(1, 5)
    ]


def test_strength_runs_from_the_plain_enlargement_to_the_network_s(still, enlarge):
    plain, half, full = (enlarge(still, strength=s)[0] for s in (0.0, 0.5, 1.0))
    middle = (np.asarray(plain, float) + np.asarray(full, float)) / 2
    assert distance(half, middle).max() <= 1.5


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA"])
def test_grey_and_transparency_stay(mode, enlarge, tmp_path):
    given = drawn(1).crop((0, 0, 40, 30)).convert(mode)
    if mode.endswith("A"):
        given.putalpha(Image.linear_gradient("L").resize(given.size))
    given.save(tmp_path / "given.png", icc_profile=b"a profile")
    made, _ = enlarge(tmp_path / "given.png")
    assert (made.mode, made.size, made.info["icc_profile"]) == (mode, (80, 60), b"a profile")
    if mode.endswith("A"):
        wanted = given.getchannel("A").resize(made.size, Image.Resampling.BICUBIC)
        assert made.getchannel("A").tobytes() == wanted.tobytes()


def test_colours_that_are_hidden_do_not_bleed(enlarge, tmp_path):
    cut = np.full((24, 24, 4), (200, 200, 200, 255), np.uint8)
    cut[:, :12] = (0, 0, 0, 0)
    Image.fromarray(cut).save(tmp_path / "cut.png")
    made = np.asarray(enlarge(tmp_path / "cut.png")[0])
    assert made[..., :3][made[..., 3] > 30].min() > 185


def test_a_photograph_is_upright_and_the_smallest_picture_is_enlarged(enlarge, tmp_path):
    turned = Image.Exif()
    turned[0x0112] = 8
    drawn(1).filter(ImageFilter.GaussianBlur(1)).save(tmp_path / "photo.jpg", exif=turned)
    assert enlarge(tmp_path / "photo.jpg")[0].size == (HEIGHT * 2, WIDTH * 2)
    Image.new("RGB", (1, 1), (200, 30, 60)).save(tmp_path / "pixel.png")
    pixel, _ = enlarge(tmp_path / "pixel.png", scale=4)
    assert pixel.size == (4, 4)
    assert distance(pixel, (200, 30, 60)).max() < 12


def test_a_cancel_ends_the_work_at_once(start_plugin, still):
    plugin = start_plugin("upscale")
    call = plugin.start_call("image2image", {"tile_px": 32, "scale": 4}, [still])
    while "tile 1" not in plugin.receive(60)["params"].get("message", ""):
        pass
    plugin.send("cancel", {"task_id": f"task-{call}"})
    result, told = plugin.finish_call(call)
    assert result["metadata"]["error"]["code"] == "cancelled"
    assert not any("tile 3" in t["params"].get("message", "") for t in told)


def test_what_cannot_be_made_is_refused_with_what_can(start_plugin, still, tmp_path):
    error, told = refused(start_plugin, still, scale=3)
    assert error["code"] == "bad_input"
    assert "expected 2, 4" in told
    Image.new("1", (6000, 3000)).save(tmp_path / "large.png")
    error, told = refused(start_plugin, tmp_path / "large.png", scale=4)
    assert (error["code"], error["details"]["limit"]) == ("beyond_limits", 100_000_000)
    assert "24000x12000" in told
    (tmp_path / "broken.png").write_bytes(still.read_bytes()[:60])
    error, told = refused(start_plugin, tmp_path / "broken.png")
    assert error["code"] == "bad_input"


@pytest.mark.parametrize(
    ("prompt", "scale"),
    [("upscale", 2), ("upscale 4x", 4), ("×4", 4), ("放大两倍", 2), ("四倍", 4), ("make it twice as large", 2)],
)  # fmt: skip
def test_the_prompt_names_the_factor(prompt, scale):
    assert factor_of(prompt) == scale


def test_two_factors_are_one_too_many():
    with pytest.raises(ValueError, match="2x and 4x"):
        factor_of("2x or 4x")
