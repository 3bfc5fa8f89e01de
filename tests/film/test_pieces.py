"""A clip in pieces: how many frames each has, where it goes on, and what they are joined to."""

import io
from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image

from filmeto_core.film.pieces import join_pieces, last_picture, piece_frames

RATE = Fraction(24)


@given(
    some.integers(1, 20_000),
    some.floats(0.2, 60),
    some.sampled_from([RATE, Fraction(30000, 1001), Fraction(8)]),
)
def test_pieces_fit_the_plugin_and_make_the_whole_clip(frames, longest_s, rate):
    pieces = piece_frames(frames, longest_s, rate)
    assert sum(pieces) - (len(pieces) - 1) == frames
    assert all(2 <= count or frames == 1 for count in pieces)
    assert all(count / rate <= longest_s or count == 2 for count in pieces) or len(pieces) == 1
    assert max(pieces) - min(pieces) <= 1


def test_a_nine_second_clip_of_a_five_second_model_is_two():
    assert piece_frames(216, 5, RATE) == (109, 108)
    assert piece_frames(120, 5, RATE) == (120,)


def clip(path, shades, size=(64, 36)):
    """A clip whose frames are these greys."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for shade in shades:
            frame = av.VideoFrame.from_image(Image.new("RGB", size, (shade,) * 3))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def shades(path):
    with av.open(str(path)) as container:
        return [
            round(float(np.mean(f.to_ndarray(format="gray")))) for f in container.decode(video=0)
        ]


def test_the_next_piece_goes_on_from_the_last_frame(tmp_path):
    data = last_picture(clip(tmp_path / "a.mp4", range(20, 120, 10)), "dawn")
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == (64, 36)
        assert picture.getpixel((30, 20))[0] == pytest.approx(110, abs=3)


def test_joined_pieces_show_no_frame_twice_and_miss_none(tmp_path):
    first = clip(tmp_path / "a.mp4", [20, 40, 60, 80])
    second = clip(tmp_path / "b.mp4", [80, 100, 120])
    out = tmp_path / "out.mp4"
    join_pieces([first, second], [4, 3], (64, 36), RATE, out, shot="dawn", cancelled=Never())
    whole = shades(out)
    assert len(whole) == 6
    assert all(b - a == pytest.approx(20, abs=4) for a, b in zip(whole, whole[1:], strict=False))


def test_pieces_of_another_size_and_rate_become_the_film_s(tmp_path):
    first = clip(tmp_path / "a.mp4", [50] * 4, size=(128, 72))
    second = clip(tmp_path / "b.mp4", [50] * 4, size=(32, 32))
    out = tmp_path / "out.mp4"
    rate = Fraction(12)
    join_pieces([first, second], [4, 3], (64, 36), rate, out, shot="dawn", cancelled=Never())
    with av.open(str(out)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.average_rate) == (64, 36, rate)
    assert len(shades(out)) == 6


class Never:
    def is_set(self) -> bool:
        return False
