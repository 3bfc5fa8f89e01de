"""The arc: which feeling each of its words means, and which turns of it the music can make.

Words are read from the longest term known, else from the nearest word, else they leave the music
as it is. What was understood is told for each of them, so that nobody has to guess.
"""

import difflib
import math
import re
from dataclasses import dataclass

from score_feelings import FEELINGS, SIGNS, STRONGER, WEAKER
from score_moods import MOODS
from score_words import negated_before, word_pattern

HOME = "home"  # the prompt's own mood
_HOME_WORDS = "neutral, documentary, as before, theme, normal, ordinary, 中性, 如初, 主题, 平常"
_NEAR = 0.84  # share of letters that a word must have in common with one that is known
_NOT_NEAR = set()
_ENDINGS = ("fulness", "lessness", "ness", "fully", "ingly", "edly", "ful", "ing", "ly", "ed", "y")
_NO_LONGER = re.compile(r"(?:\bno longer |\bnever again |不再|不那么)$", re.IGNORECASE)
_MOST_TURNS = 2000


@dataclass(frozen=True)
class Turn:
    """From `start_s` on, the music feels so.

    Args:
        start_s: Seconds from the piece's start.
        asked: The words as they were given.
        feeling: A name in `FEELINGS`, `HOME`, or "" where nothing was understood.
        energy: The feeling's energy, with what the words say of its strength.
        read: "known", "nearest" or "unknown".
        word: What it was read from.
    """

    start_s: float
    asked: str
    feeling: str
    energy: float
    read: str
    word: str


@dataclass(frozen=True)
class Stretch:
    """What the music makes of a turn: it lasts from `start_s` to `end_s` of the piece."""

    start_s: float
    end_s: float
    turn: Turn

    @property
    def seconds(self):
        return self.end_s - self.start_s


def _split_words(words):
    return [word.strip() for word in words.split(",") if word.strip()]


def _terms():
    """Every term with the feeling that it names; a feeling's own words win over its mood's."""
    named = {}
    for name, feeling in FEELINGS.items():
        for word in [name, *_split_words(feeling.words)]:
            named.setdefault(word, name)
    for name, mood in MOODS.items():
        for word in _split_words(mood.words):
            named.setdefault(word, name if name in FEELINGS else HOME)
    for word in _split_words(_HOME_WORDS):
        named[word] = HOME
    return dict(sorted(named.items(), key=lambda pair: (-len(pair[0]), pair[0])))


_TERMS = _terms()
_NAMES = list(_TERMS)
_ALL = re.compile("|".join(f"({word_pattern(word)})" for word in _NAMES), re.IGNORECASE)
_STRONGER = re.compile("|".join(word_pattern(w) for w in _split_words(STRONGER)), re.IGNORECASE)
_WEAKER = re.compile("|".join(word_pattern(w) for w in _split_words(WEAKER)), re.IGNORECASE)


def read_feeling(words):
    """What feeling some words mean: (name or "", how it was read, the word it was read from).

    Example:
        >>> read_feeling("the storm breaks")
        ('storm', 'known', 'storm')
        >>> read_feeling("stormlike")[:2]
        ('storm', 'nearest')
    """
    found = {}
    for match in _ALL.finditer(words):
        before = words[: match.start()]
        if negated_before(before) or _NO_LONGER.search(before):
            continue
        word = _NAMES[match.lastindex - 1]
        count, first = found.get(_TERMS[word], (0, word))
        found[_TERMS[word]] = (count + 1, first)
    if found:
        name = max(found, key=lambda n: found[n][0])  # the first of those named most often
        return name, "known", found[name][1]
    return _nearest(words)


def _nearest(words):
    for word in re.findall(r"[a-z]{5,}", words.lower()):
        if word in _NOT_NEAR:
            continue
        for ending in ("", *_ENDINGS):
            root = word.removesuffix(ending) if ending else word
            if root in _TERMS:
                return _TERMS[root], "nearest", root
        # A slip of the pen is rarely in the first letter.
        names = [name for name in _NAMES if name[0] == word[0] and abs(len(name) - len(word)) <= 2]
        if near := difflib.get_close_matches(word, names, 1, _NEAR):
            return _TERMS[near[0]], "nearest", near[0]
        # Its beginning may be known, but for "joyless", which is not what "joy" is.
        for size in range(0 if word.endswith("less") else len(word) - 1, 4, -1):
            if word[:size] in _TERMS:
                return _TERMS[word[:size]], "nearest", word[:size]
    for sign in words:
        if sign in SIGNS:
            return SIGNS[sign], "nearest", sign
    return "", "unknown", ""


def read_arc(arc):
    """The turns of an arc, in order of time.

    Args:
        arc: Rows with `start_s` (seconds) and `mood` (words, English or Chinese).

    Raises:
        ValueError: A row is none; the message says which one and what it should be.
    """
    if len(arc) > _MOST_TURNS:
        raise ValueError(f"the arc has {len(arc)} turns; at most {_MOST_TURNS} are read")
    return sorted((_turn(row, place) for place, row in enumerate(arc)), key=lambda t: t.start_s)


def _turn(row, place):
    expected = f'arc[{place}] is {{"start_s": seconds, "mood": words}}, such as {{"start_s": 12, "mood": "storm"}}'  # fmt: skip
    if not isinstance(row, dict):
        raise ValueError(f"{expected}; got {row!r}")
    start_s, words = row.get("start_s"), row.get("mood")
    if isinstance(start_s, bool) or not isinstance(start_s, (int, float)):
        raise ValueError(f"{expected}; its start_s is {start_s!r}")
    if not math.isfinite(start_s) or start_s < 0:
        raise ValueError(f"{expected}; its start_s is {start_s!r}, expected 0 or more")
    if not isinstance(words, str):
        raise ValueError(f"{expected}; its mood is {words!r}")
    name, read, word = read_feeling(words)
    return Turn(float(start_s), words, name, _energy(name, words), read, word)


def _energy(name, words):
    """A feeling's energy, pushed by words such as "very" and "slightly"."""
    if name not in FEELINGS:
        return 0.0
    energy = FEELINGS[name].energy
    if _STRONGER.search(words):
        energy += 0.35 * (1 - energy)
    if _WEAKER.search(words):
        energy *= 0.75
    return min(max(energy, 0.12), 1.0)


def choose_stretches(turns, duration_s, cues=(), least_s=2.0, last_s=3.0):
    """The stretches that the music makes of the turns, without gaps from 0 to the end.

    Args:
        turns: `Turn`s in order of time.
        duration_s: The piece's length.
        cues: Times in seconds where the film's shots change; a turn near one falls on it.
        least_s, last_s: The shortest stretch that can be told, and the shortest at the end.

    Returns:
        (stretches, told): `told` has a dict for each turn: what was asked, what it was read as,
        and when the music turns, or why it does not. No stretches where nothing turns.
    """
    told = [_told(turn) for turn in turns]
    rows = [[0.0, Turn(0.0, "", HOME, 0.0, "known", ""), None]]
    for turn, note in zip(turns, told, strict=True):
        at = _on_cue(turn.start_s, cues)
        if not turn.feeling:
            note["left_out"] = "no mood known in it: the music stays as it is"
        elif at >= duration_s:
            note["left_out"] = "it begins after the music's end"
        else:
            rows.append([at, turn, note])
    _thin(rows, duration_s, least_s, last_s)
    if not any(note for _, _, note in rows):
        return [], told
    ends = [row[0] for row in rows[1:]] + [duration_s]
    for row in rows:
        if row[2]:
            row[2]["turns_at_s"] = round(row[0], 3)
    return [Stretch(at, end, turn) for (at, turn, _), end in zip(rows, ends, strict=True)], told


def _told(turn):
    told = {"start_s": turn.start_s, "asked": turn.asked, "mood": turn.feeling or None}
    told["read"] = turn.read
    if turn.read == "nearest":
        told["read_from"] = turn.word
    return told


def _on_cue(start_s, cues):
    """A turn's time, moved to the cue within three quarters of a second, if there is one."""
    near = [cue for cue in cues if abs(cue - start_s) <= 0.75]
    return min(near, key=lambda cue: abs(cue - start_s)) if near else start_s


def _thin(rows, duration_s, least_s, last_s):
    """Leave out what is too short to be heard as a feeling, and join what feels the same."""
    place = 0
    while place < len(rows):
        last = place == len(rows) - 1
        end = duration_s if last else rows[place + 1][0]
        before = rows[place - 1][1] if place else None
        if len(rows) > 1 and end - rows[place][0] < (last_s if last else least_s):
            gone = rows.pop(place)
            if gone[2]:
                gone[2]["left_out"] = f"{end - gone[0]:.1f} s are too short for it"
            if place == 0:
                rows[0][0] = 0.0
            place = max(0, place - 1)
        elif before and (before.feeling, before.energy) == (
            rows[place][1].feeling,
            rows[place][1].energy,
        ):
            rows.pop(place)[2]["left_out"] = "the music feels so already"
        else:
            place += 1
