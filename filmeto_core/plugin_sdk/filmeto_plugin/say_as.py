"""The values of SSML's <say-as>: numbers, dates, times, telephone numbers, money, letters.

Here a text becomes a value, the same in every language; the plugin knows how its language says it.

Source: SSML 1.0 say-as attribute values, W3C Working Group Note 26 May 2005
"""

import re
from dataclasses import dataclass
from decimal import Decimal

KINDS = ("cardinal", "ordinal", "date", "time", "digits", "characters", "telephone", "currency")
_ALSO = {"number": "cardinal", "spell-out": "characters", "verbatim": "characters"}
_ALSO |= {"money": "currency"}
DATE_FORMATS = ("mdy", "dmy", "ymd", "md", "dm", "ym", "my", "y", "m", "d")
_SIGNS = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "￥": "CNY", "円": "JPY"}
_SIGNS |= {"元": "CNY", "₩": "KRW", "₹": "INR", "HK$": "HKD", "A$": "AUD", "C$": "CAD"}


class WrongValueError(ValueError):
    """The text is no such value; the message says what was expected and what it got."""


@dataclass(frozen=True)
class Value:
    """What a <say-as> holds. Which fields are set follows from `kind`.

    Args:
        kind: One of KINDS.
        number: cardinal, ordinal, currency: a Decimal (an ordinal is whole).
        year, month, day: Of a date, None where it has none.
        hour, minute, second: Of a time (second None where it has none); 0 to 24.
        half_day: Of a time: "am", "pm" or "".
        groups: digits, telephone: groups of digits; characters: what to spell, one by one. A
            telephone's first group may be "+".
        currency: ISO 4217, such as "EUR".
    """

    kind: str
    number: Decimal | None = None
    year: int | None = None
    month: int | None = None
    day: int | None = None
    hour: int | None = None
    minute: int | None = None
    second: int | None = None
    half_day: str = ""
    groups: tuple = ()
    currency: str = ""


def read_value(kind, text, form=""):
    """Read the text of a <say-as>.

    Args:
        kind: Its interpret-as.
        text: What stands between its tags.
        form: Its format: of a date mdy, dmy, ymd ...; of a time hms12 or hms24.

    Raises:
        WrongValueError: The kind is not known, or the text is none of it.

    >>> read_value("date", "3/4/2026", "dmy").month
    4
    >>> read_value("currency", "€ 3.50").number
    Decimal('3.50')
    """
    kind = _ALSO.get(kind.strip(), kind.strip())
    if kind not in KINDS:
        raise WrongValueError(f"interpret-as: expected one of {', '.join(KINDS)}; got {kind!r}")
    if form and kind not in ("date", "time"):
        raise WrongValueError(f"a {kind} takes no format, got {form!r}")
    text = " ".join(text.split())
    if kind == "date":
        return _date(text, form.strip().lower())
    return _READERS[kind](text) if kind != "time" else _time(text, form)


def _number(text, kind, example):
    plain = re.sub(r"(?<=\d)[,\u00a0\u202f ](?=\d{3}(?!\d))", "", text).replace("−", "-")
    if not re.fullmatch(r"[+-]?(\d+(\.\d+)?|\.\d+)", plain) or len(plain) > 40:
        raise WrongValueError(f"{kind}: expected such as {example}, got {text!r}")
    return Decimal(plain)


def _cardinal(text):
    return Value("cardinal", number=_number(text, "cardinal", "1,200 or -3.5"))


def _ordinal(text):
    bare = re.sub(r"(?<=\d)(st|nd|rd|th|\.|º|ª|e|er|ème|番目?)$", "", text, flags=re.I)
    number = _number(bare.removeprefix("第"), "ordinal", "3 or 3rd")
    if number != int(number) or number < 0:
        raise WrongValueError(f"ordinal: expected a whole number, got {text!r}")
    return Value("ordinal", number=number)


def _date(text, form):
    parts = re.findall(r"\d+", text)
    if not parts:
        raise WrongValueError(f"date: expected such as 2026-03-05, got {text!r}")
    form = form or ("ymd" if parts and len(parts[0]) == 4 else "mdy")[: len(parts)]
    if form not in DATE_FORMATS:
        formats = ", ".join(DATE_FORMATS)
        raise WrongValueError(f"format: a date's is one of {formats}; got {form!r}")
    if len(parts) != len(form) or re.search(r"[^\d\s./年月日号號-]", text):
        raise WrongValueError(f"date: expected {len(form)} numbers as {form}, got {text!r}")
    named = dict(zip(form, map(int, parts), strict=True))
    year, month, day = (named.get(letter) for letter in "ymd")
    if not (1 <= (month or 1) <= 12 and 1 <= (day or 1) <= 31 and (year or 1) <= 9999):
        raise WrongValueError(f"date: {text!r} is no date as {form}")
    return Value("date", year=year, month=month, day=day)


def _time(text, form):
    if form not in ("", "hms12", "hms24"):
        raise WrongValueError(f"format: a time's is hms12 or hms24; got {form!r}")
    match = re.fullmatch(
        r"(\d{1,2})(?:[:.h时時](\d\d)?)?(?::(\d\d))?\s?分?\s?([ap]\.?m\.?)?", text, re.I
    )
    if not match or match[4] and form == "hms24":
        raise WrongValueError(f"time: expected such as 6:30, 18:45:10 or 6:30pm, got {text!r}")
    hour, minute, second = (int(g) if g else None for g in match.groups()[:3])
    half = (match[4] or "").replace(".", "").lower()
    if hour > (12 if half or form == "hms12" else 24) or max(minute or 0, second or 0) > 59:
        raise WrongValueError(f"time: {text!r} is no time of day")
    return Value("time", hour=hour, minute=minute or 0, second=second, half_day=half)


def _digits(text):
    if not re.fullmatch(r"[\d\s.,-]*\d[\d\s.,-]*", text):
        raise WrongValueError(f"digits: expected figures, got {text!r}")
    return Value("digits", groups=tuple(re.findall(r"\d+", text)))


def _characters(text):
    return Value("characters", groups=tuple(text.replace(" ", "")))


def _telephone(text):
    if not re.fullmatch(r"\+?[\d\s().,/-]*\d[\d\s().,/-]*", text):
        raise WrongValueError(f"telephone: expected such as +49 30 123456, got {text!r}")
    groups = tuple(re.findall(r"\d+", text))
    return Value("telephone", groups=("+", *groups) if text.startswith("+") else groups)


def _currency(text):
    sign = "|".join(re.escape(s) for s in sorted(_SIGNS, key=len, reverse=True)) + "|[A-Z]{3}"
    match = re.fullmatch(rf"({sign})?\s?([+-]?[\d.,]+)\s?({sign})?", text)
    if not match or bool(match[1]) == bool(match[3]):
        raise WrongValueError(f"currency: expected such as $3.50 or EUR 20, got {text!r}")
    unit = match[1] or match[3]
    return Value(
        "currency",
        number=_number(match[2], "currency", "$3.50 or EUR 20"),
        currency=_SIGNS.get(unit, unit),
    )


_READERS = {
    "cardinal": _cardinal,
    "ordinal": _ordinal,
    "digits": _digits,
    "characters": _characters,
    "telephone": _telephone,
    "currency": _currency,
}
