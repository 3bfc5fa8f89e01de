"""What Japanese writes in figures and signs, so that its dictionary reads it as people do.

The dictionary itself reads numbers with their counters (三百, 十分, 二日); here dates, times, money,
fractions, ranges and temperatures get the words that they are said with. A list of (pattern, function),
tried in order where a token begins.
"""

import re

_NUM = r"\d+(?:,\d{3})*(?:\.\d+)?"
_START = r"(?<![\d.,A-Za-z])"
_TO = r"\s?[〜～~–—-]\s?"
_MONEY = {
    "$": "ドル",
    "€": "ユーロ",
    "£": "ポンド",
    "¥": "円",
    "￥": "円",
    "US$": "ドル",
    "₩": "ウォン",
}
_CODES = {
    "USD": "ドル",
    "EUR": "ユーロ",
    "GBP": "ポンド",
    "JPY": "円",
    "CNY": "元",
    "KRW": "ウォン",
}
_UNITS = {
    "km/h": "キロメートル毎時", "m/s": "メートル毎秒", "km²": "平方キロメートル", "m²": "平方メートル",
    "㎡": "平方メートル", "m³": "立方メートル", "km": "キロメートル", "cm": "センチメートル", "mm": "ミリメートル",
    "m": "メートル", "kg": "キログラム", "mg": "ミリグラム", "g": "グラム", "t": "トン", "mL": "ミリリットル",
    "ml": "ミリリットル", "L": "リットル", "℃": "度", "°C": "度", "°": "度", "GB": "ギガバイト",
    "MB": "メガバイト", "Hz": "ヘルツ", "kHz": "キロヘルツ", "kW": "キロワット", "W": "ワット", "dB": "デシベル",
}  # fmt: skip
_SIGNS = {
    "&": "アンド",
    "＆": "アンド",
    "+": "プラス",
    "=": "イコール",
    "×": "かける",
    "÷": "わる",
    "@": "アットマーク",
}
_UNIT = "|".join(re.escape(u) for u in sorted(_UNITS, key=len, reverse=True))
_SIGN = "|".join(re.escape(s) for s in sorted(_MONEY, key=len, reverse=True))


def _plain(number):
    return number.replace(",", "")


def _date(m):
    month, day = int(m[2]), int(m[3])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{m[1]}年{month}月{day}日"


def _clock(m):
    hours, minutes = int(m[1]), int(m[2])
    if hours > 24 or minutes > 59:
        return None
    seconds = f"{int(m[3])}秒" if m[3] else ""
    return f"{hours}時{f'{minutes}分' if minutes else ''}{seconds}"


def _temperature(m):
    below = "マイナス" if m[1] else ""
    return f"{below}{m[2]}{_UNITS[m[3]]}"


def _measure(m):
    upto = f"から{_plain(m[2])}" if m[2] else ""
    return f"{_plain(m[1])}{upto}{_UNITS[m[3]]}"


def _digits(text):
    """03-12 -> ゼロ・サン、イチ・ニー: each figure by itself."""
    names = "ゼロ イチ ニー サン ヨン ゴー ロク ナナ ハチ キュー".split()
    groups = re.findall(r"\d+", text)
    return "、".join("・".join(names[int(d)] for d in group) for group in groups)


RULES = (
    (rf"{_START}(?:\+\d{{1,3}}[ -]?)?\d{{1,4}}-\d{{2,4}}-\d{{3,4}}(?![\d-])", lambda m: _phone(m)),
    (rf"{_START}(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}})(?!\d)", _date),
    (rf"{_START}(\d{{1,2}})[:：](\d{{2}})(?:[:：](\d{{2}}))?(?!\d)", _clock),
    (rf"({_SIGN})\s?({_NUM})([万億]?)", lambda m: f"{_plain(m[2])}{m[3]}{_MONEY[m[1]]}"),
    (rf"{_START}([-−])?({_NUM})\s?(℃|°C|°)", _temperature),
    (rf"{_START}({_NUM})(?:{_TO}({_NUM}))?\s?({_UNIT})(?![A-Za-z])", _measure),
    (rf"{_START}({_NUM}){_TO}({_NUM})(?=[%％])", lambda m: f"{_plain(m[1])}から{_plain(m[2])}"),
    (rf"{_START}(\d+)/(\d+)(?![\d/])", lambda m: f"{m[2]}分の{m[1]}"),
    (rf"{_START}(\d+)[:：](\d+)(?!\d)", lambda m: f"{m[1]}対{m[2]}"),
    (rf"{_START}({_NUM})\s?[〜～~–—]\s?(?={_NUM})", lambda m: f"{_plain(m[1])}から"),
    (rf"{_START}(\d+)-(?=\d+[^\d\s-])", lambda m: f"{m[1]}から"),
    (rf"{_START}[-−]({_NUM})", lambda m: f"マイナス{_plain(m[1])}"),
    (rf"{_START}(\d+(?:,\d{{3}})+)", lambda m: _plain(m[1])),
    ("|".join(re.escape(s) for s in _SIGNS), lambda m: _SIGNS[m[0]]),
)


def _phone(m):
    if re.fullmatch(r"[12]\d{3}-\d\d-\d\d\d?", m[0]):
        return None
    return ("プラス" if m[0][0] == "+" else "") + _digits(m[0])


def spoken_value(value):
    """What is read for a `filmeto_plugin.say_as.Value`.

    >>> from filmeto_plugin.say_as import read_value
    >>> spoken_value(read_value("date", "2026-03-05"))
    '2026年3月5日'
    """
    return _SAID[value.kind](value)


def _said_number(value):
    number = f"{value.number:f}"
    return f"マイナス{number[1:]}" if number[0] == "-" else number


def _said_date(value):
    parts = ((value.year, "年"), (value.month, "月"), (value.day, "日"))
    return "".join(f"{number}{name}" for number, name in parts if number)


def _said_time(value):
    half = {"am": "午前", "pm": "午後"}.get(value.half_day, "")
    minute = f"{value.minute}分" if value.minute else ""
    return f"{half}{value.hour}時{minute}" + (f"{value.second}秒" if value.second else "")


def _said_telephone(value):
    plus = "プラス" if value.groups[0] == "+" else ""
    return plus + _digits(" ".join(value.groups))


_SAID = {
    "cardinal": _said_number,
    "ordinal": lambda value: f"{value.number}番目",
    "date": _said_date,
    "time": _said_time,
    "digits": lambda value: _digits(" ".join(value.groups)),
    "characters": lambda value: "、".join(_digits(c) or c for c in value.groups),
    "telephone": _said_telephone,
    "currency": lambda value: _said_number(value) + _CODES.get(value.currency, value.currency),
}
