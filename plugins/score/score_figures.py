"""Accompaniment: what the figure, the bass and the drums play over one bar of one harmony.

Each pattern gives (offset, voices, accent) with offsets in beats from the bar's start; voices count
from the lowest of the chord's voicing, and a tuple of them is struck together.
"""

from score_notes import Note

ALL = (0, 1, 2, 3)
TOP = (1, 2, 3)


def _cycle(order, step, beats):
    """One voice after another every `step` beats, accents on the beats."""
    count = round(beats / step + 1e-6)
    return [
        (
            i * step,
            (order[i % len(order)],),
            1.0 if i == 0 else 0.8 if i * step % 1 < 1e-6 else 0.65,
        )
        for i in range(count)
    ]


def _on_beats(beats, voices, first, rest, step=1.0):
    count = max(1, round(beats / step))
    return [(i * step, voices, first if i == 0 else rest) for i in range(count)]


def _pattern(name, beats, parts, level):
    """The pattern's strokes; denser ones thin out where the music is quiet."""
    fine = 1 / parts if level > 0.3 else 1.0
    if parts == 3:
        fine = 1 / 3
    if name in ("arpeggio", "slow_arpeggio") and level > 0.3 and name == "arpeggio":
        return _cycle((0, 1, 2, 3, 2, 1), fine, beats)
    if name in ("arpeggio", "slow_arpeggio"):
        return _cycle((0, 1, 2, 3), fine if parts == 3 else 1.0, min(beats, 4.0))
    if name == "broken":
        return _cycle((0, 2, 1, 3), fine, beats)
    if name == "picking":
        return _cycle((0, 2, 1, 3, 0, 3, 1, 2), fine, beats)
    if name == "alberti":
        return _cycle((0, 3, 1, 3), 1 / parts, beats)
    if name == "rocking":
        return _cycle(
            (0, 2, 3) if parts == 3 else (0, 2, 3, 2), 1 / 3 if parts == 3 else 0.5, beats
        )
    if name == "ostinato":
        return _cycle((0, 2, 3, 2, 1, 2, 3, 2), 0.5 if parts == 2 else 1 / 3, beats)
    if name == "ostinato_low":
        return _cycle((0, 0, 1, 0, 0, 2, 0, 1), 0.5 if parts == 2 else 1 / 3, beats)
    if name == "sixteenths":
        return _cycle(
            (0, 1, 2, 3, 1, 2, 3, 2), 0.25 if level > 0.45 and parts == 2 else fine, beats
        )
    if name == "pulse":
        return _on_beats(beats, TOP, 0.8, 0.6, step=0.5 if level > 0.55 and parts == 2 else 1.0)
    if name == "block":
        return _on_beats(beats, ALL, 0.9, 0.7, step=2.0 if beats >= 4 else beats)
    if name == "waltz":
        return [(float(b), TOP, 0.6) for b in range(1, int(beats))] or [(0.0, TOP, 0.6)]
    if name == "waltz_broken":
        return _cycle((0, 2, 3, 2, 3, 2), 0.5 if level > 0.35 else 1.0, beats)
    if name == "oompah":
        return [(b + 0.5, TOP, 0.65) for b in range(int(beats))]
    if name == "strum":
        strokes = (
            (0.0, ALL, 1.0),
            (1.0, ALL, 0.75),
            (1.5, TOP, 0.55),
            (2.5, TOP, 0.6),
            (3.0, ALL, 0.75),
            (3.5, TOP, 0.5),
        )
        return [s for s in strokes if s[0] < beats - 0.1]
    if name == "comp":
        return [
            s for s in ((0.0, TOP, 0.7), (1.5, TOP, 0.85), (3.5, TOP, 0.6)) if s[0] < beats - 0.1
        ]
    if name == "comp_sparse":
        return [s for s in ((1.0, TOP, 0.6), (2.5, TOP, 0.75)) if s[0] < beats - 0.1] or [
            (0.0, TOP, 0.6)
        ]
    if name == "drops":
        return [
            s for s in ((0.0, (3,), 0.7), (1.5, (2,), 0.5), (2.5, (3,), 0.45)) if s[0] < beats - 0.1
        ]
    if name == "guzheng":
        return [(0.0, ALL, 0.9)] + [
            s for s in _cycle((2, 3, 1, 2), 0.5, beats) if 1.0 <= s[0] <= beats - 1
        ]
    raise KeyError(name)


_SPREAD = ("strum", "guzheng")
_SHORT = ("oompah", "comp", "comp_sparse", "pulse", "ostinato_low", "waltz")


def figure_bar(name, start, beats, parts, voicing, level, ends_at):
    """The notes of one bar of accompaniment.

    Args:
        name: The pattern.
        start, beats: The bar, in beats.
        parts: Parts a beat, 2 or 3.
        voicing: Pitches, rising.
        level: How strong the music is, 0 to 1.
        ends_at: Beat at which the harmony changes; ringing notes end there.
    """
    notes, swing = [], name in _SHORT
    for offset, voices, accent in _pattern(name, beats, parts, level):
        pitches = sorted({voicing[min(v, len(voicing) - 1)] for v in voices})
        for order, pitch in enumerate(pitches):
            at = start + offset
            length = (
                min(0.45 if name == "ostinato_low" else 0.6, ends_at - at)
                if swing
                else ends_at - at
            )
            weight = accent * (0.45 + 0.55 * level)
            notes.append(Note(at, max(length, 0.2), pitch, weight, order if name in _SPREAD else 0))
    return notes


def bass_bar(style, start, beats, root, third, fifth, following, level):
    """The bass notes of one bar: held, in two, pulsing, or walking to the `following` root."""
    weight = 0.5 + 0.5 * level
    if style == "walk" and beats >= 3:
        line = [root, third, fifth, following + (1 if following < fifth else -1)]
        return [
            Note(start + i, 0.9, line[i % 4], weight * (0.9 if i else 1.0))
            for i in range(int(beats))
        ]
    if style == "two" and beats >= 2:
        half = beats / 2 if beats % 2 == 0 else beats - 1
        return [
            Note(start, half * 0.95, root, weight),
            Note(start + half, (beats - half) * 0.95, fifth, weight * 0.85),
        ]
    if style == "oompah":
        return [
            Note(start + i, 0.5, root if i % 2 == 0 else fifth, weight) for i in range(int(beats))
        ]
    if style == "pulse":
        count = round(beats * 2)
        return [
            Note(start + i / 2, 0.42, root, weight * (1.0 if i % 2 == 0 else 0.8))
            for i in range(count)
        ]
    if style == "first":
        return [Note(start, min(1.0, beats), root, weight)]
    return [Note(start, beats, root, weight)]


def bass_style(genre, level):
    """How the bass moves in a genre at a level."""
    fixed = {
        "jazz": "walk",
        "march": "oompah",
        "waltz": "first",
        "lullaby": "held",
        "ambient": "held",
    }
    if genre in fixed:
        return fixed[genre]
    if genre in ("electronic", "pop", "suspense") and level > 0.45:
        return "pulse"
    return "two" if level > 0.5 or genre in ("baroque", "folk") else "held"


KICK, SNARE, CLAP, HAT, OPEN_HAT, RIDE, CRASH, RIM, SHAKER, BRUSH = (
    36,
    38,
    39,
    42,
    46,
    51,
    49,
    37,
    70,
    40,
)
_KITS = {
    "march": ((0, KICK, 0.8), (1, SNARE, 0.7), (2, KICK, 0.7), (3, SNARE, 0.7), (1.5, SNARE, 0.35),
              (3.5, SNARE, 0.35), (3.75, SNARE, 0.3), (2.5, SNARE, 0.25)),
    "brush": ((0, RIDE, 0.5), (1, RIDE, 0.55), (1.66, RIDE, 0.35), (2, RIDE, 0.5), (3, RIDE, 0.55),
              (3.66, RIDE, 0.35), (1, 44, 0.4), (3, 44, 0.4), (3.66, RIM, 0.2)),
    "electronic": ((0, KICK, 0.8), (1, KICK, 0.7), (2, KICK, 0.8), (3, KICK, 0.7), (0.5, HAT, 0.45),
                   (1.5, HAT, 0.45), (2.5, HAT, 0.45), (3.5, HAT, 0.5), (1, CLAP, 0.5), (3, CLAP, 0.5)),
    "pop": ((0, KICK, 0.75), (1, RIM, 0.6), (2, KICK, 0.6), (2.5, KICK, 0.5), (3, RIM, 0.6)),
    "shaker": tuple((i / 2, SHAKER, 0.45 if i % 2 == 0 else 0.3) for i in range(8)) + ((0, KICK, 0.55), (2, KICK, 0.4)),
}  # fmt: skip
_HANDS = {
    "taiko": ((0, 45, 0.9), (1.5, 45, 0.5), (2, 47, 0.65), (3, 45, 0.6), (3.5, 47, 0.55)),
    "timpani": ((0, 0, 0.75), (2.5, 1, 0.45), (3, 1, 0.5)),
}


def drum_bar(player, kit, start, beats, level, root=0, fifth=7):
    """The strokes of one bar; timpani are tuned to the harmony's root and fifth."""
    notes = []
    for offset, what, accent in _HANDS.get(player) or _KITS[kit]:
        if offset < beats - 0.1 and accent > 0.62 - 0.6 * level:
            pitch = (root, fifth)[what] if player == "timpani" else what
            notes.append(Note(start + offset, 0.5, pitch, accent * (0.4 + 0.6 * level)))
    return notes
