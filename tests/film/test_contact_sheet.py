import pytest
from film_material import make_clip, make_timeline
from PIL import Image

from filmeto_core.errors import AssemblyError
from filmeto_core.film.contact_sheet import BACKGROUND, clock, draw_contact_sheet, lay_out
from filmeto_core.film.sheet_text import elided, font, wrapped

CHINESE = "村里没有人知道，礁石之外的渔船还有多少没有归来；海水由绿变黑，风声里夹着钟声。"
ENGLISH = "Until the night the lamp went dark, and nobody knew what the silence meant."


def test_each_shot_is_shown_by_a_frame_of_its_own(tmp_path):
    colours = {"a": (200, 30, 30), "b": (30, 160, 30), "c": (40, 40, 200), "d": (200, 200, 40)}
    clips = {
        shot: make_clip(
            tmp_path / f"{shot}.mp4",
            24,
            source="color=0x{:02x}{:02x}{:02x}:s=320x180:r=24:d=2".format(*colour)
            + ",scale=out_color_matrix=bt709",
        )
        for shot, colour in colours.items()
    }
    timeline = make_timeline(*[(24, "cut", 0)] * 4)
    out = tmp_path / "sheets" / "sheet.png"
    draw_contact_sheet(timeline, clips, out, title="灯塔", profile="animatic")
    layout = lay_out(timeline)
    sheet = Image.open(out).convert("RGB")
    assert sheet.width == layout.width
    found = [colour for _, colour in sheet.getcolors(1 << 22) if colour != BACKGROUND]
    for colour in colours.values():
        near = [f for f in found if all(abs(a - b) < 8 for a, b in zip(f, colour, strict=True))]
        assert near, f"no frame of colour {colour}"


def test_frame_is_taken_after_the_transition(tmp_path):
    # White while the dissolve lasts, then black.
    source = "color=white:s=320x180:r=24:d=2,drawbox=c=black:t=fill:enable='gte(n,10)'"
    clips = {
        "a": make_clip(tmp_path / "a.mp4", 34, source="color=gray:s=320x180:r=24:d=2"),
        "b": make_clip(tmp_path / "b.mp4", 30, source=source),
    }
    out = tmp_path / "sheet.png"
    draw_contact_sheet(make_timeline((24, "cut", 0), (30, "dissolve", 10)), clips, out)
    sheet = Image.open(out).convert("L")
    right = sheet.crop(
        (sheet.width // 2 + 60, sheet.height // 3, sheet.width - 60, sheet.height // 2)
    )
    assert right.getextrema()[1] < 30


@pytest.mark.parametrize("size", [(1280, 720), (1080, 1920), (1920, 800)])
@pytest.mark.parametrize("shots", [1, 2, 5, 9, 30, 100])
def test_frames_stay_legible_and_the_sheet_within_bounds(shots, size):
    timeline = make_timeline(*[(24, "cut", 0)] * shots, size=size)
    layout = lay_out(timeline)
    used = 2 * layout.margin + layout.columns * layout.frame_width
    used += (layout.columns - 1) * layout.gap
    assert layout.frame_width >= 210 and layout.letters >= 16
    assert layout.width - layout.columns < used <= layout.width
    assert -(-shots // layout.columns) * layout.frame_height < 10_000


@pytest.mark.parametrize("text", [CHINESE, ENGLISH, "x" * 200, "一" * 90, "a b c"])
def test_no_line_is_wider_than_its_column_and_no_letter_is_lost(text):
    face = font(18)
    lines = wrapped(text, face, 220, 99)
    assert all(face.getlength(line) <= 220 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert not any(line[0] in "，。；、" for line in lines)


def test_long_narration_ends_in_an_ellipsis_after_a_whole_word():
    face = font(18)
    lines = wrapped(ENGLISH * 3, face, 220, 3)
    assert len(lines) == 3 and lines[-1].endswith("…")
    assert lines[-1][:-1].split()[-1] in ENGLISH.replace(",", "").split()
    assert face.getlength(lines[-1]) <= 220
    assert elided("short", face, 220) == "short"


def test_chinese_is_drawn_with_letters_of_its_own():
    masks = {bytes(font(40).getmask(letter)) for letter in "灯塔海夜"}
    assert len(masks) == 4  # a font without them draws the same box for each


def test_times_are_read_as_minutes_and_seconds():
    assert [clock(s) for s in (0, 9.96, 59.97, 62.54, 3600)] == [
        "0:00.0",
        "0:10.0",
        "1:00.0",
        "1:02.5",
        "60:00.0",
    ]


def test_clip_that_cannot_be_read_is_named_with_its_shot(tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\0" * 100)
    with pytest.raises(AssemblyError, match="a: could not draw the contact sheet.*broken.mp4"):
        draw_contact_sheet(make_timeline((24, "cut", 0)), {"a": broken}, tmp_path / "s.png")
