"""What the runs of films of one server share, and how a run's storyboard is read."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from filmeto_core.errors import FilmetoError
from filmeto_core.film.storyboard_models import Storyboard
from filmeto_core.film_board import open_board
from filmeto_core.journal.owned import Owned
from filmeto_core.plan.models import Plan
from filmeto_core.plan.planner import plan_film
from filmeto_core.service import FilmetoService
from filmeto_core.web.event_log import EventLog
from filmeto_core.web.film_detail import FilmTeller, Live
from filmeto_core.web.film_models import Part, RunDetail, RunRequest
from filmeto_core.web.film_store import FilmFolder, FilmStore

logger = logging.getLogger(__name__)

_OF_SHOT = {"parts", "cost", "start_s", "length_s", "take"}
_OF_FILM = {"film", "subtitles_url", "contact_sheet_url", "score", "spent", "state"}


@dataclass(frozen=True)
class FilmStudio:
    """What the runs of one server share.

    Args:
        service: Plans films; its plugins serve them.
        events: Tells of them.
        films: Where they lie.
        teller: Reads their storyboards, and tells of what was made.
        owned: Whose the files of the store are: a film's parts are its tenant's.
    """

    service: FilmetoService
    events: EventLog
    films: FilmStore
    teller: FilmTeller
    owned: Owned

    def board(self, film: FilmFolder, request: RunRequest) -> tuple[Storyboard, Storyboard]:
        """The film's storyboard, checked: whole, and as it is asked for. Reads files.

        Raises:
            StoryboardError, ValidationError, PluginNotFoundError, ResourceProcessingError: It
                cannot be made so.
        """
        whole = self.teller.reader.read(film, self.films.read(film)[0]).checked()
        asked = request.model_dump(exclude={"budget"})
        return whole, open_board(self.service, whole.to_dict(), **asked)

    def plan(self, film: FilmFolder, whole: Storyboard, request: RunRequest) -> Plan:
        """What a run would do. Reads files.

        Raises:
            FilmetoError: As `board`.
        """
        self.service.journal.flush()
        asked = request.model_dump(exclude={"budget"})
        return plan_film(self.service, whole.to_dict(), out=film.out, **asked)

    def made_shots(self, film: FilmFolder) -> dict[str, dict[str, Any]]:
        """By id, what there is of each shot, which is its tenant's from here on. Reads files."""
        try:
            told = self.teller.detail(film, Live())
        except FilmetoError as error:  # it was deleted meanwhile
            logger.debug("the shots of %s cannot be told of: %s", film.id, error)
            return {}
        self._own(film, [part for shot in told.shot_list for part in shot.parts.values()])
        return {shot.id: shot.model_dump(mode="json", include=_OF_SHOT) for shot in told.shot_list}

    def made_film(self, film: FilmFolder, run: RunDetail) -> dict[str, Any]:
        """What there is of the film. Reads files."""
        try:
            told = self.teller.detail(film, Live(run))
        except FilmetoError as error:
            logger.debug("%s cannot be told of: %s", film.id, error)
            return {}
        self._own(film, [told.score] if told.score else [])
        return told.model_dump(mode="json", include=_OF_FILM)

    def _own(self, film: FilmFolder, parts: Iterable[Part]) -> None:
        """Also what another tenant's film had made before: the store has it once, for both."""
        files = [(part.digest, part.size_bytes) for part in parts if part.digest]
        try:
            self.owned.add(film.tenant, files, "film").result()
        except FilmetoError:
            logger.warning("whose the parts of %s are could not be kept", film.id, exc_info=True)
