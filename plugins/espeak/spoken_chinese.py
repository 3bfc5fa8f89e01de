"""Chinese figures as they are said: years, dates, times, money, percent, units, telephone numbers.

A list of (pattern, function), as `spoken_text` applies them: tried in order where a token begins.
Mandarin writing; for Cantonese the few characters that differ are exchanged. What is Latin amid
Chinese is `chinese_letters`'.
"""

import re

from chinese_letters import LETTER_RULES, MONEY_CODES, UNITS
from chinese_numbers import cardinal, counted, digits, telephone

_MONEY = {
    "$": "美元",
    "US$": "美元",
    "€": "欧元",
    "£": "英镑",
    "¥": "元",
    "￥": "元",
    "HK$": "港元",
}
_MONEY |= {"NT$": "新台币", "₩": "韩元", "₽": "卢布"}
# Before these 2 is 两. 号 楼 班 级 月 日 and the like are named, not counted.
_COUNTED = (
    "个月|小时|分钟|公里|公斤|公分|千米|厘米|毫米|平方|立方|英里|英尺|英寸|周年|世纪|"
    "[个個只隻条條张張位名天年周里斤两吨秒本艘家间間座块塊件层層步棵朵枚匹头頭人次岁歲倍种種元角"
    "份篇部台套把双雙对對根支封杯瓶碗盘口扇架辆輛颗顆粒滴片群排代回遍场場项項处處章节節句段声聲"
    "米克升度亩顿趟圈站跳包箱袋盒桌拨帮打晚夜]"
)
_NAMED_YEAR = r"(?!级|級|前|后|後|来|來|间|間|多|左右|以|之|的时间|里|内|內)"
_NUM = r"\d+(?:,\d{3})*(?:\.\d+)?"
_START = r"(?<![\d.,A-Za-z])"
_TO = r"\s?[–—~～至到-]\s?"
_UNIT = "|".join(re.escape(u) for u in sorted(UNITS, key=len, reverse=True))
_SIGN = "|".join(re.escape(s) for s in sorted(_MONEY, key=len, reverse=True))
_CODE = "|".join(MONEY_CODES)
_TRADITIONAL = str.maketrans("点万亿两负时钟镑华摄个号", "點萬億兩負時鐘鎊華攝個號")


# Dates and times -------------------------------------------------------------------------------


def _date(m):
    month, day = int(m[2]), int(m[3])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    last = "号" if m[0].endswith(("号", "號")) else "日"
    return f"{digits(m[1])}年{cardinal(str(month))}月{cardinal(str(day))}{last}"


def _year_month(m):
    return f"{digits(m[1])}年{cardinal(str(int(m[2])))}月" if 1 <= int(m[2]) <= 12 else None


def _day_or_month(m):
    """05月01日 without its zeros; 2月 is 二月, never 两月."""
    return f"{cardinal(str(int(m[1])))}{m[2]}"


def _long_year(m):
    """2026年 digit by digit; 2000年的历史, 近3000年 as a number."""
    before = m.string[max(0, m.start() - 1) : m.start()]
    lasts = re.match(r"年(?:的)?(?:历史|歷史|文明|时间|時間|光阴|传统)", m.string[m.end() :])
    if lasts or before in "近约約有了过過达達满滿" and before and m[1].endswith("00"):
        return cardinal(m[1])
    return digits(m[1])


def _short_year(m):
    """98年 and 08年 name a year; 30年 is how long something lasts."""
    before = m.string[max(0, m.start() - 1) : m.start()]
    season = re.match(r"年(?:\d|[春夏秋冬初末底])", m.string[m.end() :])
    named = int(m[1]) >= 50 and before not in tuple("了过過达達近约約有这這共满滿第整的")
    if m[1][0] == "0" or season or named:
        return digits(m[1])
    return None


def _clock(m):
    """8:05 is 八点零五分; in 比分 3:10 the colon is 比."""
    if re.search(r"比[分例]?\s?[是为為]?\s?$", m.string[: m.start()]):
        return None
    hours, minutes = int(m[1]), int(m[2])
    if hours > 24 or minutes > 59:
        return None
    said = f"{counted(str(hours))}点"
    seconds = f"{cardinal(str(int(m[3])))}秒" if m[3] else ""
    if not minutes and not seconds:
        return said
    zero = "零" if minutes < 10 else ""
    minutes_said = f"{zero}{cardinal(str(minutes))}分" if minutes else "零分"
    return said + minutes_said + seconds


# Money, percent, units -------------------------------------------------------------------------


def _money(m):
    return _priced(m[2], m[3] or "", _MONEY[m[1]])


def _coded(m):
    number, size = (m[2], m[3]) if m[1] else (m[4], m[5])
    return _priced(number, size or "", MONEY_CODES[m[1] or m[6]])


def _after_number(m):
    """3.50元 is 三元五角; 3.5万元 as it stands."""
    return _priced(m[1], "", m[2])


def _priced(number, size, unit):
    whole, _, part = number.replace(",", "").partition(".")
    if size or unit not in ("元", "块") or len(part) != 2 or not int(whole or 0):
        return f"{counted(number)}{size}{unit}"
    tenths = f"{cardinal(part[0])}角" if part[0] != "0" else "零" if part[1] != "0" else ""
    hundredths = f"{cardinal(part[1])}分" if part[1] != "0" else ""
    return f"{counted(whole)}{unit}{tenths}{hundredths}"


def _percent(m):
    sign = "负" if m[1] else ""
    of = {"%": "百分之", "％": "百分之", "‰": "千分之"}[m[3]]
    return f"{sign}{of}{cardinal(m[2])}"


def _temperature(m):
    celsius = m[4] in ("°C", "℃")
    below = ("零下" if celsius else "负") if m[1] else ""
    upto = ""
    if m[3]:
        minus = "零下" if m[3].lstrip("~～-–—至到 ").startswith("−") else ""
        upto = f"到{minus}{cardinal(re.sub(r'[^0-9.]', '', m[3]))}"
    return f"{below}{cardinal(m[2])}{upto}{UNITS[m[4]]}"


def _measure(m):
    minus = "负" if m[1] else ""
    upto = f"到{counted(m[3])}" if m[3] else ""
    return f"{minus}{counted(m[2])}{upto}{UNITS[m[4]]}"


# Numbers ---------------------------------------------------------------------------------------


def _both(m):
    """2、3个 is 两三个."""
    return f"{counted(m[1])}{counted(m[2])}" if int(m[2]) == int(m[1]) + 1 else None


def _sum(m):
    signs = {"+": "加", "-": "减", "−": "减", "×": "乘", "*": "乘", "÷": "除以"}
    return f"{cardinal(m[1])}{signs[m[2]]}"


def _range(m):
    """2-3天 is 两到三天, 2-3号 is 二到三号."""
    say = counted if re.match(_COUNTED, m.string[m.end() :]) else cardinal
    return f"{say(m[1])}到{say(m[2])}"


def _plain(m):
    text = m[0]
    if text.isdigit() and (len(text.rstrip("0")) > 6 or text[0] == "0" != text):
        return digits(text)
    return cardinal(text)


def _called(m):
    """拨打110: the number that one calls."""
    return telephone(m[0])


RULES = (
    # telephones
    (r"(?<![\d+])\+\d{1,3}[ -]?\d{2,4}(?:[ -]?\d{3,4}){1,3}(?!\d)", lambda m: telephone(m[0])),
    (rf"{_START}1[3-9]\d(?:[ -]?\d{{4}}){{2}}(?!\d)", lambda m: telephone(m[0])),
    (rf"{_START}(?:0\d{{2,3}}|[48]00)-\d{{3,4}}-?\d{{4}}(?!\d)", lambda m: telephone(m[0])),
    (
        rf"(?<=[打拨撥电電话話线線])(?<!打了)\s?1[12]\d{{1,3}}(?!\d|[{'个個次年分块元'}])",
        _called,
    ),
    # dates
    (
        rf"{_START}(\d{{4}})\s?[-/.年]\s?(\d{{1,2}})\s?[-/.月]\s?(\d{{1,2}})(?!\d)\s?[日号號]?",
        _date,
    ),
    (rf"{_START}(\d{{4}})年{_TO}(\d{{4}})(?=年)", lambda m: f"{digits(m[1])}年到{digits(m[2])}"),
    (rf"{_START}(\d{{4}}){_TO}(\d{{4}})(?=年)", lambda m: f"{digits(m[1])}年到{digits(m[2])}"),
    (rf"{_START}(\d{{4}})[–—](\d{{4}})(?!\d)", lambda m: f"{digits(m[1])}到{digits(m[2])}"),
    (rf"{_START}(\d{{4}})[-/](\d{{1,2}})月", _year_month),
    (rf"{_START}(\d{{3}}0|\d{{4}})(?=年代)", lambda m: digits(m[1])),
    (rf"{_START}(\d0)(?=年代|后|後(?![面来]))", lambda m: _decade(m)),
    (rf"{_START}(\d{{4}})\s?(?=年{_NAMED_YEAR})", _long_year),
    (rf"{_START}(\d\d)\s?(?=年{_NAMED_YEAR}(?!代))", _short_year),
    (rf"{_START}(\d{{1,2}})\s?([月日号號])", _day_or_month),
    # times
    (rf"{_START}(\d{{1,2}})[:：](\d{{2}})(?:[:：](\d{{2}}))?(?!\d)分?", _clock),
    (r"(?<=\d)\s?[–—~～-]\s?(?=\d{1,2}[:：]\d{2})", lambda m: "到"),
    (
        rf"{_START}(2)(?=[点點][半整钟鐘\d零一二三四五六过過多前后後，。！？、]|[点點]$)",
        lambda m: "两",
    ),
    # money, percent, units
    (rf"({_SIGN})\s?({_NUM})\s?([万萬亿億千百])?", _money),
    (
        rf"(?:({_CODE})\s?({_NUM})\s?([万萬亿億])?|{_START}({_NUM})\s?([万萬亿億])?\s?({_CODE}))(?![A-Za-z])",
        _coded,
    ),
    (rf"{_START}({_NUM})(元|块)", _after_number),
    (
        rf"{_START}({_NUM})[%％]?{_TO}({_NUM})[%％]",
        lambda m: f"百分之{cardinal(m[1])}到{cardinal(m[2])}",
    ),
    (rf"{_START}([-−])?({_NUM})\s?([%％‰])", _percent),
    (rf"{_START}([-−])?({_NUM})(?:°C|℃|°)?({_TO}−?{_NUM})?\s?(°C|℃|°F|℉|°)", _temperature),
    (rf"{_START}([-−])?({_NUM})(?:{_TO}({_NUM}))?\s?({_UNIT})(?![A-Za-z²³])", _measure),
    # fractions, ratios, sums, ranges
    (
        rf"{_START}(\d+)\s?又\s?(\d+)/(\d+)(?!\d)",
        lambda m: f"{cardinal(m[1])}又{cardinal(m[3])}分之{cardinal(m[2])}",
    ),
    (rf"{_START}(\d+)/(\d+)(?![\d/])", lambda m: f"{cardinal(m[2])}分之{cardinal(m[1])}"),
    (rf"{_START}(\d+)[:：](\d+)(?!\d)", lambda m: f"{cardinal(m[1])}比{cardinal(m[2])}"),
    (rf"{_START}({_NUM})\s?[xX×]\s?({_NUM})", lambda m: f"{cardinal(m[1])}乘{cardinal(m[2])}"),
    (rf"{_START}({_NUM})\s?([+×*÷])\s?(?=\d)", _sum),
    (rf"{_START}({_NUM})\s?([-−])\s?(?={_NUM}\s?=)", _sum),
    (rf"{_START}(\d)[、,，](\d)(?={_COUNTED})", _both),
    (rf"{_START}({_NUM}){_TO}({_NUM})", _range),
    (rf"{_START}[-−]({_NUM})", lambda m: f"负{cardinal(m[1])}"),
    # named and counted
    (rf"(?<=第)\s?({_NUM})", lambda m: cardinal(m[1])),
    (
        rf"{_START}(\d{{3,4}})(?=室|房|号房|號房|次列车|航班)",
        lambda m: digits(m[1]).replace("一", "幺"),
    ),
    (rf"{_START}(2)(?=年级|年級|楼|樓|班|级|級|号|號|月|等奖|等獎|环|線|线)", lambda m: "二"),
    (rf"{_START}(2)(?=\s?多?(?:{_COUNTED}|[千万萬亿億]))", lambda m: "两"),
    (rf"{_START}{_NUM}", _plain),
    *LETTER_RULES,
)


def _decade(m):
    """90年代 is 九十年代, 90后 is 九零后."""
    return cardinal(m[1]) if m.string[m.end()] == "年" else digits(m[1])


def rules(language):
    """The rules for cmn, or for yue in its own characters."""
    if language != "yue":
        return RULES

    def traditional(say):
        return lambda m: (said := say(m)) and said.translate(_TRADITIONAL)

    return tuple((pattern, traditional(say)) for pattern, say in RULES)


def spoken_value(value, language):
    """What is said for a `filmeto_plugin.say_as.Value`."""
    said = _VALUES[value.kind](value)
    return said.translate(_TRADITIONAL) if language == "yue" else said


def _said_date(value):
    year = f"{digits(str(value.year))}年" if value.year else ""
    month = f"{cardinal(str(value.month))}月" if value.month else ""
    return year + month + (f"{cardinal(str(value.day))}日" if value.day else "")


def _said_time(value):
    half = {"am": "上午", "pm": "下午"}.get(value.half_day, "")
    said = f"{counted(str(value.hour))}点"
    if value.minute or value.second:
        said += ("零" if value.minute < 10 else "") + f"{cardinal(str(value.minute))}分"
    return half + said + (f"{cardinal(str(value.second))}秒" if value.second else "")


def _signed(value):
    number = f"{value.number:f}"
    return f"负{cardinal(number[1:])}" if number[0] == "-" else cardinal(number)


def _said_currency(value):
    unit = MONEY_CODES.get(value.currency, value.currency)
    return _priced(f"{value.number:f}", "", "元" if value.currency == "CNY" else unit)


_VALUES = {
    "cardinal": _signed,
    "ordinal": lambda value: f"第{cardinal(str(int(value.number)))}",
    "date": _said_date,
    "time": _said_time,
    "digits": lambda value: "，".join(map(digits, value.groups)),
    "characters": lambda value: "，".join(digits(c) or c for c in value.groups),
    "telephone": lambda value: telephone(" ".join(value.groups).replace("+ ", "+")),
    "currency": _said_currency,
}
