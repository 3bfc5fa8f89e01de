"""The runs of deployments: those of this machine stopped, and put back so that they go on later."""

import os
import signal
import time
from collections.abc import Collection
from typing import Any

from filmeto_core.deployment import POOL
from filmeto_core.prefect_api import PrefectApi, has_ended
from filmeto_core.prefect_server import tell_state, ui_url
from filmeto_core.run_marks import Mark, marks
from filmeto_core.settings import Settings
from filmeto_core.studio.desk import Say
from filmeto_core.studio.part import RunNow
from filmeto_core.studio.worker import Worker

STOP_S = 20.0  # a run stops its plugins and tells Prefect; 1 to 4 s were seen
LOOK_S = 0.1
PUT_BACK = "stopped; it goes on at the next `filmeto up`"
KILLED = "its process was killed; it goes on now"


class Runs:
    """The runs that this machine makes.

    Args:
        settings: Whose folder has the marks of their processes.
    """

    def __init__(self, settings: Settings) -> None:
        self._folder, self._others = settings.deployed_runs_dir, settings.runs_dir

    def now(self, api: PrefectApi) -> tuple[RunNow, ...]:
        """Those of the pool that are under way or wait, wherever they are made."""
        here = {mark.run_id for mark in marks(self._folder) if mark.lives}
        return tuple(
            RunNow(
                id=run["id"],
                name=run["name"],
                state=run["state_name"],
                since=run["start_time"],
                here=run["id"] in here,
                url=f"{ui_url(api.url)}/runs/flow-run/{run['id']}",
            )
            for run in (*api.open_runs(POOL), *api.waiting_runs(POOL))
        )

    def stop(self, worker: Worker, say: Say) -> set[str]:
        """Have the worker take no more, and stop what it makes: each run and its plugins.

        Returns:
            The runs that were stopped, by their ids.
        """
        worker.finish()
        told: set[Mark] = set()
        end = time.monotonic() + STOP_S
        while True:
            self._stop_living(told)  # again and again: one may only just have begun
            over = worker.ended(LOOK_S) and not any(mark.lives for mark in told)
            if over or time.monotonic() > end:
                break
        for mark in marks(self._folder):
            if mark.lives:
                say(f"run {mark.run_id} did not stop within {STOP_S:.0f} s; it is killed")
                _signal(mark, signal.SIGKILL)
        worker.stop()
        return {mark.run_id for mark in told}

    def stop_others(self, say: Say) -> None:
        """Stop the films that commands make in their terminals: they need the Prefect server."""
        told: set[Mark] = set()
        end = time.monotonic() + STOP_S
        while living := [mark for mark in marks(self._others) if mark.lives]:
            for mark in set(living) - told:
                say(f"stopping process {mark.pid}, which makes a film; its command goes on with it")
                _signal(mark, signal.SIGTERM)
                told.add(mark)
            if time.monotonic() > end:
                break
            time.sleep(LOOK_S)
        for mark in told:  # it has told Prefect itself, if there was time
            if not mark.lives and tell_state(mark.run_id, "CANCELLED", "Stopped by the user."):
                mark.forget()

    def put_back(
        self, api: PrefectApi, message: str, say: Say, stopped: Collection[str] = ()
    ) -> int:
        """Have the runs that were stopped or killed here made again; how many.

        Prefect starts each with the parameters that it had, and what is made already is not made
        again. Runs that ended are forgotten.

        Args:
            stopped: Runs that this command stopped, which Prefect may take for crashed.
        """
        count = 0
        for mark in marks(self._folder):
            if mark.lives:
                continue
            run = api.run(mark.run_id)
            crashed = run is not None and run["state_type"] == "CRASHED"
            if not has_ended(run) or (crashed and mark.run_id in stopped):
                if _put_back(api, run, message):
                    say(f"{run['name']}: {message}")
                    count += 1
            mark.forget()
        return count

    def _stop_living(self, told: set[Mark]) -> None:
        for mark in marks(self._folder):
            if mark.lives and mark not in told:
                _signal(mark, signal.SIGTERM)
                told.add(mark)


def _put_back(api: PrefectApi, run: dict[str, Any], message: str) -> bool:
    if run["state_type"] == "SCHEDULED":  # somebody did already
        return True
    if run["state_type"] == "PAUSED" and run["state"]["state_details"]["pause_reschedule"]:
        return False  # it waits for a person, without a process
    if run["state_type"] == "CANCELLING":
        api.set_state(run["id"], "CANCELLED", "Cancelled", "Cancelled; its process is gone.")
        return False
    if run["deployment_id"] is None:
        api.set_state(run["id"], "CRASHED", "Crashed", "Its process was killed.")
        return False
    return api.set_state(run["id"], "SCHEDULED", "AwaitingRetry", message)


def _signal(mark: Mark, number: int) -> None:
    try:
        os.kill(mark.pid, number)
    except (ProcessLookupError, PermissionError):
        pass
