"""What is sent to make and to change films: fields as a storyboard has them, those that are given."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from filmeto_core.types import Model, ToolType
from filmeto_core.web.film_takes import MOST_TAKES

_TEXT = 10_000  # characters; what a storyboard takes is less, and said with its field
_BOARD = {"title": "Dawn", "shots": [{"id": "quay", "prompt": "a quay at dawn"}]}


class NewFilm(Model):
    """A film to be made."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"storyboard": _BOARD}]}
    )

    storyboard: str | dict[str, Any] = Field(description="Its text (YAML or JSON), or its fields")
    title: str | None = Field(None, min_length=1, max_length=200, description="Instead of its own")


class _Fields(Model):
    @property
    def given(self) -> dict[str, Any]:
        """Those that were sent, None among them."""
        return {name: getattr(self, name) for name in sorted(self.model_fields_set)}


class FilmFields(_Fields):
    """Fields of a film to change; null removes one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"title": "Dawn"}]})

    title: str | None = Field(None, max_length=_TEXT)
    size: str | None = Field(None, max_length=100, description="WIDTHxHEIGHT")
    fps: str | float | None = None
    profile: str | None = Field(None, max_length=200)
    voice: dict[str, Any] | None = Field(None, description="language, voice, speed")
    music: str | dict[str, Any] | None = Field(None, description="A prompt, or {prompt, gain_db}")
    style: str | None = Field(None, max_length=_TEXT)
    look: str | dict[str, Any] | None = Field(None, description="A prompt, or {prompt, strength}")
    characters: dict[str, Any] | None = Field(
        None, description="By name: description, reference, voice"
    )
    pronunciations: dict[str, str] | None = Field(None, description="How words are said")
    negative_prompt: str | None = Field(None, max_length=_TEXT)
    seed: int | None = None
    take: int | None = None
    overrun: str | None = Field(None, max_length=100, description="extend or fail")
    review: str | None = Field(None, max_length=100, description="stills, or none")
    ending: str | dict[str, Any] | None = Field(None, description="cut or fade-to-black")


class ShotFields(_Fields):
    """Fields of a shot to change; null removes one."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"prompt": "a quay at dawn, fog"}]}
    )

    id: str | None = Field(None, max_length=200, description="What it is called")
    prompt: str | None = Field(None, max_length=_TEXT)
    image: str | None = Field(None, max_length=1000, description="Such as refs/harbour.png")
    clip: str | None = Field(None, max_length=1000)
    kind: str | None = Field(None, max_length=100, description="still or video")
    narration: str | None = Field(None, max_length=_TEXT)
    line: str | None = Field(None, max_length=_TEXT, description="What somebody seen says")
    character: str | None = Field(None, max_length=200, description="Who speaks")
    look: str | dict[str, Any] | None = Field(None, description="A prompt, or {prompt, strength}")
    mood: str | None = Field(None, max_length=_TEXT, description="What the music feels like")
    voice_file: str | None = Field(None, max_length=1000)
    sound: str | dict[str, Any] | None = Field(
        None, description="A file, or {file, start_s, gain_db}"
    )
    motion: str | None = Field(None, max_length=100)
    duration_s: float | str | None = Field(None, description="Seconds, or auto")
    transition: str | dict[str, Any] | None = Field(None, description="{kind, duration_s}")
    style: str | None = Field(None, max_length=_TEXT)
    negative_prompt: str | None = Field(None, max_length=_TEXT)
    seed: int | None = None
    take: int | None = None
    voice: dict[str, Any] | None = None
    plugin: dict[str, Any] | None = Field(None, description="Which plugin serves a tool here")
    pinned: dict[str, Any] | None = Field(None, description="Which file stays, by tool")


class NewShot(ShotFields):
    """A shot to be added."""

    after: str | None = Field(
        None, max_length=200, description="The shot before it; null: the last"
    )

    @property
    def given(self) -> dict[str, Any]:
        """The shot's own fields that were sent."""
        return {name: value for name, value in super().given.items() if name != "after"}


class Order(Model):
    """All shots of a film, in the order that they are to have."""

    model_config = ConfigDict(extra="forbid")

    shots: list[str] = Field(max_length=1000, description="Their ids, each once")


class Pick(Model):
    """What a shot is to use: a take, or one file of one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"take": 2}]})

    take: int | None = Field(None, ge=1, le=MOST_TAKES, description="All of this take")
    tool: ToolType | None = Field(None, description="Or the file that this tool made,")
    digest: str | None = Field(None, max_length=100, description="as GET .../takes tells it")


class ReviewRequest(Model):
    """What becomes of the stills that a film waits with."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"decision": "approve"}]}
    )

    decision: Literal["approve", "change"] = Field(
        description="change: as told below, and ask again"
    )
    prompts: dict[str, str] = Field(default_factory=dict, description="New ones, by shot")
    other_takes: list[str] = Field(
        default_factory=list, max_length=1000, description="Shots that get another take"
    )


class TakeRequest(Model):
    """How another take is to be run."""

    model_config = ConfigDict(extra="forbid")

    budget: str | None = Field(
        None, max_length=100, description='The most that the film may cost, "5.00 EUR"'
    )
