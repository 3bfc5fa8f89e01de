"""A shot on the timeline: its frames, its transition, its voice."""

from pydantic import Field

from filmeto_core.film.transition import TransitionKind
from filmeto_core.types import Model


class Transition(Model):
    """How a shot comes in."""

    kind: TransitionKind = Field(TransitionKind.CUT, description="cut, dissolve, fade-from-black")
    frames: int = Field(0, ge=0, description="Its length, from the shot's start; 0 for a cut")


class ShotClip(Model):
    """A shot on the timeline: visible from its start to the next shot's."""

    shot_id: str = Field(description="The shot's id in the storyboard")
    start_frame: int = Field(ge=0, description="The film's frame on which it starts")
    frames: int = Field(gt=0, description="Visible length, to the next shot's start")
    tail_frames: int = Field(
        0, ge=0, description="Rendered beyond that: the length of the next shot's dissolve"
    )
    transition: Transition = Field(default_factory=Transition, description="How it comes in")
    voice_start_s: float | None = Field(None, description="Where its voice starts in the film")
    voice_duration_s: float | None = Field(None, description="How long its voice speaks")
    narration: str | None = Field(None, description="What the voice says")

    @property
    def clip_frames(self) -> int:
        """How many frames its clip must have."""
        return self.frames + self.tail_frames

    @property
    def end_frame(self) -> int:
        """The frame after its last visible one."""
        return self.start_frame + self.frames
