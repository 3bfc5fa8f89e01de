"""The values of SSML's <say-as> as each language says them, where eSpeak does not by itself."""

import spoken_chinese
import spoken_european

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
    "dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
}
# Between day and month, between month and year.
_JOINTS = {"en": (" of ", " "), "es": (" de ", " de "), "pt": (" de ", " de ")}
_ORDINALS = {"de": "{}.", "fr": "{}e", "es": "{}º", "it": "{}º", "pt": "{}º", "nl": "{}e"}
_TIMES = {
    "de": "{} Uhr {}",
    "fr": "{} heures {}",
    "es": "{} y {}",
    "it": "{} e {}",
    "pt": "{} e {}",
}
_MONEY = {
    "en": {"USD": "dollars", "EUR": "euros", "GBP": "pounds", "JPY": "yen", "CNY": "yuan"},
    "de": {"USD": "Dollar", "EUR": "Euro", "GBP": "Pfund", "JPY": "Yen", "CNY": "Yuan"},
    "fr": {"USD": "dollars", "EUR": "euros", "GBP": "livres", "JPY": "yens", "CNY": "yuans"},
    "es": {"USD": "dólares", "EUR": "euros", "GBP": "libras", "JPY": "yenes", "CNY": "yuanes"},
    "it": {"USD": "dollari", "EUR": "euro", "GBP": "sterline", "JPY": "yen", "CNY": "yuan"},
    "pt": {"USD": "dólares", "EUR": "euros", "GBP": "libras", "JPY": "ienes", "CNY": "yuans"},
}
_ONE = {"dollars": "dollar", "euros": "euro", "pounds": "pound"}


def spoken_value(value, language):
    """What eSpeak is to read for a `filmeto_plugin.say_as.Value`.

    Args:
        language: As eSpeak calls it: cmn, yue, en-us, de ...

    >>> from filmeto_plugin.say_as import read_value
    >>> spoken_value(read_value("date", "2026-03-05"), "cmn")
    '二零二六年三月五日'
    >>> spoken_value(read_value("date", "2026-03-05"), "de")
    '5. März 2026'
    """
    if language in ("cmn", "yue", "hak"):
        return spoken_chinese.spoken_value(value, language)
    return _SAID[value.kind](value, language.split("-")[0])


def _cardinal(value, _):
    return f"{value.number:f}"


def _ordinal(value, family):
    number = int(value.number)
    if family == "en":
        tail = (
            "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10)
        )
        return f"{number}{tail or 'th'}"
    return _ORDINALS.get(family, "{}").format(number)


def _date(value, family):
    day = str(value.day or "")
    if day and family in ("de", "en"):
        day = _ordinal(_Number(value.day), family)
    names = _MONTHS.get(family)
    month = names.split()[value.month - 1] if names and value.month else str(value.month or "")
    first, second = _JOINTS.get(family, (" ", " "))
    said = first.join(part for part in (day, month) if part)
    year = str(value.year or "")
    if len(year) == 4 and family == "en":
        year = spoken_european.spoken_year(year)
    return second.join(part for part in (said, year) if part)


class _Number:
    def __init__(self, number):
        self.number = number


def _time(value, family):
    shape = _TIMES.get(family, "{} {}")
    said = shape.format(value.hour, value.minute or "").strip()
    if family == "en" and 0 < value.minute < 10:
        said = f"{value.hour} oh {value.minute}"
    half = {"am": " A M", "pm": " P M"}.get(value.half_day, "")
    return said + (f" {value.second}" if value.second else "") + half


def _spelled(value, _):
    return ", ".join(" ".join(group) for group in value.groups if group != "+")


def _characters(value, _):
    return ", ".join(value.groups)


def _telephone(value, family):
    return ("+ " if value.groups[0] == "+" else "") + _spelled(value, family)


def _currency(value, family):
    name = _MONEY.get(family, {}).get(value.currency, value.currency)
    if value.number == 1:
        name = _ONE.get(name, name) if family == "en" else name
    return f"{value.number:f} {name}"


_SAID = {
    "cardinal": _cardinal,
    "ordinal": _ordinal,
    "date": _date,
    "time": _time,
    "digits": _spelled,
    "characters": _characters,
    "telephone": _telephone,
    "currency": _currency,
}
