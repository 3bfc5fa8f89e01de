"""Form: how a piece of exactly the asked length is divided, where its beats fall in time, and how
loud it grows where.

All that is musical is counted in beats; `Form.time_at` turns beats into seconds. The final chord
falls on `Form.end_beat` and rings until the piece's end.
"""

import bisect
import math
import random
from dataclasses import dataclass

from score_words import METRES

PEAK = 0.68  # where the climax lies, as a share of the piece
# Themes of a long piece in order; the last section is always a return of A.
_ORDER = "AABACABDABCADB"


@dataclass(frozen=True)
class Section:
    """A stretch of one theme: `start` and `beats` in beats, `shift` in semitones from the key."""

    name: str
    theme: str
    start: float
    beats: float
    shift: int = 0

    @property
    def end(self):
        return self.start + self.beats


@dataclass(frozen=True)
class Form:
    """The plan of a piece.

    Args:
        duration_s: Its exact length.
        beats_per_bar, parts_per_beat: Its metre.
        bpm: Its basic tempo.
        sections: `Section`s without gaps from beat 0 to `end_beat`.
        bars: (start beat, beats, section index) of each bar before the final chord.
        clock: Rising (beat, seconds) pairs.
        energy: The brief's energy, 0 to 1.
        scenes: Of a piece that follows an arc: what each section feels, `score_arc_form.Scene`s.
        levels: Of such a piece: rising (beat, level) pairs instead of the one great arch.
    """

    duration_s: float
    beats_per_bar: int
    parts_per_beat: int
    bpm: float
    sections: tuple
    bars: tuple
    clock: tuple
    energy: float
    scenes: tuple = ()
    levels: tuple = ()

    @property
    def end_beat(self):
        return self.sections[-1].end

    @property
    def beat_s(self):
        return 60 / self.bpm

    def time_at(self, beat):
        """Seconds from the start at which a beat falls."""
        at = bisect.bisect_right(self.clock, (beat, math.inf))
        (b0, t0), (b1, t1) = self.clock[max(at - 1, 0)], self.clock[min(at, len(self.clock) - 1)]
        if b1 == b0:
            return t0 + (beat - b0) * self.beat_s
        return t0 + (beat - b0) * (t1 - t0) / (b1 - b0)

    def level_at(self, beat):
        """How strong the music is at a beat, 0 to 1: it grows to `PEAK` and ends quietly.

        With an arc it is as strong as what it feels.
        """
        if self.levels:
            return _between(self.levels, beat)
        place = min(max(beat / self.end_beat, 0.0), 1.0)
        level = _arch(place)
        waves = round(self.duration_s / 110)
        if waves > 1:
            level = 0.6 * level + 0.4 * _arch(place * waves % 1.0)
        return min(1.0, (0.28 + 0.72 * self.energy) * (0.5 + 0.5 * level))


def _between(points, at):
    """The value at a place of rising (place, value) points, straight between them."""
    after = bisect.bisect_right(points, (at, math.inf))
    if after in (0, len(points)):
        return points[min(after, len(points) - 1)][1]
    (x0, y0), (x1, y1) = points[after - 1], points[after]
    return y0 + (y1 - y0) * (at - x0) / (x1 - x0) if x1 > x0 else y1


def _arch(place):
    if place < PEAK:
        return (place / PEAK) ** 1.2
    return 1 - 0.85 * ((place - PEAK) / (1 - PEAK)) ** 1.3


def plan_form(brief, duration_s, cues=(), seed=0):
    """The form that fits a brief into a duration.

    Args:
        brief: A `score_words.Brief`.
        duration_s: Length in seconds.
        cues: Times in seconds where the music may turn; sections begin there where it can be done.
        seed: Settles the shifts of key.
    """
    per_bar, parts = METRES[brief.metre]
    ring_s = ring_length_s(duration_s)
    slowing = 0.12 if brief.genre in ("march", "electronic", "minimal", "suspense") else 0.4
    turns = _choose_cues(cues, duration_s - ring_s, max(5.0, 2 * per_bar * 60 / brief.bpm))
    if turns:
        blocks, bpm = _blocks_between(turns, duration_s - ring_s, brief, per_bar, slowing)
    else:
        blocks, bpm = _blocks_free(duration_s, ring_s, brief, per_bar, slowing)
    sections = _name_sections(blocks, per_bar, random.Random(f"{seed}:form"))
    clock = _clock(
        blocks, sections, per_bar, slowing, breathes=brief.energy < 0.7 and slowing > 0.2
    )
    bars = bars_of(sections, per_bar)
    return Form(duration_s, per_bar, parts, bpm, sections, bars, clock, brief.energy)


def ring_length_s(duration_s):
    """How long the final chord sounds, in seconds."""
    return min(1.2 + 0.12 * duration_s, 0.45 * duration_s, 5.0)


def slow_beats(beats, per_bar):
    """How many beats before the final chord are slowed down."""
    return min(2.0 * per_bar, beats / 4) if beats >= per_bar else 0.0


def _choose_cues(cues, end_s, least_s):
    """The cues that leave sections of at least `least_s` (the last may be shorter), first come."""
    chosen = []
    for cue in sorted({float(c) for c in cues}):
        if cue - (chosen[-1] if chosen else 0.0) >= least_s and end_s - cue >= 0.6 * least_s:
            chosen.append(cue)
    return chosen


def _blocks_free(duration_s, ring_s, brief, per_bar, slowing):
    """Blocks as (beats, beat length in seconds, start in seconds) where no cue binds."""
    beat_s, body_s = 60 / brief.bpm, duration_s - ring_s
    if body_s < 2 * per_bar * beat_s:
        beats = float(max(1, round(body_s / beat_s)))
    elif brief.bpm_asked:
        unit = per_bar / 2 if per_bar == 4 else per_bar
        rough = (body_s + 0.2 * ring_s) / beat_s
        beats = math.floor((rough - slowing / 2 * slow_beats(rough, per_bar)) / unit) * unit
        return split_bars(beats, per_bar, beat_s), brief.bpm
    else:
        beats = _best_bars(body_s, beat_s, per_bar, slowing) * per_bar
    beat_s = body_s / (beats + slowing / 2 * slow_beats(beats, per_bar))
    return split_bars(beats, per_bar, beat_s), 60 / beat_s


def _best_bars(body_s, beat_s, per_bar, slowing):
    """The number of bars that comes near the wished tempo and makes whole phrases."""

    def cost(bars):
        beats = bars * per_bar
        needed = body_s / (beats + slowing / 2 * slow_beats(beats, per_bar))
        return abs(math.log(needed / beat_s)) + (0.0, 0.09, 0.03, 0.09)[bars % 4]

    rough = body_s / (beat_s * per_bar)
    return min(range(max(2, int(rough * 0.8)), int(rough * 1.25) + 2), key=cost)


def split_bars(beats, per_bar, beat_s):
    """Sections of a free form: an introduction, then blocks of about eight bars."""
    bars = int(beats // per_bar)
    sizes = [bars]
    if bars >= 6:
        intro = 0 if bars < 8 else 2 if bars < 20 or bars % 4 == 2 else 4
        rest = bars - intro
        count = 3 if 10 <= rest <= 24 else max(2, round(rest / 8))
        unit = 4 if rest // 4 >= count else 2
        sizes = [rest // unit // count * unit] * count
        for i in range(rest // unit % count):
            sizes[(2 * i + 1) % count] += unit
        sizes[-1] += rest - sum(sizes)
        sizes = ([intro] if intro else []) + sizes
    lengths = [float(size * per_bar) for size in sizes]
    lengths[0] += beats - bars * per_bar
    blocks, at = [], 0.0
    for length in lengths:
        blocks.append((length, beat_s, at))
        at += length * beat_s
    return blocks


def _blocks_between(turns, end_s, brief, per_bar, slowing):
    """Blocks that begin at the cues; each has the tempo that makes its beats whole."""
    beat_s, edges, blocks = 60 / brief.bpm, [0.0, *turns, end_s], []
    total_s = total_beats = 0.0
    for i, (start, end) in enumerate(zip(edges, edges[1:], strict=False)):
        beats = max(1, round((end - start) / beat_s))
        last = i == len(edges) - 2
        slow = slowing / 2 * slow_beats(beats, per_bar) if last else 0.0
        beats = max(1, round((end - start) / beat_s - slow))
        own_s = (end - start) / (beats + slow)
        total_s, total_beats = total_s + own_s * beats, total_beats + beats
        for length, _, at in (
            split_bars(beats, per_bar, own_s) if beats > 12 * per_bar else [(beats, own_s, 0.0)]
        ):
            blocks.append((float(length), own_s, start + at))
    return blocks, 60 * total_beats / total_s


def _name_sections(blocks, per_bar, draw):
    """Names and themes for blocks: an introduction if the first is short, A to return at the end."""
    has_intro = len(blocks) > 2 and blocks[0][0] <= min(4 * per_bar, blocks[1][0])
    count = len(blocks) - has_intro
    themes = [_ORDER[i % len(_ORDER)] for i in range(count)]
    if count >= 3 and themes[-2] == "A":
        themes[-2] = "B"
    themes[-1] = "A"
    sections, at, seen = [], 0.0, {}
    if has_intro:
        themes.insert(0, "intro")
    for (beats, _, _), theme in zip(blocks, themes, strict=True):
        seen[theme] = seen.get(theme, 0) + 1
        name = theme + ("'" * min(seen[theme] - 1, 3) if theme != "intro" else "")
        shift = {"C": draw.choice((3, 5, -4)), "D": draw.choice((-2, 5, -3))}.get(theme, 0)
        sections.append(Section(name, theme, at, beats, shift))
        at += beats
    return tuple(sections)


def bars_of(sections, per_bar):
    """Bars of each section; a last bar of a beat or so joins the one before it."""
    bars = []
    for index, section in enumerate(sections):
        at, left = section.start, section.beats
        while left > 1e-9:
            beats = left if left < 1.5 * per_bar else float(per_bar)
            bars.append((at, beats, index))
            at, left = at + beats, left - beats
    return tuple(bars)


def _clock(blocks, sections, per_bar, slowing, breathes):
    """Beat times: each block's own tempo, a breath within each phrase, and a slowing at the end."""
    points = []
    for index, (section, (beats, beat_s, start_s)) in enumerate(zip(sections, blocks, strict=True)):
        slow = (
            slow_beats(sum(b for b, _, _ in blocks), per_bar) if index == len(blocks) - 1 else 0.0
        )
        slow = min(slow, beats)
        phrase = 4.0 * per_bar
        for beat in _steps(beats):
            time = start_s + beat * beat_s
            into = beat - (beats - slow)
            if slow and into > 0:
                time += beat_s * slowing * into * into / (2 * slow)
            elif breathes and beats - slow >= phrase and beat < (beats - slow) // phrase * phrase:
                time -= 0.010 * phrase * beat_s * math.sin(math.pi * (beat % phrase) / phrase)
            points.append((section.start + beat, time))
    return tuple(dict(points).items())


def _steps(beats):
    whole = [float(b) for b in range(math.ceil(beats))]
    return [*whole, float(beats)]
