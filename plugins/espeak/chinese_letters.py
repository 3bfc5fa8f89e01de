"""What is written in Latin letters amid Chinese: units, codes of money, initials, names with figures.

English words are left as they are: eSpeak says them as English within a Chinese sentence. Initials
are parted, so that it spells them.
"""

import re

from chinese_numbers import cardinal, digits

UNITS = {
    "km/h": "公里每小时", "kph": "公里每小时", "m/s": "米每秒", "mph": "英里每小时", "km²": "平方公里",
    "km2": "平方公里", "m²": "平方米", "m2": "平方米", "㎡": "平方米", "cm²": "平方厘米", "m³": "立方米",
    "m3": "立方米", "cm³": "立方厘米", "km": "公里", "㎞": "公里", "cm": "厘米", "㎝": "厘米", "mm": "毫米",
    "μm": "微米", "µm": "微米", "nm": "纳米", "m": "米", "ft": "英尺", "kg": "公斤", "㎏": "公斤", "mg": "毫克",
    "g": "克", "t": "吨", "lb": "磅", "lbs": "磅", "oz": "盎司", "mL": "毫升", "ml": "毫升", "L": "升", "l": "升",
    "h": "小时", "min": "分钟", "s": "秒", "ms": "毫秒", "kWh": "千瓦时", "kW": "千瓦", "MW": "兆瓦", "W": "瓦",
    "V": "伏", "mA": "毫安", "mAh": "毫安时", "kHz": "千赫兹", "MHz": "兆赫兹", "GHz": "吉赫兹", "Hz": "赫兹",
    "dB": "分贝", "hPa": "百帕", "kPa": "千帕", "kcal": "千卡", "ha": "公顷", "px": "像素", "fps": "帧每秒",
    "°C": "摄氏度", "℃": "摄氏度", "°F": "华氏度", "℉": "华氏度", "°": "度",
}  # fmt: skip
MONEY_CODES = {
    "RMB": "元", "CNY": "元", "USD": "美元", "EUR": "欧元", "GBP": "英镑", "JPY": "日元", "HKD": "港元",
    "TWD": "新台币", "KRW": "韩元", "AUD": "澳元", "CAD": "加元", "CHF": "瑞士法郎", "SGD": "新加坡元",
}  # fmt: skip
# Written in capitals, said as words; all other initials are spelled.
_WORDS = frozenset(
    "NASA NATO UNESCO UNICEF OPEC APEC ASEAN AIDS SARS COVID FIFA UEFA IKEA RAM ROM SIM PIN GIF "
    "JPEG LEGO NASDAQ ESA SWAT VLOG BLOG LOGO HELLO ZARA NIKE SONY ASUS JAVA PYTHON LINUX".split()
)


def _spelled(letters):
    """'GDP' -> 'G D P', and a plural's s with the last."""
    return " ".join(letters)


def _capitals(m):
    word, tail = m[1], m[2] or ""
    if word in _WORDS:
        return word.capitalize() + tail
    return f" {_spelled(word)}{tail} "


def _mixed(m):
    """G1234 and CA981 digit by digit, MP3 and iPhone15 as a number, PM2.5 with its point."""
    letters, number = m[1], m[2]
    short = letters.isupper() and len(letters) <= 4 and letters not in _WORDS
    said = (
        digits(number).replace("一", "幺")
        if number.isdigit() and len(number) > 2
        else cardinal(number)
    )
    return f" {_spelled(letters) if short else letters} {said}"


def _address(m):
    """An e-mail or web address: its dots and signs are said."""
    signs = {"@": " at ", ".": "点", "/": "斜杠", "-": "杠", "_": "下划线", ":": "冒号"}
    text = re.sub(r"^https?://", "", m[0]).rstrip("/")
    said = []
    for piece in re.findall(r"[A-Za-z]+|\d+|.", text):
        if piece.isdigit():
            said.append(digits(piece))
        elif piece in signs:
            said.append(signs[piece])
        elif piece.isalpha() and (not re.search("[aeiouyAEIOUY]", piece) or len(piece) < 3):
            said.append(f" {_spelled(piece.upper())} ")
        else:
            said.append(f" {piece} ")
    return re.sub(r"\s+", " ", "".join(said)).strip()


_SITES = "com|org|net|cn|io|edu|gov|info|hk|tw|me|ai|app|tv"
LETTER_RULES = (
    (rf"https?://[\w./-]*\w|(?:[\w.+-]+@)?(?<![\w.])(?:[A-Za-z0-9-]+\.)+(?:{_SITES})\b(?:/[\w./-]*\w)?", _address),
    (rf"[\w.+-]+@(?:[A-Za-z0-9-]+\.)+(?:{_SITES})\b", _address),
    (r"(?<![A-Za-z])(?:NO|No|№)\.?\s?(\d+)", lambda m: f"第{cardinal(m[1])}"),
    (r"(?<![A-Za-z])[Ww]i-?[Ff]i(?![A-Za-z])", lambda m: "Wifi"),
    (r"(?<![A-Za-z])([A-Za-z]{1,12})-?(\d+(?:\.\d+)?)(?![\d.]|[A-Za-z])", _mixed),
    (r"(?<![A-Za-z])([A-Z]{2,6})(s)?(?![A-Za-z])", _capitals),
    (r"(?<=[A-Z])&(?=[A-Z])", lambda m: " and "),
    (r"&", lambda m: "和"),
    (r"[%％]", lambda m: "百分号"),
    (r"=", lambda m: "等于"),
    (r"≈", lambda m: "约等于"),
    (r"≥", lambda m: "大于等于"),
    (r"≤", lambda m: "小于等于"),
    (r">(?=\s?\d)", lambda m: "大于"),
    (r"<(?=\s?\d)", lambda m: "小于"),
    (r"±", lambda m: "正负"),
)  # fmt: skip
