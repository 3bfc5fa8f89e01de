"""The very commands of the systemd units and of the compose file, run as processes, with Postgres.

    python tests/proofs/self_hosted.py              # the units, then the compose file
    python tests/proofs/self_hosted.py units

Their paths, ports and host names are replaced by free ones of this machine; all else is as it stands in
deployments/. Each part has to become healthy by the compose file's own health check; a film is asked for
with `prefect deployment run` and has to be there; its records have to be in Postgres and nowhere else; and
when the parts are asked to end as systemd does, each has to end in time and leave no process. It needs
Postgres' programs (Debian: postgresql). Exit code 1 where something of it does not hold.
"""

import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "benchmarks"), str(Path(__file__).parent)]

from capacity_bars.databases import free_port, postgres, psql  # noqa: E402
from printed_page import told  # noqa: E402
from unit_files import SYSTEMD, command, read_variables, units  # noqa: E402

HEALTHY_S = 240.0
FILM_S = 600.0
STOP_S = 60.0  # as the units' TimeoutStopSec
PASSWORD = "d41d8cd98f00b204"
BOARD = """
size: 64x64
fps: 12
shots: [{id: one, prompt: a boat, duration_s: 1}]
"""
PROGRAMS = {"filmeto": ["-m", "filmeto_core"], "prefect": ["-m", "prefect"], "python": []}


@dataclass
class Stage:
    """Where the parts run: folders, ports, and what stands for the paths and names of the files."""

    folder: Path
    database: str
    replaced: dict[str, str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        prefect, host, worker = free_port(), free_port(), free_port()
        for name in ("data", "data/prefect", "project"):
            (self.folder / name).mkdir()
        (self.folder / "postgres_password").write_text(PASSWORD)
        (self.folder / "project" / "tiny.yaml").write_text(BOARD)
        self.api = f"http://127.0.0.1:{prefect}/api"
        self.replaced = {
            "/var/lib/filmeto": str(self.folder / "data"),
            "/srv/filmeto": str(self.folder / "project"),
            "/run/secrets/postgres_password": str(self.folder / "postgres_password"),
            "postgresql+asyncpg://prefect:PASSWORD@127.0.0.1:5432/prefect": self.database,
            "@postgres:5432": "@" + self.database.split("@")[1].split("/")[0],
            "http://prefect:4200": f"http://127.0.0.1:{prefect}",
            "unix:///data/": f"unix://{self.folder / 'data'}/",
            "0.0.0.0": "127.0.0.1",
            "4200": str(prefect),
            "8000": str(host),
            "8080": str(worker),
        }

    def here(self, text: str) -> str:
        """The text with this stage's paths and ports."""
        for theirs, ours in self.replaced.items():
            text = text.replace(theirs, ours)
        return text

    def environment(self, said: dict[str, str]) -> dict[str, str]:
        """What a part sees: what the files say, and of this machine what finds its programs."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        here = {name: self.here(value) for name, value in said.items()}
        path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
        return {**kept, **here, "PATH": path, "PYTHONPATH": str(ROOT)}

    def argv(self, words: list[str]) -> list[str]:
        """A command, its program found in this checkout."""
        program, *rest = words
        found = PROGRAMS.get(Path(program).name)
        own = [program] if found is None else [sys.executable, *found]
        return [*own, *map(self.here, rest)]

    def start(self, name: str, words: list[str], said: dict[str, str]) -> None:
        """A part, in a process group of its own."""
        with open(self.folder / f"{name}.log", "ab") as log:
            self.running[name] = subprocess.Popen(
                self.argv(words),
                env=self.environment(said),
                cwd=self.folder / "project",
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def once(self, name: str, words: list[str], said: dict[str, str]) -> None:
        """A command that has to end well before the next part starts."""
        self.start(name, words, said)
        if code := self.running.pop(name).wait(HEALTHY_S):
            self.problem(f"{name}: exit code {code}", name)

    def wait_healthy(self, name: str, test: list[str]) -> None:
        """Until the part's health check says so."""
        end = time.monotonic() + HEALTHY_S
        check = self.argv(test[1:])
        while subprocess.run(check, capture_output=True).returncode:
            if time.monotonic() > end or self.running[name].poll() is not None:
                return self.problem(f"{name} did not become healthy", name)
            time.sleep(0.5)
        print(f"  {name} is healthy", flush=True)
        return None

    def problem(self, what: str, name: str) -> None:
        log = (self.folder / f"{name}.log").read_text(errors="replace")
        self.problems.append(f"{what}\n{log[-3000:]}")

    def stop(self, together: tuple[str, ...] = ("worker",)) -> None:
        """End the parts, the last first; of those named, whatever they started is told as well."""
        for name, process in reversed(self.running.items()):
            started = time.monotonic()
            tell = os.killpg if name in together else os.kill
            if process.poll() is None:
                tell(process.pid, signal.SIGTERM)
            try:
                process.wait(STOP_S)
                print(f"  {name} ended in {time.monotonic() - started:.1f} s", flush=True)
            except subprocess.TimeoutExpired:
                self.problem(f"{name} did not end within {STOP_S:.0f} s", name)
                os.killpg(process.pid, signal.SIGKILL)
        for line in left_of(self.folder):
            self.problems.append(f"a process is left: {line}")


def left_of(folder: Path) -> list[str]:
    """The command lines of living processes that have the folder in their environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"={folder}/data".encode() in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def start_units(stage: Stage, services: dict) -> None:
    """The three units, in the order that they name."""
    shared = read_variables(SYSTEMD / "filmeto.env") | read_variables(SYSTEMD / "secrets.env")
    checks = {"filmeto-prefect": "prefect", "filmeto-host": "host"}
    for name in ("filmeto-prefect", "filmeto-host", "filmeto-worker"):
        unit, short = units()[name], name.removeprefix("filmeto-")
        said = {**shared, **unit.environment}
        for line in unit.all("ExecStartPre"):
            stage.once(f"{short}-pre", command(line, shared), said)
        stage.start(short, command(unit.one("ExecStart"), shared), said)
        if name in checks:
            stage.wait_healthy(short, services[checks[name]]["healthcheck"]["test"])


def start_compose(stage: Stage, services: dict) -> None:
    """The services, in the order in which they wait for each other."""
    image = dict(
        pair.split("=")
        for line in (ROOT / "deployments" / "Dockerfile").read_text().splitlines()
        if line.startswith("ENV ")
        for pair in shlex.split(line)[1:]
    )
    data, project = str(stage.folder / "data"), str(stage.folder / "project")
    inside = {
        name: value.replace("/data", data).replace("/project", project)
        for name, value in image.items()
    }
    for name in ("prefect", "host", "deployments", "worker"):
        service = services[name]
        said = {**inside, **service["environment"]}
        words = [word.replace("$$", "$") for word in service["command"]]
        if name == "deployments":
            stage.once(name, words, said)
            continue
        stage.start(name, words, said)
        stage.wait_healthy(name, service["healthcheck"]["test"])


def make_film(stage: Stage, tools: Path) -> None:
    """A film by `prefect deployment run`, and where its records are."""
    asked = ["-p", "storyboard=tiny.yaml", "-p", "out=made", "--watch"]
    run = ["prefect", "deployment", "run", "film/animatic", *asked]
    said = {"PREFECT_API_URL": stage.api, "PREFECT_HOME": str(stage.folder / "client")}
    stage.once("run", run, said)
    film = stage.folder / "project" / "made" / "film.mp4"
    if not film.exists():
        stage.problem(f"{film} was not made", "worker")
    counted = psql(
        tools, stage.folder, "SELECT count(*) FROM flow_run WHERE state_type='COMPLETED'"
    )
    if counted != "1":
        stage.problem(f"Postgres has {counted} completed runs", "prefect")
    for stray in stage.folder.glob("*/**/prefect.db"):
        stage.problem(f"records are in {stray}", "prefect")
    print(f"  a film of {film.stat().st_size if film.exists() else 0} bytes is there", flush=True)


def prove(what: str, folder: Path) -> list[str]:
    """The problems of the units, or of the compose file."""
    file = yaml.safe_load((ROOT / "deployments" / "compose.yaml").read_text())
    with postgres(folder, PASSWORD) as (_process, tools, address):
        stage = Stage(folder, address)
        try:
            {"units": start_units, "compose": start_compose}[what](stage, file["services"])
            if not stage.problems:
                make_film(stage, tools)
        finally:
            stage.stop()
    return stage.problems


def main() -> int:
    problems = []
    for what in sys.argv[1:] or ["units", "compose"]:
        print(what, flush=True)
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:
            problems += prove(what, Path(folder))
    return told(problems)


if __name__ == "__main__":
    sys.exit(main())
