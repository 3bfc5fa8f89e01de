"""English as it is written, turned into English as it is said, sentence by sentence.

Every spoken word keeps the range of the written text that it stands for, so that a caption can be
timed against what its reader sees. What figures and abbreviations become is told by `english_rules`
and `english_words`; here are the walk over the text and its division into sentences.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from english_rules import END, RULES
from english_say_as import spoken_value
from english_words import FIRST_RULES, LAST_RULES
from filmeto_plugin.ssml import SAID

_LONGEST = 280  # characters in one breath; the voice loses its footing in longer ones
_PAUSES_S = {"sentence": 0.42, "paragraph": 0.75, "ellipsis": 0.45, "clause": 0.22, "none": 0.0}
_FOLD = {"‘": "'", "’": "'", "‛": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'}
_FOLD |= {"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\t": " ", "\u2010": "-", "\u2011": "-"}
_FOLD |= {"\u2012": "–", "\u2015": "—", "º": "°", "μ": "µ", "，": ",", "。": ".", "、": ","}
_KEEP = frozenset("²³¹½¼¾⅓⅔…°µ№™")
_STOPS = re.compile(r"(\.{2,}|…|[.!?]+)")
_DASH = re.compile(r"\s*(?:—|–|--+)\s*|\s+-\s+")
_PARAGRAPH = re.compile(r"\s*\n\s*\n\s*")
_RULES = (*RULES, *LAST_RULES)
_ENGLISH = ("LATIN", "MODIFIER", "DOUBLE-STRUCK", "SCRIPT", "MICRO", "ANGSTROM", "KELVIN")
_ENGLISH += ("MASCULINE", "FEMININE", "MATHEMATICAL")


@dataclass(frozen=True)
class SpokenWord:
    """What is said, and the range of the text that it stands for. `ipa` is how it sounds, where
    that was ordered; `spoken` is then SAID."""

    spoken: str
    start: int
    end: int
    ipa: str = ""


@dataclass
class SpokenSentence:
    """One breath: its words in order, its text as the voice reads it, the pause after it."""

    words: list = field(default_factory=list)
    text: str = ""
    pause_s: float = 0.0


def spoken_sentences(text, specials=None, end="sentence"):
    """Read English.

    Args:
        text: As written.
        specials: {index in it, where it has SAID: filmeto_plugin.ssml.Special}.
        end: What ends with the text: "paragraph", "sentence", or "", where it may go on.

    Returns:
        A list of SpokenSentence; empty if nothing in the text can be said.

    >>> [s.text for s in spoken_sentences("In 1947 Dr. Hale paid $3.50. Why?")]
    ['In nineteen forty-seven doctor Hale paid three dollars and fifty cents.', 'Why?']
    """
    writer = _Writer()
    for words, first, last in _tokens(fold(text), specials or {}):
        if first == last or words == END:
            writer.mark(words)
        elif isinstance(words, str):
            writer.word(words, first, last)
        else:
            writer.sound(words.ipa, first, last)
    return writer.finish(end)


def fold(text):
    """One plain character for each of the text's: quotes, dashes, spaces, full-width forms."""
    return "".join(map(_fold, text))


def foreign_letters(text):
    """The first words of the text that are in a script which English does not use."""
    words = re.findall(r"[^\W\d_]+", text)
    return [w for w in words if any(map(_is_foreign, w)) and not re.fullmatch("[α-ωΑ-Ως]", w)][:3]


def _is_foreign(char):
    plain = unicodedata.normalize("NFKC", char)[0]
    return not unicodedata.name(plain, "").startswith(_ENGLISH)


def _fold(char):
    if char in _FOLD:
        return _FOLD[char]
    plain = char if char in _KEEP else unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 else char


def _tokens(text, specials):
    """(words, start, end) for what is said; a mark in place of words where the voice pauses, a
    Special where a sound is ordered."""
    at = 0
    while at < len(text):
        if special := specials.get(at):
            yield special if special.ipa else spoken_value(special.value), at, at + 1
            at += 1
            continue
        found = _said(FIRST_RULES, text, at) or _pause(text, at)
        said, at = found or _said(_RULES, text, at) or ((), at + 1)
        yield from said


def _said(rules, text, at):
    """What the first rule that applies at this place says, and where it ends; None if none does."""
    for rule in rules:
        match = rule.pattern.match(text, at)
        said = match and match.end() > at and rule.say(match)
        if said:
            return said, match.end()
    return None


def _pause(text, at):
    """The mark (if any) and the next position, if there is punctuation or a gap at this place."""

    def mark(sign, end):
        return ([(sign, end, end)] if sign else [], end)

    if match := _PARAGRAPH.match(text, at):
        return mark("¶", match.end())
    if match := _DASH.match(text, at):
        return mark(",", match.end())
    if text[at].isspace():
        return mark("", at + 1)
    if match := _STOPS.match(text, at):
        return mark(_stop(text, match), match.end())
    if text[at] in ",;:()[]{}":
        return mark(text[at] if text[at] in ",;:" else ",", at + 1)
    return None


def _stop(text, match):
    """Which pause a full stop, an exclamation, a question or an ellipsis makes here."""
    rest, marks = text[match.end() :], match[0]
    if marks == "." and rest[:1].isalnum():
        return "" if rest[:1].islower() or rest[:1].isdigit() else "."
    if marks.startswith("..") or marks == "…":
        follows = re.match(r"[\"')\]]*\s*(\w)", rest)
        return "…" if follows and follows[1].islower() else "."
    mark = "?" if "?" in marks else marks[0]
    said_on = re.match(r"[\"']\s+[a-z]", rest)  # "Who is there?" he asked.
    return f"{mark}~" if said_on and mark in "!?" else mark


class _Writer:
    """Collects words and marks into sentences that are not longer than a breath."""

    def __init__(self):
        self.sentences, self.sentence, self.length = [], SpokenSentence(), 0
        self.pieces = []

    def word(self, words, start, end):
        for spoken in words.split():
            bare = spoken.rstrip(",")
            self.sentence.words.append(SpokenWord(bare, start, end))
            self.pieces.append(" " + spoken if self.pieces else spoken)
            self.length += len(spoken) + 1
        if self.length > _LONGEST * 1.5:
            self.close(",", "none")

    def sound(self, ipa, start, end):
        self.sentence.words.append(SpokenWord(SAID, start, end, ipa))
        self.pieces.append(f" {SAID}" if self.pieces else SAID)
        self.length += len(ipa)

    def mark(self, mark):
        if not self.sentence.words:
            if mark == "¶" and self.sentences:
                self.sentences[-1].pause_s = _PAUSES_S["paragraph"]
            return
        if mark in (",", ";", ":"):
            if self.length > _LONGEST:
                self.close(",", "clause")
            elif self.pieces[-1][-1] not in ",;:":
                self.pieces.append(mark)
        elif mark == "…":
            self.close(",", "ellipsis")
        elif mark == "¶":
            self.close(END, "paragraph")
        elif mark.endswith("~"):
            self.close(mark[0], "clause")
        else:
            self.close(mark, "sentence")

    def close(self, mark, pause):
        if not self.sentence.words:
            return
        text = "".join(self.pieces).rstrip(",;: ")
        self.sentence.text = text + mark
        self.sentence.pause_s = _PAUSES_S[pause]
        self.sentences.append(self.sentence)
        self.sentence, self.pieces, self.length = SpokenSentence(), [], 0

    def finish(self, end):
        self.close(END if end else ",", end or "clause")
        if end == "paragraph" and self.sentences:
            self.sentences[-1].pause_s = _PAUSES_S["paragraph"]
        return self.sentences
