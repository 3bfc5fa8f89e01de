"""The progression: which chord each bar of a form has, how keys turn, and the cadence at the end."""

import random

from score_harmony import cadence_of, chord_of, phrases_of, scale_at, tonic_numeral
from score_notes import Span


def harmonise(brief, form, seed):
    """The harmony of every bar, and of the final chord: (spans, final span)."""
    if form.scenes:
        return _along_the_arc(brief, form, seed)
    firsts, seconds = phrases_of(brief.palette, brief.minor)
    draw = random.Random(f"{seed}:harmony")
    chosen = {
        "A": draw.sample(firsts, min(2, len(firsts))),
        "B": draw.sample(seconds, min(2, len(seconds))),
        "C": [draw.choice(firsts), draw.choice(seconds)],
        "D": [draw.choice(seconds), draw.choice(firsts)],
    }
    chosen["intro"] = [chosen["A"][0]]
    bar_s = form.beats_per_bar * form.beat_s
    pace = 2 if bar_s < 1.7 or (brief.genre == "ambient" and bar_s < 4.5) else 1
    spans = []
    for index, section in enumerate(form.sections):
        bars = [(start, beats) for start, beats, owner in form.bars if owner == index]
        tonic = (brief.tonic + section.shift) % 12
        phrases = chosen[section.theme]
        numerals = [
            phrases[i // pace // 4 % len(phrases)].split()[i // pace % 4] for i in range(len(bars))
        ]
        if index == len(form.sections) - 1:
            numerals = _close(numerals, len(bars), brief, draw)
        elif form.sections[index + 1].shift != section.shift:
            # The dominant of the key to come leads into it.
            numerals[-1] = _dominant(form.sections[index + 1].shift - section.shift)
        for (start, beats), numeral in zip(bars, numerals, strict=True):
            chord = chord_of(numeral, tonic)
            spans.append(Span(start, beats, chord, tonic, scale_at(brief, tonic, chord), index))
    return _joined(spans), _final(brief, form)


def _final(brief, form):
    """The span of the final chord."""
    tonic = brief.tonic
    last = chord_of(tonic_numeral(brief), tonic)
    beats = (form.duration_s - form.time_at(form.end_beat)) / form.beat_s
    return Span(
        form.end_beat, beats, last, tonic, scale_at(brief, tonic, last), len(form.sections) - 1
    )


def _along_the_arc(home, form, seed):
    """The harmony of a form with scenes: each section in its own mode, palette and key."""
    spans = []
    for index, (section, scene) in enumerate(zip(form.sections, form.scenes, strict=True)):
        bars = [(start, beats) for start, beats, owner in form.bars if owner == index]
        tonic, own = (home.tonic + section.shift) % 12, scene.brief
        draw = random.Random(f"{seed}:harmony:{scene.name}:{section.theme}")
        # A feeling enters with phrases that set its tonic; the others are for what follows.
        goes_on = index > 0 and form.scenes[index - 1] is scene
        shelf = phrases_of(own.palette, own.minor)[1 if goes_on else 0]
        phrases = draw.sample(shelf, min(2, len(shelf)))
        bar_s = (form.time_at(section.end) - form.time_at(section.start)) / len(bars)
        pace = 2 if bar_s < 1.2 and len(bars) > 3 else 1
        numerals = [
            phrases[i // pace // 4 % len(phrases)].split()[i // pace % 4] for i in range(len(bars))
        ]
        numerals[0] = numerals[0] if len(bars) > 2 else tonic_numeral(own)
        if index == len(form.sections) - 1:
            numerals = _close(numerals, len(bars), own, draw)
        elif len(bars) > 1 and _key_turns(form, index):
            numerals[-1] = _dominant(form.sections[index + 1].shift - section.shift)
        for (start, beats), numeral in zip(bars, numerals, strict=True):
            chord = chord_of(numeral, tonic)
            spans.append(Span(start, beats, chord, tonic, scale_at(own, tonic, chord), index))
    return _joined(spans), _final(form.scenes[-1].brief, form)


def _key_turns(form, index):
    """True if the section after this one has another key or mode."""
    ahead = form.scenes[index + 1].brief.mode != form.scenes[index].brief.mode
    return ahead or form.sections[index + 1].shift != form.sections[index].shift


def _close(numerals, bars, brief, draw):
    """Bend the last bars to a cadence; in one bar there is room for the dominant alone."""
    cadence = cadence_of(brief, draw)
    if bars >= 4:
        return [*numerals[:-2], *cadence]
    if bars >= 2:
        return [*numerals[:-1], cadence[-1]]
    return [cadence[-1]]


def _dominant(shift):
    """The numeral of the dominant seventh of the key that lies `shift` semitones away."""
    degrees = ("I", "bII", "II", "bIII", "III", "IV", "bV", "V", "bVI", "VI", "bVII", "VII")
    return degrees[(shift + 7) % 12] + "7"


def _joined(spans):
    """Neighbours of the same harmony become one span."""
    joined = []
    for span in spans:
        if joined and joined[-1].chord == span.chord and joined[-1].section == span.section:
            before = joined.pop()
            span = Span(before.start, before.beats + span.beats, *_rest(span))
        joined.append(span)
    return joined


def _rest(span):
    return span.chord, span.tonic, span.scale, span.section
