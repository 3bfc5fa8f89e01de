"""The films that come along are sound storyboards of a sensible length."""

from pathlib import Path

import pytest

from filmeto_core.bundled import bundled
from filmeto_core.film.phrases import is_wide
from filmeto_core.film.storyboard import load_storyboard
from filmeto_core.film.subtitles import make_cues
from filmeto_core.film.timeline import Timeline, lay_out

EXAMPLES = sorted(bundled("examples").glob("*.yaml"))


def laid_out(path: Path) -> Timeline:
    """The film at a usual pace: 16 characters a second in English, 4.5 in Chinese."""
    board = load_storyboard(path, profiles=["animatic"])
    lengths = {
        shot.id: len(shot.spoken) / (4.5 if is_wide(shot.spoken) else 16)
        for shot in board.shots
        if shot.spoken
    }
    return lay_out(board, lengths)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_fits_together_without_a_note(path):
    timeline = laid_out(path)
    assert timeline.notes == ()
    assert make_cues(timeline)


@pytest.mark.parametrize(
    ("name", "size", "shots", "shortest_s", "longest_s"),
    [
        ("lighthouse", (1280, 720), 8, 50, 70),
        ("teahouse", (1280, 720), 6, 40, 70),
        ("neon", (1080, 1920), 6, 25, 40),
        ("dialogue", (1280, 720), 5, 15, 30),
    ],
)
def test_example_has_its_size_and_length(name, size, shots, shortest_s, longest_s):
    timeline = laid_out(bundled("examples") / f"{name}.yaml")
    assert (timeline.width_px, timeline.height_px) == size
    assert len(timeline.clips) >= shots
    assert shortest_s <= timeline.duration_s <= longest_s
