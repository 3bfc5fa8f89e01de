"""Whether a task could be run, without running it."""

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from filmeto_core.errors import FilmetoError
from filmeto_core.types import Model
from filmeto_core.web.access import Runner
from filmeto_core.web.desk import AtDesk
from filmeto_core.web.problems import problem_of
from filmeto_core.web.task_models import TaskRequest

router = APIRouter(prefix="/api/v1/tasks", tags=["tasks"])


class Validation(Model):
    """What is wrong with a task."""

    valid: bool
    error: str | None = Field(None, description="What is wrong, and what to do")
    problem: dict[str, Any] | None = Field(None, description="The same as a problem's fields")


@router.post("/validate")
async def validate_task(request: TaskRequest, caller: Runner, desk: AtDesk) -> Validation:
    """Check a task as `POST /tasks` would: its fields, its plugin, its parameters, its inputs."""
    try:
        await desk.tasks.check(caller, request)
    except FilmetoError as error:
        return Validation(valid=False, error=str(error), problem=problem_of(error))
    return Validation(valid=True)
