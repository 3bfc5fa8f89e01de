"""Where a call belongs: its run, film and shot, and what that run asks of it."""

from dataclasses import dataclass, replace
from datetime import datetime

from filmeto_core.money import Money


@dataclass(frozen=True)
class Place:
    """A call's place.

    Args:
        run_id: The journal's run, if there is one.
        film: The film's folder, absolute, as text.
        shot: None for what belongs to the film as a whole.
        budget: The most that the film may cost in all.
        fresh_since: Where a call is refreshed: a result made since then is fresh already, since an
            earlier run of the same refresh made it before it was stopped.
    """

    run_id: str | None = None
    film: str | None = None
    shot: str | None = None
    budget: Money | None = None
    fresh_since: datetime | None = None

    def of_shot(self, shot: str | None) -> "Place":
        """The same run, in this shot."""
        return replace(self, shot=shot)


NOWHERE = Place()
