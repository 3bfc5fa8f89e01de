"""What the watchers of a film are told of its run: the events of the subject `film:ID`.

"run" and "shot" tell of what has changed since they told last, a shot that is done with its parts;
"log" of how calls ended, and of what their tasks say; "result" or "error" of the run's end.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from filmeto_core.errors import FilmetoError
from filmeto_core.tasks.film_progress import ShotRun
from filmeto_core.tasks.runtime import CallEvent
from filmeto_core.web.event_log import EventLog
from filmeto_core.web.film_models import RunDetail


class FilmTelling:
    """Tells of one film; only the server's event loop calls it.

    Args:
        events: Where it is told.
        film_id: The film's.
        made: Tells what there is of each shot, by id; asked in a thread.
    """

    def __init__(
        self, events: EventLog, film_id: str, made: Callable[[], dict[str, dict[str, Any]]]
    ) -> None:
        self._events, self._subject, self._made = events, subject_of(film_id), made
        self._run: RunDetail | None = None
        self._shots: dict[str, ShotRun] = {}
        self._done: dict[str, ShotRun] = {}
        self._telling: asyncio.Task[None] | None = None

    def run(self, detail: RunDetail) -> None:
        """How the run stands."""
        if self._run != detail:
            self._run = detail
            self._tell("run", detail.model_dump(mode="json"))

    def shot(self, now: ShotRun, states_only: bool = False) -> None:
        """How a shot stands.

        Args:
            states_only: Not where it is but further in the same state.
        """
        before = self._shots.get(now.id)
        if before == now or (states_only and before and before.state == now.state):
            return
        self._shots[now.id] = now
        if now.state != "done":
            self._tell("shot", now.model_dump(mode="json"))
            return
        self._done[now.id] = now
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell_done())

    async def settle(self) -> None:
        """Wait until all shots that are done were told of."""
        if self._telling is not None:
            await self._telling

    def call(self, event: CallEvent) -> None:
        """How a call ended."""
        failed = event.kind == "failed"
        how = "from the cache" if event.cached else f"{event.seconds:.1f} s"
        by = f" ({event.plugin})" if event.plugin else ""
        said = f"failed: {event.message}" if failed else f"done, {how}"
        self.log(
            {
                "line": f"{event.tool}{by} {said}",
                "level": "error" if failed else "info",
                "shot": event.shot,
                "tool": event.tool,
            }
        )

    def log(self, told: dict[str, Any]) -> None:
        """One line of the log: line, level, shot, tool."""
        self._tell("log", told)

    def result(self, told: dict[str, Any]) -> None:
        """The film is made."""
        self._tell("result", told)

    def error(self, error: FilmetoError) -> None:
        """The run failed."""
        told = error.to_dict()
        details = {"hint": told["hint"], "retryable": told["retryable"], **told["details"]}
        self._tell("error", {"code": error.code, "message": error.message, "details": details})

    async def _tell_done(self) -> None:
        while self._done:
            done, self._done = self._done, {}
            made = await asyncio.to_thread(self._made)
            for shot in done.values():
                self._tell("shot", {**shot.model_dump(mode="json"), **made.get(shot.id, {})})

    def _tell(self, kind: str, told: dict[str, Any]) -> None:
        self._events.add(self._subject, {"_type": kind, **told})


def subject_of(film_id: str) -> str:
    """The name of a film's events."""
    return f"film:{film_id}"
