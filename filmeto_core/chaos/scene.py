"""Where films are killed: a fresh data folder each, a Prefect server of their own, the user's tools.

    OUT/ledger.jsonl      what came of each film
    OUT/prefect/, ...     Prefect's data: one server for all, one for each that may be killed
    OUT/films/0007/       one film: home/ (its FILMETO_HOME), film/ (what it leaves), tmp/

The plugins' environments and models are the user's, by links: they are not built for each film.
"""

import os
import shutil
import socket
import sys
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from filmeto_core import process
from filmeto_core.chaos import victims
from filmeto_core.chaos.line import Line
from filmeto_core.errors import FilmetoError
from filmeto_core.prefect_server import START_TIMEOUT_S, healthy
from filmeto_core.settings import Settings, prefect_environment

_START = "from filmeto_core.prefect_server import ensure_server; ensure_server()"
_PROXIES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")


@dataclass(frozen=True)
class Asked:
    """What the user asked for.

    Args:
        storyboard: Its file, absolute.
        out: Where all of it goes, absolute.
        profile: Instead of the storyboard's own.
        environment: Further variables of every film's command; "{take}" in one is the scene's.
    """

    storyboard: Path
    out: Path
    profile: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


class Server:
    """A Prefect server in a folder of its own, at a port that stays the same.

    Args:
        home: Its PREFECT_HOME.
    """

    def __init__(self, home: Path) -> None:
        self.home = home

    @cached_property
    def port(self) -> int:
        """Noted in its folder, which is made if it is not there."""
        try:
            return int((self.home / "port").read_text())
        except (OSError, ValueError):
            self.home.mkdir(parents=True, exist_ok=True)
            port = _free_port()
            (self.home / "port").write_text(str(port))
            return port

    @property
    def url(self) -> str:
        """Of its API."""
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def pid(self) -> int | None:
        """Its process, if it lives."""
        return victims.server_of(self.home)

    def environment(self) -> dict[str, str]:
        """The variables that lead to it."""
        return {"PREFECT_HOME": str(self.home), "PREFECT_API_URL": self.url}

    def start(self) -> None:
        """Make sure that it answers.

        Raises:
            FilmetoError: It does not.
        """
        if healthy(self.url):
            return
        environment = {**prefect_environment(everything=True), **self.environment()}
        with open(self.home / "start.log", "wb") as log:
            starter = process.start(
                [sys.executable, "-c", _START], env=environment, stdout=log, stderr=log
            )
            if not process.wait_exited(starter, START_TIMEOUT_S + 30):
                process.signal_group(starter, 9)
            starter.wait()
        if not healthy(self.url):
            raise FilmetoError(
                f"the Prefect server for these films did not start at {self.url}.",
                hint=f"Its logs: {self.home}/start.log, {self.home}/filmeto-server.log",
            )

    def stop(self) -> None:
        """End it, also where it is only starting, and whatever still speaks with it."""
        if self.home.is_dir():
            process.kill_marked("PREFECT_HOME", str(self.home))
            (self.home / "server.pid").unlink(missing_ok=True)


class Scene:
    """One film's folders, and its command.

    Args:
        name: "reference", or the film's number.
        server: Its Prefect server.
        line: Its plugins' line to the world.

    `take` tells it from any other scene of that name, as of a run that was killed in the middle.
    """

    def __init__(self, asked: Asked, name: str, server: Server, line: Line) -> None:
        self.asked, self.name, self.server, self.line = asked, name, server, line
        self.take = f"{name}-{uuid.uuid4().hex[:8]}"
        self.folder = asked.out / "films" / name
        self.home, self.film, self.tmp = (self.folder / part for part in ("home", "film", "tmp"))
        self.settings = Settings(home=self.home)

    def set_up(self) -> None:
        """Fresh folders, with nothing of an earlier try left."""
        self.take_down()
        for folder in (self.home, self.film, self.tmp):
            folder.mkdir(parents=True)
        mine = Settings()
        mine.environments_dir.mkdir(parents=True, exist_ok=True)
        for shared in (mine.environments_dir, mine.models_dir):
            if shared.is_dir():
                (self.home / shared.name).symlink_to(shared, target_is_directory=True)

    def take_down(self) -> None:
        """End what still runs, and remove the folders."""
        victims.end_all(self.folder, self.spared())
        shutil.rmtree(self.folder, ignore_errors=True)

    def spared(self) -> set[int]:
        """Processes that are no film's, though a film may have started them."""
        pid = self.server.pid
        return set() if pid is None else {pid}

    def command(self, *arguments: str) -> list[str]:
        """`filmeto ...`, by this interpreter."""
        return [sys.executable, "-m", "filmeto_core", *arguments]

    def make_film(self) -> list[str]:
        """The command that makes the film, and goes on with it."""
        profile = ["--profile", self.asked.profile] if self.asked.profile else []
        return self.command(
            "film", str(self.asked.storyboard), "--out", str(self.film), "--approve", *profile
        )

    def environment(self) -> dict[str, str]:
        """Of the command: the user's own, but for where data goes and how the world is reached."""
        own = prefect_environment(everything=True)
        here = f"127.0.0.1:{self.server.port}"
        spared = ",".join(filter(None, [own.get("NO_PROXY") or own.get("no_proxy"), here]))
        return {
            **own,
            **dict.fromkeys(_PROXIES, self.line.url),
            "NO_PROXY": spared,
            "no_proxy": spared,
            **self.server.environment(),
            "FILMETO_HOME": str(self.home),
            "TMPDIR": str(self.tmp),
            **{n: v.replace("{take}", self.take) for n, v in self.asked.environment.items()},
        }


def own_proxy() -> str | None:
    """The proxy that the user's own programs go through."""
    own = prefect_environment(everything=True)
    return next((own[name] for name in _PROXIES if own.get(name)), None)


def clear_films(out: Path, kept: set[str]) -> None:
    """Remove the films that an earlier run left half done; their processes end first."""
    with suppress(OSError):
        for name in os.listdir(out / "films"):
            if name not in kept:
                victims.end_all(out / "films" / name)
                shutil.rmtree(out / "films" / name, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
