"""What a task's request and answers look like: the seed design's fields, and what came since."""

import hashlib
import json
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field

from filmeto_core.journal.posted_models import PostedTask, Status
from filmeto_core.money import Money
from filmeto_core.types import FilmetoTask, Model, ResourceInput

CALL_ID_PATTERN = r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$"
_EXAMPLE = {"tool_name": "text2image", "parameters": {"prompt": "a lighthouse at dawn"}}


def _as_written(when: object) -> object:
    """A time as JSON has it; pydantic would take a number, of seconds or of milliseconds."""
    if isinstance(when, str) and "-" in when or isinstance(when, datetime):
        return when
    raise ValueError("expected a time with its zone, such as 2026-03-01T12:00:00Z")


def _amount(text: str) -> str:
    return str(Money.read(text))


class CallPlace(Model):
    """Where a call belongs in its caller's journal."""

    run_id: str | None = Field(None, max_length=200)
    film: str | None = Field(None, description="The film's folder", max_length=4096)
    shot: str | None = Field(None, max_length=200)
    budget: Annotated[str, Field(max_length=50), AfterValidator(_amount)] | None = Field(
        None, description='The most that the film may cost, such as "5.00 EUR"'
    )
    fresh_since: Annotated[AwareDatetime, BeforeValidator(_as_written)] | None = Field(
        None, description="A result made since then is fresh already"
    )


class CallRequest(Model):
    """That the task is a call of another filmeto, which gets the whole record of it."""

    id: str | None = Field(
        None, description="The call's in the caller's journal", pattern=CALL_ID_PATTERN
    )
    reuse: Literal["always", "refresh", "never"] = Field(
        "always", description="Whether a finished call may be taken, replaced, or neither"
    )
    computation: str | None = Field(
        None, description="The id that a new record gets", pattern=CALL_ID_PATTERN
    )
    place: CallPlace = Field(default_factory=CallPlace, description="Where it belongs")


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
        default_factory=dict, description="cache, refresh, priority, take, profile, webhook, ..."
    )
    call: CallRequest | None = Field(
        None, description="Sent by another filmeto, whose tasks this server computes"
    )
    task_id: str | None = Field(None, description="Not looked at: the server gives the id")
    created_at: str | None = Field(None, description="Not looked at")

    def model_post_init(self, _context: Any) -> None:
        """Halves of surrogate pairs are in JSON's reach, and in no text that can be written."""
        try:
            json.dumps(self.model_dump(), ensure_ascii=False, default=str).encode()
        except UnicodeEncodeError:
            raise ValueError("expected text, got half of a surrogate pair (\\ud800..)") from None

    def task(self, task_id: str) -> FilmetoTask:
        """The task under that id."""
        return FilmetoTask(
            tool_name=self.tool_name,
            plugin_name=self.plugin_name,
            parameters=self.parameters,
            resources=list(self.resources),
            timeout=self.timeout,
            metadata={k: v for k, v in self.metadata.items() if k != "webhook"},
            task_id=task_id,
        )

    def kept(self) -> dict[str, Any]:
        """The fields that count, without secrets: what may be shown."""
        kept = self._asked()
        if isinstance(kept["metadata"].get("webhook"), dict):
            kept["metadata"]["webhook"].pop("secret", None)
        return kept

    def _asked(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude={"task_id", "created_at"})

    def digest(self) -> str:
        """sha256 (hex) of what is asked: two requests of the same digest ask for the same."""
        told = json.dumps(self._asked(), sort_keys=True, default=str)  # of integers of any size
        return hashlib.sha256(told.encode()).hexdigest()


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
