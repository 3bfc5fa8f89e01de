"""The worker: takes runs of deployments out of the pool's queues, and makes each in a process of its own."""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from filmeto_core.daemon import last_words
from filmeto_core.deployment import POOL
from filmeto_core.errors import FilmetoError
from filmeto_core.prefect_api import PrefectApi
from filmeto_core.settings import prefect_environment
from filmeto_core.studio.desk import Desk, Say
from filmeto_core.studio.part import Part

START_S = 90.0  # 5 to 15 s were seen
LOOK_S = 0.25

# How a worker is to behave, unless the user says otherwise: a run is picked up within a second, not
# ten, and tells twice a minute that it lives, so that a dead one is seen.
USUAL = {"PREFECT_WORKER_QUERY_SECONDS": "1", "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}


class Worker:
    """The worker of this machine.

    Args:
        desk: Whose it is.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk, self._daemon = desk, desk.worker
        self.name = desk.worker_name

    @property
    def pid(self) -> int | None:
        """Its process."""
        return self._daemon.pid

    def begin(
        self, api: PrefectApi, project: Path, queues: Sequence[str], host_url: str, say: Say
    ) -> None:
        """Start it, unless its process is there; `wait` waits for it."""
        if self._daemon.pid is not None:
            return
        say(f"starting a worker for {', '.join(queues)}")
        argv = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL]
        argv += ["--type", "process", "--name", self.name, "--install-policy", "never"]
        argv += [part for queue in queues for part in ("--work-queue", queue)]
        given = prefect_environment()
        env = self._desk.environment(
            **{name: value for name, value in USUAL.items() if name not in given},
            PREFECT_API_URL=api.url,
            FILMETO_API_URL=host_url,
            FILMETO_PROJECT=str(project),
            **self._temporary_folder(),
        )
        self._daemon.start(
            argv, env, self._desk.log("worker"), cwd=project, before=self._heard(api)
        )

    def _temporary_folder(self) -> dict[str, str]:
        """Another one, where the usual one has a part of Prefect's that is another user's.

        A worker keeps its runs' files in runner_storage there, which belongs to whoever was first.
        """
        theirs = Path(tempfile.gettempdir()) / "runner_storage"
        if not theirs.exists() or (theirs.is_dir() and os.access(theirs, os.W_OK | os.X_OK)):
            return {}
        own = self._desk.settings.up_dir.absolute() / "tmp"
        own.mkdir(parents=True, exist_ok=True)
        return {"TMPDIR": str(own)}

    def wait(self, api: PrefectApi) -> None:
        """Wait until Prefect knows that it is there.

        Raises:
            FilmetoError: It ended, or Prefect does not hear of it.
        """
        end = time.monotonic() + START_S
        while not self._online(api):
            if self._daemon.wait(LOOK_S) or time.monotonic() > end:
                log = self._desk.log("worker")
                raise FilmetoError(
                    f"the worker did not start: {last_words(log)}.",
                    hint=f"Its log: {log}",
                    stderr=log.read_text(errors="replace")[-2000:] if log.exists() else "",
                )

    def finish(self) -> None:
        """Have it take no further run; it ends when those in hand have ended.

        A second signal would kill it, so this is said once.
        """
        self._daemon.signal(signal.SIGINT)

    def ended(self, timeout_s: float) -> bool:
        """Wait for its end; whether it came."""
        return self._daemon.wait(timeout_s)

    def stop(self) -> bool:
        """End it at once; whether it was there."""
        return self._daemon.stop(0)

    def forget(self) -> None:
        """Remove its record."""
        self._daemon.forget()

    def part(self, api: PrefectApi | None, running: int) -> Part:
        """How it is.

        Args:
            api: None where Prefect does not answer.
            running: How many runs are in its hands.
        """
        pid, record = self._daemon.pid, self._daemon.read()
        online = api is not None and pid is not None and self._online(api)
        does = "no run in hand" if not running else f"{running} in hand"
        return Part(
            name="worker",
            state="up" if online else "starting" if pid else "down",
            address=self.name,
            does=does if pid else "",
            pid=pid,
            since=record.get("since") if pid else None,
            log=record.get("log") if pid else None,
        )

    def _online(self, api: PrefectApi) -> bool:
        heard = self._heard(api)
        return heard is not None and heard != self._daemon.read().get("before")

    def _heard(self, api: PrefectApi) -> str | None:
        """When Prefect last heard of a worker of this name, by its own clock, if it is not too long ago."""
        for told in api.workers(POOL):
            if told["name"] == self.name and told["status"] == "ONLINE":
                return told.get("last_heartbeat_time")
        return None
