"""Makes sure that a Prefect API answers: the configured one, or a local server started once.

It must run before Prefect is imported, so it imports nothing of it: Prefect reads its settings at
import. A server that was started here stays up for the next run; `filmeto down` ends it.

Source: Prefect 3.8 documentation, "Settings and profiles", "Run a local server".
"""

import base64
import contextlib
import fcntl
import importlib.util
import logging
import os
import socket
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from filmeto_core.daemon import Daemon, last_words
from filmeto_core.errors import (
    FilmetoError,
    ServerUnreachableError,
    UnauthorizedError,
    ValidationError,
)
from filmeto_core.process import command_of, listener_of
from filmeto_core.settings import prefect_environment

if TYPE_CHECKING:
    import ssl

    import httpx

START_TIMEOUT_S = 240.0  # 8 to 27 s were seen, on a busy machine 110; one that ends is told at once
HEALTH_TIMEOUT_S = 3.0
POLL_S = 0.25
STOP_GRACE_S = 15.0  # it closes its connections and its database; 1 to 3 s were seen
PID_FILE = "server.pid"  # Prefect's own name for it
YES = ("1", "true", "t", "yes", "y", "on")  # as Prefect reads them
UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"
REFUSED = (401, 403)  # what it answers a client that it does not know
ENDED = ("COMPLETED", "FAILED", "CANCELLED")  # states of a run that nobody changes any more
UI_FOLDER_NAMES = ("PREFECT_UI_STATIC_DIRECTORY", "PREFECT_SERVER_UI_STATIC_DIRECTORY")

# The task-run recorder writes in batches, or SQLite answers 503 for seconds after a burst.
SERVER_SETTINGS = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
}


def ensure_server(say: Callable[[str], None] = lambda _line: None, log: Path | None = None) -> str:
    """The URL of a Prefect API that answers; a local one is started if none does.

    Args:
        say: Gets a line for people when a server has to be started.
        log: Where such a server writes; by default into PREFECT_HOME.

    Raises:
        ServerUnreachableError: The configured API is another machine's and does not answer.
        FilmetoError: The port is taken by another program, or the server did not start.
        UnauthorizedError: It does not know this client.
    """
    url = configured_url()
    try:
        check_api(url)
    except ServerUnreachableError:
        if not local(url):
            raise
        _start_once(url, say, log or prefect_home() / "filmeto-server.log")
        _check_login(url)  # a busy one need not answer a second time at once
    os.environ["PREFECT_API_URL"] = url
    return url


def await_server(timeout_s: float = START_TIMEOUT_S) -> str:
    """The URL of the configured Prefect API, once it answers; none is started.

    Raises:
        ServerUnreachableError: It does not answer in that time.
        UnauthorizedError: It does not know this client.
    """
    url, end = configured_url(), time.monotonic() + timeout_s
    while True:
        try:
            check_api(url)
        except ServerUnreachableError as error:
            if time.monotonic() > end or UNTRUSTED in error.message:  # which no waiting mends
                raise
            time.sleep(POLL_S)
        else:
            os.environ["PREFECT_API_URL"] = url
            return url


def check_api(url: str) -> None:
    """Make sure that a Prefect API answers at `url`, and knows this client.

    Raises:
        ServerUnreachableError: None answers.
        UnauthorizedError: It does not know this client.
    """
    if why := _trouble(url):
        hint = "Start it, or unset PREFECT_API_URL to use a local one."
        if UNTRUSTED in why:
            hint = (
                "Set PREFECT_API_SSL_CERT_FILE to the certificate of those who signed the server's."
            )
        raise ServerUnreachableError(
            f"the Prefect API at {url} does not answer: {why.rstrip('.')}.", hint=hint, url=url
        )
    _check_login(url)


def _check_login(url: str) -> None:
    import httpx  # here: `filmeto --help` has no use for it

    with client_of(HEALTH_TIMEOUT_S, url) as client, contextlib.suppress(httpx.HTTPError):
        if client.get(f"{url}/admin/version").status_code in REFUSED:
            raise unauthorized(url)


def quiet_console() -> None:
    """Keep Prefect's log off the terminal, unless the user asked for it; its API still gets it."""
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    os.environ.setdefault("PREFECT_LOGGING_INTERNAL_LEVEL", "CRITICAL")
    logging.raiseExceptions = False  # else its log's sender writes to stderr while the API is away


def configured_url() -> str:
    """The API's URL: PREFECT_API_URL, the active profile's, or the local server's own."""
    if url := _setting("PREFECT_API_URL"):
        return url.rstrip("/")
    host = _setting("PREFECT_SERVER_API_HOST") or "127.0.0.1"
    port = _setting("PREFECT_SERVER_API_PORT") or "4200"
    return f"http://{host}:{port}/api"


def prefect_home() -> Path:
    """PREFECT_HOME, by default ~/.prefect."""
    return Path(prefect_environment().get("PREFECT_HOME", "~/.prefect")).expanduser()


def ui_url(api_url: str) -> str:
    """Where people look: PREFECT_UI_URL, or else the API's URL without its path."""
    return _setting("PREFECT_UI_URL").rstrip("/") or api_url.removesuffix("/api")


def healthy(url: str) -> bool:
    """Whether a Prefect API answers at `url`."""
    return not _trouble(url)


def _trouble(url: str) -> str:
    """Why no Prefect API answers at `url`; "" where one does."""
    import httpx  # here: `filmeto --help` has no use for it

    try:
        with client_of(HEALTH_TIMEOUT_S, url) as client:
            answer = client.get(f"{url}/health")
    except httpx.HTTPError as error:
        return str(error) or type(error).__name__
    if answer.status_code == 200 and answer.text.strip() == "true":
        return ""
    return f"it answered {answer.status_code}: {answer.text[:80]}"


def client_of(timeout_s: float, url: str = "") -> "httpx.Client":
    """Asks the configured API, or that at `url`, as Prefect's own client would.

    It shows what the server may want to see of its clients, and trusts whom that one trusts.

    Raises:
        ValidationError: The file of certificates to trust cannot be read, or holds none.

    Source: Prefect 3.8 documentation, "Secure self-hosted Prefect", "Settings reference".
    """
    import httpx  # here: `filmeto --help` has no use for it

    said = {}
    if login := _setting("PREFECT_API_AUTH_STRING"):
        said = {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}
    elif key := _setting("PREFECT_API_KEY"):
        said = {"Authorization": f"Bearer {key}"}
    url = url or configured_url()
    # No proxy stands between this machine and itself.
    return httpx.Client(
        timeout=timeout_s, trust_env=not local(url), headers=said, verify=_trusted(url)
    )


def _trusted(url: str) -> "bool | ssl.SSLContext":
    if (
        not url.startswith("https:")
        or _setting("PREFECT_API_TLS_INSECURE_SKIP_VERIFY").lower() in YES
    ):
        return False
    import ssl  # here, as certifi: most have their server on their own machine

    import certifi

    said = _setting("PREFECT_API_SSL_CERT_FILE") or os.environ.get("SSL_CERT_FILE")
    try:
        return ssl.create_default_context(cafile=said or certifi.where())
    except OSError as error:
        raise ValidationError(
            f"PREFECT_API_SSL_CERT_FILE: {said} cannot be read as certificates ({error}).",
            hint="Give the file of the certificates to trust, or unset it (and SSL_CERT_FILE).",
            field="PREFECT_API_SSL_CERT_FILE",
            value=said,
        ) from error


def unauthorized(url: str) -> UnauthorizedError:
    """What to raise where the API at `url` answers 401 or 403."""
    return UnauthorizedError(
        f"the Prefect API at {url} does not know this client, by its PREFECT_API_AUTH_STRING.",
        hint="Set that variable to what the server has as PREFECT_SERVER_API_AUTH_STRING "
        "(or PREFECT_API_KEY, where it asks for one).",
        url=url,
    )


def tell_state(run_id: str, kind: str, message: str, timeout_s: float = HEALTH_TIMEOUT_S) -> bool:
    """Set the state of a flow run whose process cannot do so any more.

    Args:
        kind: "CANCELLED" or "CRASHED".

    Returns:
        Whether the API took note; also where it does not know the run, or it has ended.
    """
    import httpx  # here: `filmeto --help` has no use for it

    url = f"{configured_url()}/flow_runs/{run_id}"
    with client_of(timeout_s) as client:
        try:
            run = client.get(url)
            if run.status_code in REFUSED:
                return False
            if run.status_code == 200 and run.json()["state_type"] not in ENDED:
                state = {"type": kind, "name": kind.title(), "message": message}
                client.post(f"{url}/set_state", json={"state": state, "force": True})
        except httpx.HTTPError:
            return False
    return True


def local(url: str) -> bool:
    """Whether the address is this machine's, so that a server may be started there."""
    return (urlsplit(url).hostname or "") in ("127.0.0.1", "localhost", "::1")


def _setting(name: str) -> str:
    """A setting of Prefect: the variable, or else the active profile's; "" where neither has it."""
    env = prefect_environment()
    profile = _active_profile(prefect_home(), env.get("PREFECT_PROFILE"))
    return env.get(name) or str(profile.get(name, ""))


def _active_profile(home: Path, name: str | None) -> dict[str, object]:
    try:
        data = tomllib.loads((home / "profiles.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    profile = data.get("profiles", {}).get(name or data.get("active", ""), {})
    return profile if isinstance(profile, dict) else {}


def own_server(url: str) -> Daemon:
    """The local server of this URL that filmeto started for this PREFECT_HOME, if it did."""
    return Daemon(prefect_home() / f"filmeto-server-{urlsplit(url).port or 4200}.json")


def own_servers() -> list[Daemon]:
    """All that it started for this PREFECT_HOME and that live: one, unless its port was changed."""
    found = [Daemon(path) for path in sorted(prefect_home().glob("filmeto-server-*.json"))]
    return [server for server in found if server.pid is not None]


def stop_servers(grace_s: float = STOP_GRACE_S) -> bool:
    """End the local servers that filmeto started for this PREFECT_HOME; whether there was one."""
    with _starting():
        there = own_servers()
        for server in there:
            server.stop(grace_s)
        if there:
            (prefect_home() / PID_FILE).unlink(missing_ok=True)
    return bool(there)


@contextlib.contextmanager
def _starting() -> Iterator[None]:
    """One at a time: two films started at once start one server."""
    home = prefect_home()
    home.mkdir(parents=True, exist_ok=True)
    with open(home / "filmeto-server.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start_once(url: str, say: Callable[[str], None], log: Path) -> None:
    with _starting():
        if healthy(url):
            return
        address = urlsplit(url)
        host, port = address.hostname or "127.0.0.1", address.port or 4200
        daemon = own_server(url)
        if daemon.pid is None:
            check_port(url)
            say(f"starting a Prefect server at {ui_url(url)}, for this and later runs")
            _start(daemon, host, port, log)
        _wait_healthy(daemon, url, log)


def _start(daemon: Daemon, host: str, port: int, log: Path) -> None:
    # Not --background: that gives the server a pipe that nobody reads, and what it logs ends it.
    command = [sys.executable, "-m", "prefect", "server", "start"]
    environment = {**prefect_environment(everything=True), **SERVER_SETTINGS, **_ui_folder()}
    environment.pop("PREFECT_API_URL", None)
    argv = [*command, "--host", host, "--port", str(port)]
    started = daemon.start(argv, environment, log)
    # Where `prefect server stop` looks.
    (prefect_home() / PID_FILE).write_text(str(started.pid), encoding="ascii")


def _ui_folder() -> dict[str, str]:
    """Where the server unpacks its UI, if it is to be elsewhere than in Prefect's own folder.

    It may not write there in an installation of another user's; then it would serve no UI, and only its
    log would say so.
    """
    if any(map(_setting, UI_FOLDER_NAMES)):
        return {}
    prefect = importlib.util.find_spec("prefect")
    if prefect and prefect.origin and os.access(Path(prefect.origin).parent / "server", os.W_OK):
        return {}
    return {UI_FOLDER_NAMES[0]: str(prefect_home() / "ui")}


def _wait_healthy(daemon: Daemon, url: str, log: Path) -> None:
    end = time.monotonic() + START_TIMEOUT_S
    while not healthy(url):
        ended = daemon.wait(POLL_S)
        if ended or time.monotonic() > end:
            said = "ended" if ended else f"did not answer within {START_TIMEOUT_S:.0f} s"
            raise FilmetoError(
                f"the local Prefect server for {url} {said}: {last_words(log)}.",
                hint=f"Its log: {log}",
                stderr=log.read_text(errors="replace")[-2000:],
            )


def check_port(url: str) -> None:
    """Refuse a local server's port that another program has, before anything is started.

    Raises:
        FilmetoError: It has, and answers there, but not as a Prefect API.
    """
    address = urlsplit(url)
    host, port = address.hostname or "127.0.0.1", address.port or 4200
    if not local(url) or own_server(url).pid is not None or healthy(url):
        return
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.settimeout(1)
        if probe.connect_ex((host, port)) == 0:
            raise FilmetoError(
                f"port {port} on {host} answers, but not as a Prefect API{taken_by(port)}.",
                hint="Set PREFECT_SERVER_API_PORT to a free port, or end what listens there.",
            )


def taken_by(port: int) -> str:
    """Who listens on a port of this machine, as part of a sentence; "" where nobody can tell."""
    pid = listener_of(port)
    return f": process {pid} has it, {command_of(pid)[:120]!r}" if pid else ""
