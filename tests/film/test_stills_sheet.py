"""The contact sheet of a review: each still in its place, whatever its shape, and what is missing."""

from pathlib import Path

import pytest
from PIL import Image

from filmeto_core.film.contact_sheet import grid
from filmeto_core.film.stills_sheet import StillCell, draw_stills_sheet

RED, BLUE = (200, 30, 30), (30, 30, 200)


def still(path: Path, colour: tuple[int, int, int], size=(320, 180), mode="RGB") -> Path:
    Image.new(mode, size, colour if mode == "RGB" else (*colour, 255)).save(path)
    return path


def has(sheet: Image.Image, colour: tuple[int, int, int]) -> float:
    """The share of the sheet that is of this colour."""
    pixels = sheet.resize((200, 200)).get_flattened_data()
    near = sum(all(abs(a - b) < 12 for a, b in zip(p, colour, strict=True)) for p in pixels)
    return near / len(pixels)


def test_every_still_is_shown_and_a_shot_without_one_has_its_place(tmp_path):
    cells = [
        StillCell("dawn", still(tmp_path / "a.png", RED), "a quay", "take 2"),
        StillCell("storm", still(tmp_path / "b.png", BLUE, (50, 400), "RGBA"), "waves " * 60),
        StillCell("own", None),
    ]
    draw_stills_sheet(cells, tmp_path / "new" / "sheet.png", size=(320, 180), title="Two lamps")
    with Image.open(tmp_path / "new" / "sheet.png") as sheet:
        shown = sheet.convert("RGB")
        assert has(shown, RED) == pytest.approx(has(shown, BLUE), rel=0.2) and has(shown, RED) > 0.1


def test_the_sheet_is_no_higher_than_its_prompts_need(tmp_path):
    picture = still(tmp_path / "a.png", RED)
    heights = []
    for text in ("", "a quay", "a quay at dawn, with fog over the water " * 9):
        cells = [StillCell("a", picture, text), StillCell("b", picture)]
        draw_stills_sheet(cells, tmp_path / "sheet.png", size=(320, 180))
        with Image.open(tmp_path / "sheet.png") as sheet:
            heights.append(sheet.height)
    assert heights == sorted(set(heights))


@pytest.mark.parametrize(("shots", "size"), [(1, (1080, 1920)), (7, (64, 64)), (60, (1280, 720))])
def test_a_film_of_any_shape_and_length_has_a_sheet(tmp_path, shots, size):
    picture = still(tmp_path / "a.png", RED)
    cells = [StillCell(f"shot-{n}", picture, "a quay") for n in range(shots)]
    draw_stills_sheet(cells, tmp_path / "sheet.png", size=size, title="x" * 200)
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width == grid(shots, size[1] / size[0]).width
        assert has(sheet.convert("RGB"), RED) > 0.2
