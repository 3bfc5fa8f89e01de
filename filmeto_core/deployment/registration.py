"""Registers a project's deployments with the Prefect API that is configured; twice changes nothing.

What filmeto has to say of a deployment (entry point, pull step, parameters' schema, text, tags, pool)
is set anew where it differs. Its schedules, its limit and whether it is paused are set when it is
made, and are the user's from then on, who may change them in the Prefect UI.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import (
    DeploymentScheduleCreate,
    DeploymentUpdate,
    WorkPoolCreate,
)
from prefect.client.schemas.objects import ConcurrencyOptions
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema
from prefect.workers.process import ProcessWorker

from filmeto_core.deployment import POOL, QUEUE, zombies
from filmeto_core.deployment.definitions import definitions
from filmeto_core.errors import ServerUnreachableError
from filmeto_core.prefect_server import configured_url
from filmeto_core.profiles import find_project

LOG_HINT = "The server's log tells why. Then run the same command again."
POOL_TEXT = "Films and tools of filmeto, as processes of its workers."


def register(
    project: Path,
    say: Callable[[str], None] = lambda _line: None,
    queues: Iterable[str] = (QUEUE,),
) -> list[str]:
    """Register the deployments of the project in this folder, and the pool that they run in.

    Args:
        say: Gets a line for each that is new or was changed.
        queues: Queues of the pool that somebody will serve; made unless they are there.

    Returns:
        All of them, as FLOW/NAME.

    Raises:
        ValidationError: The project's filmeto.yaml is wrong.
        ServerUnreachableError: Prefect's server went away, or refuses.
    """
    wanted = list(definitions(find_project(project)))
    with _told_in_words(), get_client(sync_client=True) as client:
        ensure_pool(client, queues)
        zombies.ensure(client)
        names = [_register_one(client, one, say) for one in wanted]
        zombies.ask_after(client)
        return names


@contextmanager
def _told_in_words() -> Iterator[None]:
    try:
        yield
    except httpx.HTTPStatusError as error:
        code, asked = error.response.status_code, error.request
        raise ServerUnreachableError(
            f"the Prefect API at {configured_url()} answered {code} to {asked.method} "
            f"{asked.url.path}: {error.response.text[:200]}",
            hint=LOG_HINT,
            retryable=code >= 500,
        ) from error
    except httpx.HTTPError as error:
        raise ServerUnreachableError(
            f"the Prefect API at {configured_url()} does not answer any more: {error}",
            hint=LOG_HINT,
        ) from error


def ensure_pool(client: SyncPrefectClient, queues: Iterable[str] = (QUEUE,)) -> None:
    """Make the work pool and its queues, unless they are there."""
    try:
        client.read_work_pool(POOL)
    except ObjectNotFound:
        template = ProcessWorker.get_default_base_job_template()
        pool = WorkPoolCreate(
            name=POOL, type="process", description=POOL_TEXT, base_job_template=template
        )
        _unless_there(lambda: client.create_work_pool(pool))
    for queue in set(queues) - {QUEUE}:  # the pool comes with that one
        _unless_there(lambda name=queue: client.create_work_queue(name, work_pool_name=POOL))


def _unless_there(make: Callable[[], object]) -> None:
    try:
        make()
    except ObjectAlreadyExists:
        pass


def _register_one(
    client: SyncPrefectClient, one: dict[str, Any], say: Callable[[str], None]
) -> str:
    flow = load_flow_from_entrypoint(one["entrypoint"], use_placeholder_flow=False)
    name = f"{flow.name}/{one['name']}"
    said = _said(one, flow)
    try:
        there = client.read_deployment_by_name(name)
    except ObjectNotFound:
        flow_id = client.create_flow_from_name(flow.name)
        client.create_deployment(flow_id, one["name"], **said, **_once(one))
        say(f"deployment {name} is new")
        return name
    if any(_plain(getattr(there, field)) != value for field, value in said.items()):
        client.update_deployment(there.id, DeploymentUpdate(**said))
        say(f"deployment {name} was changed")
    return name


def _said(one: dict[str, Any], flow: Flow) -> dict[str, Any]:
    """What is kept as the definition has it, in the words of Prefect's API."""
    pool = one["work_pool"]
    return {
        "description": one["description"],
        "entrypoint": one["entrypoint"],
        "enforce_parameter_schema": one["enforce_parameter_schema"],
        "job_variables": pool["job_variables"],
        "parameters": one["parameters"],
        "parameter_openapi_schema": parameter_schema(flow).model_dump(
            mode="json", exclude_unset=True
        ),
        "pull_steps": one["pull"],
        "tags": sorted(one["tags"]),
        "work_pool_name": pool["name"],
        "work_queue_name": pool["work_queue_name"],
    }


def _once(one: dict[str, Any]) -> dict[str, Any]:
    """What is set when it is made, and the user's from then on."""
    limit = one.get("concurrency_limit")
    given: dict[str, Any] = {}
    if limit:
        strategy = ConcurrencyOptions(collision_strategy=limit["collision_strategy"])
        given = {"concurrency_limit": limit["limit"], "concurrency_options": strategy}
    given["schedules"] = [
        DeploymentScheduleCreate(
            schedule=CronSchedule(cron=when["cron"], timezone=when["timezone"]), slug=when["slug"]
        )
        for when in one.get("schedules", ())
    ]
    return given


def _plain(value: Any) -> Any:
    """Tags have no order."""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return sorted(value)
    return value
