"""How a task's events look: their subject, its result with the addresses of its files, its error."""

from typing import Any

from filmeto_core.errors import FilmetoError
from filmeto_core.journal.posted_models import PostedTask
from filmeto_core.types import TaskResult

RESOURCES_URL = "/api/v1/resources/"


def subject_of(task_id: str) -> str:
    """The name of a task's events."""
    return f"task:{task_id}"


def web_result(result: TaskResult) -> dict[str, Any]:
    """A result's fields, each of its files with the address that serves it."""
    told = result.to_dict()
    for output in told["output_resources"]:
        _addressed(output)
    return told


def _addressed(output: dict[str, Any]) -> None:
    digest = output["metadata"].get("digest")
    if digest:
        output["url"] = f"{RESOURCES_URL}{digest}"
    for other in output.get("others") or ():
        _addressed(other)


def end_event(task: PostedTask) -> dict[str, Any]:
    """The event that tells how a task ended, by what is kept of it."""
    if task.result is not None:
        return {"_type": "result", **task.result}
    return told_error(task.error or {"code": "internal", "message": task.message})


def told_error(error: dict[str, Any]) -> dict[str, Any]:
    """The event that tells of an error's fields."""
    return {
        "_type": "error",
        "code": error["code"],
        "message": error["message"],
        "details": {k: v for k, v in error.items() if k not in ("code", "message", "details")}
        | dict(error.get("details") or {}),
    }


def error_event(error: FilmetoError) -> dict[str, Any]:
    """The event that tells of an error: code, message, details."""
    return told_error(error.to_dict())
