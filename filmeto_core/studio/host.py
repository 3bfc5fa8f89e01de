"""The warm host: `filmeto serve`, whose plugins the worker's runs share, so that they stay loaded."""

import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from filmeto_core.daemon import last_words
from filmeto_core.errors import FilmetoError, ValidationError
from filmeto_core.prefect_server import taken_by
from filmeto_core.remote.address import read_address
from filmeto_core.studio.desk import Desk, Say
from filmeto_core.studio.part import Part

HEALTH = "/api/v1/health"
ANSWER_S = 3.0
START_S = 60.0  # 2 to 5 s were seen; a home with a large journal is read first
LOOK_S = 0.1
FINISH_S = 3.0  # what short calls of others have to finish; the runs' own were stopped before
END_S = 15.0  # from the second signal to SIGKILL; it stops its plugins and writes its books
LONGEST_SOCKET = 100  # of its path. Source: unix(7), sun_path, less what a temporary name takes


class Host:
    """The host of this machine, or the one that FILMETO_API_URL names.

    Args:
        desk: Whose it is.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk, self._daemon = desk, desk.host
        self._foreign = desk.settings.api_url
        self._socket = desk.settings.serve_dir / "filmeto.sock"

    @property
    def url(self) -> str:
        """What FILMETO_API_URL of a run's process is."""
        return self._foreign or f"unix://{self._socket}"

    def health(self) -> dict[str, Any] | None:
        """What it tells of itself; None where it does not answer."""
        address = read_address(self.url)
        way = httpx.HTTPTransport(uds=str(address.socket)) if address.socket else None
        try:
            with httpx.Client(transport=way, timeout=ANSWER_S, trust_env=False) as client:
                answer = client.get(address.url + HEALTH)
            return answer.json() if answer.status_code == 200 else None
        except (httpx.HTTPError, ValueError):
            return None

    def begin(self, project: Path, port: int, api_url: str, say: Say) -> None:
        """Start it unless it answers; `wait` waits for it.

        Raises:
            ValidationError: Its port is another program's, or its socket's path too long.
            FilmetoError: FILMETO_API_URL names one that does not answer.
        """
        if self.health() is not None or self._daemon.pid is not None:
            return
        if self._foreign:
            raise FilmetoError(
                f"FILMETO_API_URL: no filmeto server answers at {self._foreign}.",
                hint="Start it, or unset FILMETO_API_URL, so that one is started here.",
            )
        self._check(port)
        say("starting the plugins' host")
        argv = [sys.executable, "-m", "filmeto_core", "serve", "--log", "text", "--port", str(port)]
        env = self._desk.environment(PREFECT_API_URL=api_url)
        self._daemon.start(argv, env, self._desk.log("host"), cwd=project, port=port)

    def wait(self) -> None:
        """Wait until it answers.

        Raises:
            FilmetoError: It ended, or does not answer.
        """
        end = time.monotonic() + START_S
        while self.health() is None:
            if self._daemon.wait(LOOK_S) or time.monotonic() > end:
                log = self._desk.log("host")
                raise FilmetoError(
                    f"the plugins' host does not answer: {last_words(log)}.",
                    hint=f"Its log: {log}",
                    stderr=log.read_text(errors="replace")[-2000:] if log.exists() else "",
                )

    def part(self) -> Part:
        """How it is."""
        told, record = self.health(), self._daemon.read()
        pid = self._daemon.pid
        state = "up" if told else "starting" if pid else "away" if self._foreign else "down"
        port = record.get("port") if pid else None
        address = f"http://127.0.0.1:{port}/ui/" if port is not None else self.url
        address = "" if state == "down" else address
        return Part(
            name="host",
            state=state,
            address=address,
            does=_doing(told) if told else "",
            pid=pid,
            since=record.get("since") if pid else None,
            log=record.get("log") if pid else None,
        )

    def stop(self) -> bool:
        """End it, if it was started here; its next start goes on with what was in hand."""
        self._daemon.signal(signal.SIGTERM)
        if self._daemon.pid is not None and self._daemon.wait(FINISH_S):
            self._daemon.forget()
            return True
        return self._daemon.stop(END_S)  # the second signal ends it at once

    def _check(self, port: int) -> None:
        if len(str(self._socket)) > LONGEST_SOCKET:
            raise ValidationError(
                f"FILMETO_HOME: the path of its socket, {self._socket}, has more than "
                f"{LONGEST_SOCKET} characters, which no system takes.",
                hint="Set FILMETO_HOME to a folder with a shorter path.",
                field="FILMETO_HOME",
                value=str(self._desk.settings.home),
            )
        with socket.socket() as probe:
            probe.settimeout(1)
            if port and probe.connect_ex(("127.0.0.1", port)) == 0:
                raise ValidationError(
                    f"--port: port {port} on 127.0.0.1 is taken{taken_by(port)}.",
                    hint="Give the plugins' host another --port, or end what listens there.",
                    field="port",
                    value=port,
                )


def _doing(told: dict[str, Any]) -> str:
    busy = sum(told["tasks"].values())
    plugins = [f"{count} {state}" for state, count in sorted(told["plugins"].items())]
    calls = f"{busy} {'call' if busy == 1 else 'calls'} in hand"
    return f"{calls}; plugins: {', '.join(plugins) or 'none'}"
