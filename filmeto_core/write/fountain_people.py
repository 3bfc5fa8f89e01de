"""Who speaks in a Fountain script: described as the script introduces them, each with a voice."""

import re
from itertools import cycle
from typing import Any

from filmeto_core.write.fountain_shots import Screenplay

_POINTING = {
    "and",
    "his",
    "her",
    "their",
    "its",
    "my",
    "your",
    "our",
    "who",
    "whose",
    "still",
    "now",
}
LONGEST_DESCRIPTION = 120  # characters; a longer one is a sentence about something else
# Wishes for a voice that say nothing of who has it, for people of whom nothing is known.
_VOICES = ("deep", "young", "low", "old")
_WORDS = {
    "child": r"child|kid|boy|girl|schoolboy|schoolgirl|toddler|aged? (?:[3-9]|1[0-2])",
    "female": r"woman|mother|mom|mum|mummy|mrs|ms|miss|lady|queen|wife|daughter|sister|aunt|"
    r"grandmother|grandma|granny|waitress|actress|nun|princess",
    "male": r"man|father|dad|daddy|mr|sir|king|husband|son|brother|uncle|grandfather|grandpa|"
    r"waiter|monk|prince|guy",
}
_CHINESE = {
    "child": "孩|童|小朋友",
    "female": "女|妈|母|奶奶|外婆|姑|姨|娘|妻|姐|妹",
    "male": "男|爸|父|爷|外公|叔|伯|夫|哥|弟",
}


def people(script: Screenplay) -> dict[str, dict[str, Any]]:
    """The storyboard's `characters`: everybody who speaks, in the order of their first lines."""
    names = list(dict.fromkeys(shot.speaker[0] for shot in script.shots if shot.speaker))
    others = cycle(_VOICES)
    found: dict[str, dict[str, Any]] = {}
    for place, name in enumerate(names):
        described = _description(name, names, script.actions)
        found[name] = {"description": described} if described else {}
        wish = _wish(f"{name} {described or ''}") or (next(others) if place else None)
        if wish and len(names) > 1:
            found[name]["voice"] = {"voice": wish}
    return found


def _description(name: str, names: list[str], actions: list[str]) -> str | None:
    """What stands behind a name in capitals: "STEEL, his former partner, ..." or "(60s, thin)"."""
    shouted = re.escape(name.upper())
    told = re.compile(
        rf"\b{shouted}\b(?: [A-Z][A-Z'’]+)*(?:\s*\(([^()]+)\)|, ([^,.;:]+?)(?:,| --| –| —|\.))"
    )
    others = {word.lower() for other in names for word in other.split()} | _POINTING
    for action in actions:
        for match in told.finditer(action):
            text = " ".join((match[1] or match[2]).split())
            first = text.split(" ")[0].lower()
            spoken_of = text.islower() or text[0].islower() or text[0].isdigit() or bool(match[1])
            if text == text.upper():
                text = text.lower()
                spoken_of = first not in others
            if spoken_of and first not in others and len(text) <= LONGEST_DESCRIPTION:
                return text
    return None


def _wish(text: str) -> str | None:
    """The voice that words about somebody ask for."""
    for voice in _WORDS:
        if re.search(rf"\b(?:{_WORDS[voice]})\b", text, re.IGNORECASE):
            return voice
        if re.search(_CHINESE[voice], text):
            return voice
    return None
