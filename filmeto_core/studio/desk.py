"""What this machine's studio was asked for, and the lock that its commands take."""

import contextlib
import fcntl
import hashlib
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from filmeto_core.daemon import Daemon
from filmeto_core.errors import ConflictError
from filmeto_core.settings import Settings, prefect_environment
from filmeto_core.types import Model

Say = Callable[[str], None]

MARKER = "FILMETO_UP"  # in the environment of all that `filmeto up` starts, and of what those start
LOCK_S = 240.0  # a start of all parts takes a tenth of that
LOOK_S = 0.2


class Wanted(Model):
    """What `filmeto up` was asked for last."""

    project: Path
    queues: tuple[str, ...]
    port: int
    named_api: str | None = None  # the API that the user's Prefect profile names since


class Desk:
    """The files of one machine's studio, under FILMETO_HOME.

    Args:
        settings: Whose folder counts.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.host = Daemon(settings.up_dir / "host.json")
        self.worker = Daemon(settings.up_dir / "worker.json")
        self.mark = hashlib.sha256(os.fsencode(settings.up_dir.resolve())).hexdigest()[:16]
        self.worker_name = f"{socket.gethostname()}-{self.mark[:6]}"
        self._file = settings.up_dir / "wanted.json"

    def wanted(self) -> Wanted | None:
        """What was asked for; None where nothing is, or nobody can read it."""
        try:
            return Wanted.model_validate_json(self._file.read_bytes())
        except (OSError, ValueError):
            return None

    def want(self, wanted: Wanted) -> None:
        """Note it."""
        self.settings.up_dir.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps(wanted.to_dict()), encoding="utf-8")

    def forget(self) -> None:
        """Nothing is asked for any more."""
        self._file.unlink(missing_ok=True)

    def log(self, name: str) -> Path:
        """The log of a part."""
        return self.settings.logs_dir / f"{name}.log"

    def environment(self, **more: str) -> dict[str, str]:
        """What a part sees: all that this command sees, the mark, this Python first in PATH."""
        own = prefect_environment(everything=True)
        path = os.pathsep.join((str(Path(sys.executable).parent), own.get("PATH", os.defpath)))
        home = str(self.settings.home.expanduser().absolute())
        said = {"PATH": path, "FILMETO_HOME": home, MARKER: self.mark, "PYTHONUNBUFFERED": "1"}
        return {**own, **said, **more}

    @contextlib.contextmanager
    def alone(self, say: Say) -> Iterator[None]:
        """One `up` or `down` at a time; the second waits for the first.

        Raises:
            ConflictError: The first does not come to its end.
        """
        self.settings.up_dir.mkdir(parents=True, exist_ok=True)
        with open(self.settings.up_dir / "lock", "w") as lock:
            end, told = time.monotonic() + LOCK_S, False
            while not _taken(lock.fileno()):
                if not told:
                    say("another `filmeto up` or `filmeto down` is at work; waiting for it")
                    told = True
                if time.monotonic() > end:
                    raise ConflictError(
                        f"another `filmeto up` or `filmeto down` has been at work for {LOCK_S:.0f} s.",
                        hint=f"Look for it with `fuser {lock.name}`, and end it.",
                    )
                time.sleep(LOOK_S)
            yield


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
