"""Reads an English logline: phrases around its nouns, by small words and known ones, no grammar.

What it cannot tell it leaves open; the template writer then speaks of it in general words.
"""

import re

from filmeto_core.write.phrases_en import PLACE_WORDS, PLACES, Phrase, noun_phrases, singular
from filmeto_core.write.scenery import ENGLISH
from filmeto_core.write.tale import Figure, Tale
from filmeto_core.write.words_en import (
    ABSTRACT,
    COMMON,
    DAYTIMES,
    HE,
    HOMES,
    IT,
    MOODS,
    PERSON_ENDINGS,
    PERSONS,
    PLAIN_SIGHT,
    PLURAL_DETERMINERS,
    PLURAL_PERSONS,
    SHE,
    SHOWN_AS,
    THEY,
    THINGS,
    TIMES,
    VERBS,
)

_SOMEBODY = Figure("a lone figure in a long coat", "the stranger", False, "they")
_PLACES_FIRST = ("in", "at", "on", "aboard", "inside", "near", "beneath", "above", "across", "under", "outside")  # fmt: skip


def read_english(logline: str) -> Tale:
    """What an English logline tells."""
    phrases = list(noun_phrases(logline))
    figures = _figures(phrases, logline)
    hero = figures[0] if figures else _it(phrases) or _SOMEBODY
    other = next((f for f in figures[1:] if f.called != hero.called), None)
    place, spot, scenery = _place(phrases, logline)
    thing = _thing(phrases, {f.called for f in figures}, place)
    found = {"who": hero.seen if figures else "", "with": other.seen if other else ""}
    found |= {"where": place, "what": thing}
    scenery = scenery or "land"
    return Tale(
        hero=hero,
        other=other,
        place=place or ENGLISH[scenery].place,
        spot=spot or ENGLISH[scenery].place,
        scenery=scenery,
        thing=thing,
        time=_first_of({key: TIMES[key] for key in DAYTIMES}, logline),
        season=_first_of({k: w for k, w in TIMES.items() if k not in DAYTIMES}, logline),
        mood=_mood(logline),
        clauses=clauses(logline),
        title=_title(logline, None if hero is _SOMEBODY else hero, spot, thing),
        found={name: text for name, text in found.items() if text},
    )


def is_english(logline: str) -> bool:
    """Whether a text in Latin letters has any of the commonest English words."""
    words = re.findall(r"[a-z]+", logline.lower())
    return len(words) < 5 or bool(COMMON & set(words))


def _is_person(phrase: Phrase) -> bool:
    head = singular(phrase.head)
    return head in PERSONS or head.endswith(PERSON_ENDINGS)


def _figures(phrases: list[Phrase], logline: str) -> list[Figure]:
    found: list[Figure] = []
    rows = list(phrases)
    for place, phrase in enumerate(rows):
        if not phrase.text:  # it was somebody's name
            continue
        ahead = rows[place + 1] if place + 1 < len(rows) else None
        name = _name(phrase, logline)
        # "Mara, a deaf clockmaker,": the name and what she is are one.
        if name and ahead and ahead.determiner in ("a", "an", "the") and ahead.before == ",":
            if _is_person(ahead):
                found.append(_figure(ahead, logline, name))
                rows[place + 1] = Phrase("", ("",), "", False)
                continue
        opens = not phrase.before and phrase.determiner in ("a", "an") and not _is_place(phrase)
        if _is_person(phrase) or (opens and phrase.head not in ABSTRACT | THINGS):
            found.append(_figure(phrase, logline, ""))
        elif name and phrase.before not in _PLACES_FIRST and not _is_place(phrase):
            pronoun = _pronoun_in(logline) if phrase.first else "they"
            seen = {"he": "a young man", "she": "a young woman"}.get(
                pronoun, "a figure in a long coat"
            )
            title = phrase.words[0].lower()
            seen = f"a {title}" if title in PERSONS and len(phrase.words) > 1 else seen
            found.append(Figure(seen, name, False, pronoun))
    # Whose grandmother it is is whom the film is about.
    return sorted(found, key=lambda f: f.called.split()[0] in ("his", "her", "their", "its", "our"))


def _it(phrases: list[Phrase]) -> Figure | None:
    """The thing that a logline without people is about, or None."""
    for phrase in phrases:
        if phrase.head not in ABSTRACT and phrase.determiner and not _is_place(phrase):
            noun = phrase.text[0].lower() + phrase.text[1:]
            article = "an" if noun[0] in "aeiou" else "a"
            article = article if phrase.determiner in ("a", "an") else "the"
            return Figure(f"{article} {noun}", f"the {phrase.head}", False, "it")
    return None


def _name(phrase: Phrase, logline: str) -> str:
    """The proper name that a phrase is, or ""."""
    if phrase.determiner or not all(word[0].isupper() for word in phrase.words):
        return ""
    starts = logline.lstrip("\"'“‘").startswith(phrase.text)
    ordinary = phrase.head in PERSONS | THINGS | ABSTRACT | VERBS
    return "" if ordinary or (starts and len(phrase.words) == 1 and phrase.head.endswith("ing")) else phrase.text  # fmt: skip


def _figure(phrase: Phrase, logline: str, name: str) -> Figure:
    head, single = phrase.head, singular(phrase.head)
    plural = phrase.determiner in PLURAL_DETERMINERS or head in PLURAL_PERSONS or head != single
    words = [word for word in phrase.words if word.lower() not in ("own", "estranged", "beloved")]
    if phrase.determiner in ("his", "her", "their", "my", "our", "its") and head in SHOWN_AS:
        seen = SHOWN_AS[head]
        called = f"{phrase.determiner if phrase.determiner != 'my' else 'the'} {words[-1]}"
    else:
        noun = " ".join(words)
        noun = noun[0].lower() + noun[1:] if phrase.first and noun[:1].isupper() else noun
        count = phrase.determiner if phrase.determiner in PLURAL_DETERMINERS else ""
        article = "an" if noun[:1].lower() in "aeiou" else "a"
        seen = f"{count or 'some'} {noun}" if plural else f"{article} {noun}"
        owned = phrase.determiner in ("his", "her", "their")
        called = f"{phrase.determiner if owned else 'the'} {words[-1].lower()}"
    pronoun = "they" if plural else _pronoun(single) or (_pronoun_in(logline) if phrase.first or name else "they")  # fmt: skip
    shown = seen.split()[-1]
    faceless = (
        not plural and (shown in THEY or shown.endswith("maker")) and shown not in PLAIN_SIGHT
    )
    return Figure(seen, name or called, plural, pronoun, faceless)


def _pronoun(noun: str) -> str:
    for pronoun, nouns in (("she", SHE), ("he", HE), ("it", IT)):
        if noun in nouns or (noun.endswith("woman") and pronoun == "she"):
            return pronoun
    return "he" if noun.endswith("man") else ""


def _pronoun_in(logline: str) -> str:
    match = re.search(r"\b(he|his|him|she|her)\b", logline, re.IGNORECASE)
    return {"his": "he", "him": "he", "her": "she"}.get(match[1].lower(), match[1].lower()) if match else "they"  # fmt: skip


def _kind_of(words: tuple[str, ...]) -> str:
    """The kind of place that a phrase's words end in, or ""."""
    text = " ".join(words).lower()
    for word, kind in PLACE_WORDS:
        if text == word or text.endswith((f" {word}", f" {word}s")) or text == f"{word}s":
            return kind
    return ""


def _is_place(phrase: Phrase) -> bool:
    return bool(_kind_of(phrase.words)) and not _is_person(phrase)


def _place(phrases: list[Phrase], logline: str) -> tuple[str, str, str]:
    """(place as it is seen, as it is called, kind of scenery), or empty texts."""
    for wanted in (_PLACES_FIRST, None):
        for phrase in phrases:
            kind = _kind_of(phrase.words) if _is_place(phrase) else "land"
            if kind == "land" or (wanted and phrase.before not in wanted):
                continue
            words = [word for word in phrase.words if word.lower() not in ("same", "own")]
            called = _named_place(words)
            if not phrase.determiner and (words[0][0].isupper() or kind == "space"):
                return " ".join(words), called, kind
            return f"the {' '.join(words)}", f"the {called}", kind
    # "an old lighthouse keeper": what somebody keeps is where the film is.
    for phrase in phrases:
        for word in phrase.words[:-1]:
            kind = PLACES.get(word.lower())
            if kind and _is_person(phrase):
                return f"the {word.lower()}", f"the {word.lower()}", kind
    for phrase in phrases:
        plain = phrase.head not in ABSTRACT | THINGS and not _is_person(phrase)
        if phrase.before in ("in", "inside", "aboard", "at") and plain and phrase.determiner:
            kind = "home" if phrase.before == "inside" else "village"
            return f"the {phrase.text}", f"the {phrase.head}", kind
    kinds = {kind: row.names for kind, row in ENGLISH.items() if kind != "land"}
    for phrase in phrases:
        if phrase.head in HOMES:
            return "", "", HOMES[phrase.head]
    return "", "", _first_of(kinds, logline)


def _named_place(words: list[str]) -> str:
    """The words of a place without what describes it: "space station" of "dying space station"."""
    for start in range(len(words)):
        if " ".join(words[start:]).lower() in PLACES:
            return " ".join(words[start:])
    return words[-1]


def _thing(phrases: list[Phrase], figures: set[str], place: str) -> str:
    for phrase in phrases:
        if (
            phrase.head in THINGS
            and f"the {phrase.head}" not in figures
            and phrase.head not in place
        ):
            return phrase.head
    for phrase in phrases[1:]:
        head = phrase.head
        plain = head not in ABSTRACT and not _is_person(phrase) and not _is_place(phrase)
        if (
            phrase.determiner in ("a", "an", "the")
            and plain
            and head not in VERBS
            and head.isalpha()
        ):
            if (
                not phrase.words[-1][0].isupper()
                and f"the {head}" not in figures
                and head not in place
            ):
                return head
    return ""


def _first_of(table: dict[str, str], logline: str) -> str:
    """The key whose word stands first in the text, or ""."""
    text, best = logline.lower(), (len(logline) + 1, "")
    for key, words in table.items():
        for word in words.split(","):
            match = re.search(rf"\b{re.escape(word.strip())}\b", text)
            if match and match.start() < best[0]:
                best = (match.start(), key)
    return best[1]


def _mood(logline: str) -> str:
    text = logline.lower()
    counts = {
        mood: sum(
            bool(re.search(rf"\b{re.escape(word.strip())}\b", text)) for word in words.split(",")
        )
        for mood, words in MOODS.items()
    }
    best = max(counts, key=lambda mood: counts[mood])
    return best if counts[best] else "drama"


def clauses(logline: str) -> tuple[str, ...]:
    """Its sentences, the long ones in two where a conjunction parts them, each fit to be spoken."""
    pieces: list[str] = []
    for sentence in re.split(r"(?<=[.!?])\s+", logline.strip()):
        pieces += _halves(sentence.strip())
    return tuple(_spoken(piece) for piece in pieces if any(c.isalnum() for c in piece))


_PART = re.compile(r"(?:,?\s+(?=but\b|until\b)|,\s+(?=and\b|only\b|so\b|while\b)|\s*[;—–]\s*|\s+(?=until\b|only to\b))")  # fmt: skip


def _halves(sentence: str) -> list[str]:
    if len(sentence.split()) < 12 or re.match(
        r"(?:when|after|as|if|while|before)\b", sentence, re.I
    ):
        return [sentence]
    cuts = [m for m in _PART.finditer(sentence) if 4 <= len(sentence[: m.start()].split())]
    cuts = [m for m in cuts if len(sentence[m.end() :].split()) >= 4]
    if not cuts:
        return [sentence]
    middle = min(cuts, key=lambda m: abs(m.start() - len(sentence) / 2))
    return [sentence[: middle.start()], sentence[middle.end() :]]


def _spoken(piece: str) -> str:
    plain = piece.strip(" ,;:—–")
    plain = plain[0].upper() + plain[1:]
    return plain if plain[-1] in ".!?" else f"{plain}."


def _title(logline: str, hero: Figure | None, place: str, thing: str) -> str:
    """A title of the logline's words: itself if it is short; who and what, who and where."""
    who, what = hero.called if hero else "", f"the {thing}" if thing else ""
    if len(logline.split()) <= 5:
        title = logline.strip(" .!?")
    elif who and what and what != who:
        title = f"{who} and {what}"
    elif who and place and place.removeprefix("the ") not in who:
        title = f"{who} and {place}"
    else:
        title = who or what or place or "A story"
    return title[0].upper() + title[1:]
