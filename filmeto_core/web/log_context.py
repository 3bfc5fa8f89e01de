"""What the log lines of one request or task have in common: its ids, without anybody passing them on.

A task of asyncio starts with a copy of what was known where it was made, so a posted task's lines
carry the id of the request that brought it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from starlette.types import Scope

_facts: ContextVar[dict[str, str] | None] = ContextVar("filmeto_log_facts", default=None)
_request: ContextVar[Scope | None] = ContextVar("filmeto_log_request", default=None)


def know(**facts: str | None) -> None:
    """From here on lines of this asyncio task carry these: request_id, tenant, task_id, film, run_id."""
    told = {name: value for name, value in facts.items() if value is not None}
    _facts.set({**known(), **told})
    _request.set(None)  # a request ends before a task that it brought: it is not held on to


@contextmanager
def of_request(scope: Scope, request_id: str) -> Iterator[None]:
    """While this lasts lines carry the request's id, and the tenant once the gate has found it."""
    facts, request = _facts.set({"request_id": request_id}), _request.set(scope)
    try:
        yield
    finally:
        _facts.reset(facts)
        _request.reset(request)


def known() -> dict[str, str]:
    """What is known here."""
    facts, scope = _facts.get() or {}, _request.get()
    caller = scope.get("filmeto_caller") if scope is not None else None
    return facts if caller is None else {**facts, "tenant": caller.tenant}
