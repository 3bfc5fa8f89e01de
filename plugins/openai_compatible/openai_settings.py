"""What the user set in the environment: where the server is, its key, its models and their limits."""

import os
import re

from filmeto_plugin import PluginError

TAKES = ("seed", "negative_prompt", "strength", "language")  # fields that OpenAI's own API lacks
TIMEOUT_S = 600.0  # the slowest pictures take minutes
SPEECH_CHARACTERS = 4096  # Source: OpenAI API reference, "Create speech", `input`
ANY = "any"  # a model that makes every size
STEP_PX = 16  # of the sizes of such a model

# Source: OpenAI API reference, "Create image" and "Create video", `size` and `seconds`.
_GPT_IMAGE = ((1024, 1024), (1536, 1024), (1024, 1536))
_PICTURE_SIZES = {
    "gpt-image": _GPT_IMAGE,
    "chatgpt-image": _GPT_IMAGE,
    "dall-e-3": ((1024, 1024), (1792, 1024), (1024, 1792)),
    "dall-e-2": ((256, 256), (512, 512), (1024, 1024)),
}
_CLIP_SIZES = {
    "sora-2-pro": ((1280, 720), (720, 1280), (1792, 1024), (1024, 1792)),
    "sora-2": ((1280, 720), (720, 1280)),
}
_CLIP_SECONDS = (4, 8, 12)


def given(name, default=""):
    """The variable's value without spaces around it, or the default where it is empty."""
    return os.environ.get(name, "").strip() or default


def base_url():
    """The server's address without a slash at its end, such as https://api.openai.com/v1."""
    url = given("OPENAI_BASE_URL").rstrip("/")
    if not re.match(r"https?://[^/\s@]+(/|$)", url):
        raise wrong("OPENAI_BASE_URL", "an address such as https://api.openai.com/v1", url)
    return url


def key():
    """The user's key, or None for a server that wants none."""
    return given("OPENAI_API_KEY") or None


def headers():
    """What every request to the server carries."""
    named = {
        "OpenAI-Organization": given("OPENAI_ORGANIZATION"),
        "OpenAI-Project": given("OPENAI_PROJECT"),
        "Authorization": f"Bearer {key()}" if key() else "",
    }
    return {name: value for name, value in named.items() if value}


def taken():
    """The fields beyond OpenAI's own that the user says the server takes."""
    names = [name.strip() for name in given("FILMETO_OPENAI_TAKES").split(",") if name.strip()]
    for name in names:
        if name not in TAKES:
            raise wrong("FILMETO_OPENAI_TAKES", f"some of {', '.join(TAKES)}", name)
    return frozenset(names)


def timeout_s():
    """Seconds without a byte until a request is given up."""
    return _number("FILMETO_OPENAI_TIMEOUT_S", TIMEOUT_S)


def speech_characters():
    """The longest text that one request may speak."""
    return int(_number("FILMETO_OPENAI_SPEECH_CHARACTERS", SPEECH_CHARACTERS))


def picture_sizes(model_name):
    """The sizes (width, height) in pixels that a model makes, or ANY."""
    return _sizes("FILMETO_OPENAI_IMAGE_SIZES", _PICTURE_SIZES, model_name)


def clip_sizes(model_name):
    """As `picture_sizes`, of clips."""
    return _sizes("FILMETO_OPENAI_VIDEO_SIZES", _CLIP_SIZES, model_name)


def clip_seconds():
    """The lengths in whole seconds that the model makes, ascending; ANY for every one."""
    told = given("FILMETO_OPENAI_VIDEO_SECONDS")
    if not told:
        return _CLIP_SECONDS
    if told == ANY:
        return ANY
    if not re.fullmatch(r"\s*\d{1,4}\s*(,\s*\d{1,4}\s*)*", told):
        raise wrong("FILMETO_OPENAI_VIDEO_SECONDS", "seconds such as 4,8,12, or any", told)
    return tuple(sorted(int(text) for text in told.split(",")))


def _sizes(variable, known, model_name):
    told = given(variable)
    if told == ANY:
        return ANY
    if told:
        found = [re.fullmatch(r"(\d{2,5})x(\d{2,5})", text.strip()) for text in told.split(",")]
        if not all(found):
            raise wrong(variable, "sizes such as 1024x1024,1536x1024, or any", told)
        return tuple((int(match[1]), int(match[2])) for match in found)
    name = model_name.rpartition("/")[2]
    return next((known[prefix] for prefix in known if name.startswith(prefix)), ANY)


def _number(variable, default):
    told = given(variable)
    try:
        number = float(told) if told else float(default)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e9:
        raise wrong(variable, "a number above 0", told)
    return number


def wrong(variable, expected, got):
    """A setting that cannot be used."""
    return PluginError(f"{variable}: expected {expected}, got {got!r}", code="bad_setting")
