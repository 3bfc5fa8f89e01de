"""A film's plan as data: each of its calls, and what they come to."""

from typing import Any, Literal

from pydantic import Field

from filmeto_core.money import Money
from filmeto_core.types import Model

# unknown: nobody can tell whether a provider has the job; refused: its input was, for good. Both
# stay as they are until the user decides, so that the run fails there.
Action = Literal["reuse", "resume", "compute", "pinned", "unknown", "refused"]
ACTIONS: tuple[Action, ...] = ("reuse", "resume", "compute", "pinned", "unknown", "refused")


class Change(Model):
    """What differs from the last call of the same film, shot and tool."""

    field: str = Field(description="A parameter; or plugin, version, fingerprint, take, an input")
    before: Any = None
    after: Any = Field(None, description="None: gone, or not known before it is made")


class PlannedCall(Model):
    """One call of the film, or its assembly, as a run would find it now."""

    shot: str | None = Field(None, description="None for what belongs to the film as a whole")
    tool: str
    plugin: str = Field(description="Who serves it; empty for a file that is pinned")
    plugin_version: str = ""
    action: Action
    certain: bool = Field(
        True, description="False: computed only if what it waits for comes out otherwise"
    )
    why: str
    changes: tuple[Change, ...] = ()
    seconds: float | None = Field(
        None, description="What it should take; 0: nothing; None: not known"
    )
    cost: Money | None = Field(None, description="What it should cost; None: nothing, or not known")
    priced: bool = Field(True, description="False: it may cost something, and nobody says what")
    key: str | None = Field(None, description="None: not known before its inputs are made")
    digest: str | None = Field(None, description="Of the file, where it is there")

    @property
    def works(self) -> bool:
        """Whether there is something to be done for it."""
        return self.action in ("compute", "resume")


class Totals(Model):
    """What a plan comes to; the assembly counts in the seconds alone."""

    calls: int
    reused: int
    resumed: int
    computed: int = Field(description="For certain")
    perhaps: int = Field(description="Computed only if what they wait for comes out otherwise")
    pinned: int
    unknown: int
    refused: int
    seconds: float = Field(description="Of work, as far as it is known")
    seconds_known: bool = Field(description="False: at least one call's is not")
    costs: tuple[Money, ...] = Field(description="As far as they are known, by currency")
    costs_known: bool = Field(description="False: at least one call's is not")
    at_once: int = Field(description="Calls that run side by side on this machine")


class Plan(Model):
    """What a run of this film would do now."""

    title: str
    film: str = Field(description="The film's folder, absolute")
    profile: str
    size: str
    fps: str
    duration_s: float = Field(description="The film's; an estimate where a voice is still to come")
    duration_known: bool
    calls: tuple[PlannedCall, ...] = Field(description="In the film's order")
    assembly: PlannedCall
    totals: Totals
    notes: tuple[str, ...] = ()
