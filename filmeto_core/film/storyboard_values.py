"""The kinds of value a storyboard's fields take: how each is read, and what is said when it is wrong.

Every reader takes what YAML text or JSON gives, returns the canonical value, and raises ValueError
with a sentence on what was expected.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, StringConstraints

from filmeto_core.errors import did_you_mean

SMALLEST_PX = 64
LARGEST_PX = 4096
SHORTEST_SHOT_S = 0.1
LONGEST_SHOT_S = 600.0
LONGEST_TEXT = 5000  # characters; some six minutes of speech
LONGEST_ID = 64
MAX_SEED = 2**31 - 1

_SIZE = re.compile(r"(\d{1,6})\s*[xX×*]\s*(\d{1,6})")
_CLOCK = re.compile(r"(\d{1,2}:)?(\d{1,3}):(\d{2}(?:\.\d+)?)")
_SECONDS = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*(s|sec|seconds)?")
# Source: RFC 5646, section 2.1, without extensions and grandfathered tags.
_LANGUAGE = re.compile(
    r"(?P<language>[A-Za-z]{2,3})(?P<extended>-[A-Za-z]{3})?(?P<script>-[A-Za-z]{4})?"
    r"(?P<region>-(?:[A-Za-z]{2}|\d{3}))?(?P<variant>(?:-(?:[A-Za-z0-9]{5,8}|\d[A-Za-z0-9]{3}))*)"
    r"(?P<private>-[xX](?:-[A-Za-z0-9]{1,8})+)?"
)
_LANGUAGE_NAMES = {
    "english": "en",
    "chinese": "zh",
    "mandarin": "zh",
    "中文": "zh",
    "汉语": "zh",
    "cantonese": "yue",
    "粤语": "yue",
    "japanese": "ja",
    "korean": "ko",
    "french": "fr",
    "german": "de",
    "spanish": "es",
    "italian": "it",
    "portuguese": "pt",
    "russian": "ru",
}
# Names that Windows keeps for devices: a folder of that name cannot be made there.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
# Chinese, Japanese and full-width signs, between which a line break in the file is no space.
_CJK = "\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
_CJK_GAP = re.compile(rf"(?<=[{_CJK}])\s*\n\s*(?=[{_CJK}])")


def read_size(value: Any) -> str:
    """WIDTHxHEIGHT in even numbers, such as "1280x720"."""
    match = _SIZE.fullmatch(str(value).strip())
    if not match:
        raise ValueError("must be WIDTHxHEIGHT, such as 1280x720")
    width, height = int(match[1]), int(match[2])
    for name, length in (("width", width), ("height", height)):
        if not SMALLEST_PX <= length <= LARGEST_PX:
            raise ValueError(f"must have a {name} from {SMALLEST_PX} to {LARGEST_PX} pixels")
    if width % 2 or height % 2:
        even = f"{width - width % 2}x{height - height % 2}"
        raise ValueError(f"must have even numbers, as video needs them. Try {even}.")
    return f"{width}x{height}"


def read_seconds(value: Any, shortest: float, longest: float) -> float:
    """A length in seconds, within bounds."""
    text = str(value).strip().lower()
    if clock := _CLOCK.fullmatch(text):
        parts = [float(part) for part in text.split(":")]
        seconds = sum(part * 60**place for place, part in enumerate(reversed(parts)))
        raise ValueError(f"must be seconds: {clock[0]} is {seconds:g}")
    match = _SECONDS.fullmatch(text)
    if isinstance(value, bool) or not match:
        raise ValueError(f"must be a number of seconds from {shortest:g} to {longest:g}")
    seconds = float(match[1])
    if not shortest <= seconds <= longest:
        raise ValueError(f"must be from {shortest:g} to {longest:g} seconds")
    return seconds


def read_duration(value: Any) -> float | str:
    """A shot's length: seconds, or the word auto."""
    text = str(value).strip().lower()
    if text == "auto":
        return "auto"
    if text.isalpha():
        raise ValueError(f"must be seconds or auto.{did_you_mean(text, ['auto'])}")
    return read_seconds(value, SHORTEST_SHOT_S, LONGEST_SHOT_S)


def read_language(value: Any) -> str:
    """A BCP 47 language tag in its usual spelling: "en", "zh-Hans-CN"."""
    text = str(value).strip()
    if known := _LANGUAGE_NAMES.get(text.lower()):
        raise ValueError(f'must be a language tag such as en or zh-CN. Did you mean "{known}"?')
    tag = text.replace("_", "-")
    match = _LANGUAGE.fullmatch(tag)
    if not match:
        raise ValueError("must be a language tag (BCP 47) such as en, en-GB, zh or zh-Hant-TW")
    spelt = (
        match["language"].lower()
        + (match["extended"] or "").lower()
        + (match["script"] or "").title()
        + (match["region"] or "").upper()
        + (match["variant"] or "").lower()
        + (match["private"] or "").lower()
    )
    if "_" in text:
        raise ValueError(f'must be written with hyphens. Did you mean "{spelt}"?')
    return spelt


def read_id(value: Any) -> str:
    """A shot's id, which also names its folder."""
    text = str(value).strip()
    if not text or len(text) > LONGEST_ID:
        raise ValueError(f"must have 1 to {LONGEST_ID} characters: it names the shot's folder")
    if not all(sign.isalnum() or sign in "-_" for sign in text) or text.startswith("-"):
        raise ValueError(
            "must be letters, digits, - and _, not starting with -: it names the shot's folder"
        )
    if len(text.encode()) > 200:
        raise ValueError("is too long for the name of a folder")
    if _RESERVED.fullmatch(text):
        raise ValueError("is a name that Windows keeps for itself; choose another")
    return text


def read_text(value: Any) -> str:
    """Running text on one line: breaks and runs of spaces become one space (none in Chinese)."""
    if isinstance(value, list | dict):
        raise ValueError("must be text; put it in quotes if it starts with [ or {")
    return " ".join(_CJK_GAP.sub("", str(value)).split())


def read_spoken(value: Any) -> str:
    """Text to be spoken: there must be something to say."""
    text = read_text(value)
    if text and not any(sign.isalnum() for sign in text):
        raise ValueError("has nothing that could be spoken; leave narration out for a silent shot")
    return text


def read_name(value: Any) -> str:
    """The name of a profile, a plugin or a voice."""
    if isinstance(value, list | dict):
        raise ValueError("must be one name")
    return str(value).strip()


_SOME = StringConstraints(min_length=1, max_length=LONGEST_TEXT)
_SHORT = StringConstraints(min_length=1, max_length=200)

Text = Annotated[str, BeforeValidator(read_text, json_schema_input_type=str), _SOME]
Spoken = Annotated[str, BeforeValidator(read_spoken, json_schema_input_type=str), _SOME]
Name = Annotated[str, BeforeValidator(read_name, json_schema_input_type=str), _SHORT]
Size = Annotated[str, BeforeValidator(read_size, json_schema_input_type=str)]
Language = Annotated[str, BeforeValidator(read_language, json_schema_input_type=str)]
ShotId = Annotated[str, BeforeValidator(read_id, json_schema_input_type=str)]
Duration = Annotated[
    float | Literal["auto"],
    BeforeValidator(read_duration, json_schema_input_type=float | Literal["auto"]),
]
FilePath = Annotated[
    str,
    BeforeValidator(read_name, json_schema_input_type=str),
    StringConstraints(min_length=1, max_length=4096),
]


def read_digest(value: Any) -> str:
    """A file of the store: sha256: and its 64 hexadecimal digits, or at least the first 12."""
    text = str(value).strip().lower()
    digits = text.removeprefix("sha256:")
    if not re.fullmatch("[0-9a-f]{12,64}", digits):
        raise ValueError(
            "expected sha256: and 12 to 64 hexadecimal digits, as film.json tells them"
        )
    return f"sha256:{digits}"
