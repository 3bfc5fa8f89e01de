"""A row of the table, and how figures are taken: interleaved, as medians of ratios.

Machines are shared and noisy: what is compared runs in turns of a few milliseconds, each turn gives
one ratio, and the median of the ratios is the figure. Nothing is taken from another run.
"""

import gc
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """One figure against its bar.

    Args:
        what: What was measured.
        figure: In `unit`.
        bar: The most it may be, or the least where `least`; None where it is told for comparison.
        unit: "x" for ratios.
        how: The parts that it came from, for people.
    """

    what: str
    figure: float
    bar: float | None = None
    unit: str = "x"
    least: bool = False
    how: str = ""

    @property
    def met(self) -> bool:
        """Whether the bar is met; True where there is none."""
        if self.bar is None:
            return True
        return self.figure >= self.bar if self.least else self.figure <= self.bar

    def to_dict(self) -> dict[str, object]:
        """For --json."""
        return {**self.__dict__, "met": self.met}

    def __str__(self) -> str:
        bar = "" if self.bar is None else f"{'>=' if self.least else '<='} {self.bar:g}"
        verdict = "" if self.bar is None else ("met" if self.met else "MISSED")
        figure = f"{self.figure:.3g} {self.unit}"
        return f"{self.what:50} {figure:>12} {bar:>8}  {verdict:6}  {self.how}"


@dataclass
class Times:
    """Seconds of one thing, a figure a turn."""

    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The middle one, in seconds."""
        return statistics.median(self.seconds)

    @property
    def ms(self) -> str:
        """The middle one, for people."""
        return f"{self.median * 1e3:.3g} ms"

    def over(self, other: "Times") -> float:
        """The median of the turns' ratios."""
        pairs = zip(self.seconds, other.seconds, strict=True)
        return statistics.median(mine / theirs for mine, theirs in pairs)


async def taking_turns(
    works: Sequence[Callable[[], Awaitable[None]]], rounds: int, calls: int
) -> list[Times]:
    """Seconds of one call of each work, a figure a round; the order turns with the rounds.

    Args:
        works: Each makes one call.
        calls: How many are timed together, to stand above the clock and the scheduler.
    """
    for work in works:
        for _ in range(3):
            await work()
    times = [Times([0.0] * rounds) for _ in works]
    gc.collect()
    gc.disable()  # a collection in one's turn is not its own cost
    try:
        for number in range(rounds):
            for i in (j % len(works) for j in range(number, number + len(works))):
                started = time.perf_counter()
                for _ in range(calls):
                    await works[i]()
                times[i].seconds[number] = (time.perf_counter() - started) / calls
    finally:
        gc.enable()
    return times
