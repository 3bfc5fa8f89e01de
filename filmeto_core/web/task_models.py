"""What a task's request and answers look like: the seed design's fields, and what came since."""

import hashlib
from datetime import datetime
from typing import Any, Literal

import orjson
from pydantic import ConfigDict, Field

from filmeto_core.journal.posted_models import PostedTask, Status
from filmeto_core.types import FilmetoTask, Model, ResourceInput

_EXAMPLE = {"tool_name": "text2image", "parameters": {"prompt": "a lighthouse at dawn"}}


class TaskRequest(Model):
    """One call of one tool, as it is posted."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    tool_name: str = Field(description="One of the seven tools", max_length=200)
    plugin_name: str | None = Field(None, description="None: the profile chooses", max_length=200)
    parameters: dict[str, Any] = Field(default_factory=dict, description="As the manifest has them")
    resources: list[ResourceInput] = Field(
        default_factory=list, description="In the tool's order", max_length=100
    )
    timeout: float | None = Field(None, gt=0, description="Seconds; None: the manifest's, else 300")
    metadata: dict[str, Any] = Field(
        default_factory=dict, description="cache, refresh, priority, take, profile, ..."
    )
    task_id: str | None = Field(None, description="Not looked at: the server gives the id")
    created_at: str | None = Field(None, description="Not looked at")

    def task(self, task_id: str) -> FilmetoTask:
        """The task under that id."""
        return FilmetoTask(
            tool_name=self.tool_name,
            plugin_name=self.plugin_name,
            parameters=self.parameters,
            resources=list(self.resources),
            timeout=self.timeout,
            metadata=self.metadata,
            task_id=task_id,
        )

    def kept(self) -> dict[str, Any]:
        """The fields that count."""
        return self.model_dump(mode="json", exclude={"task_id", "created_at"})

    def digest(self) -> str:
        """sha256 (hex) of what is asked: two requests of the same digest ask for the same."""
        told = orjson.dumps(self.kept(), option=orjson.OPT_SORT_KEYS, default=str)
        return hashlib.sha256(told).hexdigest()


class Accepted(Model):
    """The answer to a task that was taken on."""

    task_id: str
    status: Status
    message: str


class TaskStatus(Model):
    """How a task stands."""

    task_id: str
    status: Status
    percent: float = Field(description="0 to 100, never falling")
    message: str = Field(description="The last thing that was told of it")
    tool_name: str
    plugin_name: str = Field(description="Who serves it")
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    attempts: int = Field(description="Server starts that had it in hand")
    result: dict[str, Any] | None = Field(None, description="The TaskResult, at its end")
    error: dict[str, Any] | None = Field(None, description="code, message, hint of a failure")
    kind: Literal["task", "execute"] = Field(
        description="execute: cancelled when its reader stays away"
    )
    film: str | None = Field(None, description="The film that it belongs to")
    shot: str | None = Field(None, description="The film's shot")

    @classmethod
    def of(cls, task: PostedTask) -> "TaskStatus":
        """The status of a task that is kept."""
        return cls(
            task_id=task.id,
            status=task.status,
            percent=task.percent,
            message=task.message,
            tool_name=task.tool,
            plugin_name=task.plugin,
            created_at=task.accepted_at,
            started_at=task.started_at,
            ended_at=task.ended_at,
            attempts=task.attempts,
            result=task.result,
            error=task.error,
            kind=task.kind,
        )
