"""The values of SSML's <say-as> as English says them."""

from english_lexicon import CURRENCIES, LETTERS, MONTHS, SYMBOLS
from english_numbers import cardinal, clock, digits, number, ordinal, year

# ISO 4217: the sign that CURRENCIES has, or (one, many).
_MONEY = {"USD": "$", "GBP": "£", "EUR": "€", "JPY": "¥", "INR": "₹"}
_OTHERS = {
    "CNY": ("yuan", "yuan"),
    "HKD": ("Hong Kong dollar", "Hong Kong dollars"),
    "AUD": ("Australian dollar", "Australian dollars"),
    "CAD": ("Canadian dollar", "Canadian dollars"),
    "CHF": ("Swiss franc", "Swiss francs"),
    "KRW": ("won", "won"),
}


def spoken_value(value):
    """The words for a `filmeto_plugin.say_as.Value`.

    >>> from filmeto_plugin.say_as import read_value
    >>> spoken_value(read_value("date", "5/3/2026", "dmy"))
    'the fifth of March twenty twenty-six'
    >>> spoken_value(read_value("characters", "A7b"))
    'eigh, seven, B'
    """
    return _SAID[value.kind](value)


def _cardinal(value):
    return number(f"{value.number:f}")


def _ordinal(value):
    return ordinal(int(value.number))


def _date(value):
    said = []
    if value.day and value.month:
        said.append(f"the {ordinal(value.day)} of {MONTHS[value.month - 1]}")
    elif value.day:
        said.append(f"the {ordinal(value.day)}")
    elif value.month:
        said.append(MONTHS[value.month - 1])
    return " ".join(said + ([year(value.year)] if value.year else []))


def _time(value):
    half = {"am": " eigh M", "pm": " P M"}.get(value.half_day, "")
    said = clock(value.hour, value.minute)
    if half and not value.minute:
        said = cardinal(value.hour)
    if value.second:
        said += f" and {cardinal(value.second)} second{'' if value.second == 1 else 's'}"
    return said + half


def _digits(value):
    return ", ".join(digits(group) for group in value.groups)


def _characters(value):
    return ", ".join(said for char in value.groups if (said := _character(char)))


def _character(char):
    if char.isdigit():
        return digits(char)
    names = {".": "dot", "-": "dash", "/": "slash", "_": "underscore", "#": "hash", ":": "colon"}
    return LETTERS.get(char.upper()) or names.get(char) or SYMBOLS.get(char) or ""


def _telephone(value):
    groups = value.groups[1:] if value.groups[0] == "+" else value.groups
    plus = "plus " if value.groups[0] == "+" else ""
    return plus + ", ".join(digits(group) for group in groups)


def _currency(value):
    known = CURRENCIES.get(_MONEY.get(value.currency, ""))
    one, many, cent, cents = known or (*_OTHERS.get(value.currency, (value.currency,) * 2), "", "")
    whole, part = divmod(abs(value.number), 1)
    minus = "minus " if value.number < 0 else ""
    hundredths = int(part * 100)
    if part and (not cent or hundredths != part * 100):
        return f"{number(f'{value.number:f}')} {many}"
    said = [f"{cardinal(int(whole))} {one if whole == 1 else many}"] if whole or not part else []
    if hundredths:
        said.append(f"{cardinal(hundredths)} {cent if hundredths == 1 else cents}")
    return minus + " and ".join(said)


_SAID = {
    "cardinal": _cardinal,
    "ordinal": _ordinal,
    "date": _date,
    "time": _time,
    "digits": _digits,
    "characters": _characters,
    "telephone": _telephone,
    "currency": _currency,
}
