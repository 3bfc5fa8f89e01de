"""What came of each film, on disk as soon as it is known: a later run goes on from there."""

import json
import os
import threading
from pathlib import Path
from typing import Any

from filmeto_core.chaos.film import Made, Reference
from filmeto_core.errors import ValidationError

FILE = "ledger.jsonl"


class Ledger:
    """The ledger in one folder; for the threads of one process.

    Args:
        folder: There.
        about: What all its films have in common; a ledger of other films is refused.

    Raises:
        ValidationError: It is of other films.
    """

    def __init__(self, folder: Path, about: dict[str, Any]) -> None:
        self.path, self._lock = folder / FILE, threading.Lock()
        self.reference: Reference | None = None
        self.films: dict[int, Made] = {}
        entries = self._read()
        if not entries:
            self._write("about", about)
        elif entries[0] != {"kind": "about", **about}:
            other = [name for name, value in about.items() if entries[0].get(name) != value]
            raise ValidationError(
                f"{folder}: films were killed there already, with another {', '.join(other)}.",
                hint="Give another folder with --out, or remove this one.",
                field="out",
                value=str(folder),
            )
        for entry in entries[1:]:
            kind = entry.pop("kind")
            if kind == "reference":
                self.reference = Reference.model_validate(entry)
            elif kind == "film":
                self._learn(Made.model_validate(entry))

    def keep_reference(self, reference: Reference) -> None:
        """The undisturbed film."""
        self.reference = reference
        self._write("reference", reference.model_dump(mode="json"))

    def keep(self, made: Made) -> None:
        """One more film; made once more, its later entry counts."""
        self._learn(made)
        self._write("film", made.model_dump(mode="json"))

    def _learn(self, made: Made) -> None:
        self.films[made.number] = made

    def _read(self) -> list[dict[str, Any]]:
        data = self.path.read_bytes() if self.path.exists() else b""
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):  # it was killed in the middle of a line
            os.truncate(self.path, len(whole))
        return [json.loads(line) for line in whole.splitlines()]

    def _write(self, kind: str, entry: dict[str, Any]) -> None:
        line = json.dumps({"kind": kind, **entry}, ensure_ascii=False) + "\n"
        with self._lock, open(self.path, "ab") as file:
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
