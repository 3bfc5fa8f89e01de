"""What eSpeak reads badly in Western languages, reshaped so that it reads it well.

eSpeak itself turns numbers into words; here a year becomes two of them ("19 47"), a price gets its
currency after it, a unit its name, a time its hours. Nothing is spelled out that eSpeak can say.
"""

import re

_NUM = r"\d{1,3}(?:[,.]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
_START = r"(?<![\w.,])"
_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_GERMAN_MONTHS = (
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
).split()
_ROMAN = {"II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10}
_ROMAN |= {"XI": 11, "XII": 12, "XIII": 13, "XIV": 14, "XV": 15, "XVI": 16}
_KINGS = "Henry|Edward|George|William|Charles|James|Richard|Elizabeth|Louis|Philip|Napoleon|Pius"
_KINGS += "|Frederick|Catherine|Peter|Alexander|Nicholas|Paul|Benedict|Leo|Mary"
_ENGLISH_SHORT = {
    "Dr": "doctor",
    "Mr": "mister",
    "Mrs": "missus",
    "Prof": "professor",
    "Capt": "captain",
    "Lt": "lieutenant",
    "Col": "colonel",
    "Gen": "general",
    "Sgt": "sergeant",
    "Rev": "reverend",
    "Jr": "junior",
    "Sr": "senior",
    "etc": "et cetera",
    "vs": "versus",
    "e.g": "for example",
    "i.e": "that is",
    "approx": "approximately",
}
_OPENERS = frozenset(
    "He She It They We I You The A An This That There But And Then So In On At When While After "
    "Before If His Her Their Our My No Once Still Now What Who Where Why How".split()
)
# Words by language: one of a unit and many, "to" between two numbers, a time, a minus.
_WORDS = {
    "en": {
        "to": "to",
        "minus": "minus",
        "time": "{h} {m}",
        "units": "km kilometer kilometers|m meter meters|cm centimeter centimeters|kg kilogram "
        "kilograms|g gram grams|°C degree_Celsius degrees_Celsius|°F degree_Fahrenheit "
        "degrees_Fahrenheit|km/h kilometer_per_hour kilometers_per_hour|ft foot feet|lb pound "
        "pounds|h hour hours|min minute minutes|mph mile_per_hour miles_per_hour",
        "money": "$ dollar dollars|£ pound pounds|€ euro euros",
    },
    "de": {
        "to": "bis",
        "minus": "minus",
        "time": "{h} Uhr {m}",
        "units": "km Kilometer|m Meter|cm Zentimeter|kg Kilogramm|g Gramm|°C Grad_Celsius|km/h "
        "Kilometer_pro_Stunde|h Stunde Stunden|min Minute Minuten|l Liter",
        "money": "$ Dollar|£ Pfund|€ Euro",
    },
    "fr": {
        "to": "à",
        "minus": "moins",
        "time": "{h} heures {m}",
        "units": "km kilomètre kilomètres|m mètre mètres|cm centimètre centimètres|kg kilo kilos|"
        "g gramme grammes|°C degré_Celsius degrés_Celsius|km/h kilomètres_heure|h heure heures|"
        "min minute minutes|l litre litres",
        "money": "$ dollar dollars|£ livre livres|€ euro euros",
    },
    "es": {
        "to": "a",
        "minus": "menos",
        "time": "{h} y {m}",
        "units": "km kilómetro kilómetros|m metro metros|cm centímetro centímetros|kg kilo kilos|"
        "g gramo gramos|°C grado_Celsius grados_Celsius|km/h kilómetros_por_hora|h hora horas|"
        "min minuto minutos|l litro litros",
        "money": "$ dólar dólares|£ libra libras|€ euro euros",
    },
    "it": {
        "to": "a",
        "minus": "meno",
        "time": "{h} e {m}",
        "units": "km chilometro chilometri|m metro metri|cm centimetro centimetri|kg chilo chili|"
        "g grammo grammi|°C grado_Celsius gradi_Celsius|h ora ore|min minuto minuti|l litro litri",
        "money": "$ dollaro dollari|£ sterlina sterline|€ euro",
    },
    "pt": {
        "to": "a",
        "minus": "menos",
        "time": "{h} e {m}",
        "units": "km quilômetro quilômetros|m metro metros|cm centímetro centímetros|kg quilo "
        "quilos|g grama gramas|°C grau_Celsius graus_Celsius|h hora horas|l litro litros",
        "money": "$ dólar dólares|£ libra libras|€ euro euros",
    },
}


def rules(language):
    """(pattern, function) rules of a language; none where eSpeak is left to itself."""
    family = language.split("-")[0]
    if family not in _WORDS:
        return ()
    own = {"en": _ENGLISH, "de": _GERMAN}.get(family, ())
    return (*own, *_shapes(_WORDS[family]))


def _shapes(words):
    units, money = _named(words["units"]), _named(words["money"])
    unit = "|".join(re.escape(u) for u in sorted(units, key=len, reverse=True))
    sign = "|".join(re.escape(s) for s in money)

    def amount(number, names):
        return f"{number} {names[0] if number == '1' else names[-1]}"

    def price(m):
        whole, _, cents = m["n"].replace(",", ".").rpartition(".")
        if whole and len(cents) == 2 and not m["size"]:
            said = amount(whole, money[m["sign"]])
            return said if cents == "00" else f"{said} {int(cents)}"
        return amount(f"{m['n']}{' ' + m['size'] if m['size'] else ''}", money[m["sign"]])

    def time(m):
        if int(m[1]) > 24 or int(m[2]) > 59:
            return None
        return words["time"].format(h=int(m[1]), m=int(m[2])).removesuffix(" 0")

    size = r"(?:\s(?P<size>million|billion|Millionen|Milliarden|millions|millones))?"
    return (
        (rf"(?P<sign>{sign})\s?(?P<n>{_NUM}){size}", price),
        (rf"{_START}(?P<n>{_NUM}){size}\s?(?P<sign>{sign})", price),
        (rf"{_START}(\d\d?)(?::|(?<=\d)h)(\d\d)(?![\d:])(?:\s?Uhr|\s?h\b)?", time),
        (
            rf"{_START}(?P<minus>[-−])?(?P<n>{_NUM})\s?(?P<unit>{unit})(?![\w/²³])",
            lambda m: (
                (words["minus"] + " " if m["minus"] else "") + amount(m["n"], units[m["unit"]])
            ),
        ),
        (rf"{_START}({_NUM})\s?[–—]\s?({_NUM})", lambda m: f"{m[1]} {words['to']} {m[2]}"),
        (rf"{_START}[-−](?=\d)", lambda m: words["minus"] + " "),
    )


def _named(table):
    """'km kilometer kilometers|...' -> {"km": ["kilometer", "kilometers"]}"""
    entries = (entry.split() for entry in table.split("|"))
    return {e[0]: [word.replace("_", " ") for word in e[1:]] for e in entries}


def spoken_year(text):
    """1947 -> 19 47; 1905 -> 19 oh 5; 1900 -> 19 hundred; 2005 as it stands."""
    century, rest = text[:2], text[2:]
    if text[1] == "0" and rest[0] == "0":
        return text
    if rest == "00":
        return f"{century} hundred"
    return f"{century} {_oh(rest)}"


def _oh(two_digits):
    return f"{'oh ' if two_digits[0] == '0' else ''}{int(two_digits)}"


def _ordinal(number):
    tail = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10)
    return f"{number}{tail or 'th'}"


def _date(month, day, year):
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{_MONTHS[month - 1]} {_ordinal(day)}, {spoken_year(year)}"


def _half_day(m):
    minutes = f"{_oh(m[2])} " if m[2] and m[2] != "00" else ""
    return f"{m[1]} {minutes}{'eigh' if m[3] == 'a' else 'P'} M{_stop(m)}"


def _decade(m):
    tens = (
        "hundreds _ twenties thirties forties fifties sixties seventies eighties nineties".split()
    )
    return f"{m[1][:2]} {tens[int(m[1][2])]}" if m[1][2] != "1" else None


def _saint_or_street(m):
    named = re.search(r"[A-Z]\w+\s$", m.string[: m.start()])
    return f"street{_stop(m)}" if named else "saint"


def _short(m):
    said = _ENGLISH_SHORT[m[1]]
    return said + (_stop(m) if m[1] in ("etc", "Jr", "Sr") else "")


def _stop(m):
    """The full stop that an abbreviation's dot also is, where a new sentence opens after it."""
    after = m.string[m.end() :].split()
    opens = not after or after[0].strip("\"'“‘") in _OPENERS and m.string[m.end()].isspace()
    return "." if m[0].endswith(".") and opens else ""


_MONTH = "|".join(_MONTHS)
_YEAR = r"([12]\d{3})(?![\d,]\d)"
_ENGLISH = (
    (rf"{_START}{_YEAR}-(\d\d)-(\d\d)\b", lambda m: _date(int(m[2]), int(m[3]), m[1])),
    (
        rf"{_START}(\d\d?)/(\d\d?)/{_YEAR}",
        lambda m: _date(int(m[1]), int(m[2]), m[3]) or _date(int(m[2]), int(m[1]), m[3]),
    ),
    (
        rf"{_START}(the\s)?(\d\d?)(?:st|nd|rd|th)?(?=\s(?:{_MONTH})\b)",
        lambda m: f"the {_ordinal(int(m[2]))} of",
    ),
    (
        rf"\b({_MONTH})\s(\d\d?)(?![\d:\w])",
        lambda m: f"{m[1]} {_ordinal(int(m[2]))}",
    ),
    (
        rf"{_START}(1\d{{3}}|20\d\d)\s?[–—-]\s?(\d{{4}})(?!\d)",
        lambda m: f"{spoken_year(m[1])} to {spoken_year(m[2])}",
    ),
    (rf"{_START}(1[1-9]\d|20[1-9])0s\b", _decade),
    (
        rf"{_START}(1[1-9]\d\d|20[1-9]\d)(?!\w|[.,]\d|\s?(?:{'|'.join(('km', 'm', 'kg', '%'))})\b)",
        lambda m: spoken_year(m[1]),
    ),
    (
        rf"{_START}(\d\d?)(?::(\d\d))?\s?([ap])\.?m\b\.?",
        _half_day,
    ),
    (rf"{_START}12:00(?![\d:])", lambda m: "12 o'clock"),
    (rf"{_START}(\d\d?):00(?![\d:])(?!\s?[ap]\.?m)", lambda m: f"{int(m[1])} o'clock"),
    (rf"{_START}(\d\d?):0([1-9])(?![\d:])", lambda m: f"{int(m[1])} oh {m[2]}"),
    (rf"{_START}(Nos?)\.(?=\s?\d)", lambda m: "number " if m[1] == "No" else "numbers "),
    (rf"\b({'|'.join(re.escape(k) for k in _ENGLISH_SHORT)})\.", _short),
    (r"\bSt\b\.?(?=\s|$)", _saint_or_street),
    (
        rf"\b({_KINGS})\s({'|'.join(sorted(_ROMAN, key=len, reverse=True))})\b",
        lambda m: f"{m[1]} the {_ordinal(_ROMAN[m[2]])}",
    ),
    (
        rf"\b(World War|Chapter|Part|Act)\s({'|'.join(sorted(_ROMAN, key=len, reverse=True))})\b",
        lambda m: f"{m[1]} {_ROMAN[m[2]]}",
    ),
    (rf"{_START}1/2(?![\d/])", lambda m: "one half"),
    (rf"{_START}([13])/4(?![\d/])", lambda m: "a quarter" if m[1] == "1" else "three quarters"),
)


_GERMAN_DAYS = (
    "ersten zweiten dritten vierten fünften sechsten siebten achten neunten zehnten elften zwölften "
    "dreizehnten vierzehnten fünfzehnten sechzehnten siebzehnten achtzehnten neunzehnten "
    "zwanzigsten einundzwanzigsten zweiundzwanzigsten dreiundzwanzigsten vierundzwanzigsten "
    "fünfundzwanzigsten sechsundzwanzigsten siebenundzwanzigsten achtundzwanzigsten "
    "neunundzwanzigsten dreißigsten einunddreißigsten"
).split()


def _german_day(m):
    return _GERMAN_DAYS[int(m[1]) - 1] if 1 <= int(m[1]) <= 31 else None


def _german_year(text):
    return f"{text[:2]}hundert{int(text[2:]) or ''}"


_GERMAN = (
    (rf"{_START}(\d\d?)\.(?=\s(?:{'|'.join(_GERMAN_MONTHS)})\b)", _german_day),
    (
        rf"{_START}(1[1-9]\d\d)\s?[–—-]\s?(1[1-9]\d\d)(?![\w,.]\d|\d)",
        lambda m: f"{_german_year(m[1])} bis {_german_year(m[2])}",
    ),
    (rf"{_START}(1[1-9]\d\d)(?![\w,.]\d|\d)", lambda m: _german_year(m[1])),
    (r"\bz\.\s?B\.", lambda m: "zum Beispiel"),
    (r"\bd\.\s?h\.", lambda m: "das heißt"),
    (r"\busw\.", lambda m: "und so weiter"),
)
