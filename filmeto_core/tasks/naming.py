"""What Prefect's runs are called: a film's by its title and number, a call's by its shot and tool."""

import logging

from prefect.runtime import flow_run

from filmeto_core.film_board import film_folder, film_title
from filmeto_core.tasks.runtime import current_place, current_shot, service

logger = logging.getLogger(__name__)

FILM = "film"  # the flow, and in a call's name what belongs to the film as a whole
LONGEST_TITLE = 80  # characters; a longer one would push the number out of sight


def film_run_name() -> str:
    """The name of the film's run that begins now: `film: The lighthouse keeper #3`.

    The number counts the film's runs in this machine's journal. A run that goes on after a pause,
    or that is tried again, keeps its own.
    """
    name, asked = FILM, flow_run.parameters
    try:
        title = film_title(asked["storyboard"])
        if len(title) > LONGEST_TITLE:
            title = f"{title[:LONGEST_TITLE].rstrip()}…"
        name = f"{FILM}: {title}"
        folder = str(film_folder(asked["storyboard"], asked.get("out")))
        number = service().journal.count_runs(folder, but=str(flow_run.id)) + 1
    except Exception:  # a run never fails for what it is called
        logger.debug("the film's runs cannot be counted", exc_info=True)
        return name
    return f"{name} #{number}"


def call_run_name(tool: str) -> str:
    """The name of a call's task run: `dawn · text2image`, `film · text2music`.

    Outside of a film, in a flow of one's own, it is the tool alone.
    """
    place = current_shot() or (FILM if current_place().film else None)
    return f"{place} · {tool}" if place else tool
