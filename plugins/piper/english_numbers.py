"""Numbers as English words: cardinals, ordinals, years, digits, Roman numerals. Pure functions."""

import re

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"))
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_ROMAN_SHAPE = re.compile(r"M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})$")
_LARGEST = 10**15  # above this a number is read digit by digit


def cardinal(number):
    """42 -> forty-two; 205 -> two hundred five."""
    if number < 0:
        return f"minus {cardinal(-number)}"
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return f"{_ONES[hundreds]} hundred" + (f" {cardinal(rest)}" if rest else "")
    if number >= _LARGEST:
        return digits(str(number))
    size, name = next(pair for pair in _SCALES if number >= pair[0])
    count, rest = divmod(number, size)
    return f"{cardinal(count)} {name}" + (f" {cardinal(rest)}" if rest else "")


def ordinal(number):
    """21 -> twenty-first; 100 -> one hundredth."""
    words = cardinal(number)
    cut = max(words.rfind(" "), words.rfind("-")) + 1
    last = words[cut:]
    if last in _ORDINALS:
        last = _ORDINALS[last]
    elif last.endswith("y"):
        last = f"{last[:-1]}ieth"
    else:
        last = f"{last}th"
    return words[:cut] + last


def year(number):
    """1947 -> nineteen forty-seven; 1905 -> nineteen oh five; 2005 -> two thousand five."""
    century, rest = divmod(number, 100)
    if not 1000 <= number <= 2999 or century % 10 == 0 and rest < 10:
        return cardinal(number)
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {_oh(rest)}"


def clock(hours, minutes):
    """6, 5 -> six oh five; 12, 0 -> twelve o'clock; 18, 0 -> eighteen hundred."""
    if minutes:
        return f"{cardinal(hours)} {_oh(minutes)}"
    return f"{cardinal(hours)} hundred" if hours > 12 else f"{cardinal(hours or 12)} o'clock"


def digits(text):
    """'0207' -> zero two zero seven; anything but digits is skipped."""
    return " ".join(_ONES[int(d)] for d in text if d in "0123456789")


def number(text):
    """'1,234.50' -> one thousand two hundred thirty-four point five zero; '-3', '.5', '007' too."""
    sign = {"-": "minus ", "−": "minus ", "+": "plus ", "±": "plus or minus "}.get(text[:1], "")
    whole, _, fraction = text.lstrip("-−+±").replace(",", "").partition(".")
    if len(whole) > 1 and whole[0] == "0":
        words = digits(whole)
    else:
        words = cardinal(int(whole or 0))
    return sign + words + (f" point {digits(fraction)}" if fraction else "")


def plural(words):
    """twenty -> twenties; hundred -> hundreds; nineteen six -> nineteen sixes."""
    if words.endswith("y"):
        return f"{words[:-1]}ies"
    return words + ("es" if words.endswith(("x", "s")) else "s")


def fraction(top, bottom):
    """1, 2 -> one half; 3, 4 -> three quarters; 2, 3 -> two thirds."""
    name = {2: "half", 4: "quarter"}.get(bottom) or ordinal(bottom)
    if top != 1:
        name = "halves" if bottom == 2 else f"{name}s"
    return f"{cardinal(top)} {name}"


def roman(text):
    """'XIV' -> 14; None if it is no well-formed Roman numeral."""
    if not text or not _ROMAN_SHAPE.match(text):
        return None
    values = [_ROMAN[c] for c in text]
    after = [*values[1:], 0]
    return sum(-v if v < n else v for v, n in zip(values, after, strict=True))


def _oh(number_below_100):
    return f"oh {_ONES[number_below_100]}" if number_below_100 < 10 else cardinal(number_below_100)
