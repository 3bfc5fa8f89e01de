"""Noun phrases of an English sentence, by small words and known ones, no grammar."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from filmeto_core.write.scenery import ENGLISH
from filmeto_core.write.words_en import (
    AUXILIARIES,
    DETERMINERS,
    OTHERS,
    PAST,
    PERSONS,
    PREPOSITIONS,
    THINGS,
    VERBS,
)

_TOKEN = re.compile(r"[^\W\d_][\w'’-]*|\d+|[.,;:!?—–()]")
_SMALL = DETERMINERS | PREPOSITIONS | OTHERS | AUXILIARIES
_IRREGULAR = {"children": "child", "men": "man", "women": "woman", "people": "person", "wolves": "wolf",
              "mice": "mouse", "thieves": "thief", "spies": "spy", "families": "family"}  # fmt: skip
PLACE_WORDS = sorted(
    ((word.strip(), kind) for kind, row in ENGLISH.items() for word in row.names.split(",")),
    key=lambda pair: -len(pair[0]),
)
PLACES = dict(PLACE_WORDS)


@dataclass(frozen=True)
class Phrase:
    """A noun phrase: the word that begins it ("a", "his", or "" ), its words, what stands before."""

    determiner: str
    words: tuple[str, ...]
    before: str
    first: bool

    @property
    def head(self) -> str:
        return self.words[-1].lower()

    @property
    def text(self) -> str:
        return " ".join(self.words)


def noun_phrases(logline: str) -> Iterator[Phrase]:
    """The noun phrases of a text, in order."""
    tokens = _TOKEN.findall(logline)
    at, before, first = 0, "", True
    while at < len(tokens):
        word = tokens[at].lower()
        opens = word in DETERMINERS or (
            word not in _SMALL and word[0].isalpha() and not _is_verb(tokens, at, 0)
        )
        if not opens:
            before = word
            at += 1
            continue
        determiner = word if word in DETERMINERS else ""
        words, end = [], at + bool(determiner)
        while end < len(tokens) and _belongs(tokens, end, len(words)):
            words.append(tokens[end])
            end += 1
        if words:
            yield Phrase(determiner, tuple(words), before, first)
            first = False
        before = words[-1].lower() if words else word
        at = max(end, at + 1)


def _belongs(tokens: list[str], at: int, size: int) -> bool:
    word = tokens[at].lower()
    if not word[0].isalpha() or (word in _SMALL and word not in ("one",)):
        return False
    return not _is_verb(tokens, at, size)


def _is_verb(tokens: list[str], at: int, size: int) -> bool:
    """Whether a word is the verb after a noun phrase of that many words."""
    word = tokens[at].lower()
    after = tokens[at + 1].lower() if at + 1 < len(tokens) else "."
    followed = after in _SMALL or not after[0].isalpha() or after.endswith("ly")
    if word.endswith("ly") and word not in (
        "family",
        "lonely",
        "elderly",
        "ugly",
        "friendly",
        "butterfly",
    ):
        return size > 0
    if word in PAST:
        return size > 0 and followed
    if word.endswith("ing"):
        return (
            size > 0 and followed and word not in ("king", "ring", "wedding", "painting", "spring")
        )
    if word.endswith("ed") and word not in ("bed", "seed"):
        return size > 0 and followed
    if word.endswith("s") and not word.endswith("ss"):
        stem = word[:-1] if word[:-1] in VERBS else word[:-2] if word.endswith("es") else ""
        stem = stem if stem in VERBS else (word[:-3] + "y" if word.endswith("ies") else stem)
        if stem in VERBS:
            return size > 0
        # "who" is unknown, but what stands before "a" or "his" and ends in s does something.
        return size > 1 and after in DETERMINERS and word not in THINGS
    follows = size > 0 and word in VERBS and word not in THINGS
    before = singular(tokens[at - 1].lower())
    named = before in PERSONS or before in PLACES or before in THINGS
    return follows and (after in DETERMINERS or named)


def singular(word: str) -> str:
    """A person's noun in the singular; other words as they are."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("men"):
        return f"{word[:-3]}man"
    return word[:-1] if word.endswith("s") and word[:-1] in PERSONS else word
