"""What is asked of one call: how a finished one may be reused, and all that its computing needs."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from filmeto_core.call import CheckedCall
from filmeto_core.errors import FilmetoError
from filmeto_core.journal.call_notes import Noted
from filmeto_core.place import Place
from filmeto_core.progress import ProgressMeter
from filmeto_core.resources.calls import CallRecord
from filmeto_core.resources.inputs import Prepared


class Reuse(StrEnum):
    """What a call may take from, and leave in, the index of finished calls."""

    ALWAYS = "always"  # take what is there, else compute and leave it
    NEVER = "never"  # compute; leave it only where nothing is there yet
    REFRESH = "refresh"  # compute, and replace what is there


@dataclass(frozen=True)
class Asked:
    """A call that is to be computed, and what is asked of that; as `FilmetoService.call` has it.

    Args:
        call: As it is noted; with its key.
        prepared: Its inputs.
        meter: Gets its progress.
    """

    checked: CheckedCall
    call: Noted
    prepared: list[Prepared]
    meter: ProgressMeter
    place: Place
    reuse: Reuse
    computation: str | None
    kept: Callable[[CallRecord], None] | None


class knowing:
    """Lets an error that passes by know the call: tool, plugin, task."""

    def __init__(self, checked: CheckedCall) -> None:
        self.checked = checked

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: object, _trace: object) -> None:
        if isinstance(error, FilmetoError):
            error.with_details(
                tool=str(self.checked.tool),
                plugin=self.checked.plugin.name,
                task_id=self.checked.task.task_id,
                take=self.checked.take if self.checked.take != 1 else None,
            )
