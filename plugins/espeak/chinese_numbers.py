"""Numbers in Chinese characters: cardinals, digits, telephone numbers, and 两 where 2 counts."""

_DIGITS = "零一二三四五六七八九"
_LARGEST = 16  # digits; a longer number is read digit by digit


def cardinal(text):
    """A number as written, in characters.

    >>> [cardinal(n) for n in ("1947", "3.14", "10", "007", "20000000")]
    ['一千九百四十七', '三点一四', '十', '零零七', '两千万']
    """
    whole, _, fraction = text.replace(",", "").partition(".")
    if len(whole) > 1 and whole[0] == "0" or len(whole) > _LARGEST:
        said = digits(whole)
    else:
        said = _whole(int(whole or 0))
    return said + (f"点{digits(fraction)}" if fraction else "")


def counted(text):
    """A number before what it counts: 2 is 两, 12 is 十二, 2.5 is 二点五."""
    return "两" if text.replace(",", "") == "2" else cardinal(text)


def digits(text):
    """'2026' -> 二零二六; anything but digits is skipped."""
    return "".join(_DIGITS[int(d)] for d in text if d in "0123456789")


def telephone(text):
    """Groups of digits, in which 1 is 幺; a plus is said.

    >>> telephone("+86 138-0013")
    '加八六，幺三八，零零幺三'
    """
    groups = "".join(c if c in "0123456789" else " " for c in text).split()
    said = "，".join(digits(group).replace("一", "幺") for group in groups)
    return ("加" if text.strip().startswith("+") else "") + said


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
