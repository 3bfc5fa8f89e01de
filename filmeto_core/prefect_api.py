"""The few questions to a Prefect API that need no import of Prefect, which takes two seconds.

Source: Prefect 3.8's REST API reference: flow runs, work pools, deployments.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import httpx

from filmeto_core.errors import ServerUnreachableError
from filmeto_core.prefect_server import ENDED, REFUSED, client_of, configured_url, unauthorized

TIMEOUT_S = 10.0
PAGE = 200  # the API's own limit
OPEN = ("RUNNING", "PENDING", "CANCELLING", "PAUSED")


class PrefectApi(AbstractContextManager):
    """The API that is configured.

    Raises:
        ServerUnreachableError: From every question: it does not answer, or fails.
        UnauthorizedError: It does not know this client.
    """

    def __init__(self, timeout_s: float = TIMEOUT_S) -> None:
        self.url = configured_url()
        self._client = client_of(timeout_s)

    def __exit__(self, *_error: object) -> None:
        self._client.close()

    def run(self, run_id: str) -> dict[str, Any] | None:
        """A flow run; None where the API does not know it."""
        return self._ask("GET", f"/flow_runs/{run_id}")

    def open_runs(self, pool: str) -> list[dict[str, Any]]:
        """The runs of a pool that are under way or wait for somebody, the oldest first."""
        return self._runs(pool, {"type": {"any_": list(OPEN)}})

    def waiting_runs(self, pool: str) -> list[dict[str, Any]]:
        """The runs of a pool that should have been started by now."""
        names = ["Late", "AwaitingRetry", "AwaitingConcurrencySlot"]
        return self._runs(pool, {"name": {"any_": names}})

    def set_state(self, run_id: str, kind: str, name: str, message: str) -> bool:
        """Set a run's state by Prefect's rules; whether it was accepted."""
        state = {"type": kind, "name": name, "message": message}
        told = self._ask("POST", f"/flow_runs/{run_id}/set_state", {"state": state})
        return bool(told) and told["status"] == "ACCEPT"

    def workers(self, pool: str) -> list[dict[str, Any]]:
        """The workers that a pool knows."""
        return self._ask("POST", f"/work_pools/{pool}/workers/filter", {"limit": PAGE}) or []

    def pool(self, name: str) -> dict[str, Any] | None:
        """A work pool."""
        return self._ask("GET", f"/work_pools/{name}")

    def queues(self, pool: str) -> list[dict[str, Any]]:
        """The queues of a pool."""
        return self._ask("POST", f"/work_pools/{pool}/queues/filter", {"limit": PAGE}) or []

    def deployments(self, pool: str) -> list[str]:
        """Those of a pool, as FLOW/NAME."""
        told = self._ask("POST", "/deployments/filter", _in_pool(pool)) or []
        flows = {one["flow_id"] for one in told}
        asked = {"flows": {"id": {"any_": sorted(flows)}}, "limit": PAGE}
        named = self._ask("POST", "/flows/filter", asked) if flows else []
        names = {flow["id"]: flow["name"] for flow in named or ()}
        return sorted(f"{names.get(one['flow_id'], '?')}/{one['name']}" for one in told)

    def _runs(self, pool: str, state: dict[str, Any]) -> list[dict[str, Any]]:
        asked = {**_in_pool(pool), "flow_runs": {"state": state}, "sort": "START_TIME_ASC"}
        return self._ask("POST", "/flow_runs/filter", asked) or []

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        try:
            answer = self._client.request(method, self.url + path, json=body)
        except httpx.HTTPError as error:
            raise self._failed(str(error) or type(error).__name__) from error
        if answer.status_code == 404:
            return None
        if answer.status_code in REFUSED:
            raise unauthorized(self.url)
        if answer.is_error:
            raise self._failed(f"it answered {answer.status_code}: {answer.text[:200]}")
        return answer.json()

    def _failed(self, why: str) -> ServerUnreachableError:
        hint = "`filmeto up` starts a local one; for another machine's, see PREFECT_API_URL."
        return ServerUnreachableError(f"the Prefect API at {self.url}: {why}.", hint=hint)


def has_ended(run: dict[str, Any] | None) -> bool:
    """Whether nobody changes the run any more; one that is unknown ended too."""
    return run is None or run["state_type"] in (*ENDED, "CRASHED")


def names_of(runs: Sequence[dict[str, Any]]) -> str:
    """Their names, as a sentence lists them."""
    return ", ".join(run["name"] for run in runs)


def _in_pool(pool: str) -> dict[str, Any]:
    return {"work_pools": {"name": {"any_": [pool]}}, "limit": PAGE}
