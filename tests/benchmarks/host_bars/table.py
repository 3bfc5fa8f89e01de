"""A row of the table, and how figures are taken: in turns, each side's quickest tenth.

Machines are shared and noisy. What is compared runs in turns of a few milliseconds, and a ratio is
that of the two sides' quickest turns: others' work makes a turn slower, never quicker, and more so
for the side with more threads. The medians stand beside it. Nothing is taken from another run.
"""

import gc
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

# Calls of a turn. After each change of turns the scheduler places threads anew, which costs the
# first calls twice their time; a turn is long enough for that, and short enough to be left alone.
TURN = 10


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
    def quick(self) -> float:
        """The mean of the quickest tenth, in seconds."""
        count = max(1, len(self.seconds) // 10)
        return statistics.mean(sorted(self.seconds)[:count])

    @property
    def ms(self) -> str:
        """The middle one, for people."""
        return f"{self.median * 1e3:.3g} ms"

    def over(self, other: "Times") -> float:
        """How many times the other's time it takes, both at their quickest."""
        return self.quick / other.quick

    def against(self, other: "Times") -> str:
        """Both, for people."""
        quick = f"{self.quick * 1e3:.3g} ms / {other.quick * 1e3:.3g} ms"
        return f"{quick} (medians {self.ms} / {other.ms})"


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
