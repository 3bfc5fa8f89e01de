"""What came of all films: held or not, by victim and phase, and how to see the worst one again."""

import shlex
from collections import Counter
from collections.abc import Collection
from typing import Any

from pydantic import Field

from filmeto_core.chaos.film import Made, Reference
from filmeto_core.types import Model

SHOWN = 10  # films whose problems the text names; the JSON has all


class Report(Model):
    """Of a ledger's films.

    Args:
        seed: Of all of them.
        wanted: How many there were to be.
        again: The command line without `--film N`.
    """

    seed: int
    wanted: int
    films: tuple[Made, ...]
    usual_s: float = Field(description="What the undisturbed film took")
    usual_calls: int
    seconds: float = Field(description="Of this run of the command")
    again: tuple[str, ...]

    @property
    def held(self) -> bool:
        """Whether all films are there, and nothing is wrong with any."""
        return len(self.films) == self.wanted and all(made.held for made in self.films)

    @property
    def kills(self) -> Counter[str]:
        """By victim and phase."""
        return Counter(f"{s.victim} {s.phase}" for made in self.films for s in made.struck)

    @property
    def worst(self) -> Made | None:
        """The film with most against it; else the one that took most runs."""
        return max(
            self.films,
            key=lambda m: (len(m.twice) + len(m.problems), len(m.runs), m.seconds),
            default=None,
        )

    def totals(self) -> dict[str, Any]:
        """The figures, for programs."""
        kills, worst = self.kills, self.worst
        return {
            "held": self.held,
            "films": len(self.films),
            "wanted": self.wanted,
            "ends": dict(Counter(made.end for made in self.films)),
            "kills": sum(kills.values()),
            "kills_by_victim_and_phase": dict(sorted(kills.items())),
            "runs": sum(len(made.runs) for made in self.films),
            "jobs": sum(made.tally.jobs for made in self.films),
            "computed": sum(made.tally.computed for made in self.films),
            "reused": sum(made.tally.reused for made in self.films),
            "resumed": sum(made.tally.resumed for made in self.films),
            "twice": sum(len(made.twice) for made in self.films),
            "unknown": sum(made.tally.unknown for made in self.films),
            "decided": sum(made.decided for made in self.films),
            "problems": {str(m.number): [*m.twice, *m.problems] for m in self.films if not m.held},
            "undisturbed_s": round(self.usual_s, 1),
            "seconds": round(self.seconds, 1),
            "seed": self.seed,
            "worst": worst.number if worst else None,
            "again": self.command(worst) if worst else None,
        }

    def command(self, made: Made) -> str:
        """How this film alone is made once more."""
        return shlex.join([*self.again, "--film", str(made.number)])

    def lines(self) -> list[str]:
        """For people."""
        told = self.totals()
        ends = ", ".join(f"{count} {end}" for end, count in sorted(told["ends"].items()))
        lines = [
            f"{told['films']} of {self.wanted} films ({ends}), killed {told['kills']} times, in "
            f"{told['runs']} runs; {self.seconds:.0f} s",
            f"undisturbed: {self.usual_s:.1f} s, {self.usual_calls} calls",
            f"{told['jobs']} jobs at providers ({told['resumed']} taken up again), "
            f"{told['computed']} calls computed, {told['reused']} found",
            f"made or sent twice: {told['twice']}; unknown: {told['unknown']}"
            + (f" (and {told['decided']} decided)" if told["decided"] else ""),
            *table(self.kills),
        ]
        bad = [made for made in self.films if not made.held]
        for made in bad[:SHOWN]:
            lines += [f"film {made.number}: {what}" for what in (*made.twice, *made.problems)]
        if len(bad) > SHOWN:
            lines.append(f"and {len(bad) - SHOWN} more films; --json has all")
        if self.worst:
            lines.append(f"the {'worst' if bad else 'longest'} film again: {told['again']}")
        lines.append("all held" if self.held else "NOT all held")
        return lines


def table(kills: Counter[str]) -> list[str]:
    """Kills by victim (rows) and phase (columns)."""
    pairs = [tuple(name.split(" ")) for name in kills]
    phases = [p for p in _PHASES if any(phase == p for _, phase in pairs)]
    rows = [["", *phases]]
    for victim in sorted({victim for victim, _ in pairs}):
        rows.append([victim, *(str(kills.get(f"{victim} {p}", 0)) for p in phases)])
    return [_row(row) for row in rows] if kills else []


_PHASES = ("any", "submit", "accepted", "download", "commit", "assembly")


def _row(cells: Collection[str]) -> str:
    first, *others = cells
    return f"  {first:<9}" + "".join(f"{cell:>10}" for cell in others)


def report_of(
    films: Collection[Made],
    reference: Reference,
    *,
    seed: int,
    wanted: int,
    seconds: float,
    again: Collection[str],
) -> Report:
    """Of these films."""
    return Report(
        seed=seed,
        wanted=wanted,
        films=tuple(sorted(films, key=lambda made: made.number)),
        usual_s=reference.usual.seconds,
        usual_calls=reference.usual.calls,
        seconds=seconds,
        again=tuple(again),
    )
