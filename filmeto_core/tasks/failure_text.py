"""A failure in the words of the Prefect UI: first the reason and what to do, then the rest."""

from collections.abc import Mapping, Sequence
from typing import Any

from filmeto_core.errors import FilmetoError, FilmFailedError, StoryboardError, some_of

IN_A_SHELL = ("the same command", "the film")  # as hints name it there, and elsewhere


def failure_text(error: FilmetoError) -> str:
    """A failure for the Prefect UI; its first line is the reason, and what to do.

    Example:
        >>> from filmeto_core.errors import PluginExecutionError
        >>> failed = PluginExecutionError("the disk is full", hint="Free some.", plugin="sketch")
        >>> failure_text(failed)
        'sketch: the disk is full. Free some.'
    """
    if isinstance(error, FilmFailedError) and error.details.get("shots"):
        text = "\n".join([*_reasons(error.details["shots"]), _outcome(error)])
    elif isinstance(error, StoryboardError) and error.details.get("problems"):
        text = _problems(error)
    else:
        text = _reason(error, [str(error.details["shot"])] if error.details.get("shot") else [])
    return text.replace(*IN_A_SHELL)


def _reasons(shots: Mapping[str, dict[str, Any]]) -> list[str]:
    """A line for each reason, with the shots that it stopped."""
    told: dict[tuple[str, ...], tuple[FilmetoError, list[str]]] = {}
    for shot, data in shots.items():
        error = FilmetoError.from_dict(data)
        where = (str(error.details.get(key, "")) for key in ("tool", "plugin"))
        told.setdefault((error.message, error.hint, *where), (error, []))[1].append(shot)
    return [_reason(error, names) for error, names in told.values()]


def _reason(error: FilmetoError, shots: Sequence[str]) -> str:
    parts = [some_of(shots)] if shots else []
    parts += [str(error.details[key]) for key in ("tool", "plugin") if error.details.get(key)]
    where = f"{' · '.join(parts)}: " if parts else ""
    message = " ".join(error.message.split())
    if not message.endswith((".", "!", "?", ":")):
        message += "."
    return f"{where}{message} {error.hint}".rstrip()


def _outcome(error: FilmFailedError) -> str:
    what = error.message.strip().partition("\n")[0].rstrip(":")
    return f"{what}. {error.hint}"


def _problems(error: StoryboardError) -> str:
    """The first problem on the first line; the error's own words name the file, then each problem."""
    heading, *lines = error.message.strip().splitlines()
    file = heading.partition(" has ")[0]
    first, rest = lines[0].strip(), lines[1:]
    told = [f"{file}: {first}"] if not first.startswith(file) else [first]
    if rest:
        told += [f"and {len(rest)} more:" if len(rest) > 1 else "and:", *rest]
    mend = error.hint or "Mend the storyboard, and run the same command again."
    return "\n".join([*told, mend])
