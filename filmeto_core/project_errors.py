"""How a mistake in a filmeto.yaml is told: by file and key, with what was meant."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from filmeto_core.errors import ValidationError, did_you_mean


def wrong(path: Path | str, field: str, what: str, hint: str = "") -> ValidationError:
    """The error of one key."""
    return ValidationError(f"{path}: {field}: {what}", hint=hint, field=str(field), file=str(path))


def mapping(value: Any, path: Path | str, field: str) -> Mapping[str, Any]:
    """The value, which must be a mapping.

    Raises:
        ValidationError: It is none.
    """
    if not isinstance(value, Mapping):
        raise wrong(path, field, f"expected a mapping, got {value!r:.80}")
    return value


def only_known(
    value: Mapping[str, Any], known: Iterable[str], path: Path | str, field: str = ""
) -> None:
    """Refuse a key that nobody reads.

    Raises:
        ValidationError: There is one; says which was meant, or which there are.
    """
    known = list(known)
    for key in value:
        if key not in known:
            meant = did_you_mean(str(key), known) or f" Keys: {', '.join(known)}."
            raise wrong(path, f"{field}.{key}".lstrip("."), f"unknown key.{meant}")


def texts(value: Any, path: Path | str, field: str, what: str) -> tuple[str, ...]:
    """A list of texts; one alone needs no brackets.

    Raises:
        ValidationError: It is something else.
    """
    values = [value] if isinstance(value, str) else value
    if values is None:
        return ()
    if not isinstance(values, list) or not all(isinstance(v, str) and v for v in values):
        raise wrong(path, field, f"expected {what}, got {value!r:.80}")
    return tuple(values)
