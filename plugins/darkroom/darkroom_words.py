"""The words of a prompt that name looks, English and Chinese; what else it says is passed over.

docs/looks.md lists these tables, and a test holds the two together.
"""

import re
from dataclasses import dataclass

# In the order in which they are put on: what happens to the scene, its light, the medium, the print.
LOOKS = {
    "spring": "spring, springtime, blossom, cherry blossom | 春天, 春季, 春日, 春, 樱花, 桃花",
    "summer": "summer, summertime, midsummer | 夏天, 夏季, 夏日, 夏, 盛夏",
    "autumn": "autumn, autumnal, fall, fall colours, fallen leaves | 秋天, 秋季, 秋日, 秋, 红叶, 落叶",
    "winter": "winter, wintry, snow, snowy, snowfall, snowing | 冬天, 冬季, 冬日, 冬, 雪, 下雪, 雪景",
    "golden": "golden hour, sunset, sunrise, dawn, dusk, evening | 黄金时刻, 日落, 夕阳, 日出, 黎明, 黄昏, 傍晚",
    "night": "night, nighttime, nocturne, midnight, moonlight, moonlit, day for night | 夜晚, 夜间, 夜景, 夜, 月光, 深夜",
    "noir": "film noir, noir, low key, venetian blinds | 黑色电影, 暗调, 百叶窗",
    "watercolour": "watercolour, watercolor, aquarelle, ink wash, sumi e | 水彩, 水彩画, 水墨, 水墨画",
    "charcoal": "charcoal, pencil, pencil sketch | 炭笔, 木炭, 炭画, 素描, 铅笔",
    "ink": "ink, pen and ink, line art, line drawing, etching, engraving, ink wash, sumi e | 墨线, 线描, 白描, 钢笔画, 版画, 水墨, 水墨画",
    "blueprint": "blueprint, cyanotype, technical drawing | 蓝图, 蓝晒, 工程图",
    "sepia": "sepia, sepia toned, antique photograph | 棕褐色, 怀旧, 老照片",
    "bw": "black and white, monochrome, greyscale, grayscale, b w, ink wash, sumi e | 黑白, 单色, 灰度, 水墨, 水墨画",
    "warm": "warm, warmer | 暖色, 暖调, 温暖",
    "cool": "cool, cooler, cold | 冷色, 冷调, 寒冷",
    "faded": "faded, washed out, matte | 褪色, 泛白",
}
# Parts of looks that a prompt can leave out ("night, no stars") or a negative prompt names.
DETAILS = {
    "blinds": "blinds, venetian blinds | 百叶窗",
    "flakes": "flakes, snowflakes, falling snow | 雪花, 飘雪",
    "grain": "grain, noise | 颗粒, 噪点",
    "grid": "grid | 网格",
    "hatching": "hatching, hatch, cross hatching | 排线",
    "leaves": "leaves, fallen leaves | 落叶",
    "petals": "petals, flowers, blossom | 花瓣, 花朵",
    "stars": "stars, starry | 星星, 星空",
    "vignette": "vignette | 暗角",
    "windows": "windows, lit windows, lamps | 窗户, 亮窗, 灯光",
}
INDOORS = "indoors, interior, inside | 室内, 屋里, 屋内"
MEDIA = ("watercolour", "charcoal", "ink", "blueprint")
_NOT = re.compile(r"(?:\b(?:no|not|without|avoid)(?: any| a| the)? $|(?:不要|没有|无|不)$)")


@dataclass(frozen=True)
class Looks:
    """What a prompt asks for: `names` in the order in which they are put on, details to leave out."""

    names: tuple
    without: frozenset = frozenset()
    blinds: bool = False
    indoors: bool = False


def read_looks(prompt, negative_prompt=""):
    """The looks that a prompt names.

    Raises:
        ValueError: It names none; the message lists those that are known.
    """
    named, refused = _found(prompt)
    unwanted = _found(negative_prompt)[0]
    names = tuple(n for n in LOOKS if n in named - refused - unwanted)
    if not names:
        words = [words_of(name) for name in LOOKS]
        known = ", ".join(f"{english[0]} ({chinese[0]})" for english, chinese in words)
        got = f"names no look that darkroom knows: {prompt[:80]!r}"
        if named:
            got = f"leaves no look: {', '.join(sorted(named))} is also asked to be left out"
        raise ValueError(f"the prompt {got}; name at least one of: {known}")
    without = (refused | unwanted) & DETAILS.keys()
    blinds = "blinds" in named and "blinds" not in without
    return Looks(names, frozenset(without), blinds, "indoors" in named)


def words_of(name):
    """(English, Chinese): the words that name a look or a detail, two lists."""
    words = INDOORS if name == "indoors" else LOOKS.get(name) or DETAILS[name]
    english, chinese = words.split(" | ")
    return english.split(", "), chinese.split(", ")


def _found(prompt):
    """(named, refused): the names of looks and details, and those of them after a "no"."""
    text = re.sub(r"[^\w]+", " ", prompt.lower())
    named, refused = set(), set()
    for name in (*LOOKS, *DETAILS, "indoors"):
        english, chinese = words_of(name)
        pattern = "|".join([rf"\b(?:{'|'.join(english)})\b", *chinese])
        for match in re.finditer(pattern, text):
            if name == "autumn" and match[0] == "fall" and text[: match.start()].endswith("snow "):
                continue  # "a light snow fall" is winter's
            (refused if _NOT.search(text[: match.start()]) else named).add(name)
    return named, refused
