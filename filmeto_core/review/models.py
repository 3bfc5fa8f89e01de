"""What a review asks of a person, what the person answers, and what becomes of that."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from filmeto_core.types import Model

APPROVE, CHANGE = "approve", "change"

KeptIn = Literal["", "storyboard", "here"]


class ReviewedShot(Model):
    """One shot, as it is looked at."""

    id: str
    prompt: str | None = Field(None, description="What its picture was made of; None: of no prompt")
    take: int = 1
    still: str | None = Field(None, description="sha256:HEX of its picture; None: it has none")
    made: bool = Field(
        True, description="Whether a tool makes its picture: another take is another"
    )
    changed: bool = Field(False, description="Whether the last answer changed it")
    new: bool = Field(False, description="Whether nobody has approved this very picture yet")


class Asking(Model):
    """What a run that waits for its review asks."""

    title: str = Field(description="The film's")
    out: str = Field(description="The film's folder, absolute")
    storyboard: str | None = Field(None, description="Its file, absolute; None: it was given whole")
    sheet: str = Field(description="The contact sheet of the stills, absolute")
    told: str = Field("", description="What was changed, or why it is asked once more")
    since: datetime
    shots: tuple[ReviewedShot, ...]

    def shot(self, name: str) -> ReviewedShot | None:
        """The shot of that id."""
        return next((shot for shot in self.shots if shot.id == name), None)


class Answer(Model):
    """What a person answers, by the form, the command line, or the page."""

    decision: Literal["approve", "change"]
    prompts: dict[str, str] = Field(default_factory=dict, description="New ones, by shot")
    other_takes: tuple[str, ...] = Field((), description="Shots that get another take")


class ShotEdit(Model):
    """What an answer changes of a shot."""

    shot: str
    prompt: str | None = Field(None, description="The new one; None: it stays")
    prompt_before: str | None = None
    take: int | None = Field(None, description="The new one; None: it stays")
    take_before: int | None = None


class Answered(Model):
    """An answer that was taken, as it is kept."""

    flow_run: str = Field(description="The id of the Prefect run that asked")
    at: datetime
    decision: Literal["approve", "change", "refused"]
    told: str = Field("", description="What is said of it when it is asked again")
    edits: tuple[ShotEdit, ...] = ()
    kept_in: KeptIn = Field(
        "", description='Where the edits are: in the storyboard\'s file, here alone, or "" not yet'
    )


class Reviews(Model):
    """review.json: all that was asked and answered of one film."""

    approved: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="By shot, the digests of the pictures that were approved"
    )
    answers: tuple[Answered, ...] = ()
    waiting: Asking | None = Field(None, description="What is asked now")
    waiting_run: str | None = Field(None, description="By which Prefect run")
