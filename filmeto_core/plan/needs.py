"""Plugins that cannot work on this machine: who stands in for them, as far as a plan can know."""

from filmeto_core.film.storyboard_models import Storyboard
from filmeto_core.film_preflight import calls_of
from filmeto_core.plugin_host.needs import missing
from filmeto_core.service import FilmetoService
from filmeto_core.types import FilmetoTask


def absent_needs(here: FilmetoService, board: Storyboard) -> tuple[str, ...]:
    """Pass over plugins that need what this machine has not, as `readiness` will; lines for people.

    Whether an environment can be built is known only when it is.
    """
    tasks = [task for _, task in calls_of(here, board)]
    notes: list[str] = []
    while True:
        serving = _here(here, tasks)
        absent = {
            name: needs
            for name in sorted(serving - here.unusable)
            if (needs := missing(here.registry.get(name)))
        }
        here.unusable.update(absent)
        after = _here(here, tasks) if absent else serving
        for name, needs in absent.items():
            what = f"{name} cannot work here: {', and '.join(need.what for need in needs)}"
            instead = ", ".join(sorted(after - serving))
            stands_in = f"{instead or 'another plugin'} serves instead"
            notes.append(f"{what}; {'the run will fail' if name in after else stands_in}")
        if not absent:
            return tuple(notes)


def _here(here: FilmetoService, tasks: list[FilmetoTask]) -> set[str]:
    """Who serves them on this machine; those of a work queue need what theirs has."""
    found = [here.serving_for(task) for task in tasks]
    return {one.plugin.name for one in found if not one.queue}
