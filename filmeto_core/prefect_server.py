"""Makes sure that a Prefect API answers: the configured one, or a local server started once.

It must run before Prefect is imported, so it imports nothing of it: Prefect reads its settings at
import. A server that was started here stays up for the next run; `prefect server stop` ends it.

Source: Prefect 3.8 documentation, "Settings and profiles", "Run a local server".
"""

import fcntl
import logging
import os
import socket
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from filmeto_core.errors import FilmetoError
from filmeto_core.process import start
from filmeto_core.settings import prefect_environment

START_TIMEOUT_S = 120.0  # 8 to 27 s were seen; the first start also creates the database
HEALTH_TIMEOUT_S = 3.0
POLL_S = 0.25
ENDED = ("COMPLETED", "FAILED", "CANCELLED")  # states of a run that nobody changes any more

# The task-run recorder writes in batches, or SQLite answers 503 for seconds after a burst.
SERVER_SETTINGS = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
}


def ensure_server(say: Callable[[str], None] = lambda _line: None) -> str:
    """The URL of a Prefect API that answers; a local one is started if none does.

    Args:
        say: Gets a line for people when a server has to be started.

    Raises:
        FilmetoError: The configured API is another machine's and does not answer, the port is
            taken by another program, or the server did not start.
    """
    url = configured_url()
    if not healthy(url):
        if not local(url):
            raise FilmetoError(
                f"the Prefect API at {url} does not answer.",
                hint="Start it, or unset PREFECT_API_URL to use a local one.",
                url=url,
            )
        _start_once(url, say)
    os.environ["PREFECT_API_URL"] = url
    return url


def quiet_console() -> None:
    """Keep Prefect's log off the terminal, unless the user asked for it; its API still gets it."""
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    os.environ.setdefault("PREFECT_LOGGING_INTERNAL_LEVEL", "CRITICAL")
    logging.raiseExceptions = False  # else its log's sender writes to stderr while the API is away


def configured_url() -> str:
    """The API's URL: PREFECT_API_URL, the active profile's, or the local server's own."""
    env = prefect_environment()
    if url := env.get("PREFECT_API_URL"):
        return url.rstrip("/")
    profile = _active_profile(prefect_home(), env.get("PREFECT_PROFILE"))
    if url := profile.get("PREFECT_API_URL"):
        return str(url).rstrip("/")
    host = env.get("PREFECT_SERVER_API_HOST", profile.get("PREFECT_SERVER_API_HOST", "127.0.0.1"))
    port = env.get("PREFECT_SERVER_API_PORT", profile.get("PREFECT_SERVER_API_PORT", "4200"))
    return f"http://{host}:{port}/api"


def prefect_home() -> Path:
    """PREFECT_HOME, by default ~/.prefect."""
    return Path(prefect_environment().get("PREFECT_HOME", "~/.prefect")).expanduser()


def ui_url(api_url: str) -> str:
    """Where people look: the API's URL without its path."""
    return api_url.removesuffix("/api")


def healthy(url: str) -> bool:
    """Whether a Prefect API answers at `url`."""
    import httpx  # here: `filmeto --help` has no use for it

    try:
        answer = httpx.get(f"{url}/health", timeout=HEALTH_TIMEOUT_S, trust_env=False)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200 and answer.text.strip() == "true"


def tell_state(run_id: str, kind: str, message: str, timeout_s: float = HEALTH_TIMEOUT_S) -> bool:
    """Set the state of a flow run whose process cannot do so any more.

    Args:
        kind: "CANCELLED" or "CRASHED".

    Returns:
        Whether the API took note; also where it does not know the run, or it has ended.
    """
    import httpx  # here: `filmeto --help` has no use for it

    url = f"{configured_url()}/flow_runs/{run_id}"
    with httpx.Client(timeout=timeout_s, trust_env=False) as client:
        try:
            run = client.get(url)
            if run.status_code == 200 and run.json()["state_type"] not in ENDED:
                state = {"type": kind, "name": kind.title(), "message": message}
                client.post(f"{url}/set_state", json={"state": state, "force": True})
        except httpx.HTTPError:
            return False
    return True


def local(url: str) -> bool:
    """Whether the address is this machine's, so that a server may be started there."""
    return (urlsplit(url).hostname or "") in ("127.0.0.1", "localhost", "::1")


def _active_profile(home: Path, name: str | None) -> dict[str, object]:
    try:
        data = tomllib.loads((home / "profiles.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    profile = data.get("profiles", {}).get(name or data.get("active", ""), {})
    return profile if isinstance(profile, dict) else {}


def _start_once(url: str, say: Callable[[str], None]) -> None:
    home = prefect_home()
    home.mkdir(parents=True, exist_ok=True)
    with open(home / "filmeto-server.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two films started at once start one server
        if healthy(url):
            return
        address = urlsplit(url)
        host, port = address.hostname or "127.0.0.1", address.port or 4200
        _refuse_taken_port(host, port)
        _forget_dead_server(home / "server.pid")
        say(f"starting a Prefect server at {ui_url(url)}, for this and later runs")
        _start(host, port, home / "filmeto-server.log")
        _wait_healthy(url, home / "filmeto-server.log")


def _start(host: str, port: int, log: Path) -> None:
    command = [sys.executable, "-m", "prefect", "server", "start", "--background"]
    environment = {**prefect_environment(everything=True), **SERVER_SETTINGS}
    environment.pop("PREFECT_API_URL", None)
    with open(log, "wb") as output:
        process = start(
            [*command, "--host", host, "--port", str(port)],
            env=environment,
            stdout=output,
            stderr=output,
        )
        process.wait()


def _wait_healthy(url: str, log: Path) -> None:
    end = time.monotonic() + START_TIMEOUT_S
    while not healthy(url):
        if time.monotonic() > end:
            tail = log.read_text(errors="replace")[-2000:]
            raise FilmetoError(
                f"the local Prefect server did not answer at {url} within {START_TIMEOUT_S:.0f} s.",
                hint=f"Its log: {log}",
                stderr=tail,
            )
        time.sleep(POLL_S)


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex((host, port)) == 0:
            raise FilmetoError(
                f"port {port} on {host} answers, but not as a Prefect API.",
                hint="Set PREFECT_SERVER_API_PORT to a free port, or end what listens there.",
            )


def _forget_dead_server(pid_file: Path) -> None:
    """A server that was killed leaves its pid file, and the next one then refuses to start."""
    try:
        pid = int(pid_file.read_text())
        os.kill(pid, 0)
    except (OSError, ValueError):
        pid_file.unlink(missing_ok=True)
