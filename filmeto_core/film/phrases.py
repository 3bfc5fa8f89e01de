"""Where text may be broken, and how much each break hurts a reader.

Text becomes atoms: words with their punctuation, or single signs of a script that writes no
spaces. Between any two atoms a break is allowed, at a cost from 0 (a sentence ends here) upwards.
It judges by punctuation and by the small words of a few languages; it parses no grammar.
"""

import re
import unicodedata
from dataclasses import dataclass

SENTENCE = 0.0
CLAUSE = 2.0
GOOD_WORD = 6.0
FAIR_WORD = 9.0
ANY_WORD = 14.0
CLINGING = 40.0

_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_KANA = "\u3040-\u30ff\uff66-\uff9f"
_HANGUL = "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"
_FULL_SIGNS = "\u3001-\u3004\u3008-\u303f\uff01-\uff65\uffe0-\uffee"
# Korean writes spaces between words, so it breaks there; Chinese and Japanese break anywhere.
_UNSPACED = re.compile(f"[{_HAN}{_KANA}{_FULL_SIGNS}]")
_WIDE = re.compile(f"[{_HAN}{_KANA}{_HANGUL}]")
# Source: JLREQ (W3C), 3.1.7 and 3.1.8: signs that begin or end no line.
_NEVER_FIRST = "，。！？、；：）》」』】〉〕”’…—～·・ーゝゞ々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ,.!?;:)]}%"
_NEVER_LAST = "（《「『【〈〔“‘([{¥￥$"
_SENTENCE_END = re.compile(r"[.!?。！？…‽](?:[\"'”’»」』）)\]]*)$")
_CLAUSE_END = re.compile(r"(?:[,;:，；：、—–]|--)(?:[\"'”’»」』）)\]]*)$")
_ABBREVIATIONS = set("mr. mrs. ms. dr. st. prof. vs. e.g. i.e. no. jr. sr. capt. gen. lt.".split())

# Words that begin a phrase: conjunctions first, then prepositions.
_CONJUNCTIONS = set(
    "and but or nor so yet because when while until till if although though unless that which who "
    "whose where whereas since as than before after et mais ou donc car que qui quand und aber oder "
    "denn weil dass wenn als y pero o porque cuando e ma perché quando".split()
)
_PREPOSITIONS = set(
    "of to in on at by for from with without into onto over under through across between among "
    "against along around behind beside beyond during toward towards upon above below about like "
    "dans sur avec pour sans vers chez par mit auf in von zu aus bei nach en con por para sin".split()
)
# Words that belong to the next one: nothing should end with them.
_CLINGS = set(
    "a an the my your his her its our their this these those no every each some any very more most "
    "not is are was were be been has have had will would can could shall should may might must do "
    "does did i you he she it we they le la les un une des de du au aux l' der die das den dem ein "
    "eine einen einem el los las una unos il lo gli i di del della".split()
)
# Chinese: particles that close a phrase, and words that open one.
_CLOSES = set("的了着過过地得们們吧呢吗嗎啊里裡上下时時后後")
_OPENS = set("在和与與但而就却卻把被从從向对對跟又也都还還让讓给給像如因所当當每那这這")


@dataclass(frozen=True)
class Atom:
    """A piece of text that is not broken, with the cost of a break after it."""

    start: int
    end: int
    text: str
    break_cost: float


def is_wide(text: str) -> bool:
    """Whether a text reads as Chinese, Japanese or Korean, whose lines are shorter."""
    wide = len(_WIDE.findall(text))
    letters = sum(sign.isalpha() for sign in text)
    return wide > 0 and wide * 3 >= letters - wide


def atoms(text: str, longest: int, spans: tuple[tuple[int, int], ...] = ()) -> list[Atom]:
    """The atoms of a text in order.

    Args:
        text: On one line.
        longest: No atom is longer; a longer word is cut.
        spans: Where words stand, as (start, end), if speech told of them: a break inside one of
            several signs is worse.
    """
    pieces = [piece for word in re.finditer(r"\S+", text) for piece in _pieces(word, longest)]
    joined = {at for start, end in spans for at in range(start + 1, end)}
    result = []
    for index, (start, end) in enumerate(pieces):
        following = pieces[index + 1] if index + 1 < len(pieces) else None
        cost = SENTENCE
        if following:
            cost = _cost(text, (start, end), following)
            if end == following[0] and end in joined and cost > CLAUSE:
                cost = max(cost, CLINGING / 2)
        result.append(Atom(start, end, text[start:end], cost))
    return result


def _pieces(word: re.Match[str], longest: int) -> list[tuple[int, int]]:
    """A run without spaces: whole if it is a word, sign by sign where the script has no spaces."""
    text, at = word[0], word.start()
    cuts = [0]
    for i in range(1, len(text)):
        before, after = text[i - 1], text[i]
        meets = _UNSPACED.match(before) or _UNSPACED.match(after)
        dashed = before == "—" and after.isalnum()
        allowed = after not in _NEVER_FIRST and before not in _NEVER_LAST
        full = i - cuts[-1] >= longest and not unicodedata.combining(after)
        if (meets or dashed) and allowed or full:
            cuts.append(i)
    ends = [*cuts[1:], len(text)]
    return [(at + start, at + end) for start, end in zip(cuts, ends, strict=True)]


def _cost(text: str, one: tuple[int, int], two: tuple[int, int]) -> float:
    before, after = text[slice(*one)], text[slice(*two)]
    if _SENTENCE_END.search(before) and before.lower().lstrip("\"'“‘(") not in _ABBREVIATIONS:
        return SENTENCE
    if _CLAUSE_END.search(before):
        return CLAUSE
    if one[1] == two[0]:
        return _cost_unspaced(before, after)
    return _cost_spaced(before, after)


def _cost_unspaced(before: str, after: str) -> float:
    if not _UNSPACED.match(before[-1]) and not _UNSPACED.match(after[0]):
        return ANY_WORD if before.endswith("—") else CLINGING * 2  # the middle of a word
    kana_ends = re.match(f"[{_KANA}]", before[-1]) and not re.match(f"[{_KANA}]", after[0])
    if before[-1] in _CLOSES or after[0] in _OPENS or kana_ends:
        return FAIR_WORD
    return ANY_WORD * 1.5


def _cost_spaced(before: str, after: str) -> float:
    last, first = before.lower().lstrip("\"'“‘("), after.lower().strip("\"'“‘(.,;:!?")
    if last in _CLINGS or last in _ABBREVIATIONS:
        return CLINGING
    if last in _PREPOSITIONS or last in _CONJUNCTIONS:
        return CLINGING * 0.75
    if before[-1].isdigit() or (before[0].isupper() and after[0].isupper()):
        return ANY_WORD * 2  # "200 steps", "Cape Horn"
    if first in _CONJUNCTIONS:
        return GOOD_WORD
    return FAIR_WORD if first in _PREPOSITIONS else ANY_WORD
