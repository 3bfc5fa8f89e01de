"""Which language a text is in, as far as its letters tell: enough to choose a voice.

Only scripts are looked at, not words: Latin text is taken for English unless the caller says more.
"""

import functools
import unicodedata
from collections import Counter

DEFAULT_LANGUAGE = "en"

# Unicode character names begin with the script's; a language stands for each script here.
_SCRIPTS = {
    "CJK": "zh",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "CYRILLIC": "ru",
    "GREEK": "el",
    "HEBREW": "he",
    "ARABIC": "ar",
    "DEVANAGARI": "hi",
    "THAI": "th",
    "LATIN": DEFAULT_LANGUAGE,
}


@functools.lru_cache(maxsize=4096)  # of a film's narrations, each is asked for several times
def told_language(text: str) -> str:
    """The BCP 47 primary language that most of the text's letters speak for; "en" if none does.

    Kana among ideographs makes a text Japanese.
    """
    counts: Counter[str] = Counter()
    for letter, times in Counter(text).items():
        if letter.isalpha():
            script = unicodedata.name(letter, "").split(" ")[0]
            counts[_SCRIPTS.get(script, DEFAULT_LANGUAGE)] += times
    if not counts:
        return DEFAULT_LANGUAGE
    if counts["ja"] and counts["zh"]:
        return "ja"
    return counts.most_common(1)[0][0]


def primary(language: str) -> str:
    """The primary subtag in lower case: "en" of "en-GB"."""
    return language.replace("_", "-").split("-")[0].lower()
