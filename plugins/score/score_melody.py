"""The tune: a motif, stated, answered, turned and brought to rest, over any row of chords.

A theme is a rhythm and a shape; the chords decide the pitches, so that the same theme returns over
other harmony and is still known. Notes on strong beats are chord tones, the others of the scale.
"""

import random
from dataclasses import dataclass

from score_notes import Note

_THIRD = 1 / 3
# Rhythms of one bar, from calm to lively, by beats a bar and parts a beat.
_RHYTHMS = {
    (4, 2): (
        ((4,), (2, 2), (3, 1), (2, 1, 1)),
        ((2, 1, 1), (1.5, 0.5, 2), (1, 1, 2), (1, 2, 1)),
        ((1, 0.5, 0.5, 2), (1.5, 0.5, 1, 1), (0.5, 0.5, 1, 2), (1, 1, 0.5, 0.5, 1)),
    ),
    (3, 2): (
        ((3,), (2, 1)),
        ((2, 1), (1, 1, 1), (1.5, 0.5, 1)),
        ((1, 0.5, 0.5, 1), (1.5, 0.5, 1), (0.5, 0.5, 1, 1)),
    ),
    (2, 2): (((2,), (1, 1)), ((1, 1), (1.5, 0.5)), ((1, 0.5, 0.5), (0.5, 0.5, 1))),
    (2, 3): (
        ((2,), (4 * _THIRD, 2 * _THIRD)),
        ((2 * _THIRD, _THIRD, 1), (1, 1), (1, 2 * _THIRD, _THIRD)),
        ((_THIRD, _THIRD, _THIRD, 1), (2 * _THIRD, _THIRD, 2 * _THIRD, _THIRD)),
    ),
}
# Shapes in semitones from the phrase's level, stretched over the notes of a bar.
_SHAPES = (
    (0, 2, 4, 2), (0, 4, 3, 0), (0, -2, 2, 4), (4, 2, 0, -1), (0, 7, 5, 4), (0, 3, 7, 5), (2, 0, 4, 2), (5, 4, 2, 0)
)  # fmt: skip
# How a phrase of four bars treats the theme: (treatment, level in semitones).
_PHRASES = {
    "open": (("state", 0), ("state", 2), ("turn", 4), ("rest", 2)),
    "answer": (("state", 0), ("state", 3), ("invert", 5), ("rest", 0)),
    "broad": (("state", 0), ("hold", 0), ("state", 3), ("rest", 1)),
    "climb": (("state", 0), ("state", 3), ("state", 5), ("rest", 7)),
}


@dataclass(frozen=True)
class Theme:
    """A motif: its bar's rhythm, another one for turns, and its shape."""

    rhythm: tuple
    other: tuple
    shape: tuple

    def varied(self):
        """The same shape in the other rhythm, for a later return."""
        return Theme(self.other, self.rhythm, self.shape)

    def paced(self, other):
        """The same shape in another theme's rhythms, livelier or calmer."""
        return Theme(other.rhythm, other.other, self.shape)


def make_theme(name, per_bar, parts, liveliness, seed):
    """The theme of that name; the same name and seed give the same theme.

    Args:
        name: "A", "B", ...
        per_bar, parts: The metre.
        liveliness: 0 (long notes) to 1.
        seed: The piece's seed.
    """
    draw = random.Random(f"{seed}:theme:{name}")
    shelves = _RHYTHMS.get((per_bar, parts)) or _RHYTHMS[(4, 2)]
    shelf = shelves[min(int(liveliness * 3), 2)]
    rhythm = draw.choice(shelf)
    if len(rhythm) == 1:
        rhythm = draw.choice(shelf)
    others = [r for r in shelf if r != rhythm] or [rhythm]
    return Theme(rhythm, draw.choice(others), draw.choice(_SHAPES))


def melody(bars, spans, theme, window, level_at, manner, seed, closing=False):
    """A melody over the bars of one section.

    Args:
        bars: (start, beats) of each bar.
        spans: The `Span`s of harmony that cover them.
        theme: A `Theme`.
        window: (low, high) pitches.
        level_at: Strength 0 to 1 at a beat.
        manner: Of phrases: "open", "answer", "broad" or "climb"; the last phrase answers.
        seed: Any text; varies small choices.
        closing: True if the final chord follows: the last bar leads to it.
    """
    draw, line = random.Random(f"{seed}:melody"), _Line(spans, window)
    notes = []
    for index, (start, beats) in enumerate(bars):
        last_phrase = index // 4 == (len(bars) - 1) // 4
        treatments = _PHRASES["answer" if last_phrase and len(bars) > 4 else manner]
        treatment, lift = treatments[index % 4]
        if index == len(bars) - 1:
            treatment, lift = ("lead" if closing else "rest"), 0
        for offset, length, aim in _treat(treatment, theme, beats, draw):
            if treatment == "lead":
                target = line.homeward(spans[-1].tonic) + aim
            else:
                target = line.home + aim + lift
            pitch = line.next(start + offset, length, target, strong=_strong(offset, beats))
            weight = (0.62 if offset else 0.72) + 0.28 * level_at(start + offset)
            notes.append(Note(start + offset, length, pitch, weight))
    return notes


def _strong(offset, beats):
    return offset == 0 or (beats == 4 and offset == 2)


def _treat(treatment, theme, beats, draw):
    """(offset, length, aim) of one bar's notes; the breath is what the bar does not fill."""
    if treatment == "rest":
        length = max(beats * 0.62, min(1.0, beats))
        return [(0.0, length, 0)]
    if treatment == "hold":
        return [(0.0, beats * 0.75, theme.shape[-1])]
    if treatment == "lead":
        half = beats / 2
        return [(0.0, half, 2), (half, half, -1)] if beats >= 2 else [(0.0, beats, 0)]
    rhythm = theme.other if treatment == "turn" else theme.rhythm
    shape = tuple(-s for s in theme.shape) if treatment == "invert" else theme.shape
    lengths = _fit(rhythm, beats)
    offsets = [sum(lengths[:i]) for i in range(len(lengths))]
    spread = (len(shape) - 1) / max(1, len(lengths) - 1)
    aims = [shape[round(i * spread)] for i in range(len(lengths))]
    bar = list(zip(offsets, lengths, aims, strict=True))
    if treatment == "turn" and len(bar) > 2 and draw.random() < 0.3:
        bar = bar[1:]
    return bar


def _fit(rhythm, beats):
    """A rhythm cut or held so that it fills a bar of that many beats."""
    lengths, left = [], beats
    for length in rhythm:
        if left <= 1e-6:
            break
        lengths.append(min(length, left))
        left -= lengths[-1]
    if left > 1e-6:
        lengths[-1] += left
    return lengths


class _Line:
    """Chooses pitch after pitch: near the aim, singable from the one before."""

    def __init__(self, spans, window):
        self.spans, (self.low, self.high) = spans, window
        self.home = self.low + (self.high - self.low) * 0.4
        self.last = self.before = None

    def homeward(self, tonic):
        """The tonic that is nearest to where the line is."""
        last = self.last if self.last is not None else self.home
        tonics = [p for p in range(self.low, self.high + 1) if p % 12 == tonic]
        return min(tonics, key=lambda p: (abs(p - last), p))

    def next(self, at, length, target, strong):
        span = next((s for s in self.spans if s.start - 1e-6 <= at < s.end - 1e-6), self.spans[-1])
        allowed = span.chord.tones if strong or length >= 1.5 else span.scale
        pitches = [p for p in range(self.low, self.high + 1) if p % 12 in allowed]
        pitch = min(pitches, key=lambda p: (self._cost(p, target, span), p))
        self.before, self.last = self.last, pitch
        return pitch

    def _cost(self, pitch, target, span):
        cost = abs(pitch - target)
        if self.last is None:
            return cost
        leap = abs(pitch - self.last)
        cost += 0.35 * leap + (6 if leap > 9 else 0) + (5 if leap in (6, 11) else 0)
        cost += 1.6 if leap == 0 else 0
        if self.before is not None:
            earlier = self.last - self.before
            if abs(earlier) > 4 and (pitch - self.last) * earlier > 0:
                cost += 3  # after a leap the line turns back
            if self.before == pitch and leap:
                cost += 0.8
        leading = (span.tonic - 1) % 12
        if self.last % 12 == leading and pitch - self.last == 1:
            cost -= 3
        return cost


def graced(notes, spans, seed):
    """Some long notes get a short one before them, as fiddles and bamboo flutes play."""
    draw, adorned = random.Random(f"{seed}:graces"), []
    for before, note in zip([None, *notes], notes, strict=False):
        adorned.append(note)
        room = before is not None and note.start - before.start >= 0.9
        if note.length >= 1 and room and draw.random() < 0.4:
            scale = next((s.scale for s in spans if s.start <= note.start < s.end), ())
            above = [p for p in range(note.pitch + 1, note.pitch + 4) if p % 12 in scale]
            if above:
                adorned.append(Note(note.start - 0.14, 0.13, above[0], note.weight * 0.75))
    return sorted(adorned, key=lambda n: n.start)


def counter_line(spans, window, lead_notes, level_at):
    """A slow second voice: one tone of each chord, the third or seventh first, moving little."""
    low, high = window
    notes, last = [], None
    for span in spans:
        sung = {n.pitch % 12 for n in lead_notes if n.start < span.end and n.end > span.start}
        heart = set(span.chord.tones[1:2]) | set(span.chord.tones[3:4])

        def cost(pitch, sung=sung, heart=heart, last=last):
            moved = abs(pitch - last) if last is not None else abs(pitch - (low + high) / 2)
            return moved + (0 if pitch % 12 in heart else 2) + (3 if pitch % 12 in sung else 0)

        pitches = [p for p in range(low, high + 1) if p % 12 in span.chord.tones]
        last = min(pitches, key=lambda p: (cost(p), p))
        if (
            notes
            and notes[-1].pitch == last
            and notes[-1].length < 8
            and abs(notes[-1].end - span.start) < 1e-6
        ):
            held = notes.pop()
            notes.append(Note(held.start, held.length + span.beats, last, held.weight))
        else:
            notes.append(Note(span.start, span.beats, last, 0.55 + 0.4 * level_at(span.start)))
    return notes
