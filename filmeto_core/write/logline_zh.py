"""Reads a Chinese logline: known words, and what is said of them before 的; no grammar.

What it cannot tell it leaves open; the template writer then speaks of it in general words.
"""

import re
from dataclasses import replace

from filmeto_core.write.scenery import CHINESE
from filmeto_core.write.tale import Figure, Tale
from filmeto_core.write.words_zh import (
    ADJECTIVES,
    DAYTIMES,
    HE,
    HOMES,
    IT,
    LETTER,
    MOODS,
    PERSONS,
    PLAIN_SIGHT,
    PLURALS,
    SHE,
    SHOWN_AS,
    THEY,
    THINGS,
    TIMES,
)

_HAN = r"[\u4e00-\u9fff]"
_SOMEBODY = Figure("一个穿长衣的人", "这个人", False, "他")
# What may not stand in a description before 的: it belongs to another phrase.
_APART = "，。、；！？在把从和与跟给向被让到了他她它的一"
_MEASURE = r"(?:[一两三四五几那这][个位名只对群匹条头])"
_PERSON = re.compile(
    rf"(?P<count>{_MEASURE})?(?P<said>(?:[^{_APART}\W]{{1,7}}的)?(?:{ADJECTIVES})?)"
    rf"(?P<noun>{'|'.join(sorted(PERSONS, key=len, reverse=True))})"
)
_UNKNOWN = re.compile(
    rf"[一两三](?:个|位|名|只)(?P<noun>(?:[^{_APART}\W]{{1,6}}的)?[^{_APART}\W]{{1,5}}?)"
    r"(?=在|把|与|和|为|要|从|因|到|发现|收到|决定|必须|遇|爱|寻|踏|试|想|用|独自|每|，|。|$)"
)
_NAMED = re.compile(rf"(?:名叫|叫做|叫)(?P<name>{_HAN}{{2,3}})的")
_PLACES = sorted(
    ((w.strip(), kind) for kind, row in CHINESE.items() for w in row.names.split(",")),
    key=lambda pair: -len(pair[0]),
)


def read_chinese(logline: str) -> Tale:
    """What a Chinese logline tells."""
    figures = _figures(logline)
    hero = figures[0] if figures else _SOMEBODY
    other = next((f for f in figures[1:] if f.called != hero.called), None)
    place, spot, scenery = _place(logline)
    thing = _thing(logline)
    found = {"who": hero.seen if figures else "", "with": other.seen if other else ""}
    found |= {"where": place, "what": thing}
    kind = scenery or "land"
    return Tale(
        hero=hero,
        other=other,
        place=place or CHINESE[kind].place,
        spot=spot or CHINESE[kind].place,
        scenery=kind,
        thing=thing,
        time=_first_of({key: TIMES[key] for key in DAYTIMES}, logline),
        season=_first_of({k: w for k, w in TIMES.items() if k not in DAYTIMES}, logline),
        mood=_mood(logline),
        clauses=clauses(logline),
        title=_title(logline, hero if figures else None, spot, thing),
        found={name: text for name, text in found.items() if text},
    )


def _figures(logline: str) -> list[Figure]:
    found: list[tuple[bool, Figure]] = []
    name = _NAMED.search(logline)
    for match in _PERSON.finditer(logline):
        noun, said = match["noun"], match["said"]
        if name and name["name"] in said:
            said = said.replace(f"名叫{name['name']}的", "").replace(f"叫{name['name']}的", "")
        found.append(_figure(match, noun, said, logline))
    if not found and (match := _UNKNOWN.search(logline)):
        pronoun = "她" if "她" in logline else "他"
        found.append((False, Figure(match[0], match["noun"].split("的")[-1], False, pronoun)))
    figures = [figure for _, figure in sorted(found, key=lambda pair: pair[0])]
    if name and figures:
        first = figures[0]
        figures[0] = replace(first, called=name["name"])
    return figures


def _figure(match: re.Match[str], noun: str, said: str, logline: str) -> tuple[bool, Figure]:
    """(whether it is somebody's relative, the figure)."""
    before = logline[: match.start("noun")]
    owner = re.search(r"([他她它])的?$", before)
    count = match["count"] or ""
    plural = noun in PLURALS or count[:1] in ("两", "三", "四", "五", "几")
    pronoun = "她" if noun in SHE else "他" if noun in HE else "它" if noun in IT else ""
    if not pronoun:
        pronoun = "她" if "她" in logline and "他" not in logline else "他"
    relative = noun in SHOWN_AS and bool(owner or (not count and not said))
    if relative:
        called = f"{owner[1]}的{noun}" if owner else noun
        return True, Figure(SHOWN_AS[noun], called, plural, pronoun)
    one = (
        count
        if count and count[0] not in "那这"
        else "一只"
        if noun in IT and noun != "机器人"
        else "一个"
    )
    one = "" if noun in PLURALS and not count else one
    faceless = not plural and noun in THEY and noun not in PLAIN_SIGHT
    pronoun = f"{pronoun}们" if plural else pronoun
    return False, Figure(f"{one}{said}{noun}", noun, plural, pronoun, faceless)


def _place(logline: str) -> tuple[str, str, str]:
    """(place as it is seen, as it is called, kind of scenery), or empty texts."""
    for word, kind in _PLACES:
        if kind == "land":
            continue
        # A single sign is a place only where something is said to be there.
        pattern = word if len(word) > 1 else rf"(?<=[在到座艘片条]){word}|{word}(?=[上里边中底])"
        match = re.search(pattern, logline)
        if match:
            for inner, inner_kind in _PLACES:  # "雪山上的古寺" is a temple
                if re.match(rf"[上里中边]的{inner}", logline[match.end() :]):
                    at = logline.index(inner, match.end()) + len(inner)
                    return logline[match.start() : at], inner, inner_kind
            said = re.search(rf"([^{_APART}\W]{{1,6}}的)$", logline[: match.start()])
            return f"{said[1] if said else ''}{word}", word, kind
    for who, home in HOMES.items():
        if who in logline:
            return home, home, dict(_PLACES)[home]
    return "", "", ""


def _thing(logline: str) -> str:
    places = {word for word, _ in _PLACES}
    if re.search(LETTER, logline):
        return "信"
    best = ("", len(logline))
    for thing in THINGS:
        at = logline.find(thing)
        inside = any(
            thing in word and word in logline for word in (*places, *PERSONS) if word != thing
        )
        if 0 <= at < best[1] and not inside:
            best = (thing, at)
    return best[0]


def _first_of(table: dict[str, str], logline: str) -> str:
    best = (len(logline) + 1, "")
    for key, words in table.items():
        for word in words.split(","):
            at = logline.find(word.strip())
            if 0 <= at < best[0]:
                best = (at, key)
    return best[1]


def _mood(logline: str) -> str:
    counts = {
        mood: sum(word.strip() in logline for word in words.split(","))
        for mood, words in MOODS.items()
    }
    best = max(counts, key=lambda mood: counts[mood])
    return best if counts[best] else "drama"


def clauses(logline: str) -> tuple[str, ...]:
    """Its sentences, the long ones in two where a conjunction parts them, each fit to be spoken."""
    pieces: list[str] = []
    for sentence in re.findall(r"[^。！？!?；;]+[。！？!?]?", logline):
        cuts = [
            m.start() for m in re.finditer(r"，(?=但|却|可|直到|于是|而|然而|不料|最终)", sentence)
        ]
        cuts = [cut for cut in cuts if cut >= 6 and len(sentence) - cut >= 6]
        if len(sentence) >= 22 and cuts:
            half = len(sentence) / 2
            middle = min(cuts, key=lambda cut, half=half: abs(cut - half))
            pieces += [sentence[:middle], sentence[middle + 1 :]]
        else:
            pieces.append(sentence)
    plain = [piece.strip(" ，,；") for piece in pieces]
    return tuple(p if p[-1] in "。！？!?" else f"{p}。" for p in plain if re.search(r"\w", p))


def _title(logline: str, hero: Figure | None, place: str, thing: str) -> str:
    short = logline.strip("。！？!? ")
    if len(short) <= 8:
        return short
    who = hero.called if hero else ""
    if who and thing:
        return f"{who}与{thing}"
    if who and place and place not in who:
        return f"{place}的{who}"
    return who or thing or place or "一个故事"
