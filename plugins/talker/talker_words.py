"""A prompt, English or Chinese, becomes a `Role`: who speaks, what they wear, where and when.

Only the first person of the prompt speaks. What is not said is left empty, for `talker_character` to
choose; words that stand nowhere here change nothing.
"""

import re
from dataclasses import dataclass, field

COLOURS = {
    "red": "red crimson scarlet ginger auburn 红 红色 赤", "orange": "orange 橙 橙色 橘色",
    "yellow": "yellow 黄 黄色", "green": "green olive 绿 绿色 青", "blue": "blue navy 蓝 蓝色 藏青",
    "purple": "purple violet lilac 紫 紫色", "pink": "pink rose 粉 粉色 粉红", "white": "white snowy 白 白色 雪白 花白",
    "black": "black raven dark 黑 黑色 乌黑", "brown": "brown chestnut brunette hazel 棕 棕色 褐 褐色",
    "grey": "grey gray silver 灰 灰色 银 银色", "blond": "blond blonde fair golden 金 金色",
}  # fmt: skip
_PEOPLE = {
    "man": "man|guy|gentleman|father|dad|husband|brother|uncle|worker|driver|king|he|男人|男子|男士|父亲|爸爸|丈夫|先生|叔叔|国王|男",
    "woman": "woman|lady|mother|mum|mom|wife|sister|aunt|queen|waitress|nurse|fisherwoman|policewoman|she|女人|女子|女士|母亲|妈妈|妻子|太太|阿姨|女王|护士|女",
    "girl": "girl|daughter|schoolgirl|女孩|小姑娘|女儿|少女",
    "boy": "boy|son|schoolboy|男孩|少年|儿子|小伙",
    "child": "child|kid|toddler|孩子|小孩|儿童|学生",
    "oldman": "grandfather|grandpa|granddad|爷爷|老汉|老头|老翁|老爷爷|外公|老伯",
    "oldwoman": "grandmother|grandma|granny|奶奶|老太太|老奶奶|外婆|老妇人|老婆婆",
    "keeper": "lighthouse keeper|keeper|captain|sailor|守塔人|看守人|船长|水手",
    "fisher": "fisherman|fisherwoman|fisher|渔夫|渔民", "soldier": "soldier|guard|士兵|军人",
    "police": "policeman|policewoman|police officer|警察", "doctor": "doctor|scientist|医生|科学家|大夫",
    "chef": "chef|cook|baker|厨师|面包师", "farmer": "farmer|shepherd|peasant|农夫|农民|牧羊人",
    "monk": "monk|priest|和尚|僧人", "scholar": "scholar|professor|teacher|librarian|writer|教授|老师|学者|作家",
    "detective": "detective|traveller|traveler|explorer|侦探|旅人|探险家",
    "person": "person|narrator|speaker|friend|stranger|人物|朋友|人",
}  # fmt: skip
_AGES = {
    "old": "old|elderly|aged|ancient|wrinkled|老(?![师板虎家鼠公婆])|年迈|年老|老人|苍老",
    "young": "young|youthful|teenage|student|年轻|青年|年青",
    "adult": "middle aged|middle-aged|grown|中年",
}
_SKINS = {
    "pale": "pale|fair skinned|fair-skinned|fair skin|苍白|白皙|皮肤白",
    "tan": "tanned|tan skin|olive skin|sunburnt|weathered|晒黑|古铜",
    "brown": "brown skin|brown-skinned|brown skinned|indian|latina|latino|棕色皮肤",
    "dark": "dark skin|dark-skinned|dark skinned|black man|black woman|african|黑皮肤|非洲|黑人",
}
_STYLES = {
    "bald": "bald|shaven head|shaved head|光头|秃头|秃顶", "curly": "curly|curls|wavy|frizzy|afro|卷发|卷曲|鬈发",
    "ponytail": "ponytail|pony tail|马尾", "braids": "braid|braids|plaits|pigtails|辫子|麻花辫",
    "bun": "bun|topknot|发髻|盘发", "bob": "bob|shoulder length|shoulder-length|齐肩|波波头",
    "long": "long hair|long-haired|long haired|flowing hair|长发", "short": "short hair|short-haired|crew cut|cropped|短发|寸头",
}  # fmt: skip
_BEARDS = {
    "none": "clean-shaven|clean shaven|beardless|no beard|without a beard|没有胡子|无胡",
    "stubble": "stubble|unshaven|胡茬",
    "short": "short beard|goatee|trimmed beard|短胡子|山羊胡",
    "full": "beard|bearded|胡子|胡须|大胡子|络腮胡|长须",
    "moustache": "moustache|mustache|八字胡|小胡子",
}
_HATS = {
    "none": "hatless|bareheaded|no hat|without a hat|不戴帽",
    "cap": "peaked cap|captain hat|sailor cap|船长帽|军帽|警帽", "brim": "fedora|cowboy hat|brimmed hat|礼帽|牛仔帽",
    "straw": "straw hat|sun hat|草帽|斗笠", "sou": "sou wester|rain hat|雨帽",
    "beanie": "beanie|knit cap|woolly hat|woolen hat|wool hat|毛线帽|绒线帽", "chef": "chef hat|厨师帽",
    "scarf": "headscarf|hijab|kerchief|头巾", "crown": "crown|tiara|king|queen|皇冠|王冠|国王|女王|皇后",
    "flat": "flat cap|newsboy cap|cap|hat|帽子|鸭舌帽|帽",
}  # fmt: skip
_WEAR = {
    "suit": "suit|tie|blazer|西装|领带", "hoodie": "hoodie|sweatshirt|卫衣|连帽衫",
    "sweater": "sweater|jumper|pullover|turtleneck|cardigan|毛衣", "labcoat": "lab coat|white coat|白大褂",
    "robe": "robe|kimono|hanfu|cloak|king|queen|长袍|汉服|袈裟|国王|女王|皇后", "dress": "dress|blouse|gown|裙子|连衣裙|裙",
    "shirt": "shirt|t-shirt|tee|vest|衬衫|t恤|背心", "coat": "coat|raincoat|jacket|parka|uniform|大衣|外套|夹克|制服|风衣",
}  # fmt: skip
_PLACES = {
    "sea": "sea|ocean|coast|beach|shore|harbour|harbor|lighthouse|cliff|boat|ship|deck|pier|island|海|海边|海岸|海滩|港口|灯塔|船|码头|岛",
    "city": "city|street|downtown|rooftop|skyline|alley|bridge|station|market|城市|街|街道|街头|都市|屋顶|车站|市场|桥",
    "forest": "forest|woods|jungle|grove|park|garden|tree|trees|森林|树林|竹林|公园|花园",
    "mountain": "mountain|mountains|peak|summit|valley|hill|山|高山|群山|山谷|雪山",
    "desert": "desert|dune|dunes|沙漠|沙丘",
    "field": "field|meadow|farm|countryside|village|grassland|prairie|田野|草地|农场|乡村|村庄|草原",
    "library": "library|bookshop|study|bookshelf|books|school|classroom|图书馆|书店|书房|教室|学校",
    "room": "room|home|kitchen|cafe|café|restaurant|office|cabin|house|indoors|inside|bar|hospital|studio|stairs|房间|屋里|室内|厨房|咖啡馆|餐厅|办公室|家|茶馆|医院",
    "space": "space|spaceship|spacecraft|planet|moon base|太空|飞船|宇宙",
}  # fmt: skip
_TIMES = {
    "night": "night|midnight|moonlight|moonlit|夜|夜晚|深夜|夜里|晚上|月光",
    "dawn": "dawn|sunrise|daybreak|early morning|黎明|清晨|日出|拂晓",
    "sunset": "sunset|golden hour|evening sun|日落|夕阳|落日",
    "dusk": "dusk|twilight|evening|nightfall|黄昏|傍晚|暮色",
    "morning": "morning|早晨|早上|晨光",
    "day": "day|noon|afternoon|daylight|sunny|白天|中午|下午|晴天",
}
_WEATHERS = {
    "storm": "storm|stormy|thunderstorm|tempest|暴风雨|风暴|雷雨",
    "rain": "rain|rainy|raining|drizzle|雨|下雨|雨中", "snow": "snow|snowy|snowing|blizzard|winter|雪|下雪|冬",
    "fog": "fog|foggy|mist|misty|雾|薄雾", "cloudy": "cloudy|overcast|阴天|多云",
}  # fmt: skip
_SHOTS = {
    "close": "close up|close-up|closeup|headshot|extreme close up|特写|大特写",
    "medium": "medium shot|mid shot|waist up|medium|中景|半身",
    "wide": "wide shot|long shot|full shot|wide angle|远景|全景",
}
_MOODS = {
    "happy": "happy|smiling|smile|cheerful|joyful|laughing|friendly|快乐|开心|微笑|高兴|笑",
    "sad": "sad|tired|weary|lonely|melancholy|crying|sorrow|悲伤|疲惫|孤独|难过|忧伤|哭",
    "tense": "angry|scared|afraid|stern|tense|fierce|worried|愤怒|害怕|紧张|严肃|担心",
}
_STYLES_OF_DRAWING = {
    "mono": "black and white|monochrome|noir|黑白", "sepia": "sepia|vintage|怀旧|复古",
    "charcoal": "charcoal|pencil|炭笔|素描", "ink": "ink drawing|ink wash|水墨",
    "watercolour": "watercolour|watercolor|水彩", "warm": "warm light|warm colours|暖色",
    "cool": "cool light|cold light|冷色",
}  # fmt: skip
_HAIR_NOUNS = "hair|haired|curls|braids?|ponytail|bun|bob|头发|发|长发|短发|卷发|辫子"
_BEARD_NOUNS = "beard|bearded|moustache|mustache|stubble|goatee|胡子|胡须|大胡子|胡|须"
_WEAR_NOUNS = (
    "coat|raincoat|jacket|sweater|cardigan|jumper|shirt|t-shirt|dress|blouse|suit|hoodie|robe|kimono|uniform|vest|parka|"
    "gown|cloak|大衣|外套|夹克|毛衣|衬衫|裙子|连衣裙|西装|卫衣|长袍|汉服|制服|衣服|背心|衣"
)
_HAT_NOUNS = "hat|cap|beanie|headscarf|hijab|kerchief|帽子|帽|头巾"
_SCARF_NOUNS = "scarf|围巾"
_EYE_NOUNS = "eyes?|eyed|眼睛|眼"
# A name before a colon, at the start or after a comma; "10:30" is none.
_NAMED = re.compile(r"(?:^|[,，;；.。]\s*)([^,，;；.。:：]{1,40}?[^\d\s:：])(?::\s|：)")


@dataclass(frozen=True)
class Role:
    """What a prompt says of who speaks and where; an empty field was not said."""

    name: str = ""
    kind: str = ""
    job: str = ""
    age: str = ""
    skin: str = ""
    hair_style: str = ""
    hair_colour: str = ""
    beard: str = ""
    beard_colour: str = ""
    hat: str = ""
    hat_colour: str = ""
    wear: str = ""
    wear_colour: str = ""
    scarf: str = ""
    eye_colour: str = ""
    glasses: bool | None = None
    earrings: bool = False
    freckles: bool = False
    place: str = ""
    time: str = "day"
    weather: str = ""
    mood: str = ""
    drawing: str = ""
    shot: str = ""
    said: tuple = field(default=(), compare=False)


def read(prompt):
    """The `Role` of a prompt.

    Where people are named as in "keeper: an old man", as a film does after what the shot shows, the
    first of them speaks, and looks as it is said of them; else the first person of the prompt.
    """
    name, text, scene = _parted(" ".join(re.sub(r"[’']s\b", "", prompt.lower()).split()))
    kind, job, old = _person(text)
    return Role(
        name=name,
        kind=kind,
        job=job,
        age="old" if old else _first(_AGES, text),
        skin=_first(_SKINS, text),
        hair_style=_first(_STYLES, text) or _hair_length(text),
        hair_colour=_coloured(text, _HAIR_NOUNS),
        beard=_first(_BEARDS, text, in_order=True),
        beard_colour=_coloured(text, _BEARD_NOUNS),
        hat=_first(_HATS, text, in_order=True),
        hat_colour=_coloured(text, _HAT_NOUNS),
        wear=_first(_WEAR, text),
        wear_colour=_coloured(text, _WEAR_NOUNS),
        scarf=_coloured(text, _SCARF_NOUNS)
        or ("red" if _has(_SCARF_NOUNS, text) and not _has("headscarf", text) else ""),
        eye_colour=_coloured(text, _EYE_NOUNS),
        glasses=_glasses(text),
        earrings=_has("earrings?|耳环", text),
        freckles=_has("freckle[sd]?|雀斑", text),
        place=_first(_PLACES, scene),
        time=_first(_TIMES, scene) or "day",
        weather=_first(_WEATHERS, scene, in_order=True),
        mood=_first(_MOODS, scene),
        drawing=_first(_STYLES_OF_DRAWING, scene),
        shot=_first(_SHOTS, scene),
        said=tuple(sorted(set(re.findall(r"[a-z]+|[一-鿿]", text)))),
    )


def _parted(text):
    """(the speaker's name or "", what tells of the speaker, what tells of the rest)."""
    names = [n for n in _NAMED.finditer(text) if not _first(_SHOTS, n.group(1))]
    if not names:
        return "", text, text
    first, end = names[0], names[1].start() if len(names) > 1 else len(text)
    scene = text[: first.start()] + " " + text[first.end() :]
    return first.group(1), f"{first.group(1)} {text[first.end() : end]}", scene


def _person(text):
    """(kind, job, whether old) of the first person in the prompt."""
    found = []
    for name, words in _PEOPLE.items():
        match = re.search(_pattern(words), text)
        if match:
            # Longer words win where they begin alike: 小姑娘 over 姑娘, grandmother over mother.
            found.append((match.start(), -len(match.group()), name))
    if not found:
        return "", "", False
    # A job takes its sex from the next word that tells it: "a nurse, a man of forty".
    order = [name for _, _, name in sorted(found)]
    job = order[0] if order[0] not in ("man", "woman", "girl", "boy", "child", "person") else ""
    if order[0].startswith("old"):
        return order[0][3:], "", True
    plain = [n for n in order if n in ("man", "woman", "girl", "boy", "child")]
    kind = plain[0] if plain and (not job or order.index(plain[0]) <= 2) else ""
    return kind, job, job == "keeper"


def _hair_length(text):
    """The style that "long red hair" or 黑色长发 tells of, whatever stands between."""
    match = re.search(r"\b(long|short)\b(?:\W+[a-z]+){0,2}?\W+hair(?:ed)?\b", text)
    return match.group(1) if match else ""


def _glasses(text):
    if _has("no glasses|without glasses|不戴眼镜|没戴眼镜", text):
        return False
    return True if _has("glasses|spectacles|bespectacled|monocle|眼镜", text) else None


def _pattern(words):
    """A regular expression of alternatives: whole words in English, anywhere in Chinese."""
    latin = "|".join(w for w in words.split("|") if w.isascii() or "é" in w)
    other = "|".join(w for w in words.split("|") if not (w.isascii() or "é" in w))
    return "|".join(p for p in (rf"\b(?:{latin})s?\b" if latin else "", other) if p)


def _has(words, text):
    return re.search(_pattern(words), text) is not None


def _first(table, text, in_order=False):
    """The name whose words come first in the text, or first in the table if `in_order`."""
    found = [
        (0 if in_order else match.start(), i, name)
        for i, (name, words) in enumerate(table.items())
        if (match := re.search(_pattern(words), text))
    ]
    return min(found)[2] if found else ""


def _coloured(text, nouns):
    """The colour said of a noun: "a long white beard", "a beard, white", 白色的胡子."""
    names = {word: name for name, words in COLOURS.items() for word in words.split()}
    latin = "|".join(sorted((w for w in names if w.isascii()), key=len, reverse=True))
    other = "|".join(sorted((w for w in names if not w.isascii()), key=len, reverse=True))
    latin_nouns = "|".join(n for n in nouns.split("|") if n.isascii())
    other_nouns = "|".join(n for n in nouns.split("|") if not n.isascii())
    # Of several the nearest: "dark blue" is blue.
    between = rf"[\s-]+(?:(?!(?:and|with|in|{latin})\b)[a-z]+[\s-]+){{0,2}}"
    match = re.search(rf"\b({latin}){between}(?:{latin_nouns})\b", text) or re.search(
        rf"({other})(?:的)?(?:长|短|大|小|卷)?(?:{other_nouns})", text
    )
    return names[match.group(1)] if match else ""
