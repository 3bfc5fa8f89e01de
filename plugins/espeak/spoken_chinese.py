"""Chinese figures as they are said: years digit by digit, dates, times, money, percent, units.

A list of (pattern, function), as `spoken_text` applies them. Mandarin writing; for Cantonese the few
characters that differ are exchanged.
"""

import re

_DIGITS = "零一二三四五六七八九"
_UNITS = {
    "km/h": "公里每小时",
    "km": "公里",
    "cm": "厘米",
    "mm": "毫米",
    "m": "米",
    "kg": "公斤",
    "g": "克",
    "l": "升",
    "L": "升",
    "ml": "毫升",
    "s": "秒",
    "°C": "摄氏度",
    "℃": "摄氏度",
    "°F": "华氏度",
    "°": "度",
}
_MONEY = {"$": "美元", "€": "欧元", "£": "英镑", "¥": "元", "￥": "元", "HK$": "港元"}
_COUNTED = "个個只隻条條张張位名次天年里公小分秒本艘家间間座块塊件层層级級步棵朵枚匹头頭人"
_NUM = r"\d+(?:,\d{3})*(?:\.\d+)?"
_START = r"(?<![\d.,A-Za-z])"
_TO = r"\s?[–—~～至到-]\s?"
_TRADITIONAL = str.maketrans("点万亿两负时钟镑华摄", "點萬億兩負時鐘鎊華攝")


def cardinal(text):
    """'1947' -> 一千九百四十七; '3.14' -> 三点一四; '10' -> 十; '007' digit by digit."""
    whole, _, fraction = text.replace(",", "").partition(".")
    if len(whole) > 1 and whole[0] == "0" or len(whole) > 16:
        said = digits(whole)
    else:
        said = _whole(int(whole or 0))
    return said + (f"点{digits(fraction)}" if fraction else "")


def digits(text):
    return "".join(_DIGITS[int(d)] for d in text if d in "0123456789")


def _whole(number):
    if number == 0:
        return "零"
    for size, name in ((10**12, "万亿"), (10**8, "亿"), (10**4, "万")):
        if number >= size:
            count, rest = divmod(number, size)
            head = ("两" if count == 2 else _whole(count)) + name
            return head + _after(rest, size // 10)
    said, gap = "", False
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // size % 10
        if digit:
            said += "零" if gap and said else ""
            said += ("两" if digit == 2 and size == 1000 else _DIGITS[digit]) + name
        gap = digit == 0
    return said.removeprefix("一") if said.startswith("一十") else said


def _after(rest, next_size):
    if not rest:
        return ""
    said = _whole(rest)
    said = f"一{said}" if said.startswith("十") else said
    return said if rest >= next_size else f"零{said}"


def _amount(m):
    """两 before what is counted, 二 in figures: 2个 is 两个, 2月 is 二月."""
    return "两" if m[1] == "2" else cardinal(m[1])


def _date(m):
    return f"{digits(m[1])}年{cardinal(str(int(m[2])))}月{cardinal(str(int(m[3])))}日"


def _clock(m):
    hours, minutes = int(m[1]), int(m[2])
    if hours > 24 or minutes > 59:
        return None
    said = f"{_whole(hours) if hours != 2 else '两'}点"
    if not minutes:
        return said
    return said + ("零" if minutes < 10 else "") + f"{_whole(minutes)}分"


def _temperature(m):
    below = ("零下" if m[3] in ("°C", "℃") else "负") if m[1] else ""
    return f"{below}{cardinal(m[2])}{_UNITS[m[3]]}"


def _money(m):
    return f"{cardinal(m[2])}{m[3] or ''}{_MONEY[m[1]]}"


def _plain(m):
    text = m[0]
    if text.isdigit() and (len(text.rstrip("0")) > 6 or text[0] == "0" != text):
        return digits(text)
    return cardinal(text)


_UNIT = "|".join(re.escape(u) for u in sorted(_UNITS, key=len, reverse=True))
RULES = (
    (rf"{_START}(\d{{4}})[-/.年](\d{{1,2}})[-/.月](\d{{1,2}})(?!\d)日?", _date),
    (
        rf"{_START}(\d{{4}})年?{_TO}(\d{{4}})(?=年)",
        lambda m: f"{digits(m[1])}年到{digits(m[2])}",
    ),
    (rf"{_START}(\d{{4}})[–—](\d{{4}})(?!\d)", lambda m: f"{digits(m[1])}到{digits(m[2])}"),
    (rf"{_START}(\d{{4}}|\d{{2}})(?=年(?!前|后|後|来|來|间|間))", lambda m: digits(m[1])),
    (rf"{_START}(\d{{1,2}})[:：](\d{{2}})(?!\d)分?", _clock),
    (rf"{_START}({_NUM}){_TO}({_NUM})%", lambda m: f"百分之{cardinal(m[1])}到{cardinal(m[2])}"),
    (rf"{_START}-?({_NUM})\s?[%％]", lambda m: f"百分之{cardinal(m[1])}"),
    (rf"{_START}([-−])?({_NUM})\s?(°C|℃|°F|°)", _temperature),
    (rf"(HK\$|[$€£¥￥])\s?({_NUM})\s?([万萬亿億])?", _money),
    (
        rf"{_START}({_NUM})\s?({_UNIT})(?![A-Za-z])",
        lambda m: f"{_amount(m)}{_UNITS[m[2]]}",
    ),
    (rf"{_START}(\d+)/(\d+)(?!\d)", lambda m: f"{cardinal(m[2])}分之{cardinal(m[1])}"),
    (rf"{_START}({_NUM}){_TO}({_NUM})", lambda m: f"{cardinal(m[1])}到{cardinal(m[2])}"),
    (rf"{_START}(\d+)[:：](\d+)", lambda m: f"{cardinal(m[1])}比{cardinal(m[2])}"),
    (rf"{_START}[-−]({_NUM})", lambda m: f"负{cardinal(m[1])}"),
    (rf"{_START}(2)(?=[{_COUNTED}])", _amount),
    (rf"{_START}{_NUM}", _plain),
    (r"&", lambda m: "和"),
    (r"[%％]", lambda m: "百分号"),
)


def rules(language):
    """The rules for cmn, or for yue in its own characters."""
    if language != "yue":
        return RULES

    def traditional(say):
        return lambda m: (said := say(m)) and said.translate(_TRADITIONAL)

    return tuple((pattern, traditional(say)) for pattern, say in RULES)
