"""Where the camera looks, and frame rates: plain arithmetic, tested as such."""

import importlib
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).parents[2] / "plugins" / "camera"))
path = importlib.import_module("camera_path")
rate = importlib.import_module("camera_rate")
words = importlib.import_module("camera_words")

HD = (1280, 720)
CENTRE = (0.5, 0.5)


def windows(motion, frames=97, seconds=4.0, picture=(1920, 1080), frame=HD, strength=0.5):
    return path.windows(motion, frames, seconds, picture, frame, strength, CENTRE)


def centre(window):
    return window.left + window.width / 2, window.top + window.height / 2


@given(
    motion=st.sampled_from(path.MOTIONS),
    frames=st.integers(1, 200),
    seconds=st.floats(0.04, 600),
    picture=st.tuples(st.integers(1, 5000), st.integers(1, 5000)),
    frame=st.sampled_from([(16, 16), (1280, 720), (1080, 1920), (1920, 16)]),
    strength=st.floats(0, 1),
    focus=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_every_window_lies_in_the_picture_and_has_the_frames_shape(
    motion, frames, seconds, picture, frame, strength, focus
):
    made = path.windows(motion, frames, seconds, picture, frame, strength, focus)
    assert len(made) == frames
    for window in made:
        assert window.left >= -1e-9 and window.top >= -1e-9
        assert window.left + window.width <= picture[0] + 1e-6
        assert window.top + window.height <= picture[1] + 1e-6
        assert window.width * frame[1] == pytest.approx(window.height * frame[0])


@pytest.mark.parametrize(
    ("motion", "dx", "dy"),
    [("pan-left", -1, 0), ("pan-right", 1, 0), ("tilt-up", 0, -1), ("tilt-down", 0, 1)],
)
def test_pans_and_tilts_go_where_their_name_says(motion, dx, dy):
    made = [centre(w) for w in windows(motion)]
    moved = made[-1][0] - made[0][0], made[-1][1] - made[0][1]
    assert [round(m / max(map(abs, moved))) for m in moved] == [dx, dy]
    along = [x * dx + y * dy for x, y in made]
    assert along == sorted(along)


def test_push_in_ends_nearer_and_pull_out_is_its_reverse():
    made = windows("push-in")
    widths = [w.width for w in made]
    assert widths[0] == 1920
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 0.93 * widths[0]
    assert windows("pull-out") == made[::-1]


def test_speed_rises_and_falls_gently_and_never_stops():
    way = [path.eased(i / 1000) for i in range(1001)]
    assert way[0] == 0 and way[-1] == 1
    speed = [(b - a) * 1000 for a, b in zip(way, way[1:], strict=False)]
    assert min(speed) > 0.25  # of the mean: never at rest
    assert speed[0] < 0.4 * max(speed) and speed[-1] < 0.4 * max(speed)
    assert max(abs(b - a) for a, b in zip(speed, speed[1:], strict=False)) < 0.01  # no jerk


def test_static_shot_drifts_a_little_all_the_time():
    made = [centre(w) for w in windows("static", frames=241, seconds=10)]
    steps = [
        ((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5
        for a, b in zip(made, made[1:], strict=False)
    ]
    assert 0.005 < min(steps) and max(steps) < 0.5  # picture pixels of a 1920 wide picture


@pytest.mark.parametrize("motion", path.MOTIONS)
def test_strength_zero_is_a_still(motion):
    assert len(set(windows(motion, strength=0))) == 1


def test_longer_shots_move_further_but_slower():
    short, long = windows("push-in", seconds=2), windows("push-in", seconds=8)
    zoom = [w[0].width / w[-1].width - 1 for w in (short, long)]
    assert zoom[0] < zoom[1] < 4 * zoom[0]


def test_pan_over_a_panorama_uses_its_width_without_zooming():
    made = windows("pan-right", picture=(6000, 1000))
    assert {round(w.height, 6) for w in made} == {1000}
    assert made[-1].left - made[0].left > 0.15 * made[0].width


def test_tall_picture_in_a_wide_frame_keeps_its_upper_part():
    window = path.fill((1000, 2000), HD, (0.5, 0.35))
    assert window.width == 1000
    assert window.top + window.height / 2 < 0.4 * 2000


def test_wide_picture_in_a_tall_frame_keeps_what_it_is_about():
    window = path.fill((1920, 1080), (1080, 1920), (0.3, 0.5))
    assert window.height == 1080
    assert centre(window)[0] == pytest.approx(0.3 * 1920)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24", Fraction(24)),
        (25, Fraction(25)),
        ("24000/1001", Fraction(24000, 1001)),
        ("23.976", Fraction(24000, 1001)),
        ("23.98", Fraction(24000, 1001)),
        ("23.976024", Fraction(24000, 1001)),
        ("29.97", Fraction(30000, 1001)),
        ("47.952", Fraction(48000, 1001)),
        ("59.94", Fraction(60000, 1001)),
        ("119.88", Fraction(120000, 1001)),
        ("24.0", Fraction(24)),
        ("12.5", Fraction(25, 2)),
        (" 30000 / 1001 ", Fraction(30000, 1001)),
    ],
)
def test_frame_rates_are_read_exactly(text, expected):
    assert rate.parse_rate(text) == expected


@pytest.mark.parametrize(
    "text", ["", "abc", "0", "-24", "24/0", "1e3", "nan", "300", "0.5", "1/1/1"]
)
def test_bad_frame_rates_are_refused_with_what_is_allowed(text):
    with pytest.raises(ValueError, match="fps is"):
        rate.parse_rate(text)


@given(st.floats(0.04, 600), st.sampled_from(["24", "23.976", "25", "29.97", "12.5", "240"]))
def test_frames_fill_the_duration_to_within_half_a_frame(seconds, text):
    fps = rate.parse_rate(text)
    frames = rate.frame_count(seconds, fps)
    assert frames >= 1
    assert frames == 1 or abs(frames / fps - Fraction(seconds)) <= Fraction(1, 2) / fps + Fraction(
        1, 10**9
    )


@given(st.sampled_from(["24", "23.976", "25", "29.97", "12.5", "1", "240", "7/3"]))
def test_every_frame_lasts_whole_ticks(text):
    fps = rate.parse_rate(text)
    assert (rate.timescale(fps) / fps).denominator == 1
    assert rate.timescale(fps) >= 10_000
    assert rate.key_interval(fps) >= 1


@pytest.mark.parametrize(
    ("prompt", "factor"),
    [
        ("", 1.0),
        ("a lighthouse", 1.0),
        ("A slow, quiet morning", 0.6),
        ("a sudden storm", 1.5),
        ("slow, then fast", 1.0),
        ("breakfast", 1.0),
        ("宁静的早晨", 0.6),
        ("急速追逐", 1.5),
    ],
)
def test_words_of_tempo_set_the_pace(prompt, factor):
    assert words.pace_of(prompt) == factor
