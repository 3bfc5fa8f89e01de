"""The timeline is exact to the frame, and no voice ever speaks over another."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filmeto_core.errors import StoryboardError, ValidationError
from filmeto_core.film.cell import BREATH_AFTER_S, BREATH_BEFORE_S, LEAST_AFTER_S, LEAST_BEFORE_S
from filmeto_core.film.storyboard_models import Storyboard
from filmeto_core.film.timeline import Timeline, lay_out
from filmeto_core.film.transition import TransitionKind


def board(*shots: dict, **film) -> Storyboard:
    with_pictures = [{"prompt": "a lighthouse", **shot} for shot in shots]
    return Storyboard.model_validate({**film, "shots": with_pictures})


def test_auto_shot_lasts_its_narration_with_a_breath_before_and_after():
    timeline = lay_out(board({"narration": "Hello."}), {"shot-1": 2.0})
    clip = timeline.clips[0]
    assert clip.frames == 77  # 0.5 + 2 + 0.7 s at 24 fps, rounded up
    assert (clip.voice_start_s, clip.voice_duration_s) == (0.5, 2.0)


def test_silent_auto_shot_lasts_three_seconds():
    assert lay_out(board({}), {}).duration_s == 3.0


def test_auto_shot_lasts_as_long_as_its_own_clip_dissolve_included():
    shots = board({"clip": "/a.mp4"}, {"transition": "dissolve"})
    first = lay_out(shots, {}, {"shot-1": 5.0}).clips[0]
    assert (first.frames, first.tail_frames, first.clip_frames) == (108, 12, 120)


def test_clip_that_is_too_short_is_told_of():
    timeline = lay_out(board({"clip": "/a.mp4", "duration_s": 4}), {}, {"shot-1": 2.5})
    assert timeline.notes == (
        'the clip of shot "shot-1" lasts 2.5 s and the shot 4.0 s: its last frame is held',
    )


def test_dissolve_starts_with_the_incoming_shot_and_lengthens_the_outgoing_clip():
    shots = board(
        {"duration_s": 2}, {"duration_s": 2, "transition": {"kind": "dissolve", "duration_s": 1}}
    )
    first, second = lay_out(shots, {}).clips
    assert (first.frames, first.tail_frames) == (48, 24)
    assert (second.start_frame, second.frames, second.transition.frames) == (48, 48, 24)


def test_fade_from_black_needs_nothing_of_the_shot_before():
    shots = board({}, {"transition": "fade-from-black"})
    first, second = lay_out(shots, {}).clips
    assert first.tail_frames == 0
    assert (second.transition.kind, second.transition.frames) == ("fade-from-black", 24)


def test_first_shot_has_nothing_to_dissolve_from():
    assert lay_out(board({"transition": "dissolve"}), {}).clips[0].transition.kind == "cut"


def test_voice_waits_for_half_of_a_long_dissolve():
    shots = board({}, {"narration": "Hi.", "transition": {"kind": "dissolve", "duration_s": 2}})
    timeline = lay_out(shots, {"shot-2": 1.0})
    assert timeline.clips[1].voice_start_s == 4.0


def test_last_voice_ends_before_the_film_fades():
    shots = board({"narration": "The end."}, ending={"kind": "fade-to-black", "duration_s": 2})
    timeline = lay_out(shots, {"shot-1": 1.0})
    clip = timeline.clips[0]
    fade_starts = timeline.seconds(timeline.frames - timeline.ending_frames)
    assert timeline.ending_frames == 48
    assert clip.voice_start_s + clip.voice_duration_s + 0.29 < fade_starts


def test_fixed_shot_that_is_long_enough_stays_as_it_is():
    timeline = lay_out(board({"narration": "Hello.", "duration_s": 4}), {"shot-1": 2.0})
    assert (timeline.frames, timeline.notes) == (96, ())


def test_tight_fixed_shot_takes_shorter_breaths_before_it_is_extended():
    timeline = lay_out(board({"narration": "Hello.", "duration_s": 3}), {"shot-1": 2.2})
    clip = timeline.clips[0]
    assert clip.frames == 72
    assert LEAST_BEFORE_S < clip.voice_start_s < BREATH_BEFORE_S
    assert LEAST_AFTER_S <= 3 - clip.voice_start_s - 2.2 < BREATH_AFTER_S


def test_short_fixed_shot_is_extended_and_the_user_told():
    shots = board({"id": "storm", "narration": "Long.", "duration_s": 2})
    timeline = lay_out(shots, {"storm": 2.8})
    assert timeline.notes == ('shot "storm" extended from 2.0 s to 3.4 s: its narration needs it',)


def test_overrun_fail_names_every_shot_that_is_too_short():
    shots = board(
        {"id": "dawn", "narration": "a", "duration_s": 1},
        {"id": "noon", "narration": "b", "duration_s": 9},
        {"id": "dusk", "narration": "c", "duration_s": 1},
        overrun="fail",
    )
    with pytest.raises(StoryboardError) as caught:
        lay_out(shots, dict.fromkeys(("dawn", "noon", "dusk"), 3.0))
    problems = caught.value.details["problems"]
    assert [p["field"] for p in problems] == ["shots[0].duration_s", "shots[2].duration_s"]
    assert 'shot "dawn" lasts 1 s, but its narration needs 3.59 s' in str(caught.value)


def test_fixed_shot_shorter_than_the_next_dissolve_is_refused():
    shots = board(
        {"id": "a", "duration_s": 1},
        {"id": "b", "transition": {"kind": "dissolve", "duration_s": 2}},
    )
    with pytest.raises(StoryboardError, match='shorter than the dissolve of 2 s to "b"'):
        lay_out(shots, {})


def test_fixed_last_shot_shorter_than_its_fades_is_refused():
    shots = board(
        {},
        {"duration_s": 2, "transition": "dissolve"},
        ending={"kind": "fade-to-black", "duration_s": 2},
    )
    with pytest.raises(StoryboardError, match="shorter than its dissolve and the film's ending"):
        lay_out(shots, {})


def test_auto_shot_is_never_shorter_than_its_transitions():
    shots = board({}, {"transition": {"kind": "dissolve", "duration_s": 8}})
    first, second = lay_out(shots, {}).clips
    assert (first.frames, second.frames) == (192, 192)


def test_narration_of_unknown_length_is_refused():
    with pytest.raises(ValidationError, match='narration of shot "shot-1"'):
        lay_out(board({"narration": "Hello."}), {})


def test_editing_one_shot_leaves_the_others_lengths_alone():
    def lengths(first: float) -> list[int]:
        shots = board(*({"duration_s": d} for d in (first, 1.7, 2.9, 3.3)), fps="23.976")
        return [clip.clip_frames for clip in lay_out(shots, {}).clips]

    assert lengths(2.0)[1:] == lengths(2.3)[1:]


def test_timeline_survives_json():
    shots = board({"narration": "Hi."}, {"transition": "dissolve"}, fps="24000/1001")
    timeline = lay_out(shots, {"shot-1": 1.234567})
    assert timeline.to_dict()["frame_rate"] == "24000/1001"
    assert Timeline.model_validate(timeline.to_dict()) == timeline


_lengths = st.floats(0.05, 30, allow_nan=False)
_transitions = st.one_of(
    st.just("cut"),
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["dissolve", "fade-from-black"]), "duration_s": st.floats(0.04, 6)}
    ),
)
_shots = st.lists(
    st.fixed_dictionaries(
        {"transition": _transitions, "voice": st.one_of(st.none(), _lengths)},
        optional={"duration_s": st.floats(0.1, 30)},
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(
    _shots,
    st.sampled_from(["24", "23.976", "29.97", "25", "60000/1001", "12.5", "1"]),
    st.sampled_from(["cut", "fade-to-black"]),
)
def test_any_film_is_gapless_and_its_voices_stay_inside_their_shots(shots, fps, ending):
    voices = {f"shot-{i}": s["voice"] for i, s in enumerate(shots, 1) if s["voice"]}
    told = [
        {k: v for k, v in s.items() if k != "voice"} | ({"narration": "x"} if s["voice"] else {})
        for s in shots
    ]
    film = board(*told, fps=fps, ending=ending)
    try:
        timeline = lay_out(film, voices)
    except StoryboardError:
        assert any("duration_s" in shot for shot in shots)
        return
    rate = timeline.frame_rate
    assert sum(clip.frames for clip in timeline.clips) == timeline.frames
    assert Fraction(timeline.frames) / rate == sum(
        (clip.frames / rate for clip in timeline.clips), Fraction(0)
    )
    start, silent_until = 0, 0.0
    for clip, following in zip(timeline.clips, [*timeline.clips[1:], None], strict=True):
        assert clip.start_frame == start
        start += clip.frames
        dissolve = following and following.transition.kind == TransitionKind.DISSOLVE
        assert clip.tail_frames == (following.transition.frames if dissolve else 0)
        assert clip.tail_frames <= clip.frames
        assert clip.transition.frames <= clip.frames
        if clip.voice_start_s is None:
            continue
        shot_start, shot_end = timeline.seconds(clip.start_frame), timeline.seconds(clip.end_frame)
        half = timeline.seconds(clip.transition.frames) / 2
        assert clip.voice_start_s >= shot_start + max(half, 0.25) - 1e-6
        assert clip.voice_start_s + clip.voice_duration_s <= shot_end - 0.3 + 1e-6
        assert clip.voice_start_s >= silent_until
        silent_until = clip.voice_start_s + clip.voice_duration_s
    assert timeline.ending_frames <= timeline.clips[-1].frames
