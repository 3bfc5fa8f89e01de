"""Frame rates are exact, however people write them."""

from fractions import Fraction

import pytest

from filmeto_core.frame_rate import frame_rate_text, parse_frame_rate


@pytest.mark.parametrize(
    ("given", "rate"),
    [
        (24, Fraction(24)),
        ("25.0", Fraction(25)),
        (23.976, Fraction(24000, 1001)),
        ("23.98", Fraction(24000, 1001)),
        ("23.976024", Fraction(24000, 1001)),
        (29.97, Fraction(30000, 1001)),
        (59.94, Fraction(60000, 1001)),
        ("24000/1001", Fraction(24000, 1001)),
        (" 30 / 1 ", Fraction(30)),
        (12.5, Fraction(25, 2)),
        ("24.50", Fraction(49, 2)),
        (Fraction(15), Fraction(15)),
    ],
)
def test_rate_is_read_exactly(given, rate):
    assert parse_frame_rate(given) == rate


@pytest.mark.parametrize("given", ["fast", "", "0", "-24", "121", "24/0", "1e9", True, None, [24]])
def test_what_is_no_rate_is_refused(given):
    with pytest.raises(ValueError, match="must be a frame rate"):
        parse_frame_rate(given)


def test_rate_is_written_as_ffmpeg_reads_it():
    assert [frame_rate_text(Fraction(r)) for r in ("24", "24000/1001")] == ["24", "24000/1001"]
