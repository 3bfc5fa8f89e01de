"""Machines of a studio, each its own processes, data folder and clock, on this one computer.

    Postgres, S3, PrefectServer     what they share
    Process                         any of their programs: killed whole, stopped for a while
    Hub, Cable                      their network: a namespace for a machine, which can be unplugged

Each part is a group of processes that can be killed whole, stopped for a while, and started again.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
START_S = 90.0


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nothing listens on."""
    with socket.socket() as listener:
        listener.bind((host, 0))
        return listener.getsockname()[1]


def until(
    what: str, is_so: Callable[[], Any], timeout_s: float = START_S, each_s: float = 0.2
) -> Any:
    """What `is_so` says, once that is something; AssertionError where it never is."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        found = is_so()
        if found:
            return found
        time.sleep(each_s)
    raise AssertionError(f"{what}: not within {timeout_s:g} s")


class Process:
    """A program in a session of its own, its output in a file.

    Args:
        name: Of the log file.
        command: With its arguments.
        environment: All of it.
        log: The folder for its output.
    """

    def __init__(
        self,
        name: str,
        command: list[str],
        environment: dict[str, str],
        log: Path,
        cwd: Path | None = None,
    ) -> None:
        self.name, self._command, self._cwd = name, command, cwd
        self._environment, self._log = environment, log / f"{name}.log"
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin; its output goes on where it was."""
        with open(self._log, "ab") as output:
            self._running = subprocess.Popen(
                self._command,
                env=self._environment,
                cwd=self._cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Of the program itself."""
        return self._running.pid

    def kill(self, how: signal.Signals = signal.SIGKILL, tree: bool = True) -> None:
        """End it, and with `tree` all that it began, wherever that went."""
        if self._running is None:
            return
        pids = [*descendants(self.pid), self.pid] if tree else [self.pid]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
        self._running.wait(60)
        self._running = None

    def pause(self, seconds: float) -> None:
        """Have it stand still for so long: connections are taken and nothing answers."""
        pids = [self.pid, *descendants(self.pid)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds)
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

    def stop(self) -> None:
        """Ask it to end, and see that it does."""
        if self._running is None:
            return
        left = descendants(self.pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        try:
            self._running.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
        self._running = None
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def log(self) -> str:
        """All that it wrote."""
        return self._log.read_text(errors="replace")


def descendants(pid: int) -> list[int]:
    """The processes that this one began, and those began."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                found += [child, *descendants(child)]
    return found


def with_in_environment(marker: str) -> dict[int, str]:
    """The processes of this computer whose environment holds the text, and their commands."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if marker.encode() in (place / "environ").read_bytes() + b"\0":
                command = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                found[int(place.name)] = command.strip()
    return found


def environment(**more: Any) -> dict[str, str]:
    """A machine's variables: nothing of Prefect's or ours but what is given."""
    plain = {
        n: v for n, v in os.environ.items() if not n.startswith(("PREFECT_", "FILMETO_", "AWS_"))
    }
    own = {
        "PYTHONPATH": str(ROOT),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_LEVEL": "INFO",
    }
    return {**plain, **own, **{name: str(value) for name, value in more.items()}}


class Postgres:
    """Debian's, run as the user postgres; `url` is Prefect's way to it."""

    BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)

    def __init__(self, folder: Path, host: str) -> None:
        self.folder, self.host, self.port = folder, host, free_port(host)
        self.url = f"postgresql+asyncpg://prefect:films@{host}:{self.port}/prefect"

    def start(self) -> None:
        """A new cluster, answering."""
        self.folder.mkdir(parents=True)
        owner = pwd.getpwnam("postgres")
        os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        for folder in self.folder.parents:  # it has to get there
            with contextlib.suppress(PermissionError):
                folder.chmod(folder.stat().st_mode | 0o011)
        (self.folder / "word").write_text("films")
        os.chown(self.folder / "word", owner.pw_uid, owner.pw_gid)
        data = str(self.folder / "data")
        self._do("initdb", "-D", data, "-U", "prefect", "-A", "scram-sha-256", "--no-sync",
                 f"--pwfile={self.folder / 'word'}")  # fmt: skip
        options = f"-p {self.port} -c listen_addresses={self.host} -k {self.folder}"
        with open(Path(data) / "postgresql.auto.conf", "a") as file:
            file.write("max_connections = 200\n")
        with open(Path(data) / "pg_hba.conf", "a") as file:
            file.write("host all all 10.0.0.0/8 scram-sha-256\n")
        self._options = ["-D", data, "-o", options, "-w", "-l", str(self.folder / "log")]
        self._do("pg_ctl", *self._options, "start")
        self._do("createdb", "-h", self.host, "-p", str(self.port), "-U", "prefect", "prefect")

    def restart(self) -> None:
        """At once: every connection breaks."""
        self._do("pg_ctl", *self._options, "-m", "immediate", "restart")

    def stop(self) -> None:
        """End it."""
        if (self.folder / "data" / "postmaster.pid").exists():
            self._do("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def _do(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self.BIN / program), *arguments],
            user="postgres",
            group="postgres",
            cwd=self.folder,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PGPASSWORD": "films", "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            timeout=60,
        )


class Hub:
    """An address that all machines reach, and nobody outside of this computer."""

    host = "10.213.0.1"

    def __init__(self) -> None:
        self._device = f"fmhub{os.getpid() % 1000000}"
        _ip("link", "add", self._device, "type", "veth", "peer", "name", f"{self._device}x")
        _ip("addr", "add", f"{self.host}/32", "dev", self._device)
        _ip("link", "set", self._device, "up")

    def remove(self) -> None:
        """The address."""
        subprocess.run(["ip", "link", "del", self._device], check=False, capture_output=True)


class Cable:
    """A network namespace whose only way out is a cable to the hub, which can be unplugged."""

    def __init__(self, number: int) -> None:
        self.name, self._end = f"fm{number}-{os.getpid()}", f"fm{number}-{os.getpid() % 1000000}"
        near, far = f"10.213.{number}.1", f"10.213.{number}.2"
        _ip("netns", "add", self.name)
        _ip("link", "add", self._end, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        _ip("addr", "add", f"{near}/24", "dev", self._end)
        _ip("link", "set", self._end, "up")
        _ip("-n", self.name, "addr", "add", f"{far}/24", "dev", "eth0")
        _ip("-n", self.name, "link", "set", "eth0", "up")
        _ip("-n", self.name, "link", "set", "lo", "up")
        _ip("-n", self.name, "route", "add", "default", "via", near)

    def inside(self, command: list[str], host: str = "") -> list[str]:
        """The command, run at the other end, on a machine of this name."""
        named = (
            ["unshare", "--uts", "sh", "-c", f'hostname {host} && exec "$@"', "sh"] if host else []
        )
        return ["ip", "netns", "exec", self.name, *named, *command]

    def unplug(self, seconds: float) -> None:
        """Nothing goes either way for so long."""
        _ip("link", "set", self._end, "down")
        time.sleep(seconds)
        _ip("link", "set", self._end, "up")

    def remove(self) -> None:
        """The namespace, and the cable with it."""
        subprocess.run(["ip", "netns", "del", self.name], check=False, capture_output=True)


def cables_work() -> bool:
    """Whether this computer lets us lay cables."""
    try:
        Hub().remove()
        Cable(250).remove()
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=20)


def s3_server(host: str, port: int, log: Path) -> Process:
    """An S3 server; what it holds is in its memory."""
    command = [sys.executable, "-m", "moto.server", "-H", host, "-p", str(port)]
    return Process("s3", command, environment(), log)


def prefect_server(host: str, port: int, home: Path, log: Path, database: str | None) -> Process:
    """Prefect's server; without `database` on SQLite."""
    home.mkdir(parents=True, exist_ok=True)
    own = {
        "PREFECT_HOME": home,
        "PREFECT_SERVER_UI_API_URL": f"http://{host}:{port}/api",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": 100,
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": 50,
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": 1,
    }
    if database:
        own["PREFECT_API_DATABASE_CONNECTION_URL"] = database
    command = [sys.executable, "-m", "prefect", "server", "start"]
    command += ["--host", host, "--port", str(port)]
    return Process("prefect-server", command, environment(**own), log)


def answers(url: str) -> bool:
    """Whether an HTTP server answers there."""
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code < 500
    except httpx.HTTPError:
        return False


@contextlib.contextmanager
def folder_of(path: Path) -> Iterator[Path]:
    """A folder that is gone afterwards."""
    path.mkdir(parents=True)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
