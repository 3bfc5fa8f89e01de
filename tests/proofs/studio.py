"""A studio of two machines or more, as docs/more-machines.md sets one up, by configuration alone.

    film      serves the queue `default`: the film's flow, voices, music, the cut
    gpu       serves the queue `gpu`: stills and clips, by a plugin that a provider charges for

What they share: Prefect's server (on Postgres, or SQLite), an S3 server, and the provider, which counts
its jobs. With cables each machine but the film's is in a network namespace of its own.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import yaml
from machines import (
    FAKETIME,
    ROOT,
    Cable,
    Hub,
    Postgres,
    Process,
    answers,
    descendants,
    environment,
    free_port,
    prefect_server,
    s3_server,
    until,
    with_in_environment,
)
from paid_ledger import count, entries
from stage import copy_plugin

ACCOUNT = "studio"
BUCKET = "studio"
PROJECT = """\
plugins: ./plugins
profiles:
  studio:
    text2image: {plugin: paid_0, queue: gpu}
    image2video: {plugin: paid_0, queue: gpu}
    text2speak: quick_0
    text2music: quick_0
  keyless:
    text2image: {plugin: keyless, queue: gpu}
    image2video: {plugin: keyless, queue: gpu}
    text2speak: quick_0
    text2music: quick_0
"""
BOARD = {
    "title": "The lamp",
    "size": "160x90",
    "fps": 8,
    "profile": "studio",
    "voice": {"language": "en"},
    "music": {"prompt": "slow strings"},
}
SHOTS = (
    {
        "id": "dawn",
        "prompt": "a lighthouse at dawn",
        "duration_s": 0.5,
        "narration": "It was early.",
    },
    {"id": "storm", "prompt": "rain on the window", "duration_s": 0.5},
)
UP_S = 240  # of `filmeto up`, where all run at once on a busy computer
ENDED = ("COMPLETED", "FAILED", "CANCELLED", "CRASHED")


class Machine:
    """A machine, as `filmeto up --queue NAME` makes one: a worker, a warm host, a data folder.

    Args:
        name: Its host name.
        queue: What it serves.
        home: Its FILMETO_HOME.
        environment: Its variables.
        cable: Its network; None: this computer's.
    """

    def __init__(
        self,
        name: str,
        queue: str,
        home: Path,
        project: Path,
        environment: dict[str, str],
        cable: Cable | None,
    ) -> None:
        self.name, self.queue, self.home, self.cable = name, queue, home, cable
        self._project, self._environment = project, environment
        self.is_lost = False
        (home / "prefect").mkdir(parents=True, exist_ok=True)

    def filmeto(self, *words: str) -> str:
        """What a command of filmeto says there."""
        command = [sys.executable, "-m", "filmeto_core", *words]
        done = subprocess.run(
            self.cable.inside(command, self.name) if self.cable else command,
            env=self._environment,
            cwd=self._project,
            capture_output=True,
            text=True,
            timeout=UP_S,
        )
        if done.returncode:
            raise AssertionError(f"filmeto {' '.join(words)} on {self.name}: {done.stderr}")
        return done.stdout

    def up(self) -> "Machine":
        """Have it at work."""
        self.filmeto("up", "--queue", self.queue, "--port", str(free_port()))
        self.is_lost = False
        return self

    def down(self) -> None:
        """Have it at rest."""
        if not self.is_lost:
            self.filmeto("down")

    def worker(self) -> int:
        """The process id of its worker."""
        return json.loads((self.home / "up" / "worker.json").read_text())["pid"]

    def processes(self) -> list[int]:
        """All of it: what `filmeto up` started, and what came of that."""
        own = list(with_in_environment(f"FILMETO_HOME={self.home}\0"))
        return list(dict.fromkeys([*own, *(pid for one in own for pid in descendants(one))]))

    def start(self, name: str, words: list[str]) -> Process:
        """A Python program of the machine's, at work."""
        command = [sys.executable, *words]
        command = self.cable.inside(command, self.name) if self.cable else command
        made = Process(name, command, self._environment, self.home / "logs", self._project)
        made.start()
        return made

    def commands(self) -> list[bytes]:
        """The command lines of its processes."""
        found = []
        for pid in self.processes():
            with contextlib.suppress(OSError):
                found.append(Path(f"/proc/{pid}/cmdline").read_bytes())
        return found

    def calls(self) -> int:
        """How many calls its warm host has in hand."""
        way = httpx.HTTPTransport(uds=str(self.home / "serve" / "filmeto.sock"))
        with httpx.Client(transport=way, trust_env=False, timeout=20) as client:
            told = client.get("http://host/api/v1/health").json()
        return sum(told["tasks"].values())

    def kill(self) -> None:
        """As when its power goes: every process at once."""
        for _ in range(3):  # one may have begun another meanwhile
            for pid in self.processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.is_lost = True


@dataclass
class Studio:
    """All of it; for `with`.

    Args:
        folder: For everything.
        postgres: Whether Prefect is on Postgres; else SQLite.
        cables: Whether machines are in namespaces of their own.
        slow_s: The longest that one of its jobs takes.
    """

    folder: Path
    postgres: bool = True
    cables: bool = True
    slow_s: float = 4.0
    shots: tuple[dict[str, Any], ...] = SHOTS
    machines: dict[str, Machine] = field(default_factory=dict)
    _made: int = 0
    _replaced: int = 0

    def __enter__(self) -> "Studio":
        self._hub = Hub() if self.cables else None
        self.host = self._hub.host if self._hub else "127.0.0.1"
        self.database = Postgres(self.folder / "postgres", self.host) if self.postgres else None
        self.log, self.project = self.folder / "log", self.folder / "project"
        try:
            self._open()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _open(self) -> None:
        self._set_project()
        port, store = free_port(self.host), free_port(self.host)
        self.api, self.s3_url = f"http://{self.host}:{port}/api", f"http://{self.host}:{store}"
        if self.database:
            self.database.start()
        database = self.database.url if self.database else None
        home = self.folder / "server"
        self.server = prefect_server(self.host, port, home, self.log, database)
        self.server.start()
        self.s3 = s3_server(self.host, store, self.log)
        self.s3.start()
        self.provider = self._provider(free_port(self.host))
        self.provider.start()
        until("S3", lambda: answers(self.s3_url))
        httpx.put(f"{self.s3_url}/{BUCKET}", trust_env=False, headers=_signed()).raise_for_status()
        until("Prefect's server", lambda: answers(f"{self.api}/health"))

    def _set_project(self) -> None:
        (self.project / "plugins").mkdir(parents=True)
        copy_plugin("paid", self.project / "plugins")
        copy_plugin("quick", self.project / "plugins")
        self._set_keyless()
        (self.project / "filmeto.yaml").write_text(PROJECT)
        board = {**BOARD, "shots": list(self.shots)}
        (self.project / "story.yaml").write_text(yaml.safe_dump(board))

    def _set_keyless(self) -> None:
        """The same plugin, for a provider that takes no idempotency key."""
        folder = self.project / "plugins" / "keyless"
        shutil.copytree(self.project / "plugins" / "paid_0", folder)
        manifest, main = folder / "plugin.yaml", folder / "main.py"
        told = manifest.read_text().replace("name: paid_0", "name: keyless")
        manifest.write_text(told.replace("idempotency_key: true", "idempotency_key: false"))
        main.write_text(re.sub(r"(?m)^KEYLESS = .*$", "KEYLESS = True", main.read_text()))

    def _provider(self, port: int) -> Process:
        state = self.folder / "provider"
        self._provider_url = f"http://{self.host}:{port}/{ACCOUNT}"
        command = [sys.executable, str(ROOT / "tests/proofs/paid_provider.py")]
        command += ["--host", self.host, "--port", str(port), "--state", str(state)]
        command += ["--slow-s", str(self.slow_s)]
        return Process("provider", command, environment(), self.log)

    def environment(self, name: str, skew_s: float = 0) -> dict[str, str]:
        """A machine's variables: what docs/more-machines.md says, and the provider's address."""
        more = {}
        if skew_s:
            more = {"LD_PRELOAD": FAKETIME, "FAKETIME": f"{skew_s:+g}"}
            more |= {"FAKETIME_DONT_FAKE_MONOTONIC": 1, "PYTHONPATH": self._sleeping()}
        return environment(
            **more,
            FILMETO_HOME=self.folder / name,
            FILMETO_STORE_URL=f"s3://{BUCKET}/films",
            AWS_ENDPOINT_URL=self.s3_url,
            AWS_ACCESS_KEY_ID="studio",
            AWS_SECRET_ACCESS_KEY="studio",
            AWS_DEFAULT_REGION="us-east-1",
            AWS_EC2_METADATA_DISABLED="true",
            PREFECT_API_URL=self.api,
            PREFECT_HOME=self.folder / name / "prefect",
            PAID_PROVIDER_URL=self._provider_url,
        )

    def _sleeping(self) -> str:
        """Where Python finds itself with a `time.sleep` that libfaketime does not break.

        It takes the clock's offset off the monotonic time that Python sleeps until, which is none of
        its business where that clock is left as it is.
        """
        folder = self.folder / "clock"
        folder.mkdir(exist_ok=True)
        text = "import select, time\ntime.sleep = lambda s: select.select([], [], [], s)\n"
        (folder / "sitecustomize.py").write_text(text)
        return os.pathsep.join([str(folder), str(ROOT)])

    def machine(self, name: str, queue: str, skew_s: float = 0, home: str = "") -> Machine:
        """A machine that serves a queue, at work; in a data folder of its own name, or of another."""
        self._made += 1
        cable = Cable(self._made) if self.cables and queue != "default" else None
        home = home or name
        variables = self.environment(home, skew_s)
        made = Machine(name, queue, self.folder / home, self.project, variables, cable)
        self.machines[name] = made
        return made.up()

    def replace(self, name: str, skew_s: float = 0) -> Machine:
        """Another machine of this name, with an empty data folder; the one that was is down for good."""
        was = self.machines[name]
        was.down()
        if was.cable:
            was.cable.remove()
        self._replaced += 1
        return self.machine(name, was.queue, skew_s, f"{name}{self._replaced}")

    def story(self, name: str, shots: int, profile: str) -> Path:
        """A storyboard of so many shots, like no other's."""
        what = [
            {"id": f"s{n}", "prompt": f"{name}: a lighthouse, {n}", "duration_s": 0.5}
            for n in range(1, shots + 1)
        ]
        what[0]["narration"] = "It was early."
        path = self.project / f"{name}.yaml"
        path.write_text(yaml.safe_dump({**BOARD, "profile": profile, "shots": what}))
        return path

    def now(self) -> str:
        """The time, as the server has it."""
        return datetime.now(UTC).isoformat()

    def crashed(self, since: str) -> list[dict[str, Any]]:
        """The runs that were marked as crashed."""
        runs = self.runs(expected_start_time={"after_": since})
        return [run for run in runs if run["state_type"] == "CRASHED"]

    def film(self, out: str = "made", **parameters: Any) -> str:
        """The id of a run of the film's deployment, as the UI's button makes one."""
        deployment = self.get("/deployments/name/film/studio")["id"]
        story = {"storyboard": str(self.project / "story.yaml"), "out": str(self.folder / out)}
        body = {"parameters": {**story, **parameters}, "state": {"type": "SCHEDULED"}}
        return self.post(f"/deployments/{deployment}/create_flow_run", body)["id"]

    def run(self, run_id: str) -> dict[str, Any]:
        """A flow run, as the server knows it."""
        return self.get(f"/flow_runs/{run_id}")

    def runs(self, **wanted: Any) -> list[dict[str, Any]]:
        """The flow runs that fit, the oldest first."""
        body = {"flow_runs": wanted, "sort": "EXPECTED_START_TIME_ASC", "limit": 200}
        return self.post("/flow_runs/filter", body)

    def placed(self) -> list[dict[str, Any]]:
        """The runs by which machines made calls for the film."""
        return self.runs(tags={"all_": ["gpu"]})

    def cancel(self, run_id: str) -> None:
        """As the UI's button does."""
        state = {"type": "CANCELLING", "name": "Cancelling"}
        self.post(f"/flow_runs/{run_id}/set_state", {"state": state})

    def end_of(self, run_id: str, timeout_s: float = 240) -> dict[str, Any]:
        """The run, once it is over."""

        def over() -> dict[str, Any] | None:
            try:
                run = self.run(run_id)
            except httpx.HTTPError:
                return None
            return run if run["state_type"] in ENDED else None

        return until(f"the end of run {run_id}", over, timeout_s)

    def jobs(self) -> Any:
        """What the provider counts: jobs, and requests that it made twice."""
        return count(entries(self.folder / "provider"), ACCOUNT)

    def get(self, path: str) -> Any:
        """An answer of Prefect's API."""
        answer = httpx.get(self.api + path, timeout=20, trust_env=False)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: Any) -> Any:
        """As `get`, for a POST."""
        answer = httpx.post(self.api + path, json=body, timeout=20, trust_env=False)
        answer.raise_for_status()
        return answer.json()

    def __exit__(self, *_: object) -> None:
        for machine in self.machines.values():
            machine.kill()
        for part in ("provider", "s3", "server"):
            if hasattr(self, part):
                getattr(self, part).kill()
        if self.database:
            self.database.stop()
        for machine in self.machines.values():
            if machine.cable:
                machine.cable.remove()
        if self._hub:
            self._hub.remove()


def _signed() -> dict[str, str]:
    """What moto wants to see of a signature: that there is one."""
    day = time.strftime("%Y%m%d", time.gmtime())
    scope = f"studio/{day}/us-east-1/s3/aws4_request"
    return {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
    }
