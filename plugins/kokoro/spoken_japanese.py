"""Japanese as it is written, turned into what the voices say, sentence by sentence.

Every spoken word keeps the range of the text that it stands for. Figures are `japanese_figures`',
readings `japanese_reading`'s; here are the walk over the text and its division into sentences.
"""

import re
from dataclasses import dataclass, field

from filmeto_plugin.ssml import PLAIN, SAID
from japanese_figures import RULES, spoken_value
from japanese_reading import readings

_LONGEST = 70  # characters in one breath
_PAUSES_S = {"sentence": 0.42, "paragraph": 0.75, "clause": 0.2, "word": 0.06}
_END = re.compile(r"[。！？!?…．]+[」』）)”\"]*(?:\s*\n\s*\n)?|\s*\n\s*\n\s*|(?<![\d])\.(?=\s|$)")
_BREAK = re.compile(r"[、，,；;：・]\s*")
_PATTERNS = tuple((re.compile(pattern), say) for pattern, say in RULES)
_MARKS = {"。": ".", "．": ".", ".": ".", "！": "!", "!": "!", "？": "?", "?": "?", "…": "…"}


@dataclass(frozen=True)
class SpokenWord:
    """A word: its kana (or what was written, for an ordered sound), where it stands in the stretch's
    text, its phonemes (or its IPA), how it is said."""

    said: str
    start: int
    end: int
    phonemes: tuple = ()
    ipa: str = ""
    manner: object = PLAIN


@dataclass
class SpokenSentence:
    """What is said in one breath: words, and after each the marks that follow it; its text."""

    text: str
    words: list = field(default_factory=list)
    marks: dict = field(default_factory=dict)
    pause_s: float = 0.0


def spoken_sentences(stretch):
    """What is said in a filmeto_plugin.ssml.Stretch, as a list of SpokenSentence."""
    spoken, origin = _respelled(stretch)
    sentences = []
    for start, end, pause in _breaths(spoken, stretch.end):
        sentence = SpokenSentence(
            _told(spoken, origin, stretch, start, end), pause_s=_PAUSES_S[pause]
        )
        for word, mark in _words(spoken, origin, stretch, start, end):
            if word:
                sentence.words.append(word)
            elif sentence.words:
                sentence.marks[len(sentence.words) - 1] = mark
        if sentence.words:
            last = len(sentence.words) - 1
            ends = [_MARKS[char] for char in spoken[start:end] if char in _MARKS]
            sentence.marks[last] = ends[-1] if ends else "," if pause in ("clause", "word") else "."
            sentences.append(sentence)
    return sentences


def _respelled(stretch):
    """The text with its figures as they are said, and for each character its range in the text."""
    text, pieces, origin, at = stretch.text, [], [], 0
    while at < len(text):
        special = stretch.specials.get(at)
        if special:
            said, end = SAID if special.ipa else spoken_value(special.value), at + 1
        else:
            said, end = _applied(text, at)
        pieces.append(said)
        origin += [(at, end)] * len(said)
        at = end
    return "".join(pieces), origin


def _applied(text, at):
    for pattern, say in _PATTERNS:
        match = pattern.match(text, at)
        said = match and match.end() > at and say(match)
        if said:
            return said, match.end()
    return text[at], at + 1


def _breaths(spoken, closing):
    """(start, end, pause) of each sentence, or of a part of one that is too long for a breath."""
    start = 0
    for match in [*_END.finditer(spoken), None]:
        end = match.end() if match else len(spoken)
        pause = "paragraph" if match and "\n" in match[0] else "sentence"
        if match and match[0][-1] in "」』" and re.match(r"[ぁ-んァ-ヶ一-龠]", spoken[end:]):
            pause = "clause"  # 「誰だ？」と聞いた
        if not spoken[end:].strip():
            pause = closing or ("sentence" if match else "word")
        while end - start > _LONGEST:
            breaks = [m.end() for m in _BREAK.finditer(spoken, start + 20, start + _LONGEST)]
            cut = breaks[-1] if breaks else start + _LONGEST
            yield start, cut, "clause" if breaks else "word"
            start = cut
        yield start, end, pause
        start = end


def _words(spoken, origin, stretch, start, end):
    """(word, None) and (None, mark) of a breath, in order."""
    for piece in re.finditer(rf"{SAID}|[^{SAID}]+", spoken[start:end]):
        offset = start + piece.start()
        if piece[0] == SAID:
            place = origin[offset]
            special = stretch.specials[place[0]]
            manner = stretch.manners[place[0]]
            yield SpokenWord("", *place, ipa=special.ipa, manner=manner), None
            continue
        for reading in readings(piece[0]) if piece[0].strip() else ():
            if not reading.kana or not reading.phonemes:
                if mark := "".join(reading.phonemes).strip():
                    yield None, mark if mark in ",?!.…:;" else ","
                continue
            first = origin[offset + reading.start][0]
            last = origin[offset + reading.end - 1][1]
            manner = stretch.manners[first]
            yield SpokenWord(reading.kana, first, last, reading.phonemes, manner=manner), None


def _told(spoken, origin, stretch, start, end):
    """The breath's text, ordered sounds as IPA between slashes."""
    pieces = [
        f"/{stretch.specials[origin[i][0]].ipa}/" if spoken[i] == SAID else spoken[i]
        for i in range(start, end)
    ]
    return "".join(pieces).strip()
