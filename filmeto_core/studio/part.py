"""One part of the studio as people are told of it."""

from typing import Literal

from pydantic import Field

from filmeto_core.types import Model

PartState = Literal["up", "starting", "down", "away"]


class Part(Model):
    """A part, its health, and what it does now."""

    name: str = Field(description="server, pool, host or worker")
    state: PartState = Field(
        description="up: it answers; starting: its process is there; down: it is not; away: "
        "another machine's, which does not answer"
    )
    address: str = Field("", description="Where people look, or its name")
    does: str = Field("", description="What it does now, in words")
    pid: int | None = Field(None, description="Of the process that filmeto started here")
    since: float | None = Field(None, description="When it was started, in Unix seconds")
    log: str | None = Field(None, description="Its log")


class RunNow(Model):
    """A run of a deployment that is under way, or waits for its turn."""

    id: str
    name: str
    state: str = Field(description="As Prefect names it: Running, Pending, Late, AwaitingRetry …")
    since: str | None = Field(None, description="When it began, ISO 8601")
    here: bool = Field(description="Whether this machine makes it")
    url: str = Field(description="The run in the Prefect UI")


class Studio(Model):
    """All of it."""

    project: str | None = Field(None, description="The folder that relative paths are of")
    queues: tuple[str, ...] = Field((), description="What this machine's worker serves")
    parts: tuple[Part, ...] = ()
    deployments: tuple[str, ...] = Field((), description="FLOW/NAME")
    runs: tuple[RunNow, ...] = ()

    @property
    def is_up(self) -> bool:
        """Whether every part answers."""
        return all(part.state == "up" for part in self.parts)
