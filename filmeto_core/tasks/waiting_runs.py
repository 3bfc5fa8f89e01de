"""Runs that wait for their review: found in Prefect, and answered there.

Over plain HTTP, so that `filmeto review` answers at once: importing Prefect takes longer than this.
"""

import json
import time
from collections.abc import Mapping
from typing import Any

from pydantic import Field
from pydantic import ValidationError as Invalid

from filmeto_core.errors import ConflictError, FilmetoError, NotFoundError, ValidationError, some_of
from filmeto_core.prefect_server import REFUSED, client_of, configured_url, ui_url, unauthorized
from filmeto_core.review.answers import read_answer
from filmeto_core.review.models import Answer, Asking
from filmeto_core.types import Model

KEY = "filmeto-review"  # what Prefect calls the pauses of a review begin with this
TIMEOUT_S = 20.0
BUSY = 503  # a server on SQLite says so for some seconds after many writes; nothing was done then
BUSY_PAUSES_S = (0.2, 0.5, 1.0, 2.0, 4.0)
MOST_RUNS = 200
ID_DIGITS = 8


class WaitingRun(Model):
    """A Prefect run that waits for its review."""

    id: str
    name: str
    suspended: bool = Field(description="A worker goes on with it; else its own process waits")
    asking: Asking

    @property
    def url(self) -> str:
        """Where the Prefect UI shows it, with its Resume button."""
        return f"{ui_url(configured_url())}/runs/flow-run/{self.id}"


def asking_key(schema_key: str) -> str:
    """Under which key of a run's inputs what is asked lies, by that of its form's schema."""
    return f"{schema_key.removesuffix('-schema')}-asking"


def waiting_runs() -> list[WaitingRun]:
    """All runs that wait for a review, those first that have waited longest.

    Raises:
        FilmetoError: The Prefect API does not answer.
    """
    asked = {"flow_runs": {"state": {"type": {"any_": ["PAUSED"]}}}, "limit": MOST_RUNS}
    found = (_waiting(run) for run in _request("POST", "/flow_runs/filter", json=asked))
    return sorted(filter(None, found), key=lambda run: run.asking.since)


def waiting_run(name: str | None) -> WaitingRun:
    """The run of this id, or the first digits of it, or of this name; the only one for None.

    Raises:
        NotFoundError: No such run waits.
        ValidationError: There are several.
        FilmetoError: The Prefect API does not answer.
    """
    runs = waiting_runs()
    found = [run for run in runs if name is None or run.id.startswith(name) or run.name == name]
    told = some_of([f"{run.id[:ID_DIGITS]} ({run.asking.title})" for run in runs])
    if len(found) == 1:
        return found[0]
    if not found:
        which = "no run" if name is None else f'no run "{name}"'
        hint = f"These do: {told}." if runs else "`filmeto runs ls` tells what was run."
        raise NotFoundError(f"{which} waits for a review.", hint=hint, field="run", value=name)
    said = "several runs wait" if name is None else f'"{name}" names several runs that wait'
    raise ValidationError(f"{said} for a review.", hint=f"Name one: {told}.", field="run")


def answer_run(run: WaitingRun, value: Mapping[str, Any]) -> Answer:
    """Give the run its answer; it goes on.

    Raises:
        NotFoundError, ValidationError: It cannot be followed; the run waits as before.
        ConflictError: It does not wait any more, or asks something else by now.
        FilmetoError: The Prefect API does not answer, or refuses.
    """
    answer = read_answer(value, run.asking)
    now = _waiting(_request("GET", f"/flow_runs/{run.id}"))
    if now is None or now.asking != run.asking:
        raise _too_late(run, "somebody answered it")
    told = _request("POST", f"/flow_runs/{run.id}/resume", json={"run_input": _form_fields(answer)})
    if told["status"] == "ACCEPT":
        return answer
    why = (told.get("details") or {}).get("reason") or told["status"]
    if told["status"] == "ABORT":
        raise _too_late(run, why)
    raise FilmetoError(f"Prefect did not take the answer: {why}")


def _too_late(run: WaitingRun, why: str) -> ConflictError:
    return ConflictError(
        f"the run {run.id[:ID_DIGITS]} does not wait for this answer any more ({why.rstrip('.')}).",
        hint="`filmeto review` tells what waits now.",
    )


def _form_fields(answer: Answer) -> dict[str, Any]:
    """The answer as the form would send it: fields that it does not have are left out."""
    fields: dict[str, Any] = {"decision": answer.decision}
    if answer.prompts:
        fields["prompts"] = answer.prompts
    if answer.other_takes:
        fields["other_takes"] = list(answer.other_takes)
    return fields


def _waiting(run: Mapping[str, Any]) -> WaitingRun | None:
    details = (run.get("state") or {}).get("state_details") or {}
    schema_key = (details.get("run_input_keyset") or {}).get("schema", "")
    if KEY not in schema_key:
        return None
    try:
        kept = _request("GET", f"/flow_runs/{run['id']}/input/{asking_key(schema_key)}")
        asking = Asking.model_validate(kept if isinstance(kept, dict) else json.loads(kept))
    except (NotFoundError, Invalid, ValueError):  # another filmeto's
        return None
    suspended = bool(details.get("pause_reschedule"))
    return WaitingRun(id=run["id"], name=run["name"], suspended=suspended, asking=asking)


def _request(method: str, path: str, **more: Any) -> Any:
    import httpx  # here: `filmeto --help` has no use for it

    url = configured_url()
    try:
        with client_of(TIMEOUT_S) as client:
            for pause_s in (*BUSY_PAUSES_S, 0.0):
                told = client.request(method, f"{url}{path}", **more)
                if told.status_code != BUSY:
                    break
                time.sleep(pause_s)
    except httpx.HTTPError as error:
        raise FilmetoError(
            f"the Prefect API at {url} does not answer.",
            hint="A run that waits is there again as soon as its server is. Start it, or set "
            "PREFECT_API_URL to the one that your films run with.",
            url=url,
        ) from error
    if told.status_code == 404:
        raise NotFoundError(f"Prefect does not know {path}.")
    if told.status_code in REFUSED:
        raise unauthorized(url)
    if told.status_code >= 400:
        raise FilmetoError(f"the Prefect API answered {told.status_code}: {told.text[:300]}")
    return told.json() if told.content else None
