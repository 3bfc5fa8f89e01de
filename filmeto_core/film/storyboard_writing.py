"""How a storyboard's text is written: values on one line, shots and whole storyboards anew."""

import json
import re
from collections.abc import Mapping
from typing import Any

from filmeto_core.errors import ValidationError

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]*(?::[A-Za-z0-9_./-]+)*")
_EMPTY = ("null", "Null", "NULL")  # what YAML reads as nothing, written as a word


def as_written(value: Any, field: str = "") -> Any:
    """Data as a storyboard's reader gives them back: every scalar a text; None is left out.

    Raises:
        ValidationError: A text that no file can hold.
    """
    if isinstance(value, Mapping):
        return {
            as_written(str(key), field): as_written(part, f"{field}.{key}" if field else str(key))
            for key, part in value.items()
            if part is not None
        }
    if isinstance(value, list | tuple):
        return [as_written(part, f"{field}[{i}]") for i, part in enumerate(value)]
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return None
    text = value if isinstance(value, str) else str(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValidationError(
            f"{field or 'storyboard'}: holds half of a character (a lone surrogate).",
            hint="Send whole Unicode characters.",
            field=field,
        ) from None
    return text


def inline(value: Any, *, flow: bool = False) -> str:
    """A value on one line; a text without quotes where that says the same.

    Args:
        flow: It stands within braces or brackets.
    """
    if isinstance(value, Mapping):
        pairs = (
            f"{inline(key, flow=True)}: {inline(part, flow=True)}" for key, part in value.items()
        )
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(inline(part, flow=True) for part in value) + "]"
    if value is None:
        return "null"
    return value if _is_plain(value, flow) else _quoted(value)


def _is_plain(text: str, flow: bool) -> bool:
    if text in _EMPTY or not text or not text.isprintable():
        return False
    if flow:
        return _WORD.fullmatch(text) is not None
    clear = ": " not in text and " #" not in text and not text.endswith((":", " "))
    return text[0].isalnum() and clear


def _quoted(text: str) -> str:
    told = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else _escape(char) for char in told)


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def dumped_shot(shot: Any, indent: str) -> str:
    """A shot as an item of the list, a line each field."""
    if not isinstance(shot, Mapping) or not shot:
        return f"{indent}- {inline(shot)}\n"
    lines = [f"{inline(key)}: {inline(part)}\n" for key, part in shot.items()]
    return f"{indent}- " + f"{indent}  ".join(lines)


def dumped(data: Mapping[str, Any]) -> str:
    """A storyboard written anew."""
    text = ""
    for key, part in data.items():
        if key == "shots" and isinstance(part, list) and part:
            text += "shots:\n" + "".join(dumped_shot(shot, "  ") for shot in part)
        else:
            text += f"{inline(key)}: {inline(part)}\n"
    return text
