"""Text as eSpeak is to read it, sentence by sentence, each character knowing where it came from.

What a language writes short is reshaped by its rules (`spoken_chinese`, `spoken_european`); emoji and
other signs that no one says are left out. Everything else goes to eSpeak as it stands.
"""

import re
import unicodedata
from dataclasses import dataclass, field

import spoken_chinese
import spoken_european
from filmeto_plugin.ssml import PLAIN, SAID
from said_values import spoken_value

_LONGEST = 320  # characters in one breath; fewer where a character is a syllable
_LONGEST_HAN = 90
_PAUSES_S = {"sentence": 0.4, "paragraph": 0.7, "clause": 0.2, "ellipsis": 0.45, "word": 0.05}
_HAN = "\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff\U00020000-\U0003ffff"
_TOKEN = re.compile(
    rf"{SAID}|[{_HAN}]|(?:(?![{_HAN}])[^\W_]|[\u0300-\u036f]|\w(?=['’]\w)|(?<=\w)['’](?=\w))+"
)
_PARAGRAPH = r"\s*\n\s*\n\s*"
_CLOSED = r"(?:[.!?…]+[\"'”’»)\]]*(?=\s|$)|[。！？…；]+[”’」』）》]*)"
_END = re.compile(rf"{_CLOSED}(?:{_PARAGRAPH})?|{_PARAGRAPH}")
_NO_END = frozenset(
    "Dr Mr Mrs Ms St M Mme Mlle Sr Sra Srta Prof Hr Fr Nr z B d h bzw ca vs J R K T op ul np tj "
    "Sig Dott Dña Ing Lic Av Pág Art p pp vol".split()
)
_BREAK = re.compile(r"[,;:，；：、—–]\s*")
_SAID_SIGNS = frozenset(".,;:!?'\"()-–—…&@#%+=/°$€£¥。，！？；：、“”‘’「」『』（）《》«»¿¡·۔؟،।॥")
_FOLD = {"\u00a0": " ", "\u202f": " ", "\u2009": " ", "’": "'", "‘": "'", "％": "%"}


@dataclass(frozen=True)
class SpokenToken:
    """A word (or a Chinese character) as it is spoken.

    Args:
        at: Its range in the sentence's text.
        written: The range of the written text that it stands for.
        manner: How it is said.
    """

    at: tuple
    written: tuple
    manner: object = PLAIN


@dataclass(frozen=True)
class SpokenSentence:
    """What goes to eSpeak at once, its words, the pause after it, and {index of a SAID in its text:
    the IPA that is said there}."""

    text: str
    tokens: tuple
    pause_s: float
    sounds: dict = field(default_factory=dict)


def spoken_sentences(text, language, stretch=None):
    """Read a text in a language (as eSpeak calls it: cmn, yue, en-us, de ...).

    Args:
        stretch: The filmeto_plugin.ssml.Stretch that `text` is the text of; its words then point at
            the text as it was given, and have their manners. Without one the text is plain.

    Returns:
        A list of SpokenSentence; empty if nothing in the text can be said.

    >>> [s.text for s in spoken_sentences("1947年，他爬了200级。", "cmn")]
    ['一九四七年，他爬了二百级。']
    """
    specials = stretch.specials if stretch else {}
    spoken, origin = _respelled(text, language, specials)
    sentences = []
    for start, end, pause_s in _stretches(spoken, stretch.end if stretch else "sentence"):
        tokens = _tokens(spoken[start:end], origin[start:end], stretch)
        if tokens:
            sounds = {
                i: specials[origin[start + i][0]].ipa
                for i, char in enumerate(spoken[start:end])
                if char == SAID
            }
            said = spoken[start:end]
            if pause_s == _PAUSES_S["word"]:  # it goes on: in another voice or language
                said += "，" if re.search(f"[{_HAN}]", said) else ","
            sentences.append(SpokenSentence(said, tokens, pause_s, sounds))
    return sentences


def _respelled(text, language, specials):
    """The text with its rules applied, and for each of its characters the range that it is for."""
    rules = _rules(language)
    pieces, origin, at = [], [], 0
    while at < len(text):
        special = specials.get(at)
        if special:
            said, end = SAID if special.ipa else spoken_value(special.value, language), at + 1
        else:
            said, end = _applied(rules, text, at)
        if said is None:
            said, end = _readable(text[at]), at + 1
        pieces.append(said)
        origin += [(at, end)] * len(said)
        at = end
    return "".join(pieces), origin


def _rules(language):
    chinese = language in ("cmn", "yue", "hak")
    found = spoken_chinese.rules(language) if chinese else spoken_european.rules(language)
    return [(re.compile(pattern), say) for pattern, say in found]


def _applied(rules, text, at):
    for pattern, say in rules:
        match = pattern.match(text, at)
        said = match and match.end() > at and say(match)
        if said:
            return said, match.end()
    return None, at


def _readable(char):
    """The character, a space in place of one that no one says, "" for an invisible one."""
    if char == SAID:
        return " "
    if char in _FOLD:
        return _FOLD[char]
    kind = unicodedata.category(char)
    if kind[0] in "LMN" or char in _SAID_SIGNS:
        return char if kind not in ("Cs",) and not "\ufe00" <= char <= "\ufe0f" else ""
    return "\n" if char == "\n" else "" if kind in ("Cf", "Cs") else " "


def _stretches(spoken, closing):
    """(start, end, pause_s) of each sentence, or of a part of one that is too long for a breath."""
    start = 0
    for match in [*_END.finditer(spoken), None]:
        end = match.end() if match else len(spoken)
        if match and _goes_on(spoken, match):
            continue
        pause = "sentence"
        if match and "\n" in match[0]:
            pause = "paragraph"
        elif match and _said_on(match[0], spoken[end:]):
            pause = "clause"
        elif match and re.match(r"(\.\.|…)", match[0]) and spoken[end:].lstrip()[:1].islower():
            pause = "ellipsis"
        if not spoken[end:].strip() and (closing == "paragraph" or pause != "paragraph"):
            pause = closing or (pause if match else "word")
        yield from _breaths(spoken, start, end, _PAUSES_S[pause])
        start = end


def _said_on(marks, after):
    """True after the quotation in: "Who is there?" he asked."""
    quoted = marks[-1] in "\"'”’»」』"
    return quoted and bool(re.match(rf"\s+[a-z]|[{_HAN}]", after))


def _goes_on(spoken, match):
    """True for the dot of an abbreviation or of an ordinal, as in "3. März"."""
    if match[0] != ".":
        return False
    before = re.search(r"(\w+)$", spoken[: match.start()])
    after = spoken[match.end() :].lstrip()
    if not before or not after:
        return False
    ordinal = re.fullmatch(r"\d\d?", before[1]) and after[0].islower()
    return before[1] in _NO_END or bool(ordinal) or after[0].islower()


def _breaths(spoken, start, end, pause_s):
    han = len(re.findall(f"[{_HAN}]", spoken[start:end])) * 2 > end - start
    longest = _LONGEST_HAN if han else _LONGEST
    while end - start > longest:
        breaks = [m.end() for m in _BREAK.finditer(spoken, start + longest // 3, start + longest)]
        cut = breaks[-1] if breaks else spoken.rfind(" ", start + longest // 2, start + longest) + 1
        cut = cut or start + longest
        yield start, cut, _PAUSES_S["clause"] if breaks else 0.0
        start = cut
    yield start, end, pause_s


def _tokens(text, origin, stretch):
    found = []
    for match in _TOKEN.finditer(text):
        first, last = origin[match.start()][0], origin[match.end() - 1][1]
        manner = stretch.manners[first] if stretch else PLAIN
        written = stretch.written(first, last) if stretch else (first, last)
        found.append(SpokenToken(match.span(), written, manner))
    return tuple(found)
