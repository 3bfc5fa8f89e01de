from pathlib import Path

from film_material import make_timeline
from hypothesis import given, settings
from hypothesis import strategies as st

from filmeto_core.film.clip_index import ClipIndex
from filmeto_core.film.picture_plan import Copy, Dissolve, Joint, Take, plan_picture


def index_of(frames: int, key_interval: int = 12, cut_interval: int = 3) -> ClipIndex:
    cuts = sorted({*range(0, frames, cut_interval), *range(0, frames, key_interval), frames})
    return ClipIndex(Path("clip.mp4"), frames, tuple(range(0, frames, key_interval)), tuple(cuts))


def shown(piece):
    """(shot, frame, what is done to it) of each frame of a piece."""
    steps = [piece.take] if isinstance(piece, Copy) else piece.steps
    for step in steps:
        if isinstance(step, Dissolve):
            assert step.outgoing.frames == step.incoming.frames
            for k in range(step.frames):
                yield (step.incoming.shot_id, step.incoming.first + k, step.outgoing.first + k)
        else:
            assert isinstance(step, Take)
            yield from ((step.shot_id, n, None) for n in range(step.first, step.end))


@st.composite
def timelines(draw):
    shots, before = [], 0
    for _ in range(draw(st.integers(1, 9))):
        frames = draw(st.integers(1, 60))
        kind = draw(st.sampled_from(["cut", "dissolve", "fade-from-black"])) if shots else "cut"
        length = 0 if kind == "cut" else draw(st.integers(1, min(frames, before)))
        shots.append((frames, kind, length))
        before = frames
    total = sum(frames for frames, _, _ in shots)
    return make_timeline(*shots, ending=draw(st.integers(0, min(total, shots[-1][0]))))


@settings(max_examples=150, deadline=None)
@given(timelines(), st.integers(1, 20), st.integers(1, 5))
def test_every_frame_of_the_film_is_planned_once_and_in_order(timeline, keys, cuts):
    indexes = {c.shot_id: index_of(c.clip_frames + 2, keys, cuts) for c in timeline.clips}
    pieces = plan_picture(timeline, indexes)
    expected, before = [], None
    for clip in timeline.clips:
        for n in range(clip.frames):
            dissolves = clip.transition.kind == "dissolve" and n < clip.transition.frames
            expected.append((clip.shot_id, n, before.frames + n if dissolves else None))
        before = clip
    assert [frame for piece in pieces for frame in shown(piece)] == expected
    ending = timeline.frames - timeline.ending_frames
    at = 0
    for piece in pieces:
        if isinstance(piece, Copy):
            assert piece.take.first in indexes[piece.take.shot_id].keys
            assert piece.take.end in indexes[piece.take.shot_id].cuts
            assert at + piece.frames <= ending
        elif at + piece.frames > ending:
            assert piece.fade_out == (ending - at, timeline.ending_frames)
        else:
            assert piece.fade_out is None
        at += piece.frames


def test_film_of_cuts_is_copied_whole():
    timeline = make_timeline((24, "cut", 0), (30, "cut", 0))
    pieces = plan_picture(timeline, {"a": index_of(24), "b": index_of(30)})
    assert pieces == [Copy(Take("a", 0, 24)), Copy(Take("b", 0, 30))]


def test_dissolve_encodes_only_from_before_it_to_the_next_key_frame():
    timeline = make_timeline((40, "cut", 0), (60, "dissolve", 10))
    pieces = plan_picture(timeline, {"a": index_of(50), "b": index_of(60)})
    joint = Joint(
        (
            Take("a", 39, 40),
            Dissolve(Take("a", 40, 50), Take("b", 0, 10)),
            Take("b", 10, 12),
        )
    )
    assert pieces == [Copy(Take("a", 0, 39)), joint, Copy(Take("b", 12, 60))]
