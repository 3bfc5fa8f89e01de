"""`filmeto up`: starts what is not there, and returns when every part answers."""

from collections.abc import Sequence
from pathlib import Path

from filmeto_core.deployment import QUEUE
from filmeto_core.errors import ConflictError
from filmeto_core.prefect_api import PrefectApi
from filmeto_core.prefect_server import configured_url, ensure_server, local
from filmeto_core.profiles import find_project
from filmeto_core.settings import Settings, prefect_environment
from filmeto_core.studio.desk import Desk, Say, Wanted
from filmeto_core.studio.host import Host
from filmeto_core.studio.runs import KILLED, Runs
from filmeto_core.studio.worker import Worker

PORT = 8000  # of the plugins' host, as `filmeto serve` has it


def up(
    settings: Settings,
    project: Path,
    queues: Sequence[str] = (),
    port: int | None = None,
    say: Say = lambda _line: None,
) -> None:
    """Start a Prefect server (unless one answers), the plugins' host and a worker; register.

    Calling it again starts only what is missing.

    Args:
        project: The folder that relative paths of runs are of.
        queues: Which queues of the pool this machine serves; by default those that it does, or
            "default".
        port: Of the plugins' host; by default 8000.
        say: Gets a line for each step.

    Raises:
        ValidationError: A port is taken, or filmeto.yaml is wrong.
        ConflictError: This machine's studio is up for another folder, or for other queues.
        FilmetoError: A part did not start.
    """
    find_project(project)
    desk, given = Desk(settings), "PREFECT_API_URL" in prefect_environment()
    with desk.alone(say):
        wanted = _wanted(desk, project, queues, port)
        host, worker = Host(desk), Worker(desk)
        host.begin(wanted.project, wanted.port, configured_url(), say)  # while the server starts
        url = ensure_server(say, desk.log("prefect-server"))
        desk.want(wanted)
        _register(wanted, say)
        with PrefectApi() as api:
            if worker.pid is None:
                Runs(settings).put_back(api, KILLED, say)
            worker.begin(api, wanted.project, wanted.queues, host.url, say)
            host.wait()
            worker.wait(api)
        if local(url) and not given:
            desk.want(_name_api(wanted, url, say))


def _wanted(desk: Desk, project: Path, queues: Sequence[str], port: int | None) -> Wanted:
    """What is wanted now: what is not said is as it was before, until a `down`."""
    there = desk.wanted()
    chosen = tuple(dict.fromkeys(queues)) or (there.queues if there else (QUEUE,))
    if there is None:
        return Wanted(project=project, queues=chosen, port=PORT if port is None else port)
    if desk.worker.pid is None and desk.host.pid is None:
        number = there.port if port is None else port
        return there.model_copy(update={"project": project, "queues": chosen, "port": number})
    if there.project != project:
        raise ConflictError(
            f"filmeto is up for {there.project}, not for {project}.",
            hint="Run `filmeto down` first; or set another FILMETO_HOME, PREFECT_HOME and "
            "PREFECT_SERVER_API_PORT for this folder, and another --port.",
        )
    if set(chosen) != set(there.queues):
        raise ConflictError(
            f"filmeto is up for the queues {', '.join(there.queues)}.",
            hint="Run `filmeto down` first, to serve others.",
        )
    return there


def _register(wanted: Wanted, say: Say) -> None:
    from filmeto_core.deployment.registration import register  # Prefect reads its settings now

    register(wanted.project, say, wanted.queues)


def _name_api(wanted: Wanted, url: str, say: Say) -> Wanted:
    """Have `prefect` in another terminal speak with the same server."""
    from filmeto_core.deployment.client_profile import remember_api

    if not remember_api(url):
        return wanted
    say("`prefect` speaks with this server from now on, until `filmeto down`")
    return wanted.model_copy(update={"named_api": url})
