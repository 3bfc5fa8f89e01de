"""The performance: notes in beats become strokes in seconds, with a player's small unevenness."""

import random
from dataclasses import dataclass

ROLL_S = 0.045  # between the strokes of a spread chord
_UNEVEN_S = {"lead": 0.010, "counter": 0.014, "pad": 0.012, "figure": 0.007, "bass": 0.006, "colour": 0.010, "drums": 0.004}  # fmt: skip


@dataclass(frozen=True)
class Stroke:
    """One sounding note: seconds from the start, MIDI pitch, velocity 1 to 127."""

    start_s: float
    end_s: float
    pitch: int
    velocity: int


def perform(part, form, seed, swing=0.0):
    """The strokes of a part, in order of time.

    Args:
        part: A `score_notes.Part`.
        form: The `score_form.Form` that gives beats their time.
        seed: Of the unevenness.
        swing: How much later an off-beat comes, in beats.
    """
    player = part.instrument
    draw = random.Random(f"{seed}:{part.role}:{player.name}")
    strokes = []
    for note in sorted(part.notes, key=lambda n: (n.start, n.pitch)):
        start = form.time_at(_swung(note.start, swing)) + draw.gauss(0, _UNEVEN_S[part.role])
        start += note.roll * ROLL_S - player.lag_s
        end = form.time_at(note.end)
        end += 0.05 if player.sustains else 0.0
        end = min(end if note.end < form.end_beat + 0.5 else form.duration_s, form.duration_s)
        start = min(max(start, 0.012), form.duration_s - 0.1)
        velocity = round(30 + 82 * note.weight + draw.gauss(0, 3))
        strokes.append(
            Stroke(start, max(end, start + 0.08), note.pitch, min(max(velocity, 18), 120))
        )
    return _unhindered(strokes)


def _swung(beat, swing):
    part = beat % 1.0
    return beat + swing if swing and abs(part - 0.5) < 0.02 else beat


def _unhindered(strokes):
    """Strokes whose pitch is struck again are let go just before."""
    strokes = sorted(strokes, key=lambda s: (s.start_s, s.pitch))
    kept, sounding = [], {}
    for stroke in strokes:
        at = sounding.get(stroke.pitch)
        if at is not None and kept[at].end_s > stroke.start_s - 0.01:
            before = kept[at]
            end_s = max(stroke.start_s - 0.01, before.start_s + 0.02)
            kept[at] = Stroke(before.start_s, end_s, before.pitch, before.velocity)
        sounding[stroke.pitch] = len(kept)
        kept.append(stroke)
    return kept
