"""Runs a bundled flow in this process, so that Ctrl-C ends it and its plugins within two seconds."""

import asyncio
import logging
import threading
from typing import Any

from filmeto_core.cli.interrupt import leave, on_interrupt
from filmeto_core.cli.watch import Watch
from filmeto_core.deployment.recipes import load_flow
from filmeto_core.errors import FilmetoError
from filmeto_core.prefect_server import (
    configured_url,
    ensure_server,
    healthy,
    local,
    tell_state,
    ui_url,
)
from filmeto_core.run_marks import mark_run, tell_of_killed
from filmeto_core.settings import current_settings

logger = logging.getLogger(__name__)

__all__ = ["load_flow", "run_flow"]

SERVER_CHECK_S = 10.0  # how often a run looks whether the server is still there
STOP_S = 1.2  # what a stopped run has for its end; then the process ends all the same
TELL_S = 0.4  # and what telling Prefect may take after that


def run_flow(flow: Any, parameters: dict[str, Any], watch: Watch, go_on: str) -> Any:
    """The flow's result.

    Args:
        watch: Gets the run's link in the Prefect UI.
        go_on: How the user goes on after an interruption.

    Raises:
        FilmetoError: It failed.
    """
    return asyncio.run(_Run(watch, go_on).result(flow, parameters))


async def _flush_shared() -> None:
    from filmeto_core.tasks.runtime import flush_shared

    await flush_shared()


def _is_abort(error: BaseException) -> bool:
    """Whether Prefect ended the run, and its state is told already."""
    from prefect.exceptions import Abort

    return isinstance(error, Abort)


class _Run:
    """One flow run that can be stopped."""

    def __init__(self, watch: Watch, go_on: str) -> None:
        self._watch, self._go_on = watch, go_on
        self._id: str | None = None
        self._marks, self._mark = current_settings().runs_dir, None
        self._stopped = False
        self._over = threading.Event()

    async def result(self, flow: Any, parameters: dict[str, Any]) -> Any:
        """The flow's result; does not return if it is stopped."""
        watched = flow.with_options(on_running=[self._runs])
        self._loop = asyncio.get_running_loop()
        self._work = asyncio.ensure_future(watched(**parameters))
        on_interrupt(self._stop)
        threading.Thread(target=self._keep_server_up, daemon=True).start()
        threading.Thread(target=tell_of_killed, args=[self._marks], daemon=True).start()
        try:
            made = await self._work
            await _flush_shared()
            return made
        except BaseException as error:
            if self._stopped:
                self._leave()
            if _is_abort(error):
                raise FilmetoError(str(error)) from error
            url = configured_url()
            if isinstance(error, FilmetoError) or healthy(url):
                raise
            raise FilmetoError(
                f"the Prefect API at {url} does not answer any more.",
                hint="Run the same command again: what is done is kept.",
                url=url,
            ) from error
        finally:
            self._over.set()
            on_interrupt(lambda: leave(self._go_on))  # the loop is about to be closed
            if self._mark is not None:
                self._mark.unlink(missing_ok=True)

    def _runs(self, _flow: Any, run: Any, _state: Any) -> None:
        """Prefect's hook, called when the run is there."""
        self._id = str(run.id)
        self._mark = mark_run(self._marks, self._id)
        self._watch.link(f"{ui_url(configured_url())}/runs/flow-run/{run.id}")
        on_interrupt(self._stop)  # again: Prefect has taken SIGTERM for its own since

    def _keep_server_up(self) -> None:
        """Start the local server again if it dies: Prefect's client waits for it, and goes on."""
        while not self._over.wait(SERVER_CHECK_S):
            url = configured_url()
            try:
                if local(url) and not healthy(url):
                    ensure_server()
            except FilmetoError as error:  # it is only slow to answer, or does not start
                logger.debug("%s", error)

    def _stop(self) -> None:
        """Cancel the flow; end this process when that is done, or at a second signal."""
        if self._stopped:
            self._leave()
        self._stopped = True
        timer = threading.Timer(STOP_S, self._leave)
        timer.daemon = True
        timer.start()
        self._loop.call_soon_threadsafe(self._work.cancel)

    def _leave(self) -> None:
        leave(self._go_on, self._close_plugins, self._tell_prefect, self._watch.close)

    def _close_plugins(self) -> None:
        from filmeto_core.tasks.runtime import close_service

        close_service()

    def _tell_prefect(self) -> None:
        """Have the run shown as cancelled, not as running for ever."""
        if self._id is not None:
            tell_state(self._id, "CANCELLED", f"Stopped by the user; {self._go_on}.", TELL_S)
