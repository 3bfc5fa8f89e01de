"""Values that changed, in words: short ones whole, long ones where they differ."""

from typing import Any

LONGEST = 44  # characters of a text that are shown whole
CONTEXT_WORDS = 2  # around what differs in a longer one
SHORT_DIGEST = 12  # digits

# What people call a parameter.
LABELS = {
    "text": "narration",
    "duration_s": "length",
    "negative_prompt": "negative prompt",
    "cues": "the shots' turns",
}


def differing(before: str, after: str) -> tuple[str, str]:
    """Two texts, cut to where they differ if they are long; what was cut shows as an ellipsis."""
    if max(len(before), len(after)) <= LONGEST:
        return before, after
    old, new = before.split(), after.split()
    most = min(len(old), len(new))
    start = next((i for i in range(most) if old[i] != new[i]), most)
    end = next((i for i in range(most - start) if old[-1 - i] != new[-1 - i]), most - start)
    return _cut(old, start, end), _cut(new, start, end)


def _cut(words: list[str], start: int, end: int) -> str:
    """The words from where the texts differ to where they do not any more, with a few around."""
    first, last = max(0, start - CONTEXT_WORDS), len(words) - max(0, end - CONTEXT_WORDS)
    shown = " ".join(words[first:last])
    if len(shown) > LONGEST:
        half = LONGEST // 2
        shown = f"{shown[:half].rstrip()} … {shown[-half:].lstrip()}"
    return f"{'… ' if first else ''}{shown}{' …' if last < len(words) else ''}"


def shown(value: Any, field: str = "") -> str:
    """A value as people read it."""
    if value is None:
        return "none"
    if isinstance(value, str):
        return value.removeprefix("sha256:")[:SHORT_DIGEST] if _is_digest(value) else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        number = f"{round(value, 2):g}"
        return f"{number} s" if field.endswith("_s") else number
    return str(value)


def change_text(field: str, before: Any, after: Any) -> str:
    """'prompt changed "a boat" to "a ship"', "motion push-in to pan-left"."""
    label = LABELS.get(field, field.replace("_", " "))
    if isinstance(before, list | dict) or isinstance(after, list | dict):
        return f"{label} changed"
    if isinstance(before, str) and isinstance(after, str) and (" " in before or " " in after):
        old, new = differing(before, after)
        return f'{label} changed "{old}" to "{new}"'
    return f"{label} {shown(before, field)} to {shown(after, field)}"


def seconds_text(seconds: float) -> str:
    """A span of time, as exactly as an expectation is worth: "0.4 s", "40 s", "12 min", "3.5 h"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def _is_digest(value: str) -> bool:
    return value.startswith("sha256:")
