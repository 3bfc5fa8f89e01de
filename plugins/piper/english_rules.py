"""How English reads figures: dates, times, money, units, ranges, fractions, years, telephones.

Each rule is a pattern tried where a token begins, and a function from its match to what is said:
a list of (words, start, end), the range being that of the text it stands for; None passes on to
the next rule. RULES are in the order in which they are tried.
"""

import re

from english_lexicon import CURRENCIES, LETTERS, MAGNITUDES, MONTH_NAMES, OPENERS, UNITS
from english_numbers import (
    cardinal,
    clock,
    digits,
    fraction,
    number,
    ordinal,
    plural,
    year,
)

_NUM = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?![\d])"
_SIGNED = rf"(?:(?<![\w.])[-−±]\s?)?{_NUM}"
_TO = r"\s?[–—-]\s?"
_MONTHS = [form for name in MONTH_NAMES for form in (name.capitalize(), name.upper())]
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_YEAR = r"(?P<year>[12]\d{3})(?![\d,]\d)\b"
_UNIT = "|".join(re.escape(u) for u in sorted(UNITS, key=len, reverse=True))
_MONEY = "|".join(re.escape(c) for c in CURRENCIES)
_MAGNITUDE = "|".join(sorted(MAGNITUDES, key=len, reverse=True))
_VULGAR = {"½": (1, 2), "¼": (1, 4), "¾": (3, 4), "⅓": (1, 3), "⅔": (2, 3), "⅛": (1, 8)}
_VULGAR |= {"⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8), "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5)}
_HALF_DAY = r"(?P<half>[ap])\.?\s?m\b(?P<dot>\.)?"
_YEAR_BEFORE = re.compile(
    r"\b(in|by|since|of|until|till|from|to|after|before|during|around|circa|year|and|early|late)\s$",
    re.I,
)
_NAMED = "flight|room|route|highway|channel|suite|apartment|interstate|boeing|cabin|apt|bus"
_NO_COUNT = frozenset("was is has as its this us his perhaps always".split())


END = "."  # as what is said: the sentence ends here


class Rule:
    """A pattern and what is said where it matches."""

    def __init__(self, pattern, say, flags=0):
        self.pattern, self.say = re.compile(pattern, flags), say


def _whole(match, words):
    return [(words, match.start(), match.end())]


def _part(match, group, words):
    return (words, match.start(group), match.end(group))


def _one(match):
    """True after "a" and before a noun: a 5 km walk, a $20 note."""
    before = re.search(r"\b(an?)\s$", match.string[: match.start()], re.I)
    return bool(before and re.match(r"[ -](?!of|and|or|in|to|from|at|on|with)[a-z]", _after(match)))


def _after(match):
    return match.string[match.end() :]


def closed(match, said):
    """Add the end of the sentence where an abbreviation's dot serves for both."""
    text, end = match.string, match.end()
    return [*said, (END, end - 1, end)] if match[0].endswith(".") and opens(text, end) else said


def opens(text, at):
    """True if a new sentence opens here, or nothing follows."""
    rest = text[at:].lstrip("\"')] ")
    if not rest or re.match(r"\s*\n\s*\n", text[at:]):
        return True
    opener = re.match(r"[A-Z]\w*", rest)
    return bool(text[at].isspace() and opener and opener[0] in OPENERS)


# Dates ---------------------------------------------------------------------------------------


def _day_first(m):
    if not 1 <= int(m["day"]) <= 31:
        return None
    the = "" if re.search(r"\bthe\s$", m.string[: m.start()], re.I) else "the "
    of = " of" if not m["of"] else ""
    said = [_part(m, "day", f"{the}{ordinal(int(m['day']))}")]
    if m["last"]:
        said += [_part(m, "last", f"to {ordinal(int(m['last']))}")]
    if m["of"]:
        said.append(_part(m, "of", "of"))
    said.append(_part(m, "month", f"{of} {MONTH_NAMES[m['month'].lower()]}".strip()))
    return said + ([_part(m, "year", year(int(m["year"])))] if m["year"] else [])


def _month_first(m):
    if not 1 <= int(m["day"]) <= 31:
        return None
    said = [
        _part(m, "month", MONTH_NAMES[m["month"].lower()]),
        _part(m, "day", ordinal(int(m["day"]))),
    ]
    if m["last"]:
        said.append(_part(m, "last", f"to {ordinal(int(m['last']))}"))
    return said + ([_part(m, "year", year(int(m["year"])))] if m["year"] else [])


def _month_year(m):
    return [
        _part(m, "month", MONTH_NAMES[m["month"].lower()]),
        _part(m, "year", year(int(m["year"]))),
    ]


def _figures(m, month, day):
    month_n, day_n = int(m[month]), int(m[day])
    if not (1 <= month_n <= 12 and 1 <= day_n <= 31):
        return None
    name = list(dict.fromkeys(MONTH_NAMES.values()))[month_n - 1]
    return _whole(m, f"{name} {ordinal(day_n)}, {year(int(m['year']))}")


def _iso(m):
    return _figures(m, "month", "day")


def _slashed(m):
    """Month first, as this American voice would; day first where only that makes a date."""
    return _figures(m, "a", "b") or _figures(m, "b", "a")


def _dotted(m):
    return _figures(m, "b", "a")


def _era(m):
    said = number(m["n"]) if int(m["n"]) < 1000 else year(int(m["n"]))
    letters = " ".join(LETTERS[c] for c in m[2])
    return [_part(m, "n", said), _part(m, 2, letters)]


# Times ---------------------------------------------------------------------------------------


def _time(m):
    hours, minutes = int(m["h"]), int(m["m"])
    if hours > 24 or minutes > 59:
        return None
    half = f" {_half(m)}" if m["half"] else ""
    words = cardinal(hours) if half and not minutes else clock(hours, minutes)
    if m["s"]:
        words += f" and {cardinal(int(m['s']))} seconds"
    return closed(m, _whole(m, words + half))


def _half(m):
    return "eigh M" if m["half"].lower() == "a" else "P M"


def _hour(m):
    if int(m["h"]) > 12:
        return None
    return closed(m, _whole(m, f"{cardinal(int(m['h']))} {_half(m)}"))


# Money, units, ranges --------------------------------------------------------------------------


def _money(m):
    one, many, cent, cents = CURRENCIES[m["sign"]]
    magnitude = MAGNITUDES.get((m["size"] or "").strip().lower(), "")
    whole, _, rest = m["n"].replace(",", "").partition(".")
    prefix = m["to"]
    if prefix:
        whole_range = f"{number(m['n'])} to {number(prefix)}"
        return _whole(m, f"{whole_range} {magnitude} {many}".replace("  ", " "))
    if magnitude:
        return _whole(m, f"{number(m['n'])} {magnitude} {one if _one(m) else many}")
    if len(rest) != 2 or not cent:
        return _whole(m, f"{number(m['n'])} {one if m['n'] == '1' or _one(m) else many}")
    said = []
    if int(whole or 0):
        said.append(f"{number(whole)} {one if int(whole) == 1 else many}")
    if int(rest) or not said:
        said.append(f"{cardinal(int(rest))} {cent if int(rest) == 1 else cents}")
    return _whole(m, " and ".join(said))


def _money_after(m):
    one, many, _, _ = CURRENCIES[m["sign"]]
    return _whole(m, f"{number(m['n'])} {one if m['n'] == '1' else many}")


def _unit(m):
    one, many = UNITS[m["unit"]]
    single = m["n"] in ("1", "-1") or m["hyphen"] or _one(m)
    said = []
    if m["from"]:
        said.append(_part(m, "from", f"{number(m['from'])} to"))
    said.append(_part(m, "n", number(m["n"].replace(" ", ""))))
    return [*said, _part(m, "unit", one if single else many)]


def _feet_inches(m):
    foot = "foot" if m["ft"] == "1" else "feet"
    said = [_part(m, "ft", f"{number(m['ft'])} {foot}")]
    return said + ([_part(m, "in", number(m["in"]))] if m["in"] else [])


def _years_apart(m):
    first, last = m["a"], m["b"]
    second = year(int(last)) if len(last) == 4 else year(int(last)).replace("zero ", "oh ")
    return [_part(m, "a", year(int(first))), _part(m, "b", f"to {second}")]


def _range(m):
    return [_part(m, "a", number(m["a"])), _part(m, "b", f"to {number(m['b'])}")]


def _ratio(m):
    return [_part(m, "a", number(m["a"])), _part(m, "b", f"to {number(m['b'])}")]


# Fractions, ordinals, years, telephones ----------------------------------------------------------


def _fraction(m):
    top, bottom = int(m["top"]), int(m["bottom"])
    whole = m["whole"]
    if not top < bottom or not (bottom <= 20 or bottom in (32, 64, 100, 1000)) or not top:
        return None
    said = fraction(top, bottom)
    return _whole(m, f"{number(whole)} and {_a_part(said)}" if whole else said)


def _a_part(said):
    """two and one half -> two and a half"""
    return "a " + said[4:] if said.startswith("one ") else said


def _slash(m):
    known = {"24/7": "twenty-four seven", "9/11": "nine eleven", "50/50": "fifty-fifty"}
    return _whole(m, known.get(m[0], f"{number(m['a'])} over {number(m['b'])}"))


def _vulgar(m):
    said = fraction(*_VULGAR[m["v"]])
    return _whole(m, f"{number(m['whole'])} and {_a_part(said)}" if m["whole"] else said)


def _decade(m):
    said = year(int(m["n"])) if len(m["n"]) == 4 else cardinal(int(m["n"]))
    return _whole(m, plural(said))


def _short_year(m):
    said = cardinal(int(m["n"])) if m["n"][0] != "0" else f"oh {cardinal(int(m['n']))}"
    return _whole(m, plural(said) if m["s"] else said)


def telephone(m):
    groups = [g for g in re.split(r"\D+", m[0]) if g]
    plus = "plus " if m[0].lstrip().startswith("+") else ""
    return _whole(m, plus + ", ".join(digits(g) for g in groups))


def _version(m):
    said = " point ".join(number(n) for n in m["n"].split("."))
    return _whole(m, f"version {said}" if m["v"] else said)


def _millions(m):
    size = m["size"] if m["size"] in MAGNITUDES else m["size"].lower()
    return [(f"{number(m['n'])} {MAGNITUDES[size]}", m.start(), m.end())]


def _room(m):
    """Room 101 and flight 747 are named, not counted."""
    named = re.search(rf"\b(?:{_NAMED})\s$", m.string[: m.start()], re.I)
    return _whole(m, short_number(m["n"])) if named else None


def short_number(text):
    """1080 -> ten eighty; 747 -> seven forty-seven; 101 -> one oh one; 16 -> sixteen."""
    if len(text) not in (3, 4) or text[0] == "0" or text.endswith("00"):
        return number(text)
    rest = cardinal(int(text[-2:]))
    return f"{cardinal(int(text[:-2]))} {'oh ' if text[-2] == '0' else ''}{rest}"


def _times(m):
    by = "by" if len(m["a"]) > 2 or m["unit"] else "times"
    said = [_part(m, "a", number(m["a"])), _part(m, "x", by), _part(m, "b", number(m["b"]))]
    return said + ([_part(m, "unit", UNITS[m["unit"]][1])] if m["unit"] else [])


def _plain(m):
    text = m[0].replace(" ", "")
    if re.fullmatch(r"[12]\d{3}", text) and _is_year(m):
        return _whole(m, year(int(text)))
    if len(text) >= 7 and text.isdigit() and not text.endswith("000"):
        return _whole(m, digits(text))
    return _whole(m, number(text))


def _is_year(m):
    """A bare 1100 to 2099 is a year unless things are counted: 1,947 ships, 1947 ships."""
    if int(m[0]) % 1000 == 0:
        return False
    if _YEAR_BEFORE.search(m.string[: m.start()]):
        return True
    if not 1100 <= int(m[0]) <= 2099:
        return False
    noun = re.match(r"\s([a-z]+s|people|men|women|children)\b", _after(m))
    return not noun or noun[1] in _NO_COUNT or int(m[0]) % 100 == 0 and int(m[0]) < 2000


_I = re.I
RULES = (
    Rule(r"(?P<year>[12]\d{3})-(?P<month>\d\d)-(?P<day>\d\d)\b", _iso),
    Rule(r"(?P<year>[12]\d{3})/(?P<month>\d\d?)/(?P<day>\d\d?)\b", _iso),
    Rule(r"(?P<a>\d\d?)/(?P<b>\d\d?)/(?P<year>[12]\d{3})\b", _slashed),
    Rule(r"(?P<a>\d\d?)\.(?P<b>\d\d?)\.(?P<year>[12]\d{3})\b", _dotted),
    Rule(
        rf"(?P<day>\d\d?)(?:st|nd|rd|th)?(?:{_TO}(?P<last>\d\d?)(?:st|nd|rd|th)?)?\s"
        rf"(?:(?P<of>of)\s)?{_MONTH}(?:,?\s{_YEAR})?",
        _day_first,
    ),
    Rule(
        rf"{_MONTH}\s(?P<day>\d\d?)(?:st|nd|rd|th)?(?:{_TO}(?P<last>\d\d?)(?:st|nd|rd|th)?)?"
        rf"(?![\d:])\b(?:,?\s{_YEAR})?",
        _month_first,
    ),
    Rule(rf"{_MONTH},?\s{_YEAR}", _month_year),
    Rule(r"(?P<n>[12]\d\d0|[2-9]0)'?s\b", _decade),
    Rule(r"(?P<n>\d{1,5})\s?(BCE|BC|CE|AD)\b", _era),
    Rule(rf"(?P<h>\d\d?):(?P<m>\d\d)(?::(?P<s>\d\d))?(?!\d)(?:\s?{_HALF_DAY})?", _time, _I),
    Rule(rf"(?P<h>\d\d?)\s?{_HALF_DAY}", _hour, _I),
    Rule(r"(?P<a>\d+):(?P<b>\d+)(?![\d:])", _ratio),
    Rule(
        rf"(?:US|A|C)?(?P<sign>{_MONEY})\s?(?P<n>{_NUM})(?:{_TO}(?:{_MONEY})?(?P<to>{_NUM}))?"
        rf"(?P<size>\s?(?:{_MAGNITUDE})\b)?",
        _money,
        _I,
    ),
    Rule(rf"(?P<n>{_NUM})\s?(?P<sign>{_MONEY})(?![\w])", _money_after),
    Rule(r"(?P<ft>\d+)['′](?:(?P<in>\d\d?)(?:[\"″]|''))?(?![\w'])", _feet_inches),
    Rule(
        rf"(?:(?P<from>{_SIGNED})(?:\s?%)?(?:\s?[–—-]\s?))?(?P<n>{_SIGNED})"
        rf"(?:(?P<hyphen>-)|\s)?(?P<unit>{_UNIT})(?![\w²³])",
        _unit,
    ),
    Rule(r"\+\d{1,3}(?:[ -]\(?\d{1,5}\)?){1,5}", telephone),
    Rule(r"(?:1[ -])?\d{3}[ -]\d{3}[ -]\d{4}\b", telephone),
    Rule(r"\d{3}-\d{4}\b", telephone),
    Rule(r"0\d{2,4}[ -]\d{3,4}[ -]\d{3,4}\b", telephone),
    Rule(r"(?P<v>[vV]\.?\s?)(?P<n>\d+(?:\.\d+)+)\b", _version),
    Rule(r"(?P<v>)(?P<n>\d+(?:\.\d+){2,})\b", _version),
    Rule(r"(?P<a>1\d{3}|20\d{2})\s?[–—-]\s?(?P<b>1\d{3}|20\d{2}|\d{2})\b(?![-\d])", _years_apart),
    Rule(r"(?:(?P<whole>\d+)[ -])?(?P<top>\d+)[/⁄](?P<bottom>\d+)(?:ths?|rds?)?\b", _fraction),
    Rule(r"(?P<a>\d+)/(?P<b>\d+)\b", _slash),
    Rule(rf"(?:(?P<whole>\d+)\s?)?(?P<v>[{''.join(_VULGAR)}])", _vulgar),
    Rule(
        r"(?P<n>\d{1,3}(?:,\d{3})+|\d+)(?:st|nd|rd|th)\b",
        lambda m: _whole(m, ordinal(int(m["n"].replace(",", "")))),
    ),
    Rule(r"'(?P<n>\d\d)(?P<s>s)?\b(?!')", _short_year),
    Rule(
        rf"(?P<a>\d+(?:\.\d+)?)\s?(?P<x>[x×])\s?(?P<b>\d+(?:\.\d+)?)(?:\s?(?P<unit>{_UNIT})\b)?",
        _times,
    ),
    Rule(rf"(?P<a>{_NUM}){_TO}(?P<b>{_NUM})(?![-\w])", _range),
    Rule(rf"(?P<n>{_NUM})\s?(?P<size>k|M|bn|tn|million|billion|trillion|thousand)\b", _millions),
    Rule(r"(?<=[A-Za-z] )(?P<n>\d{3,4})(?![\w,-]|\.\d)", _room),
    Rule(rf"(?:(?<![\w)])[-−+±])?{_NUM}(?![A-Za-z])", _plain),
)
