"""The folder of a film: whose it is, and what a killed film left there."""

import pytest

from filmeto_core.errors import ValidationError
from filmeto_core.out_folder import keep_others_out


def test_what_a_killed_film_left_half_copied_is_cleared_and_nothing_else(tmp_path):
    shot = tmp_path / "shots" / "dawn"
    shot.mkdir(parents=True)
    half = [tmp_path / ".score.wav.9d769b2b", shot / ".still.png.0123abcd"]
    mine = [tmp_path / ".notes", tmp_path / "score.wav", shot / ".still.png.mine"]
    for path in (*half, *mine):
        path.write_bytes(b"x")
    keep_others_out(tmp_path)
    assert not any(path.exists() for path in half)
    assert all(path.exists() for path in mine)


def test_a_folder_that_a_film_is_made_in_is_left_as_it_is(tmp_path):
    keep_others_out(tmp_path)
    copying = tmp_path / ".film.mp4.9d769b2b"
    copying.write_bytes(b"x")
    with pytest.raises(ValidationError, match="another film"):
        keep_others_out(tmp_path)
    assert copying.exists()
