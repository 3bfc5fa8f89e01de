"""Says every 20 s that a flow run lives, so that one whose machine is gone can be told from one at work.

The word is an event of Prefect's, dated by the server's own clock: a machine whose clock is off by
minutes is no dead one. `filmeto_core.deployment.zombies` has the server wait for it.
"""

import contextvars
import logging
import threading
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext, TaskRunContext
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

logger = logging.getLogger(__name__)

ALIVE = "filmeto.flow-run.alive"
EVERY_S = 20.0
AGAIN_S = 3.0  # after a word that did not get through
ANSWER_S = 5.0  # the longest that one request may take

_lock = threading.Lock()
_telling: set[UUID] = set()


def tell_alive() -> None:
    """Begin to say that the current flow run lives; once a run, and until it has ended."""
    if run_id := _current_run():
        _begin(run_id)


def tell_of_start(run_id: UUID) -> None:
    """The same of a run that this process is about to begin.

    Its first word is out when this returns, so that a machine that is lost from now on is missed; or
    the server could not be reached, and the thread tries again.
    """
    _begin(run_id).wait(2 * ANSWER_S)


def _begin(run_id: UUID) -> threading.Event:
    """What is set once the first word was tried."""
    tried = threading.Event()
    with _lock:
        if run_id in _telling:
            tried.set()
            return tried
        _telling.add(run_id)
    # In this context, which knows the API that the run is of.
    context = contextvars.copy_context()
    threading.Thread(
        target=context.run, args=(_tell, run_id, tried), name="filmeto-alive", daemon=True
    ).start()
    return tried


def say(client: Any, run_id: UUID, name: str, at: datetime) -> None:
    """Say once that a run lives: from now on the server waits for the next word.

    Args:
        client: Prefect's, for use without a loop.
        name: The run's.
        at: By the server's clock.
    """
    event = {
        "id": str(uuid4()),
        "event": ALIVE,
        "occurred": at.isoformat(),
        "resource": {
            "prefect.resource.id": f"prefect.flow-run.{run_id}",
            "prefect.resource.name": name,
        },
    }
    client.request("POST", "/events", json=[event])


def server_time(answer: httpx.Response) -> datetime:
    """When the server answered, by its own clock; by ours where it does not say."""
    told = answer.headers.get("date")
    try:
        return parsedate_to_datetime(told) if told else datetime.now(UTC)
    except ValueError:
        return datetime.now(UTC)


def _current_run() -> UUID | None:
    flow, task = FlowRunContext.get(), TaskRunContext.get()
    if flow is not None and flow.flow_run is not None:
        return flow.flow_run.id
    return task.task_run.flow_run_id if task is not None else None


def _tell(run_id: UUID, tried: threading.Event) -> None:
    ended, pause = threading.Event(), threading.Event()
    try:
        with (
            temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}),  # its pauses are longer than ours
            get_client(sync_client=True, httpx_settings={"timeout": ANSWER_S}) as client,
        ):
            while not ended.is_set():
                told = _told(client, run_id, ended)
                tried.set()
                pause.wait(EVERY_S if told else AGAIN_S)
    except Exception:  # the edge of the thread: a run never fails for what it says of itself
        logger.debug("it is not said any more that run %s lives", run_id, exc_info=True)
    finally:
        tried.set()
        with _lock:
            _telling.discard(run_id)


def _told(client: Any, run_id: UUID, ended: threading.Event) -> bool:
    """Whether the word got through; `ended` is set where there is no more to be said."""
    try:
        answer = client.request("GET", f"/flow_runs/{run_id}")
        run = answer.json()
        if run["state_type"] in ("COMPLETED", "FAILED", "CANCELLED", "CRASHED"):
            ended.set()
            return True
        if run["state_type"] in ("PAUSED", "SCHEDULED"):  # it may do without a process
            return True
        say(client, run_id, run["name"], server_time(answer))
    except (httpx.HTTPError, OSError) as error:
        missing = isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 404
        if missing:  # it was deleted
            ended.set()
        logger.debug("run %s could not say that it lives: %s", run_id, error)
        return missing
    return True
