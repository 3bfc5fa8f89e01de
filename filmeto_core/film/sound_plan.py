"""Where each sound of a film is heard, how loud, and on which track of the mix.

Sounds that never overlap share a track, so that a film of any length is mixed from a few.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from filmeto_core.film.encoder import SAMPLE_RATE_HZ
from filmeto_core.film.envelope import (
    Envelope,
    Span,
    decibels,
    ducking,
    fade_out,
    flat,
)
from filmeto_core.film.film_parts import FilmParts
from filmeto_core.film.loudness import SILENCE_LUFS, Heard
from filmeto_core.film.shot_clip import ShotClip
from filmeto_core.film.timeline import Timeline

# Each before the film as a whole is brought to its loudness; what counts is how they differ.
VOICE_LUFS = -16.0
SCORE_LUFS = -20.0  # where nobody speaks; under a voice it is ducked further
CLIP_LUFS = -22.0  # a clip's own sound is a background
EFFECT_DB = -6.0  # below the file's own level, so that a full-scale effect does not top a voice
MOST_GAIN_DB = 30.0  # more would raise a recording's noise, not its voice

RING_S = 2.0  # an effect may outlast its shot by so much
EDGE_S = 0.01  # a fade that no one hears, against clicks
APART_S = 0.05  # between two sounds of one track
SCORE_FADE_S = 1.5


class Kind(StrEnum):
    """What a sound is."""

    VOICE = "voice"
    EFFECT = "sound effect"
    CLIP = "clip's sound"
    SCORE = "score"


@dataclass(frozen=True)
class Sound:
    """A file that is heard from `start_s` of the film on, for at most `longest_s`.

    Args:
        fade_in_s, fade_out_s: Lengths of the fades at its ends.
    """

    kind: Kind
    path: Path
    start_s: float
    longest_s: float
    shot: str | None = None
    gain_db: float = 0.0
    fade_in_s: float = EDGE_S
    fade_out_s: float = EDGE_S


@dataclass(frozen=True)
class Placed:
    """A sound that was listened to: how long it is there, and how loud the file is."""

    sound: Sound
    raw: Path
    duration_s: float
    heard: Heard

    @property
    def end_s(self) -> float:
        """Where it ends in the film."""
        return self.sound.start_s + self.duration_s

    @property
    def level(self) -> float:
        """The factor that brings it to its place in the mix."""
        return decibels(self._gain_db())

    def _gain_db(self) -> float:
        target = {Kind.VOICE: VOICE_LUFS, Kind.SCORE: SCORE_LUFS, Kind.CLIP: CLIP_LUFS}
        if self.sound.kind is Kind.EFFECT:
            return EFFECT_DB + self.sound.gain_db
        if self.heard.integrated <= SILENCE_LUFS:
            return 0.0
        wanted = target[self.sound.kind] - self.heard.integrated
        return min(wanted, MOST_GAIN_DB) + self.sound.gain_db


@dataclass(frozen=True)
class Track:
    """Sounds that follow one another, and the gain over the film that they are heard with."""

    sounds: tuple[Placed, ...]
    envelopes: tuple[Envelope, ...]


def samples(frames: int, rate: Fraction) -> int:
    """How many samples last as long as so many frames."""
    return round(Fraction(frames) / rate * SAMPLE_RATE_HZ)


def plan_sounds(timeline: Timeline, parts: FilmParts, clip_sounds: frozenset[str]) -> list[Sound]:
    """Every sound of the film.

    Args:
        clip_sounds: The shots whose clip has sound at all.
    """
    film_s = timeline.duration_s
    found: list[Sound] = []
    for clip in timeline.clips:
        start_s = timeline.seconds(clip.start_frame)
        if clip.shot_id in parts.voices:
            at = clip.voice_start_s if clip.voice_start_s is not None else start_s
            voice = parts.voices[clip.shot_id]
            found.append(Sound(Kind.VOICE, voice, at, film_s - at, clip.shot_id))
        if effect := parts.sounds.get(clip.shot_id):
            at = start_s + effect.start_s
            until = min(film_s, timeline.seconds(clip.end_frame) + RING_S)
            found.append(
                Sound(Kind.EFFECT, effect.path, at, until - at, clip.shot_id, effect.gain_db)
            )
        silent = clip.shot_id in parts.voices and clip.shot_id not in parts.own_sound
        if clip.shot_id in clip_sounds and not silent:
            found.append(_clip_sound(timeline, clip, parts.clips))
    if parts.score is not None:
        found.append(Sound(Kind.SCORE, parts.score, 0.0, film_s, gain_db=parts.score_gain_db))
    return [sound for sound in found if sound.longest_s > 0]


def _clip_sound(timeline: Timeline, clip: ShotClip, clips: Mapping[str, Path]) -> Sound:
    """A clip's own sound follows its picture, through the dissolves at its ends too."""
    seconds = timeline.seconds
    return Sound(
        Kind.CLIP,
        clips[clip.shot_id],
        seconds(clip.start_frame),
        seconds(clip.clip_frames),
        clip.shot_id,
        fade_in_s=max(EDGE_S, seconds(clip.transition.frames)),
        fade_out_s=max(EDGE_S, seconds(clip.tail_frames)),
    )


def plan_tracks(timeline: Timeline, placed: list[Placed]) -> list[Track]:
    """The tracks of the mix with their gains: voices, effects, score."""
    voices = [p for p in placed if p.sound.kind is Kind.VOICE]
    scores = [p for p in placed if p.sound.kind is Kind.SCORE]
    others = [p for p in placed if p.sound.kind in (Kind.EFFECT, Kind.CLIP)]
    film_s, ending_s = timeline.duration_s, timeline.seconds(timeline.ending_frames)
    with_picture = fade_out(film_s - max(ending_s, EDGE_S), film_s)
    tracks = [Track(tuple(lane), (_gains(lane),)) for lane in _lanes(voices)]
    tracks += [Track(tuple(lane), (_gains(lane), with_picture)) for lane in _lanes(others)]
    speech = _speech(voices)
    length = min(max(ending_s, SCORE_FADE_S), film_s / 2)
    for score in scores:
        level = Envelope(((0.0, 0.0), (EDGE_S, score.level)))
        gains = (level, ducking(speech), fade_out(film_s - length, film_s))
        tracks.append(Track((score,), gains))
    return tracks


def _speech(voices: list[Placed]) -> list[Span]:
    return [
        (voice.sound.start_s + start, voice.sound.start_s + end)
        for voice in voices
        for start, end in voice.heard.spans
    ]


def _lanes(placed: list[Placed]) -> list[list[Placed]]:
    """Each sound on the first lane that is free when it starts."""
    lanes: list[list[Placed]] = []
    for sound in sorted(placed, key=lambda p: p.sound.start_s):
        free = (lane for lane in lanes if lane[-1].end_s + APART_S <= sound.sound.start_s)
        lane = next(free, None)
        if lane is None:
            lanes.append([sound])
        else:
            lane.append(sound)
    return lanes


def _gains(lane: list[Placed]) -> Envelope:
    """Each sound at its level, faded at its ends; between sounds nothing is heard anyway."""
    if not lane:
        return flat(0.0)
    points: list[tuple[float, float]] = []
    for placed in lane:
        start, end, level = placed.sound.start_s, placed.end_s, placed.level
        middle = (start + end) / 2
        points += [(start, 0.0), (min(start + placed.sound.fade_in_s, middle), level)]
        points += [(max(end - placed.sound.fade_out_s, middle), level), (end, 0.0)]
    return Envelope(tuple(points))
