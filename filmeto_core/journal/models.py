"""What the journal tells: runs, their calls, and the jobs that were submitted for them."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from filmeto_core.money import Money
from filmeto_core.types import Model

State = Literal["running", "waiting", "done", "failed", "cancelled", "killed"]
JobState = Literal["begun", "submitted", "done", "failed", "unknown", "dropped"]

# begun: on disk before the plugin got the call; submitted: the provider took it, its id is known;
# unknown: it may or may not be there; dropped: the user decided that it counts for nothing.
OPEN: tuple[JobState, ...] = ("begun", "submitted", "unknown")


class Run(Model):
    """One run of a film, or of one tool."""

    id: str
    kind: Literal["film", "tool"]
    name: str = Field(description="The storyboard's file name without ending, or the tool's")
    film: str | None = Field(None, description="The film's folder, absolute; names the film")
    storyboard: str | None = Field(None, description="Its file, absolute")
    profile: str | None = None
    options: dict[str, Any] = Field(default_factory=dict, description="As given: shots, draft, ...")
    state: State = Field(
        description="waiting: for its review, without a process; killed: its process is gone and "
        "did not say why"
    )
    started_at: datetime
    ended_at: datetime | None = None
    calls: int = Field(0, description="Tool calls that ended well, or ran")
    cached: int = Field(0, description="Of these, taken from what was there")
    spent: tuple[Money, ...] = Field((), description="What its jobs cost, by currency")
    error: str | None = Field(None, description="Why it failed")
    flow_run_id: str | None = Field(None, description="Prefect's")
    budget: Money | None = None


class Call(Model):
    """One tool call of a run."""

    id: str = Field(description="The task's")
    run_id: str | None
    shot: str | None = Field(description="None for what belongs to the film as a whole")
    tool: str
    plugin: str
    plugin_version: str = ""
    fingerprint: str = Field("", description="Of the plugin as it was")
    key: str = Field("", description="Of the call; empty where it failed before it had one")
    parameters: dict[str, Any] = Field(default_factory=dict, description="After defaults")
    resources: tuple[str, ...] = Field((), description="Digests of the inputs")
    take: int = 1
    state: State
    cached: bool = False
    seconds: float = Field(0.0, description="What computing it took")
    cost: Money | None = None
    attempts: int = 1
    outputs: tuple[str, ...] = Field((), description="Digests of what was made")
    error: str | None = None
    started_at: datetime
    ended_at: datetime | None = None


class Job(Model):
    """A call at a provider, from before it is sent until it is collected."""

    idempotency_key: str = Field(description="Its name here, and at a provider that takes one")
    key: str = Field(description="Of the call")
    run_id: str | None = None
    film: str | None = None
    shot: str | None = None
    tool: str
    plugin: str
    job_id: str | None = Field(None, description="The provider's, once it is known")
    cost: Money | None = Field(None, description="What it costs, or else what it should")
    state: JobState
    attempts: int = Field(1, description="How often the plugin was given it")
    begun_at: datetime
    submitted_at: datetime | None = None
    ended_at: datetime | None = None
    error: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be collected, or decided."""
        return self.state in OPEN
