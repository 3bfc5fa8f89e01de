"""All of it: one undisturbed film, then the others, each killed and run again; a ledger of each."""

import asyncio
import hashlib
import queue
import sys
import threading
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

from filmeto_core.chaos.blows import Victim, blows_of, victim_of
from filmeto_core.chaos.film import Decide, Filming, Made, Reference, make_reference
from filmeto_core.chaos.ledger import Ledger
from filmeto_core.chaos.line import Line
from filmeto_core.chaos.report import Report, report_of
from filmeto_core.chaos.scene import Asked, Scene, Server, clear_films, own_proxy
from filmeto_core.errors import FilmetoError, ValidationError
from filmeto_core.film.storyboard_models import Storyboard
from filmeto_core.film_board import open_board
from filmeto_core.film_preflight import calls_of
from filmeto_core.readiness import build_all
from filmeto_core.tasks.runtime import service

TURNS = 3  # tries until something befalls a film: the machine may be quicker than it was
REFERENCE = "reference"


class Chaos:
    """The films of one command.

    Args:
        asked: The storyboard, and where all goes.
        seed: Tells every blow.
        victims: Who may be hit.
        side_by_side: How many films are made at once.
        decide: What the user does about jobs that are unknown.
        say: Gets a line for each film.
        again: The command line, for the report.
    """

    def __init__(
        self,
        asked: Asked,
        *,
        seed: int,
        victims: Collection[Victim],
        side_by_side: int = 1,
        decide: Decide | None = None,
        say: Callable[[str], None] = lambda line: None,
        again: Sequence[str] = (),
    ) -> None:
        refuse_other_systems()
        self.asked, self.seed, self.victims = asked, seed, tuple(victims)
        self._decide, self._say = decide, say
        self._again, self._beyond = tuple(again), own_proxy()
        places = [REFERENCE, *(str(place + 1) for place in range(side_by_side))]
        self._servers = [Server(asked.out / f"prefect-{place}") for place in places]
        board = open_board(service(), asked.storyboard, profile=asked.profile)
        plugins = {
            p.name: p for p in (service().plugin_for(t) for _, t in calls_of(service(), board))
        }
        self._exact = {name: plugin.manifest.deterministic for name, plugin in plugins.items()}
        asked.out.mkdir(parents=True, exist_ok=True)
        self.ledger = Ledger(asked.out, self._about(board, plugins))

    def run(self, runs: int, only: int | None = None) -> Report:
        """Make the films that the ledger does not have yet; or one of them once more.

        Args:
            runs: How many there are to be in all.
            only: The number of the film that alone is made, and kept.

        Raises:
            FilmetoError: The undisturbed film failed, or a Prefect server did not start.
        """
        started = time.monotonic()
        bad = {_name(n) for n, made in self.ledger.films.items() if not made.held}
        clear_films(self.asked.out, bad)
        try:
            self._servers[0].start()
            reference = self.ledger.reference or self._reference()
            self._spare_unreachable(reference)
            wanted = [only] if only else [n for n in _numbers(runs) if n not in self.ledger.films]
            self._make(wanted, reference, keep=only is not None)
        finally:
            self.stop()
        films = [m for n, m in self.ledger.films.items() if n <= runs or n == only]
        return report_of(
            [m for m in films if only is None or m.number == only],
            reference,
            seed=self.seed,
            wanted=1 if only else runs,
            seconds=time.monotonic() - started,
            again=self._again,
        )

    def stop(self) -> None:
        """End the Prefect servers."""
        for server in self._servers:
            server.stop()

    def _spare_unreachable(self, reference: Reference) -> None:
        """Where nothing goes through the line, cutting it would hit nobody."""
        if "provider" in self.victims and not reference.usual.counts.get("connections"):
            self.victims = tuple(victim for victim in self.victims if victim != "provider")
            self._say("no plugin here reaches a provider through HTTP_PROXY: none is cut off")
        if not self.victims:
            raise ValidationError("nobody is left who could be hit.", field="victims")

    def _reference(self) -> Reference:
        asyncio.run(build_all(service(), sorted(self._exact)))  # not in the film's time
        with Line(self._beyond) as line:
            scene = Scene(self.asked, REFERENCE, self._servers[0], line)
            scene.set_up()
            made = make_reference(scene)
            if not isinstance(made, Reference):
                raise FilmetoError(
                    f"the undisturbed film failed with exit code {made.code}:\n"
                    + "\n".join(f"  {line}" for line in made.said),
                    hint="Make it with `filmeto film` first; chaos is for films that work.",
                )
            scene.take_down()
        self.ledger.keep_reference(made)
        self._say(
            f"undisturbed: {made.usual.seconds:.1f} s, {made.usual.calls} calls, "
            f"{made.tally.jobs} jobs"
        )
        return made

    def _make(self, numbers: list[int], reference: Reference, keep: bool) -> None:
        waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in numbers:
            waiting.put(number)
        failed: list[BaseException] = []

        def work(own: Server) -> None:
            while not failed:
                try:
                    number = waiting.get_nowait()
                except queue.Empty:
                    return
                try:
                    self._one(number, reference, own, keep)
                except BaseException as error:  # the edge of a thread: told by the one that waits
                    failed.append(error)

        threads = [
            threading.Thread(target=work, args=[own], daemon=True) for own in self._servers[1:]
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failed:
            raise failed[0]

    def _one(self, number: int, reference: Reference, own: Server, keep: bool) -> None:
        """One film; in one whose server is killed, that is a server of its own."""
        mortal = victim_of(number, self.victims) == "server"
        server = own if mortal else self._servers[0]
        try:
            for turn in range(TURNS):
                server.start()
                with Line(self._beyond) as line:
                    scene = Scene(self.asked, _name(number), server, line)
                    scene.set_up()
                    made = self._film(scene, number, reference, turn)
                    if made.held and not keep:
                        scene.take_down()
                if made.struck or not made.held:
                    break
        finally:
            if mortal:
                server.stop()
        self.ledger.keep(made)
        self._say(_line(made))

    def _film(self, scene: Scene, number: int, reference: Reference, turn: int) -> Made:
        phases = reference.usual.phases()
        blows = blows_of(self.seed, number, self.victims, phases, turn)
        return Filming(scene, number, blows, reference, self._exact, self._decide).make()

    def _about(self, board: Storyboard, plugins: dict[str, Any]) -> dict[str, Any]:
        told = board.model_dump_json().encode()
        return {
            "storyboard": hashlib.sha256(told).hexdigest(),
            "seed": self.seed,
            "victims": list(self.victims),
            "plugins": {name: plugin.fingerprint() for name, plugin in sorted(plugins.items())},
        }


def refuse_other_systems() -> None:
    """Processes of one film are told from others by what Linux shows of them.

    Raises:
        FilmetoError: This is another system.
    """
    if sys.platform != "linux":
        raise FilmetoError("filmeto chaos finds its victims in /proc, which Linux alone has.")


def _numbers(runs: int) -> range:
    return range(1, runs + 1)


def _name(number: int) -> str:
    return f"{number:04d}"


def _line(made: Made) -> str:
    blows = ", ".join(f"{s.victim} ({s.phase}, {s.at_s:.1f} s)" for s in made.struck) or "nothing"
    wrong = "" if made.held else f": {'; '.join((*made.twice, *made.problems))}"
    runs = f"{len(made.runs)} run{'s' if len(made.runs) != 1 else ''}"
    return f"film {made.number}: {made.end}, {runs}, {made.seconds:.0f} s, hit: {blows}{wrong}"
