"""A fresh Prefect server on SQLite or Postgres, each in a folder of its own, and what it weighs."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from filmeto_core.prefect_server import SERVER_SETTINGS

START_S = 600.0  # seconds on a quiet machine, minutes on a busy one
STOP_S = 30.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A running Prefect server and its database."""

    url: str
    environment: dict[str, str]
    processes: dict[str, subprocess.Popen]
    folder: Path
    postgres: Path | None = None

    def ask(self, path: str, body: dict[str, Any]) -> Any:
        """What it answers to a POST."""
        answer = httpx.post(
            f"{self.url}{path}", json=body, trust_env=False, verify=False, timeout=60
        )
        return answer.raise_for_status().json()

    def count(self, what: str) -> int:
        """How many "task_runs" or "artifacts" it has written."""
        return int(self.ask(f"/{what}/count", {}))

    def cpu_s(self, name: str) -> float:
        """What a process and those that it started have worked so far."""
        return cpu_s(self.processes[name].pid) if name in self.processes else 0.0

    def database_bytes(self) -> int:
        """What the database takes on disk, its log included where that is SQLite's."""
        if self.postgres is None:
            return sum(f.stat().st_size for f in self.folder.glob("prefect.db*"))
        return int(psql(self.postgres, self.folder, "SELECT pg_database_size('prefect')"))

    def tables_bytes(self) -> dict[str, int]:
        """What each table of Postgres takes, its indexes included."""
        if self.postgres is None:
            return {}
        asked = "SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables"
        rows = psql(self.postgres, self.folder, asked).splitlines()
        return {name: int(size) for name, size in (row.split("|") for row in rows)}


def cpu_s(pid: int) -> float:
    """Processor seconds of a process and of all below it, those that ended included."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0.0
    own = sum(int(ticks) for ticks in fields[11:15]) / TICKS  # its own and its ended children's
    return own + sum(cpu_s(int(child)) for child in below)


def resident_bytes(pid: int) -> int:
    """What a process holds in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def serving(database: str, folder: Path) -> Iterator[Server]:
    """A Prefect server on an empty database, ended at the end."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/api"
    environment = {
        **os.environ,
        **SERVER_SETTINGS,
        "PREFECT_HOME": str(folder),
        "PREFECT_API_URL": url,
    }
    with postgres(folder) if database == "postgres" else _none() as (process, tools, address):
        if address:
            environment["PREFECT_API_DATABASE_CONNECTION_URL"] = address
        server = _start_server(environment, port, folder)
        processes = {"server": server} | ({"postgres": process} if process else {})
        try:
            _wait_healthy(url, server, folder)
            yield Server(url, environment, processes, folder, tools)
        finally:
            _end(server, signal.SIGTERM)


@contextmanager
def _none() -> Iterator[tuple[None, None, None]]:
    yield None, None, None


def _start_server(environment: dict[str, str], port: int, folder: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)]
    with open(folder / "server.log", "wb") as log:
        return subprocess.Popen(
            [*command, "--host", "127.0.0.1"], env=environment, stdout=log, stderr=log
        )


def _wait_healthy(url: str, server: subprocess.Popen, folder: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and server.poll() is None:
        try:
            if httpx.get(f"{url}/health", timeout=3, trust_env=False).text == "true":
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.25)
    log = (folder / "server.log").read_text(errors="replace")
    raise SystemExit(f"the Prefect server did not start:\n{log[-2000:]}")


def postgres_tools() -> Path | None:
    """The folder of Postgres' programs: where Debian puts them, or on PATH; None where it has none."""
    folders = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    folders += [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
    needed = ("initdb", "postgres", "pg_isready", "psql")
    return next((f for f in folders if all((f / name).exists() for name in needed)), None)


@contextmanager
def postgres(folder: Path, password: str = "none") -> Iterator[tuple[subprocess.Popen, Path, str]]:
    """A Postgres with its files in `folder`: its process, its programs, and the URL for Prefect."""
    tools = postgres_tools()
    if tools is None:
        raise SystemExit("Postgres is not installed (on Debian: apt install postgresql)")
    data, port = folder / "postgres", free_port()
    data.mkdir()
    who = _unprivileged(data)
    told = folder / "postgres.password"
    told.write_text(password)
    told.chmod(0o644)  # it is nobody's secret
    asked = ["-U", "prefect", "-A", "scram-sha-256", f"--pwfile={told}", "-E", "UTF8"]
    made = [str(tools / "initdb"), "-D", str(data), *asked]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL, **who)
    command = [str(tools / "postgres"), "-D", str(data), "-p", str(port)]
    options = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={data}"]
    with open(folder / "postgres.log", "wb") as log:
        process = subprocess.Popen([*command, *options], stdout=log, stderr=log, **who)
    try:
        _wait_ready(tools, data, port)
        (folder / "postgres.url").write_text(f"postgresql://prefect:{password}@127.0.0.1:{port}")
        psql(tools, folder, "CREATE DATABASE prefect", "postgres")
        yield process, tools, f"postgresql+asyncpg://prefect:{password}@127.0.0.1:{port}/prefect"
    finally:
        _end(process, signal.SIGINT)  # its fast shutdown


def _unprivileged(data: Path) -> dict[str, str]:
    """How to start Postgres, which refuses to run as root."""
    if os.geteuid():
        return {}
    for parent in (data, *data.parents):  # it has to reach its folder
        if parent.stat().st_uid == 0 and parent.is_relative_to("/tmp") and parent != Path("/tmp"):
            parent.chmod(0o711)
    shutil.chown(data, "postgres", "postgres")
    data.chmod(0o700)
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


def _wait_ready(tools: Path, data: Path, port: int) -> None:
    asked = [str(tools / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    end = time.monotonic() + START_S
    while subprocess.run(asked).returncode:
        if time.monotonic() > end:
            raise SystemExit(f"Postgres in {data} did not start")
        time.sleep(0.1)


def psql(tools: Path, folder: Path, statement: str, database: str = "prefect") -> str:
    url = (folder / "postgres.url").read_text()
    command = [str(tools / "psql"), f"{url}/{database}", "-qtAc", statement]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _end(process: subprocess.Popen, how: signal.Signals) -> None:
    process.send_signal(how)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
