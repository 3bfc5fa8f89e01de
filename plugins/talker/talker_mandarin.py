"""Chinese characters as phones, by way of pinyin: what the lips do for Mandarin."""

from pypinyin import lazy_pinyin

# Piece of a syllable → ARPAbet; the longest that fits is taken. What looks alike is written alike.
_PIECES = {
    "zh": ["JH"], "ch": ["CH"], "sh": ["SH"], "b": ["B"], "p": ["P"], "m": ["M"], "f": ["F"],
    "d": ["D"], "t": ["T"], "n": ["N"], "l": ["L"], "g": ["G"], "k": ["K"], "h": ["HH"], "j": ["S"],
    "q": ["S"], "x": ["S"], "r": ["R"], "z": ["Z"], "c": ["S"], "s": ["S"], "y": ["Y"], "w": ["W"],
    "ang": ["AA", "NG"], "eng": ["AH", "NG"], "ong": ["UW", "NG"], "ing": ["IY", "NG"],
    "an": ["AA", "N"], "en": ["AH", "N"], "in": ["IY", "N"], "un": ["UW", "N"], "ai": ["AY"],
    "ei": ["EY"], "ao": ["AW"], "ou": ["OW"], "uo": ["UW", "AO"], "ui": ["UW", "EY"],
    "ie": ["IY", "EH"], "iu": ["IY", "OW"], "ue": ["UW", "EH"], "ve": ["UW", "EH"], "er": ["ER"],
    "a": ["AA"], "o": ["AO"], "e": ["AH"], "i": ["IY"], "u": ["UW"], "v": ["UW"],
}  # fmt: skip
_HISSED = ("zhi", "chi", "shi", "ri", "zi", "ci", "si")  # the i that follows is no vowel of its own


def is_chinese(word):
    """Whether there is a Chinese character in the word."""
    return any("㐀" <= letter <= "鿿" for letter in word)


def mandarin(word):
    """The phones of a word of Chinese characters, each as Mandarin reads it."""
    return [phone for syllable in lazy_pinyin(word, errors="ignore") for phone in _phones(syllable)]


def _phones(syllable):
    if syllable in _HISSED:
        return [*_PIECES[syllable[:-1]], "IH"]
    phones, at = [], 0
    while at < len(syllable):
        for size in (3, 2, 1):
            piece = _PIECES.get(syllable[at : at + size])
            if piece and len(syllable) - at >= size:
                phones += piece
                at += size
                break
        else:
            at += 1
    return phones
