"""systemd's unit files, and variables' files, as far as those of deployments/systemd use them.

Source: systemd.syntax(7), systemd.exec(5), systemd.service(5): "Command lines".
"""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

SYSTEMD = Path(__file__).resolve().parents[2] / "deployments" / "systemd"


@dataclass(frozen=True)
class Unit:
    """A unit: its name, and what each of its lines says, by section and key."""

    name: str
    lines: dict[tuple[str, str], list[str]]

    def all(self, key: str, section: str = "Service") -> list[str]:
        return self.lines.get((section, key), [])

    def one(self, key: str, section: str = "Service") -> str:
        (value,) = self.all(key, section)
        return value

    @property
    def environment(self) -> dict[str, str]:
        """What its `Environment` lines set; a line may set several."""
        pairs = [pair for line in self.all("Environment") for pair in shlex.split(line)]
        return dict(pair.split("=", 1) for pair in pairs)


def read_unit(file: Path) -> Unit:
    """A unit file. Lines without a section or a `=` are an error, as they are to systemd."""
    lines: dict[tuple[str, str], list[str]] = {}
    section = None
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith(("#", ";")):
            continue
        if line.startswith("["):
            section = line.strip("[]")
            continue
        key, said = line.split("=", 1)
        assert section, f"{file.name}: {line}"
        lines.setdefault((section, key), []).append(said)
    return Unit(file.stem, lines)


def units() -> dict[str, Unit]:
    """Those of deployments/systemd, by their names."""
    return {file.stem: read_unit(file) for file in sorted(SYSTEMD.glob("*.service"))}


def read_variables(file: Path) -> dict[str, str]:
    """An EnvironmentFile; what is commented out is not set."""
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return dict(pairs)


def command(line: str, environment: dict[str, str]) -> list[str]:
    """A command line's words, its `${VARIABLES}` and the host's name filled in."""
    filled = re.sub(r"\$\{(\w+)\}", lambda found: environment[found[1]], line)
    return shlex.split(filled.replace("%H", "here"))
