"""`filmeto status`: each part, its health, and what it does now."""

from filmeto_core.deployment import POOL
from filmeto_core.errors import ServerUnreachableError
from filmeto_core.prefect_api import PrefectApi
from filmeto_core.prefect_server import configured_url, healthy, local, own_server, ui_url
from filmeto_core.settings import Settings
from filmeto_core.studio.desk import Desk
from filmeto_core.studio.host import Host
from filmeto_core.studio.part import Part, RunNow, Studio
from filmeto_core.studio.runs import Runs
from filmeto_core.studio.worker import Worker


def status(settings: Settings) -> Studio:
    """How the studio of this machine is; nothing is started, and nothing of Prefect imported."""
    desk = Desk(settings)
    wanted, worker = desk.wanted(), Worker(desk)
    server, pool, runs, deployments = _server(), Part(name="pool", state="down"), (), ()
    working = worker.part(None, 0)
    if server.state == "up":
        try:
            with PrefectApi() as api:
                runs = Runs(settings).now(api)
                deployments = tuple(api.deployments(POOL))
                pool = _pool(api, runs)
                working = worker.part(api, sum(run.here for run in runs))
        except ServerUnreachableError:  # it went meanwhile
            server = _server()
    return Studio(
        project=str(wanted.project) if wanted else None,
        queues=wanted.queues if wanted else (),
        parts=(server, pool, Host(desk).part(), working),
        deployments=deployments,
        runs=runs,
    )


def _server() -> Part:
    url = configured_url()
    daemon = own_server(url)
    pid, record = daemon.pid, daemon.read()
    own = pid is not None
    if healthy(url):
        state = "up"
    else:
        state = "starting" if own else "down" if local(url) else "away"
    return Part(
        name="server",
        state=state,
        address=ui_url(url),
        does="" if own or state != "up" else "not started by filmeto",
        pid=pid if own else None,
        since=record.get("since") if own else None,
        log=record.get("log") if own else None,
    )


def _pool(api: PrefectApi, runs: tuple[RunNow, ...]) -> Part:
    pool = api.pool(POOL)
    if pool is None:
        return Part(name="pool", state="down", does="not made yet")
    waiting = sum(run.state != "Running" for run in runs)
    running = len(runs) - waiting
    queues = ", ".join(sorted(queue["name"] for queue in api.queues(POOL)))
    does = f"{running} running, {waiting} waiting; queues: {queues}"
    does += "; paused in Prefect" if pool["is_paused"] else ""
    return Part(name="pool", state="up", address=POOL, does=does)
