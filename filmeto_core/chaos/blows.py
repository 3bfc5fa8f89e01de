"""What befalls each film: who is killed, how often, at which moment. All told by the seed."""

import random
from collections.abc import Collection
from typing import Literal, get_args

from pydantic import Field

from filmeto_core.types import Model

Victim = Literal["flow", "plugin", "provider", "server"]
Phase = Literal["any", "submit", "accepted", "download", "commit", "assembly"]

VICTIMS: tuple[Victim, ...] = get_args(Victim)
SERVER_EVERY = 20  # films; a server takes its time to come back, and has little to lose
SECOND, THIRD = 0.35, 0.15  # how likely a film is hit once more, and again
AIMED = 0.6  # how many blows are aimed at a phase; the others fall at any time
LONGEST_COMMIT_S = 0.03  # from a file's last byte to its call's record
OUTAGE_S = (0.05, 1.0)  # how long a cut line stays down

# What has anything to lose in which phase.
PHASES: dict[Victim, tuple[Phase, ...]] = {
    "flow": ("submit", "accepted", "download", "commit", "assembly"),
    "plugin": ("submit", "accepted", "download", "commit"),
    "provider": ("submit", "accepted", "download"),
    "server": ("submit", "commit", "assembly"),
}


class Blow(Model):
    """One kill."""

    victim: Victim
    phase: Phase = Field(description='"any": at a time, whatever happens then')
    fraction: float = Field(description="Of the undisturbed film's time, or of such moments in it")
    delay_s: float = Field(0.0, description="After the moment")
    outage_s: float = Field(0.0, description="How long the line is down")


def blows_of(
    seed: int, number: int, victims: Collection[Victim], phases: Collection[str], turn: int = 0
) -> tuple[Blow, ...]:
    """What befalls a film.

    Args:
        seed: Of the whole.
        number: The film's, from 1.
        victims: Who may be hit.
        phases: Those that there are in this film at all.
        turn: Raised where a film ended before anything befell it; the blows then come earlier.
    """
    chance = random.Random(f"{seed} {number} {turn}")
    first = victim_of(number, victims)
    others = [v for v in VICTIMS if v in victims and v != "server"] or [first]
    hit: list[Victim] = [first]
    while len(hit) < 3 and chance.random() < (SECOND if len(hit) == 1 else THIRD):
        hit.append(chance.choice(others))
    return tuple(_blow(chance, victim, phases, 1 / (1 + turn)) for victim in hit)


def victim_of(number: int, victims: Collection[Victim]) -> Victim:
    """Who is hit first in a film: all in turn, but the server in one of SERVER_EVERY."""
    turns = [v for v in VICTIMS if v in victims and v != "server"]
    if "server" in victims and (not turns or number % SERVER_EVERY == 0):
        return "server"
    return turns[(number - number // SERVER_EVERY * ("server" in victims) - 1) % len(turns)]


def _blow(chance: random.Random, victim: Victim, phases: Collection[str], until: float) -> Blow:
    aims = [phase for phase in PHASES[victim] if phase in phases]
    aimed = aims and chance.random() < AIMED
    return Blow(
        victim=victim,
        phase=chance.choice(aims) if aimed else "any",
        fraction=chance.random() * until,
        delay_s=chance.uniform(0, LONGEST_COMMIT_S),
        outage_s=chance.uniform(*OUTAGE_S) if victim == "provider" else 0.0,
    )
