"""How a call ended, as the stream tells it."""

from dataclasses import dataclass

from filmeto_core.errors import FilmetoError
from filmeto_core.resources.calls import CallRecord
from filmeto_core.types import TaskResult


@dataclass(frozen=True)
class Done:
    """A finished call: its record, and whether it was there already."""

    record: CallRecord
    cached: bool
    seconds: float


def success(task_id: str, done: Done, seconds: float, attempts: int) -> TaskResult:
    """The result of a call that worked."""
    record = done.record
    return TaskResult(
        task_id=task_id,
        status="success",
        output_files=[o.path for o in record.outputs],
        output_resources=list(record.outputs),
        execution_time=seconds,
        metadata={
            **record.metadata,
            "tool": record.tool,
            "plugin": record.plugin,
            "plugin_version": record.plugin_version,
            "parameters": record.parameters,
            "cached": done.cached,
            "attempts": attempts,
            **({"resources": list(record.resources)} if record.resources else {}),
        },
    )


def failure(task_id: str, error: FilmetoError, seconds: float) -> TaskResult:
    """The result of a call that failed."""
    return TaskResult(
        task_id=task_id,
        status="error",
        error_message=str(error),
        execution_time=seconds,
        metadata={"error": error.to_dict()},
    )
