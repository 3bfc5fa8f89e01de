"""What is wrong with a storyboard, all of it, as one StoryboardError that people can work through."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from filmeto_core.errors import StoryboardError
from filmeto_core.types import Model

LONGEST_SHOWN = 60
MOST_SHOWN = 50


class Problem(Model):
    """One thing to put right."""

    file: str | None = Field(None, description="The storyboard's file, if it is one")
    line: int | None = Field(None, description="Counted from 1, where known")
    field: str = Field("", description='Where in the storyboard: "shots[2].motion"; "" for all')
    value: Any = Field(None, description="What stands there, shortened")
    message: str = Field(description="What is wrong, what is allowed")

    def __str__(self) -> str:
        file = self.file and f"{self.file}:{self.line}" if self.line else self.file
        where = [part for part in (file, self.field) if part]
        return ": ".join([*where, self.message])


def shown(value: Any) -> str:
    """A value as a message quotes it, in double quotes if it is text, cut to a readable length."""
    text = str(value)
    if len(text) > LONGEST_SHOWN:
        text = text[: LONGEST_SHOWN - 1] + "…"
    return f'"{text}"' if isinstance(value, str) else text


def field_text(path: Sequence[str | int]) -> str:
    """A path as people write it: ("shots", 2, "motion") is "shots[2].motion"."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def storyboard_error(problems: Sequence[Problem], name: str | None = None) -> StoryboardError:
    """One error that lists all problems, in the order of their lines.

    Args:
        problems: At least one.
        name: The storyboard's file name; None for one that is no file.
    """
    ordered = sorted(problems, key=lambda problem: problem.line or 0)
    count = "a problem" if len(ordered) == 1 else f"{len(ordered)} problems"
    lines = [f"{name or 'The storyboard'} has {count}:"]
    lines += [f"  {problem}" for problem in ordered[:MOST_SHOWN]]
    if len(ordered) > MOST_SHOWN:
        lines.append(f"  … and {len(ordered) - MOST_SHOWN} more")
    return StoryboardError(
        "\n".join(lines), problems=[problem.to_dict() for problem in ordered], file=name
    )
