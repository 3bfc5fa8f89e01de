"""What the words of a Fountain script say to a film: places and times, cuts and fades, who is heard."""

import math
import re

from filmeto_core.write.fountain_marks import plain

LINE_CHARACTERS, PAGE_LINES, PAGE_S = 61, 55, 60
LONGEST_ACTION_S = 60.0  # of one shot
_INSIDE = re.compile(
    r"(?P<in>int\.?/ext|ext\.?/int|i/e|int|ext|est)[. ]+(?P<rest>.*)", re.IGNORECASE | re.DOTALL
)
_INSIDE_WORDS = {"int": "interior", "ext": "exterior", "est": "exterior"}
_TIME = re.compile(r"\s+[-–—]+\s+")
_EXTENSION = re.compile(r"\(([^()]*)\)")
# Who is heard and not seen, by the letters of the extension in capitals.
_UNSEEN = {
    "VO",
    "OS",
    "OC",
    "OFF",
    "OFFSCREEN",
    "OFFCAMERA",
    "VOICEOVER",
    "FILTERED",
    "旁白",
    "画外音",
}
_UNSEEN |= {"ONTHERADIO", "ONRADIO", "OVERRADIO", "ONTV", "ONTHETV"}
_DISSOLVE = re.compile(r"dissolve|cross-?fade|叠化|化入", re.IGNORECASE)
_FADE_IN = re.compile(r"fade[ -]?in\b|淡入", re.IGNORECASE)
_FADE_OUT = re.compile(r"fade[ -]?out|fade to black|淡出", re.IGNORECASE)
# Words that scripts use without the signs of a transition.
_FADE_WORDS = re.compile(
    r"(?:fade[ -]?in|fade[ -]?out|fade to black|淡入|淡出)\s*[:.。：]?", re.IGNORECASE
)
_MOTIONS = {
    "pan-left": re.compile(r"\bpans? left\b", re.IGNORECASE),
    "pan-right": re.compile(r"\bpans?\b(?! left)", re.IGNORECASE),
    "tilt-up": re.compile(r"\b(?:tilts?|cranes?) up\b", re.IGNORECASE),
    "tilt-down": re.compile(r"\b(?:tilts?|cranes?) down\b", re.IGNORECASE),
    "pull-out": re.compile(r"\b(?:pulls? (?:back|out)|zooms? out|widens?)\b", re.IGNORECASE),
    "push-in": re.compile(r"\b(?:pushe?s? in|zooms? in|close on|closer on)\b", re.IGNORECASE),
}


def place_of(heading: str) -> str:
    """A scene heading as a picture's words: "brick's pool, exterior, day".

    Capitals are the format's, not the place's: a heading all in capitals becomes small letters.
    """
    text = plain(heading)
    found = _INSIDE.fullmatch(text)
    rest = found["rest"] if found else text
    parts = [part for part in _TIME.split(rest.strip(" -–—")) if part]
    if found:
        inside = _INSIDE_WORDS.get(found["in"].lower(), "interior and exterior")
        parts = [*parts[:1], inside, *parts[1:]]
    place = ", ".join(part.strip() for part in parts)
    return place.lower() if text == text.upper() else place


def named(cue: str) -> tuple[str, bool]:
    """Who a character's line names, and whether that one is seen speaking."""
    name = " ".join(plain(_EXTENSION.sub("", cue)).split())
    told = ["".join(filter(str.isalpha, text)).upper() for text in _EXTENSION.findall(cue)]
    if name == name.upper():  # capitals are the format's: "BRICK'S TWIN" is Brick's Twin
        name = name.title().replace("'S", "'s").replace("’S", "’s")
    return name, not _UNSEEN.intersection(told)


def is_fade(text: str) -> bool:
    """Whether an action is nothing but a fade's words."""
    return bool(_FADE_WORDS.fullmatch(plain(text).strip()))


def transition_of(text: str) -> str:
    """The film's transition nearest to a script's: dissolve, fade-from-black, fade-to-black or cut."""
    if _DISSOLVE.search(text):
        return "dissolve"
    if _FADE_IN.search(text):
        return "fade-from-black"
    return "fade-to-black" if _FADE_OUT.search(text) else "cut"


def motion_of(text: str) -> str | None:
    """The camera's motion that an action asks for in so many words."""
    return next((motion for motion, words in _MOTIONS.items() if words.search(text)), None)


def read_s(text: str) -> float:
    """How long an action lasts by the rule of a page a minute.

    Source: the rule of thumb of scripts' readers, for 55 lines of 61 characters a page.
    """
    lines = sum(math.ceil(max(1, len(line)) / LINE_CHARACTERS) for line in text.split("\n"))
    return min(LONGEST_ACTION_S, round((lines + 1) * PAGE_S / PAGE_LINES, 1))
