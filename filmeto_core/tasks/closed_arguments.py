"""Arguments that Prefect takes as they are.

Prefect looks into each argument of a task three times, as deep as it goes, for futures and for what other
tasks made. An output with its metadata is some sixty values, a film's assembly thousands. Closed, an output
is still known as the result of its task, so that the UI draws what came of what.

Source: Prefect 3.8 documentation, prefect.utilities.annotations.opaque.
"""

from collections.abc import Mapping
from typing import Any

from prefect import Task
from prefect.utilities.annotations import opaque

from filmeto_core.types import Model, ResourceInput, ResourceOutput

_OWN = ("return_state", "wait_for")  # Prefect's own keywords


class ClosedTask(Task):
    """A Prefect task that closes what it is called with."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return super().__call__(*map(closed, args), **all_closed(kwargs))

    def submit(self, *args: Any, **kwargs: Any) -> Any:
        """As Task.submit."""
        return super().submit(*map(closed, args), **all_closed(kwargs))


def all_closed(named: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords of a call, each closed but for Prefect's own."""
    return {name: value if name in _OWN else closed(value) for name, value in named.items()}


def closed(value: Any) -> Any:
    """The argument, closed; what is still being made, or holds such, is left as it is."""
    if pending(value):
        return value
    if isinstance(value, Mapping) and any(map(_is_resource, value.values())):
        return {name: closed(one) for name, one in value.items()}
    if isinstance(value, list | tuple) and any(map(_is_resource, value)):
        return [closed(one) for one in value]
    return opaque(value) if isinstance(value, Model | Mapping | list | tuple) and value else value


def pending(value: Any) -> bool:
    """Whether it is, or holds, something that is still being made."""
    if isinstance(value, Mapping):
        return any(map(pending, value.values()))
    if isinstance(value, list | tuple):
        return any(map(pending, value))
    return hasattr(value, "wait")


def _is_resource(value: Any) -> bool:
    return isinstance(value, ResourceOutput | ResourceInput)
