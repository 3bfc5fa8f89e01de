"""Steps of the work, for whoever watches how long they take: nobody does unless `watch` was called.

The watcher goes with the asyncio task that set it and with all that are made from there, so that
several servers in one process each have their own.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar

# Called with a step's name and facts; what it returns is entered for as long as the step takes.
Watcher = Callable[[str, dict[str, str]], AbstractContextManager[object]]

_NOTHING: AbstractContextManager[None] = nullcontext()
_watcher: ContextVar[Watcher | None] = ContextVar("filmeto_steps", default=None)


def watch(watcher: Watcher | None) -> None:
    """From here on the steps of this asyncio task are told to the watcher."""
    _watcher.set(watcher)


def step(name: str, **facts: str) -> AbstractContextManager[object]:
    """A step of the work, while it is entered.

    Args:
        name: In few words, such as "plugin call".
        facts: tool, plugin, task_id and the like.
    """
    watcher = _watcher.get()
    return _NOTHING if watcher is None else watcher(name, facts)
