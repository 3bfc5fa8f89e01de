"""`filmeto down`: stops what runs so that it can go on, and leaves no process."""

from filmeto_core import process
from filmeto_core.errors import ServerUnreachableError
from filmeto_core.prefect_api import PrefectApi
from filmeto_core.prefect_server import own_server, stop_server
from filmeto_core.settings import Settings
from filmeto_core.studio.desk import MARKER, Desk, Say
from filmeto_core.studio.host import Host
from filmeto_core.studio.runs import PUT_BACK, Runs
from filmeto_core.studio.worker import Worker


def down(settings: Settings, say: Say = lambda _line: None) -> bool:
    """End all that `filmeto up` started here, and the Prefect server that `filmeto film` did.

    Runs of deployments are stopped and put back: the next `up` goes on with them. A film in a
    terminal is stopped too, if its server is ended; its command goes on with it. Another machine's
    Prefect server is left alone.

    Returns:
        Whether there was anything to end.
    """
    desk, runs = Desk(settings), Runs(settings)
    with desk.alone(say):
        wanted, worker = desk.wanted(), Worker(desk)
        there = worker.pid is not None
        stopped = runs.stop(worker, say)
        _put_back(runs, stopped, say)
        if own_server().pid is not None:
            runs.stop_others(say)
        there |= Host(desk).stop()
        if wanted is not None and wanted.named_api:
            _forget_api(wanted.named_api)
        there |= stop_server()
        there |= process.kill_marked(MARKER, desk.mark, settings.portable) > 0
        desk.forget()
    return there


def _put_back(runs: Runs, stopped: set[str], say: Say) -> None:
    try:
        with PrefectApi() as api:
            runs.put_back(api, PUT_BACK, say, stopped)
    except ServerUnreachableError:
        if stopped:
            say("Prefect does not answer; the next `filmeto up` puts these runs back")


def _forget_api(url: str) -> None:
    from filmeto_core.deployment.client_profile import forget_api  # it takes two seconds to load

    forget_api(url)
