"""Runs a bundled flow in this process, so that Ctrl-C ends it and its plugins within two seconds."""

import asyncio
import importlib.util
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from filmeto_core.bundled import bundled
from filmeto_core.errors import EXIT_INTERRUPTED
from filmeto_core.prefect_server import configured_url, ui_url

STOP_S = 1.6  # what a stopped run has for telling Prefect; then the process ends all the same


def load_flow(file: str, name: str) -> Any:
    """The flow `name` of flows/FILE, loaded by path: filmeto_core never imports `flows`."""
    path = bundled("flows") / file
    spec = importlib.util.spec_from_file_location(f"filmeto_flows_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return getattr(module, name)


def run_flow(
    flow: Any, parameters: dict[str, Any], on_start: Callable[[str], None], go_on: str
) -> Any:
    """The flow's result.

    Args:
        on_start: Gets the run's link in the Prefect UI.
        go_on: How the user goes on after an interruption.

    Raises:
        FilmetoError: It failed.
    """

    def linked(_flow: Any, run: Any, _state: Any) -> None:
        on_start(f"{ui_url(configured_url())}/runs/flow-run/{run.id}")

    watched = flow.with_options(on_running=[linked])
    return asyncio.run(_stoppable(watched, parameters, go_on))


async def _stoppable(flow: Any, parameters: dict[str, Any], go_on: str) -> Any:
    work = asyncio.ensure_future(flow(**parameters))
    stopped = False

    def stop() -> None:
        nonlocal stopped
        if stopped:
            _leave(go_on)
        stopped = True
        timer = threading.Timer(STOP_S, _leave, [go_on])
        timer.daemon = True
        timer.start()
        work.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        return await work
    except BaseException:
        if stopped:
            _leave(go_on)
        raise


def _leave(go_on: str) -> None:
    """End now: the plugins die with the process, what is in the store stays."""
    from filmeto_core.tasks.runtime import close_service

    closing = threading.Thread(target=close_service, daemon=True)
    closing.start()
    closing.join(0.3)
    sys.stderr.write(f"\nfilmeto: stopped; {go_on}\n")
    sys.stderr.flush()
    os._exit(EXIT_INTERRUPTED)
