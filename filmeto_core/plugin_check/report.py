"""What a check of a plugin found: one line for each thing that was looked at."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

State = Literal["ok", "note", "failed", "skipped"]
STATES: tuple[State, ...] = ("ok", "note", "failed", "skipped")


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Args:
        name: What, such as "ready"; of a tool's checks, such as "cancel".
        state: "note" is worth knowing and breaks nothing; "skipped" could not be looked at.
        found: What was expected and what came, in a sentence.
        tool: Whose check it is; empty for the plugin as a whole.
        advice: What to do about it.
    """

    name: str
    state: State
    found: str
    tool: str = ""
    advice: str = ""

    @property
    def id(self) -> str:
        """Such as "ready" or "text2image.cancel"."""
        return f"{self.tool}.{self.name}" if self.tool else self.name

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values."""
        told = {"check": self.id, "state": self.state, "found": self.found}
        return {**told, "advice": self.advice} if self.advice else told


@dataclass
class Report:
    """All that a check found, in the order in which it was looked at.

    Args:
        folder: The plugin's.
        name: The plugin's, or its folder's where the manifest tells none.
        heard: Gets each check as it is made.
    """

    folder: Path
    name: str
    heard: Callable[[Check], None] = lambda check: None
    checks: list[Check] = field(default_factory=list)

    def add(
        self, name: str, state: State, found: str, *, tool: str = "", advice: str = ""
    ) -> Check:
        """Note one check, and tell whoever listens."""
        check = Check(name, state, found, tool, advice)
        self.checks.append(check)
        self.heard(check)
        return check

    @property
    def failures(self) -> list[Check]:
        """Those that failed."""
        return [check for check in self.checks if check.state == "failed"]

    def of(self, id: str) -> Check:
        """The check of that id.

        Raises:
            KeyError: It was not made.
        """
        for check in self.checks:
            if check.id == id:
                return check
        raise KeyError(id)

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values."""
        counts = {s: sum(check.state == s for check in self.checks) for s in STATES}
        return {
            "plugin": self.name,
            "folder": str(self.folder),
            "passed": not self.failures,
            "counts": counts,
            "checks": [check.to_dict() for check in self.checks],
        }
