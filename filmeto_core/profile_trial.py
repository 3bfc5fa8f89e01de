"""Tries a profile: each of its plugins is asked for the smallest real thing that it makes.

What costs money is asked for only as far as it is allowed to.
"""

import base64
import io
import struct
import time
import wave
from collections.abc import AsyncIterator, Iterator
from math import pi, sin
from typing import Any, Literal

from pydantic import Field

from filmeto_core.call import CheckedCall, checked_as
from filmeto_core.errors import FilmetoError, PluginNotFoundError
from filmeto_core.money import Money
from filmeto_core.plugin_host.manifest_model import ToolSpec
from filmeto_core.plugin_host.needs import missing
from filmeto_core.plugin_host.pricing import price_of
from filmeto_core.profile_choice import Option
from filmeto_core.profiles import ANY_LANGUAGE
from filmeto_core.service import FilmetoService
from filmeto_core.serving import Serving
from filmeto_core.types import FilmetoTask, Model, ResourceInput, ResourceType, TaskResult, ToolType

SIDE_PX = 256  # of a picture, where the manifest allows it
LENGTH_S = 1.0
SAMPLE_RATE_HZ = 22050
# What is asked for; each is understood by the bundled plugins, and by any model.
PROMPTS = {
    ToolType.TEXT2IMAGE: "a lighthouse at dawn",
    ToolType.IMAGE2IMAGE: "watercolour",
    ToolType.IMAGE2VIDEO: "slow waves",
    ToolType.TEXT2VIDEO: "rain over the sea",
    ToolType.SPEAK2VIDEO: "a young woman",
    ToolType.TEXT2MUSIC: "calm piano",
}
WORDS = {"zh": "一。", "yue": "一。", "ja": "一つ。"}  # else English


class Trial(Model):
    """What came of one plugin's call."""

    tool: str
    language: str = Field(ANY_LANGUAGE, description="Of the profile's entry")
    plugin: str
    state: Literal["ok", "failed", "skipped"]
    found: str
    advice: str = Field("", description="What to do, where something is to be done")
    seconds: float = 0.0
    cost: Money | None = None


async def try_profile(
    service: FilmetoService, profile: str | None, spend: Money | None = None
) -> AsyncIterator[Trial]:
    """What each plugin of the profile does with a real call, one after the other.

    Args:
        spend: The most that all the calls together may cost; None: nothing.

    Raises:
        ValidationError: There is no such profile.
    """
    left = spend
    for tool, language, option in _entries(service, profile):
        trial = await _tried(service, tool, language, option, left)
        if trial.cost is not None and left is not None:
            left = Money.of_micros(max(0, left.micros - trial.cost.micros), left.currency)
        yield trial


def all_served(trials: list[Trial]) -> bool:
    """Whether every tool of the profile has a plugin that works, in each of its languages."""
    entries = {(trial.tool, trial.language) for trial in trials}
    return entries == {(t.tool, t.language) for t in trials if t.state == "ok"}


def _entries(
    service: FilmetoService, profile: str | None
) -> Iterator[tuple[ToolType, str, Option]]:
    for tool, by_language in service.project.profile(profile).tools.items():
        for language, choice in by_language.items():
            for option in choice.options:
                yield tool, language, option


async def _tried(
    service: FilmetoService, tool: ToolType, language: str, option: Option, left: Money | None
) -> Trial:
    about = {"tool": str(tool), "language": language, "plugin": option.plugin}
    try:
        checked = _smallest(service, tool, language, option)
    except FilmetoError as error:
        return Trial(state="failed", found=error.message, advice=error.hint, **about)
    absent = missing(checked.plugin)
    if absent:
        told = "; ".join(need.what for need in absent)
        advice = " ".join(need.advice for need in absent)
        return Trial(state="failed", found=told, advice=advice, **about)
    why = _too_dear(checked, left)
    if why:
        return Trial(state="skipped", found="not tried", advice=why, **about)
    started = time.monotonic()
    result = await _result(service, checked)
    seconds = time.monotonic() - started
    if result.status == "error":
        told = result.metadata["error"]
        found, advice = told["message"], told.get("hint", "")
        return Trial(state="failed", found=found, advice=advice, seconds=seconds, **about)
    cost = price_of(checked.plugin.manifest, str(tool), checked.parameters)
    (first, *_) = result.output_resources
    found = f"{first.mime_type}, {first.size / 1000:.0f} kB in {seconds:.1f} s"
    return Trial(state="ok", found=found, seconds=seconds, cost=cost, **about)


async def _result(service: FilmetoService, checked: CheckedCall) -> TaskResult:
    async for update in service.stream(checked.task, checked=checked):
        last = update
    return last


def _smallest(
    service: FilmetoService, tool: ToolType, language: str, option: Option
) -> CheckedCall:
    """The smallest call of the tool that the plugin's manifest allows."""
    plugin = service.registry.find(option.plugin)
    spec = plugin.manifest.tool(tool) if plugin else None
    if plugin is None or spec is None:
        what = "there is no such plugin" if plugin is None else f"it does not serve {tool}"
        raise PluginNotFoundError(
            f"{what}.", hint="`filmeto plugins list` shows what is there; mend filmeto.yaml."
        )
    asked: dict[str, Any] = {"prompt": PROMPTS.get(tool)}
    if tool is ToolType.TEXT2SPEAK:
        spoken = "en" if language == ANY_LANGUAGE else language
        asked = {"text": WORDS.get(spoken.split("-")[0], "One."), "language": spoken}
    for name, wanted in (("width", SIDE_PX), ("height", SIDE_PX), ("duration_s", LENGTH_S)):
        asked[name] = _within(spec, name, wanted)
    names = {parameter.name for parameter in spec.parameters}
    kept = {k: v for k, v in asked.items() if v is not None and (k in names or k == "prompt")}
    task = FilmetoTask(
        tool_name=tool, plugin_name=option.plugin, parameters=kept, resources=_inputs(tool, spec)
    )
    return checked_as(task, Serving(plugin, option), frozenset(asked))


def _within(spec: ToolSpec, name: str, wanted: float) -> float | None:
    """The value that is nearest to the one wanted, of those that the manifest allows."""
    parameter = spec.parameter(name)
    if parameter is None:
        return None
    low = wanted if parameter.min is None else max(wanted, parameter.min)
    nearest = low if parameter.max is None else min(low, parameter.max)
    return int(nearest) if parameter.type == "integer" else nearest


def _inputs(tool: ToolType, spec: ToolSpec) -> list[ResourceInput]:
    if tool in (ToolType.IMAGE2IMAGE, ToolType.IMAGE2VIDEO):
        return [_given(_picture(), "image/png")]
    if tool is not ToolType.SPEAK2VIDEO:
        return []
    portrait = [_given(_face(), "image/png")] if spec.needs_portrait else []
    return [_given(_sound(), "audio/wav"), *portrait]


def _given(data: bytes, mime_type: str) -> ResourceInput:
    return ResourceInput(
        type=ResourceType.BASE64, data=base64.b64encode(data).decode(), mime_type=mime_type
    )


def _picture() -> bytes:
    """A sky over a sea."""
    from PIL import Image  # here: whoever tries no profile does not load it

    picture = Image.linear_gradient("L").resize((SIDE_PX, SIDE_PX)).convert("RGB")
    picture.paste((40, 60, 90), (0, SIDE_PX // 2, SIDE_PX, SIDE_PX))
    return _png(picture)


def _face() -> bytes:
    """The plainest face that there is."""
    from PIL import Image, ImageDraw

    face = Image.new("RGB", (SIDE_PX, SIDE_PX), (200, 205, 210))
    draw = ImageDraw.Draw(face)
    draw.ellipse((68, 40, 188, 216), fill=(224, 180, 150))
    for x in (104, 152):
        draw.ellipse((x - 10, 108, x + 10, 120), fill=(250, 250, 250))
        draw.ellipse((x - 5, 109, x + 5, 119), fill=(60, 40, 30))
        draw.line((x - 14, 98, x + 14, 98), fill=(70, 50, 40), width=4)
    draw.line((128, 118, 124, 152, 132, 154), fill=(180, 130, 110), width=3)
    draw.ellipse((108, 172, 148, 184), fill=(180, 90, 90))
    return _png(face)


def _png(picture: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _sound() -> bytes:
    """A second of a hum that opens and closes, as a vowel does."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE_HZ)
        times = (i / SAMPLE_RATE_HZ for i in range(int(LENGTH_S * SAMPLE_RATE_HZ)))
        waves = (sin(2 * pi * 3 * t) ** 2 * sin(2 * pi * 140 * t) for t in times)
        sound.writeframes(b"".join(struct.pack("<h", int(12_000 * wave_)) for wave_ in waves))
    return file.getvalue()


def _too_dear(checked: CheckedCall, left: Money | None) -> str | None:
    """Why a call is not made for what it costs; None where it may be."""
    manifest = checked.plugin.manifest
    if not manifest.is_remote:
        return None
    price = price_of(manifest, str(checked.tool), checked.parameters)
    if price is None:
        return (
            "Nobody can say what its call costs: give `pricing` in its plugin.yaml, or try it with "
            f"`filmeto run {checked.tool} --plugin {manifest.name}`."
        )
    if price.micros and (
        left is None or left.currency != price.currency or left.micros < price.micros
    ):
        return f'Its call costs {price}: --spend "{price}" allows it.'
    return None
