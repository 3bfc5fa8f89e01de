"""The form of a piece that follows an arc: bars that end where it turns, one plan of keys over the
whole, the theme that returns, and how strong the music is where.

Every stretch of the arc is a whole number of bars at a tempo between the piece's and the feeling's
own, so that its first beat falls on the turn itself. It begins and ends on the home tonic; between,
each feeling has the key that belongs to it.
"""

import math
import random
from dataclasses import dataclass, replace

from score_arc import HOME
from score_feelings import FEELINGS
from score_form import Form, Section, bars_of, ring_length_s, slow_beats, split_bars
from score_genres import GENRES
from score_moods import MOODS
from score_words import METRES

SLOWING_END, SLOWING_TURN = 0.4, 0.16  # how much longer the last beat is than the others
TEMPO_RANGE = (0.74, 1.38)  # of the piece's own tempo: beyond, it would be another piece
LONGEST_BARS = 12  # a stretch of more is divided into themes
_CONTRASTS = "BCD"


@dataclass(frozen=True)
class Scene:
    """What a section feels: the brief as the feeling bends it, and the feeling (None at home)."""

    brief: object
    feeling: object
    name: str


@dataclass(frozen=True)
class _Block:
    """A run of bars of one tempo; `slow` of its last beats broaden by `slowing`."""

    stretch: int
    beats: float
    beat_s: float
    start_s: float
    slow: float
    slowing: float


def least_lengths(brief):
    """The shortest stretches that a piece can tell, within it and at its end, in seconds."""
    bar_s = METRES[brief.metre][0] * 60 / brief.bpm
    least_s = min(max(1.6, 0.8 * bar_s), 2.6)
    return least_s, 1.5 * least_s


def plan_arc_form(brief, duration_s, stretches, cues=(), seed=0):
    """The form that follows the stretches of an arc.

    Args:
        brief: The prompt's `score_words.Brief`: the home of the piece.
        duration_s: Its exact length in seconds.
        stretches: `score_arc.Stretch`es without gaps from 0 to the end.
        cues: Times in seconds where a section may begin within a stretch.
        seed: Settles keys and modes that are open.
    """
    per_bar, parts = METRES[brief.metre]
    scenes = _scenes(brief, stretches, seed)
    last_s = stretches[-1].seconds
    body_s = duration_s - min(ring_length_s(duration_s), 0.5 * last_s)
    blocks = _blocks(stretches, scenes, body_s, cues, per_bar)
    sections = _sections(blocks, stretches, _shifts(brief, scenes, seed), per_bar)
    of_section = tuple(scenes[block.stretch] for block in blocks)
    total_beats = sum(block.beats for block in blocks)
    return Form(
        duration_s,
        per_bar,
        parts,
        bpm=60 * total_beats / body_s,
        sections=sections,
        bars=_bars(sections, per_bar),
        clock=_clock(blocks, sections),
        energy=brief.energy,
        scenes=of_section,
        levels=_levels(sections, of_section, per_bar),
    )


def _scenes(home, stretches, seed):
    return [_scene(home, stretch.turn, seed) for stretch in stretches]


def _scene(home, turn, seed):
    """The home brief, bent towards what a turn feels."""
    if turn.feeling == HOME:
        return Scene(home, None, HOME)
    feeling = FEELINGS[turn.feeling]
    mood = MOODS[feeling.mood]
    kept = home.palette == GENRES[home.genre].palette and (
        home.pentatonic or home.palette != MOODS[home.moods[0]].palette
    )
    brief = replace(
        home,
        moods=(feeling.mood,),
        mode=_mode(home, mood, random.Random(f"{seed}:mode:{turn.feeling}")),
        palette=home.palette if kept else mood.palette,
        energy=0.85 * turn.energy + 0.15 * home.energy,
        bpm=home.bpm if home.bpm_asked else _tempo(home.bpm, feeling.bpm),
    )
    return Scene(brief, feeling, turn.feeling)


def _mode(home, mood, draw):
    if home.pentatonic:
        return "major" if mood.modes[0] in ("major", "lydian", "mixolydian") else "minor"
    return home.mode if home.mode in mood.modes else draw.choice(mood.modes)


def _tempo(home_bpm, own_bpm):
    low, high = TEMPO_RANGE
    return home_bpm * min(max((own_bpm / home_bpm) ** 0.6, low), high)


def _shifts(home, scenes, seed):
    """Semitones from the home tonic for each stretch; the first and the last are at home."""
    draw, shifts = random.Random(f"{seed}:keys"), []
    for place, scene in enumerate(scenes):
        shift = 0
        if scene.feeling and scene.brief.minor != home.minor:
            relative = 3 if home.minor else -3
            shift = relative if scene.feeling.kin == "relative" else 0
        elif scene.name == "wonder":
            shift = draw.choice((3, -4))  # a third away: the colour of wonder
        elif scene.name in ("heroic", "joyful") and place >= len(scenes) / 2:
            shift = 2  # lifted, as a last verse is
        shifts.append(0 if place in (0, len(scenes) - 1) else shift)
    return shifts


def _blocks(stretches, scenes, body_s, cues, per_bar):
    blocks = []
    for place, (stretch, scene) in enumerate(zip(stretches, scenes, strict=True)):
        last = place == len(stretches) - 1
        end_s = body_s if last else stretch.end_s
        edges = [stretch.start_s, *_within(cues, stretch.start_s, end_s, scene, per_bar), end_s]
        broadens = last or (scenes[place + 1].brief.energy < scene.brief.energy - 0.1)
        for start, end in zip(edges, edges[1:], strict=False):
            slowing = 0.0
            if end == end_s and broadens:
                slowing = SLOWING_END if last else SLOWING_TURN
            blocks += _bars_between(start, end, place, scene.brief, per_bar, slowing)
    return blocks


def _within(cues, start_s, end_s, scene, per_bar):
    """The cues inside a stretch that leave whole phrases on either side."""
    least_s = max(5.0, 2 * per_bar * 60 / scene.brief.bpm)
    chosen = []
    for cue in sorted({float(c) for c in cues}):
        if cue - (chosen[-1] if chosen else start_s) >= least_s and end_s - cue >= 0.6 * least_s:
            chosen.append(cue)
    return chosen


def _bars_between(start_s, end_s, stretch, brief, per_bar, slowing):
    """Blocks of whole bars, or half ones, that fill the time from one turn to the next."""
    length_s, unit = end_s - start_s, _unit(end_s - start_s, brief, per_bar)

    def beat_of(beats):
        return length_s / (beats + slowing / 2 * slow_beats(beats, per_bar))

    def cost(count):
        beats = count * unit
        whole = 0.0 if beats % per_bar == 0 else 0.05
        phrases = 0.03 * (beats / per_bar % 2 != 0)
        return abs(math.log(60 / beat_of(beats) / brief.bpm)) + whole + phrases

    rough = length_s * brief.bpm / 60 / unit
    count = min(range(max(1, int(rough * 0.7)), int(rough * 1.4) + 2), key=cost)
    beats, beat_s = float(count * unit), beat_of(count * unit)
    parts = [(beats, beat_s, 0.0)]
    if beats > LONGEST_BARS * per_bar:
        parts = split_bars(beats, per_bar, beat_s)
    slow = slow_beats(beats, per_bar) if slowing else 0.0
    return [
        _Block(stretch, own, beat_s, start_s + at, min(slow, own) if last else 0.0, slowing)
        for (own, _, at), last in zip(parts, _lasts(len(parts)), strict=True)
    ]


def _unit(length_s, brief, per_bar):
    """Beats that a stretch is counted in: half bars where there are halves, single ones if short."""
    if length_s < per_bar * 60 / brief.bpm or brief.bpm_asked:
        return 1
    return per_bar // 2 if per_bar == 4 else per_bar


def _lasts(count):
    return [False] * (count - 1) + [True]


def _sections(blocks, stretches, shifts, per_bar):
    """Named sections: the theme A first and last, a contrast for each other feeling, its own again
    when it comes back."""
    theme_of, sections, at, seen = {stretches[0].turn.feeling: "A"}, [], 0.0, {}
    for place, block in enumerate(blocks):
        feeling = stretches[block.stretch].turn.feeling
        theme = theme_of.setdefault(feeling, _CONTRASTS[(len(theme_of) - 1) % 3])
        before = place > 0 and blocks[place - 1].stretch == block.stretch
        if before and sections[-1].theme == theme:  # a long stretch goes on with another theme
            theme = "B" if theme == "A" else "A"
        if place == len(blocks) - 1:
            theme = "A"
        seen[theme] = seen.get(theme, 0) + 1
        name = theme + "'" * min(seen[theme] - 1, 3)
        sections.append(Section(name, theme, at, block.beats, shifts[block.stretch]))
        at += block.beats
    return tuple(sections)


def _bars(sections, per_bar):
    """Bars as ever, but a section of a single bar is two halves: it needs a way to its end."""
    bars = []
    for start, beats, index in bars_of(sections, per_bar):
        alone = sections[index].beats == beats and beats >= 2
        half = math.ceil(beats / 2) if alone else beats
        bars.append((start, float(half), index))
        if alone:
            bars.append((start + half, float(beats - half), index))
    return tuple(bars)


def _clock(blocks, sections):
    """Beat times: each block's own tempo, broadened before a turn to what is quieter."""
    points = {}
    for section, block in zip(sections, blocks, strict=True):
        for beat in [*map(float, range(math.ceil(block.beats))), block.beats]:
            time, into = block.start_s + beat * block.beat_s, beat - (block.beats - block.slow)
            if block.slow and into > 0:
                time += block.beat_s * block.slowing * into * into / (2 * block.slow)
            points[section.start + beat] = time
    return tuple(points.items())


def _levels(sections, scenes, per_bar):
    """Points (beat, level): a feeling's strength, a bar that grows before what is stronger, a
    fall before what is softer, and a swell in between."""
    levels = [0.16 + 0.8 * scene.brief.energy for scene in scenes]
    points = []
    for place, section in enumerate(sections):
        own, ahead = levels[place], (levels[place + 1 :] or [0.8 * levels[place]])[0]
        bar = min(float(per_bar), section.beats / 2)
        points.append((section.start, own * (0.94 if section.beats > 2 * per_bar else 1.0)))
        if section.beats > 2 * per_bar:
            points.append((section.start + 0.55 * section.beats, min(1.0, own * 1.05)))
        points.append((section.end - bar, own))
        toward = own + (0.6 if ahead > own else 0.45) * (ahead - own)
        points.append((section.end - 1e-3, toward))
    points.append((sections[-1].end, 0.8 * levels[-1]))
    return tuple(points)
