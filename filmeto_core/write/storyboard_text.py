"""A storyboard as YAML that people read and change: short mappings on one line, comments between."""

from typing import Any

import yaml

from filmeto_core.write.request import Written

WIDTH = 100  # columns; longer text is folded
_SHORT = ("voice", "music", "ending", "transition")  # mappings that stand on one line


def storyboard_text(written: Written) -> str:
    """The YAML of a storyboard, with its comments."""
    lines = [f"# {_plain(line)}" for line in written.head]
    lines += ["# Make the film of it with: filmeto film THIS-FILE", ""]
    for key, value in written.board.items():
        if key != "shots":
            lines += _field(key, value, "")
    lines += ["", "shots:"]
    for place, shot in enumerate(written.board["shots"]):
        if place:
            lines.append("")
        act = (written.acts or {}).get(shot["id"])
        if act:
            lines.append(f"  # {_plain(act)}")
        rows = [line for key, value in shot.items() for line in _field(key, value, "    ")]
        lines += [f"  - {rows[0].lstrip()}", *rows[1:]]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _field(key: str, value: Any, indent: str) -> list[str]:
    if isinstance(value, dict) and key in _SHORT:
        options = {
            "default_flow_style": True,
            "width": 10_000,
            "allow_unicode": True,
            "sort_keys": False,
        }
        return [f"{indent}{key}: {yaml.safe_dump(value, **options).strip()}"]
    text = yaml.safe_dump(
        {key: value}, allow_unicode=True, sort_keys=False, width=WIDTH - len(indent)
    )
    return [f"{indent}{line}" for line in text.rstrip("\n").split("\n")]
