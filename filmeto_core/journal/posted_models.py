"""What a server keeps of what was posted to it: a task, and the names of its states."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from filmeto_core.types import Model

Status = Literal["queued", "running", "success", "error", "cancelled"]
STATUSES: tuple[Status, ...] = ("queued", "running", "success", "error", "cancelled")
EventId = tuple[int, int]  # the server's start, and the event's number since then
OPEN_STATUSES: tuple[Status, ...] = ("queued", "running")
# task: runs on whether or not somebody reads; execute: is cancelled when its reader stays away.
Kind = Literal["task", "execute"]


class PostedTask(Model):
    """A task that a server took on."""

    id: str
    tenant: str
    kind: Kind
    tool: str
    plugin: str = Field(description="Who serves it")
    request: dict[str, Any] = Field(description="As it was posted")
    status: Status
    percent: float = 0.0
    message: str = ""
    result: dict[str, Any] | None = Field(None, description="A TaskResult's fields, at its end")
    error: dict[str, Any] | None = Field(None, description="code, message, hint, ... of a failure")
    attempts: int = Field(0, description="Server starts that had it in hand")
    accepted_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    idempotency_key: str | None = None
    request_digest: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.status in OPEN_STATUSES
