"""The storyboard's models: what a film and its shots may say, with the defaults.

They check each field alone. Whether the fields fit together, and the files exist, is
`storyboard.load_storyboard`'s to say, which also tells of all problems at once with their lines.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from filmeto_core.errors import ValidationError, did_you_mean, some_of
from filmeto_core.film.storyboard_cast import Character, Look, Voice, described, shown_in
from filmeto_core.film.storyboard_values import (
    MAX_SEED,
    Duration,
    FilePath,
    Name,
    ShotId,
    Size,
    Spoken,
    Text,
    read_digest,
    read_seconds,
)
from filmeto_core.film.transition import (
    DEFAULT_ENDING_S,
    DEFAULT_TRANSITION_S,
    EndingKind,
    TransitionKind,
)
from filmeto_core.frame_rate import FrameRate
from filmeto_core.types import Model, ToolType

LONGEST_TRANSITION_S = 10.0
NO_LOOK = "none"  # a shot's word for its picture as it is

Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]
Digest = Annotated[str, BeforeValidator(read_digest)]
Take = Annotated[int, Field(ge=1, le=9999)]


class Motion(StrEnum):
    """How the camera moves over a still."""

    PUSH_IN = "push-in"
    PULL_OUT = "pull-out"
    PAN_LEFT = "pan-left"
    PAN_RIGHT = "pan-right"
    TILT_UP = "tilt-up"
    TILT_DOWN = "tilt-down"
    PARALLAX = "parallax"
    STATIC = "static"


def _with_length(fields: Any, kinds: type[StrEnum], usual: dict[Any, float]) -> Any:
    """The fields of a transition with its length filled in."""
    if not isinstance(fields, dict) or fields.get("kind") not in list(kinds):
        return fields
    kind = kinds(fields["kind"])
    given = fields.get("duration_s")
    if kind == "cut":
        if given is not None and read_seconds(given, 0, LONGEST_TRANSITION_S):
            raise ValueError("a cut has no length; leave duration_s out")
        return {**fields, "duration_s": 0.0}
    if given is None:
        return {**fields, "duration_s": usual[kind]}
    return {**fields, "duration_s": read_seconds(given, 0.04, LONGEST_TRANSITION_S)}


def _word_or(key: str, model: type[Model]) -> BeforeValidator:
    """A reader that takes a bare word for {key: word}, and says so in the JSON schema."""
    return BeforeValidator(
        lambda value: {key: value} if isinstance(value, str) else value,
        json_schema_input_type=str | model,
    )


class ShotTransition(Model):
    """How a shot comes in."""

    kind: TransitionKind = Field(description="cut, dissolve or fade-from-black")
    duration_s: float = Field(
        0.0, description="Seconds; dissolve 0.5 and fade-from-black 1 unless given"
    )

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        return _with_length(value, TransitionKind, DEFAULT_TRANSITION_S)


class Ending(Model):
    """How the film ends."""

    kind: EndingKind = Field(description="cut or fade-to-black")
    duration_s: float = Field(0.0, description="Seconds; fade-to-black 1.5 unless given")

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        return _with_length(value, EndingKind, DEFAULT_ENDING_S)


class Music(Model):
    """The film's music: composed from a prompt, or one's own file."""

    prompt: Text | None = Field(None, description="Mood, tempo, instruments, genre")
    file: FilePath | None = Field(None, description="A piece of music to use instead")
    gain_db: float = Field(0.0, ge=-40, le=20, description="Louder or softer, in decibels")


class Sound(Model):
    """A sound effect under a shot."""

    file: FilePath = Field(description="The sound file")
    start_s: float = Field(0.0, ge=0, le=600, description="Seconds after the shot's start")
    gain_db: float = Field(0.0, ge=-60, le=20, description="Louder or softer, in decibels")


class ShotKind(StrEnum):
    """What a shot's clip is made from."""

    STILL = "still"
    VIDEO = "video"


class Shot(Model):
    """One shot."""

    id: ShotId = Field(
        "", description="Names the shot and its folder; shot-1, shot-2 … unless given"
    )
    prompt: Text | None = Field(None, description="What the picture shows")
    image: FilePath | None = Field(None, description="A picture to use instead of a drawn one")
    clip: FilePath | None = Field(None, description="A video clip to use for the whole shot")
    kind: ShotKind = Field(
        ShotKind.STILL, description="still: a picture that moves; video: made as one"
    )
    narration: Spoken | None = Field(None, description="What is said; also the subtitles' text")
    line: Spoken | None = Field(None, description="What somebody says who is seen speaking")
    character: Name | None = Field(None, description="Who speaks, by the film's characters")
    look: Annotated[Look, _word_or("prompt", Look)] | None = Field(
        None, description="Instead of the film's look; none for the picture as it is"
    )
    mood: Text | None = Field(None, description="What the music feels like from here on")
    voice_file: FilePath | None = Field(None, description="A recording that speaks the narration")
    sound: Annotated[Sound, _word_or("file", Sound)] | None = Field(
        None, description="A sound effect: a file, or {file, start_s, gain_db}"
    )
    motion: Motion = Field(Motion.PUSH_IN, description="How the camera moves over the picture")
    duration_s: Duration = Field("auto", description="Seconds, or auto: what the narration needs")
    transition: Annotated[ShotTransition, _word_or("kind", ShotTransition)] = Field(
        ShotTransition(kind=TransitionKind.CUT), description="How the shot comes in"
    )
    style: Text | None = Field(None, description="Instead of the film's style")
    negative_prompt: Text | None = Field(None, description="Instead of the film's")
    seed: Seed | None = Field(None, description="Instead of the film's seed")
    take: Take | None = Field(None, description="Instead of the film's take")
    voice: Voice | None = Field(None, description="What differs from the film's voice")
    plugin: dict[ToolType, Name] = Field(
        default_factory=dict, description="Which plugin serves a tool here: {text2image: NAME}"
    )
    pinned: dict[ToolType, Digest] = Field(
        default_factory=dict,
        description="A file that stays, whatever else changes: {text2image: sha256:...}",
    )

    @property
    def spoken(self) -> str | None:
        """What is said in it, by a narrator or by somebody seen."""
        return self.line or self.narration

    @property
    def clip_tool(self) -> ToolType | None:
        """Which tool makes its clip; None where it brings its own."""
        if self.clip:
            return None
        if self.line:
            return ToolType.SPEAK2VIDEO
        return ToolType.TEXT2VIDEO if self.kind is ShotKind.VIDEO else ToolType.IMAGE2VIDEO

    @property
    def keeps_clip(self) -> bool:
        """Whether its clip is a pinned one."""
        return self.clip_tool in self.pinned


class Storyboard(Model):
    """A film, checked. `load_storyboard` makes it; paths in it are absolute."""

    title: Text = Field("Untitled", description="The film's title; the file's name unless given")
    size: Size = Field("1280x720", description="WIDTHxHEIGHT, even numbers")
    fps: FrameRate = Field("24", validate_default=True, description="Frames a second: 24, 29.97 …")
    profile: Name = Field("animatic", description="Which plugin serves which tool")
    voice: Voice = Field(Voice(), description="Who speaks: {language, voice, speed}")
    music: Annotated[Music, _word_or("prompt", Music)] | None = Field(
        None, description="A prompt, or {prompt, gain_db} or {file, gain_db}; none unless given"
    )
    style: Text | None = Field(None, description="Added to the prompt of each shot")
    negative_prompt: Text | None = Field(None, description="What no shot should show")
    look: Annotated[Look, _word_or("prompt", Look)] | None = Field(
        None, description="Done to every still: a prompt, or {prompt, strength}"
    )
    characters: dict[Name, Character] = Field(
        default_factory=dict, description="Who appears: {name: {description, reference, voice}}"
    )
    pronunciations: dict[Name, Text] = Field(
        default_factory=dict, description='How words are said: {Reykjavik: "rake-ya-vick"}'
    )
    seed: Seed | None = Field(None, description="For all shots; derived for each unless given")
    take: Take = Field(1, description="Another take makes everything anew")
    overrun: Literal["extend", "fail"] = Field(
        "extend", description="What happens to a shot that is too short for its narration"
    )
    review: Literal["stills"] | None = Field(
        None, description="stills: the run waits until a person has approved the pictures"
    )
    ending: Annotated[Ending, _word_or("kind", Ending)] = Field(
        Ending(kind=EndingKind.CUT), description="How the film ends"
    )
    shots: tuple[Shot, ...] = Field(min_length=1, max_length=1000, description="The shots in order")

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, value: Any) -> Any:
        return completed(value) if isinstance(value, dict) else value

    @property
    def width_px(self) -> int:
        """Width of the picture."""
        return int(self.size.split("x")[0])

    @property
    def height_px(self) -> int:
        """Height of the picture."""
        return int(self.size.split("x")[1])

    def voice_of(self, shot: Shot) -> Voice:
        """The film's voice, with what its speaker's and the shot say otherwise."""
        speaker = self.characters.get(shot.character or "")
        voice = speaker.voice.over(self.voice) if speaker and speaker.voice else self.voice
        return shot.voice.over(voice) if shot.voice else voice

    def shown(self, shot: Shot) -> dict[str, Character]:
        """The characters that a shot shows: its speaker, and those whom its prompt names."""
        found = dict(shown_in(shot.prompt, self.characters))
        if shot.line and shot.character in self.characters:
            found = {shot.character: self.characters[shot.character], **found}
        return found

    def references_of(self, shot: Shot) -> tuple[str, ...]:
        """The pictures of those whom a shot shows."""
        return tuple(c.reference for c in self.shown(shot).values() if c.reference)

    def look_of(self, shot: Shot) -> Look | None:
        """What is done to the shot's still; None: nothing."""
        look = shot.look or self.look
        return None if look is None or look.prompt.lower() == NO_LOOK else look

    def prompt_of(self, shot: Shot) -> str | None:
        """What the shot's picture is asked for: its prompt, whom it shows, and the style."""
        style = shot.style or self.style
        said = described(shot.prompt or "", self.shown(shot))
        return (f"{said}, {style}" if said and style else said) or None

    def negative_prompt_of(self, shot: Shot) -> str | None:
        """What the shot's picture should not show."""
        return shot.negative_prompt or self.negative_prompt

    def seed_of(self, shot: Shot) -> int | None:
        """The shot's seed, or None: then each call derives its own."""
        return self.seed if shot.seed is None else shot.seed

    def take_of(self, shot: Shot) -> int:
        """Which take of the shot is asked for."""
        return shot.take or self.take

    def only(self, ids: list[str]) -> "Storyboard":
        """The film of these shots alone, in the film's order.

        A dissolve from a shot that is left out becomes a cut.

        Raises:
            ValidationError: There is no such shot.
        """
        known = [shot.id for shot in self.shots]
        for wanted in ids:
            if wanted not in known:
                raise ValidationError(
                    f'There is no shot "{wanted}".{did_you_mean(wanted, known)}',
                    hint=f"The shots are {some_of(known)}.",
                    field="shots",
                    value=wanted,
                )
        kept, previous_kept = [], False
        for shot in self.shots:
            if shot.id in ids:
                dissolves = shot.transition.kind == TransitionKind.DISSOLVE
                cut = {"transition": ShotTransition(kind=TransitionKind.CUT)}
                lonely = dissolves and not previous_kept
                kept.append(shot.model_copy(update=cut) if lonely else shot)
            previous_kept = shot.id in ids
        if not kept:
            raise ValidationError("No shot was asked for.", hint=f"Choose from {some_of(known)}.")
        return self.model_copy(update={"shots": tuple(kept)})

    def draft(self) -> "Storyboard":
        """The same film at half the size."""
        width, height = (max(64, length // 4 * 2) for length in (self.width_px, self.height_px))
        return self.model_copy(update={"size": f"{width}x{height}"})

    def to_dict(self) -> dict[str, Any]:
        """JSON-able fields that `load_storyboard` reads back to an equal storyboard."""
        return self.model_dump(mode="json", exclude_none=True)


def completed(fields: dict[str, Any]) -> dict[str, Any]:
    """The film's fields with the shots' ids filled in, and a last shot's fade-to-black moved.

    `transition: fade-to-black` on the last shot is another way to write the film's `ending`.
    Values of the wrong kind are left for the models to refuse.
    """
    shots = fields.get("shots")
    if not isinstance(shots, list | tuple) or not shots:
        return fields
    numbered = [
        {**shot, "id": shot.get("id") or f"shot-{number}"} if isinstance(shot, dict) else shot
        for number, shot in enumerate(shots, 1)
    ]
    last = numbered[-1]
    transition = last.get("transition") if isinstance(last, dict) else None
    kind = transition.get("kind") if isinstance(transition, dict) else transition
    if kind == EndingKind.FADE_TO_BLACK and "ending" not in fields:
        last.pop("transition")
        fields = {**fields, "ending": transition}
    return {**fields, "shots": numbered}
