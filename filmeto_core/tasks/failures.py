"""How a failed run reads in Prefect: the reason and what to do come first, and no traceback of ours.

Prefect writes "Flow run encountered an exception: FilmFailedError: " before the reason, of which one of
its pages shows eighty characters. A flow may instead return the state that it ends in.
"""

import functools
import logging
from typing import Any

from prefect import Flow
from prefect.context import FlowRunContext
from prefect.logging import get_run_logger
from prefect.states import State, exception_to_failed_state

from filmeto_core.errors import FilmetoError
from filmeto_core.tasks.failure_text import failure_text


def tells_failures(flow: Flow) -> Flow:
    """The flow, whose runs end with a failure's own words as their state's message.

    Callers get the exception as ever. Errors that are not ours are left to Prefect, with their
    traceback.

    Args:
        flow: An async one. Its function is replaced, so that its entry point stays its own.
    """
    inner = flow.fn

    @functools.wraps(inner)
    async def told(*args: Any, **kwargs: Any) -> Any:
        plain_logs()
        try:
            return await inner(*args, **kwargs)
        except FilmetoError as error:
            run = FlowRunContext.get()
            if run is None or run.flow_run is None or run.flow_run.run_count <= run.flow.retries:
                raise  # Prefect tries it again, or is not there
            return await _failed(error, run)

    flow.fn = told
    return flow


async def _failed(error: FilmetoError, run: FlowRunContext) -> State:
    state = await exception_to_failed_state(error, result_store=run.result_store, write_result=True)
    message = failure_text(error)
    get_run_logger().error("%s", message)
    return state.model_copy(update={"message": message})


def plain_logs() -> None:
    """Have Prefect log errors of ours in their own words, without our traceback. May be repeated."""
    for name in ("prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(name).addFilter(_plain)


def _plain(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    if isinstance(error, FilmetoError):
        record.msg, record.args, record.exc_info = "%s", (failure_text(error),), None
    return True
