"""A call that another machine makes: what it is told, and what it tells when it is done.

The film's machine and the one that serves the call's work queue know each other by Prefect's server and
the shared store alone. What goes over is small JSON: parameters, digests, and how it ended.
"""

import json
from typing import Any

from prefect.client.schemas.actions import ArtifactCreate
from pydantic import Field

from filmeto_core.errors import FilmetoError, ValidationError
from filmeto_core.film.storyboard_models import Storyboard
from filmeto_core.film_preflight import calls_of
from filmeto_core.resources.shared_exchange import SharedFile
from filmeto_core.service import FilmetoService
from filmeto_core.types import Model

DEPLOYMENT = "tool/tool"
OUTCOME = "outcome"  # the artifact that says how a call ended, to people and to who asked for it


class Placed(Model):
    """A call on its way to a machine of its work queue."""

    key: str = Field(description="The call's key; the other machine has to come to the same")
    queue: str = Field(description="The work queue that it is on; its task there bears it as a tag")
    version: str = Field(description="Of the plugin here")
    files: tuple[SharedFile, ...] = Field((), description="Its inputs, in the tool's order")
    refresh: bool = Field(False, description="Whether it is made anew, whatever is there")
    shot: str | None = Field(None, description="Whose call it is")
    asker: str = Field(description="Which call asked; another one may only have joined it")
    suspect: tuple[str, ...] = Field((), description="Files that are damaged in the shared store")


class Outcome(Model):
    """How a call ended on the other machine."""

    machine: str = Field(description="Its host name")
    record: str | None = Field(None, description="The id of the record that it left")
    error: dict[str, Any] | None = Field(None, description="Of FilmetoError.to_dict")

    def artifact(self, flow_run_id: Any) -> ArtifactCreate:
        """As the Prefect UI shows it, in one line of a table."""
        told: dict[str, Any] = {"machine": self.machine, "record": self.record or ""}
        if self.error:
            told |= {"error": self.error["message"], "do": self.error["hint"]}
        told["told"] = self.model_dump_json()
        return ArtifactCreate(
            key=OUTCOME,
            type="table",
            description="How the call ended, as it is told to the machine that asked for it.",
            data=json.dumps([told]),
            flow_run_id=flow_run_id,
        )

    @classmethod
    def read(cls, data: Any) -> "Outcome | None":
        """What an artifact tells; None where that is nothing."""
        try:
            rows = json.loads(data) if isinstance(data, str) else data
            return cls.model_validate_json(rows[0]["told"])
        except (ValueError, TypeError, KeyError, IndexError):
            return None

    def raised(self) -> FilmetoError | None:
        """The error that it tells of, which names the machine."""
        if self.error is None:
            return None
        error = FilmetoError.from_dict(self.error)
        error.message = f"on {self.machine}: {error.message}"
        return error.with_details(machine=self.machine)


def require_shared_store(here: FilmetoService, queue: str, tool: str) -> None:
    """Nothing, where calls can be handed to other machines.

    Raises:
        ValidationError: No store is shared, so that nothing could come back.
    """
    if here.shared is None:
        raise ValidationError(
            f"{tool} is made by the machines of the work queue {queue}, and FILMETO_STORE_URL is not "
            "set: pictures and clips travel through a store that the machines share.",
            hint="Set FILMETO_STORE_URL to the same address on each machine, or take `queue` out of "
            "the entry in filmeto.yaml.",
            field="queue",
            value=queue,
        )


def require_shared_stores(here: FilmetoService, board: Storyboard) -> None:
    """As `require_shared_store`, for all that a film asks of the tools; before it starts."""
    for _, task in calls_of(here, board):
        queue = here.serving_for(task).queue
        if queue:
            require_shared_store(here, queue, str(task.tool_name))
