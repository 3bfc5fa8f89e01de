"""How English reads what is not plain words: addresses, abbreviations, initialisms, kings, signs.

Same shape as `english_rules`: a pattern tried where a token begins, and what is said for it. A rule
whose abbreviation swallows a full stop may close the sentence with an END entry.
"""

import re
import unicodedata

from english_lexicon import (
    ABBREVIATIONS,
    ACRONYMS,
    BEFORE_NUMBERS,
    DOTTED,
    GREEK,
    LETTERS,
    MAY_END,
    MONTH_NAMES,
    MONTHS,
    OPENERS,
    REGNAL,
    SHOUTED,
    SPELLED,
    SYMBOLS,
    TITLES,
    WEEKDAYS,
)
from english_numbers import cardinal, number, ordinal, roman
from english_rules import Rule, closed, opens, short_number, telephone

_WORD = r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f]|['’](?=[^\W\d_]))*"
_SITES = "com|org|net|io|dev|edu|gov|info|co|uk|de|fr|eu|us|ca|cn|jp|app|ai|tv|me"
_HOST = rf"(?:[a-z0-9-]+\.)+(?:{_SITES})\b"
_PATH = r"[^\s<>\"]*[^\s<>\".,;:!?)'\]]"
_ADDRESS_SIGNS = {".": "dot", "/": "slash", "-": "dash", "_": "underscore", "@": "at", ":": "colon"}
_ADDRESS_SIGNS |= {"?": "question mark", "=": "equals", "&": "and", "#": "hash", "~": "tilde"}
_NUMBERED = "World War|Chapter|Part|Act|Scene|Book|Volume|Vol|Phase|Type|Section|Article|Canto"
_NUMBERED += "|Appendix|Title|Class|Stage|Level|Figure|Super Bowl|Episode"
_CLUSTER = re.compile("(?!.*(?:CH|TH|SH|GHT|[DLN]S)$).*[^AEIOUY]{3}")  # hardly a word: ISBN, ESPN
# "John, I think", "the part I like": no numeral, but someone speaking.
_I_SPEAKS = re.compile(r"\s(?!of\b|and\b|was\b|is\b|to\b|in\b|by\b|at\b|begins\b|ends\b)[a-z]")
_PEOPLE = "King|Queen|Pope|Emperor|Empress|Tsar|Czar|Sultan|Kaiser|Pharaoh|Prince|Duke"


def spell(letters):
    """'BBC' -> bee bee see"""
    return " ".join(LETTERS[c] for c in letters.upper() if c in LETTERS)


def _whole(match, words):
    return [(words, match.start(), match.end())]


def _address(m):
    said, text = [], re.sub(r"^https?://(?:www\.)?|^www\.", "", m[0], flags=re.I).rstrip("/")
    for piece in re.findall(r"[A-Za-z]+|\d+|.", text):
        if piece.isdigit():
            said.append(number(piece))
        elif piece.isascii() and piece.isalpha():
            vowels = re.search(r"[aeiouy]", piece, re.I)
            said.append(piece if vowels and len(piece) > 2 else spell(piece))
        elif piece in _ADDRESS_SIGNS:
            said.append(_ADDRESS_SIGNS[piece])
    return _whole(m, " ".join(said).replace("C O M", "com"))


def _handle(m):
    return _whole(m, f"at {m[1]}" if m[0][0] == "@" else f"hashtag {m[1]}")


def _count_sign(m):
    return [(f"number {number(m[1])}", m.start(), m.end())]


def _dotted(m):
    return closed(m, _whole(m, DOTTED[m[0].lower().replace(" ", "")]))


def _initials(m):
    """U.S.A., J. R. R. Tolkien, B.A."""
    return closed(m, _whole(m, spell(m[0])))


def _initial(m):
    """One capital and a dot before a name: no sentence ends there."""
    return _whole(m, LETTERS[m[1]])


def _saint_or_street(m):
    before = re.search(r"(\w+)\s$", m.string[: m.start()])
    named = before and (before[1][0].isupper() or before[1][0].isdigit()) and before[1] != "The"
    after = re.match(r"\s?[A-Z][a-z]", m.string[m.end() :])
    ends = opens(m.string, m.end())
    if after and not (named and (ends or before[1].lower() not in _before_saint())):
        return _whole(m, "saint")
    return closed(m, _whole(m, "street")) if named else None


def _before_saint():
    return frozenset("in at of from near to by and the on for mount port lake".split())


def _doctor_or_drive(m):
    before = re.search(r"([A-Z]\w+)\s$", m.string[: m.start()])
    after = re.match(r"\s[A-Z]", m.string[m.end() :])
    if before and not after and before[1] not in OPENERS:
        return closed(m, _whole(m, "drive"))
    return _whole(m, "doctor")


def _abbreviation(m):
    name = m[1].lower()
    if name not in ABBREVIATIONS:
        return None
    if name == "co" and m[1] == "CO":
        return None
    said = _whole(m, ABBREVIATIONS[name])
    return closed(m, said) if name in MAY_END else said


def _title(m):
    return _whole(m, ABBREVIATIONS[m[1].lower()]) if m[1].lower() in TITLES else None


def _before_number(m):
    said = BEFORE_NUMBERS.get(m[1].lower())
    return [(said, m.start(), m.end())] if said else None


def _month(m):
    return _whole(m, MONTH_NAMES[m[1].lower()])


def _king(m):
    """Henry VIII, Queen Mary I, Louis XIV."""
    value = roman(m["n"])
    return [
        (m["who"], m.start("who"), m.end("who")),
        (f"the {ordinal(value)}", m.start("n"), m.end("n")),
    ]


def _king_by_name(m):
    if m["who"].split()[-1] not in REGNAL or not roman(m["n"]) or roman(m["n"]) > 39:
        return None
    if m["n"] == "I" and _I_SPEAKS.match(m.string, m.end()):
        return None
    return _king(m)


def _numbered(m):
    value = roman(m["n"])
    if not value or m["n"] == "I" and _I_SPEAKS.match(m.string, m.end()):
        return None
    return [(m["what"], m.start("what"), m.end("what")), (cardinal(value), *m.span("n"))]


def _sequel(m):
    """Apollo XI, Rocky II: a capitalised name and at least two of I, V, X."""
    return _numbered(m) if roman(m["n"]) and roman(m["n"]) <= 39 else None


def _capitals(m):
    """BBC, NASA, DVDs, BBC's; a shouted word is left a word."""
    word, tail = m[1], m[2] or ""
    if set(word) <= set("IVX") and roman(word) and not tail:
        return _whole(m, cardinal(roman(word)))
    if word in ACRONYMS:
        return _whole(m, word.capitalize() + tail.replace("’", "'"))
    consonants = not re.search(r"[AEIOUY]", word)
    shouted = word in SHOUTED or _all_capitals(m)
    said_as_word = shouted or len(word) > 3 and not _CLUSTER.match(word)
    if word not in SPELLED and not consonants and said_as_word:
        return None
    if word in SPELLED and word in ("IT", "US", "AI") and _all_capitals(m):
        return None
    said = spell(word)
    return _whole(m, f"{said}'s" if tail else said)


def _all_capitals(m):
    """True where the neighbouring words are in capitals too: a title, a sign, a shout."""
    near = m.string[max(0, m.start() - 24) : m.end() + 24]
    words = [w for w in re.findall(r"[^\W\d_]+", near) if len(w) > 1 and w != m[1]]
    return bool(words) and sum(w.isupper() for w in words) > len(words) / 2


def _mixed(m):
    """A4, MP3, F-16, 3D, 1080p, COVID-19, B2B: letters and figures in turn."""
    said = []
    for piece in re.findall(r"[A-Za-z]+|\d+", m[0]):
        if piece.isdigit():
            said.append(short_number(piece))
        elif piece.upper() in ACRONYMS or len(piece) > 3 and re.search("[aeiouyAEIOUY]", piece):
            said.append(piece.lower())
        else:
            said.append(spell(piece))
    return _whole(m, " ".join(said))


def _and_or(m):
    return [(m[1], *m.span(1)), (f"or {m[2]}" if m[1].lower() != "and" else m[2], *m.span(2))]


def _both(m):
    """R&D, AT&T"""
    return [(f"{spell(m[1])} and {spell(m[2])}", m.start(), m.end())]


def _weekday(m):
    return _whole(m, WEEKDAYS[m[1]])


def _symbol(m):
    return _whole(m, SYMBOLS[m[0]])


def _greek(m):
    return _whole(m, GREEK[m[0].lower().replace("ς", "σ")])


def _word(m):
    said = unicodedata.normalize("NFKC", m[0]).replace("’", "'")
    return _whole(m, said.lower() if len(said) > 1 and said.isupper() else said)


_I = re.I
FIRST_RULES = (
    Rule(rf"https?://{_PATH}|www\.{_PATH}|{_HOST}(?:/{_PATH})?", _address, _I),
    Rule(rf"[\w.+-]+@{_HOST}", _address, _I),
    Rule(r"[@#]([^\W\d]\w*)", _handle),
    Rule(r"#\s?(\d[\d,]*)", _count_sign),
    Rule(r"\(\d{3}\)\s?\d{3}[ -]\d{4}\b", telephone),
)
LAST_RULES = (
    Rule("|".join(re.escape(d).replace(r"\.", r"\.\s?") for d in DOTTED), _dotted, _I),
    Rule(r"(?:[A-Za-z]\.){2,}", _initials),
    Rule(r"([A-Z])\.(?=\s?[A-Z])(?<!\bI\.)", _initial),
    Rule(r"St\b\.?", _saint_or_street),
    Rule(r"Dr\b\.?(?=\s)|Dr\.", _doctor_or_drive),
    Rule(rf"(?P<who>(?:{_PEOPLE})\s[A-Z][a-z]+)\s(?P<n>[IVX]+)\b(?!['’])", _king),
    Rule(rf"(?P<what>{_NUMBERED})\.?\s(?P<n>[IVXLC]+)\b(?!['’])", _numbered),
    Rule(r"(?P<who>[A-Z][a-z]+)\s(?P<n>[IVX]+)\b(?!['’])", _king_by_name),
    Rule(r"(?P<what>[A-Z][a-z]+)\s(?P<n>[IVX]{2,})\b", _sequel),
    Rule(r"(No|Nos|[Pp]|[Pp]p|[Cc]h|c|[Ss]ec|[Aa]rt)\.\s?(?=\d)", _before_number),
    Rule(rf"({'|'.join(m for m in MONTH_NAMES if m not in ('may', 'mar'))})\.", _month, _I),
    Rule(r"([A-Za-z]+)\.", _abbreviation),
    Rule(r"([A-Z][a-z]+)\b(?=\s[A-Z][a-z])", _title),
    Rule(r"w/o\b", lambda m: _whole(m, "without")),
    Rule(r"w/(?=\s?\w)", lambda m: _whole(m, "with")),
    Rule(r"([A-Z]{2,6})(['’]?s)?(?![^\W_])", _capitals),
    Rule(r"([A-Z]{1,3})&([A-Z]{1,3})\b", _both),
    Rule(r"(?:[A-Z]{1,6}-?|[A-Z]?[a-z]{1,2})\d+(?:-?[A-Za-z]{1,3}-?\d*)?\b", _mixed),
    Rule(
        rf"({'|'.join(WEEKDAYS)})\.(?=,?\s(?:\d|at\b|night|morning|{'|'.join(MONTHS)}))", _weekday
    ),
    Rule(r"(?<=[a-z] )A(?=[.,;:!?]|$)", lambda m: _whole(m, "eigh")),
    Rule(r"\d+-?[A-Za-z]{1,3}\b(?!-)", _mixed),
    Rule(rf"({_WORD})\s?/\s?({_WORD})(?![/\w])", _and_or),
    Rule(r"[α-ωΑ-Ως](?![^\W_])", _greek),
    Rule(_WORD, _word),
    Rule(r"\d+", lambda m: _whole(m, number(m[0]))),
    Rule("|".join(re.escape(s) for s in SYMBOLS if s not in "<>"), _symbol),
    Rule(r"[<>](?=\s?\d)", _symbol),
)
