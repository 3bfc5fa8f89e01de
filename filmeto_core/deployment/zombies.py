"""Marks runs whose machine is gone: none stays Pending, Running or Cancelling for ever.

A run of filmeto says every 20 s that it lives (`filmeto_core.deployment.alive`), by the server's clock:
the first time before it is Running. Automations of Prefect's own server wait: for the start of what a
worker has taken, for the next word of what runs, for the end of what was cancelled. Where it does not
come for 100 s, the run is marked. A machine that is cut off for a minute keeps its runs.

Source: Prefect 3.8 documentation, "Detect zombie flows"; its own heartbeats bear the time of the
machine that sends them, and one whose clock is behind would be marked while it works.
"""

from datetime import timedelta
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture

from filmeto_core.deployment import POOL
from filmeto_core.deployment.alive import ALIVE, say, server_time

SILENT = "filmeto: mark runs whose machine is gone"
UNBEGUN = "filmeto: mark runs that did not begin"
UNSTOPPED = "filmeto: mark cancelled runs whose machine is gone"
SILENCE_S = 100.0  # two words and a minute without network fit into it
GONE = "its machine, or its process, is gone."
# What ends the waiting: the run's end, and its being put back, or paused, without a process.
ENDS = ("Completed", "Failed", "Cancelled", "Crashed", "TimedOut")
RESTS = ("Scheduled", "Late", "AwaitingRetry", "Paused", "Suspended", "AwaitingConcurrencySlot")
STARTS = ("Running", "Retrying")
OPEN = [StateType.PENDING, StateType.RUNNING]
PULL = "filmeto_core.deployment.pull.open_project"


def ensure(client: SyncPrefectClient) -> list[str]:
    """Have the server watch the runs; twice changes nothing.

    Returns:
        What was done with each automation: "new", "changed" or "there".
    """
    return [_ensure_one(client, wanted) for wanted in automations()]


def automations() -> list[AutomationCore]:
    """All of them, as Prefect keeps them."""
    # Only what our own worker takes: elsewhere, a container may well take minutes to start.
    pool = {"prefect.resource.role": "work-pool", "prefect.resource.name": POOL}
    over = _states(*ENDS, *RESTS)
    return [
        AutomationCore(
            name=SILENT,
            description="A run that has not said for 100 s that it lives is marked as Crashed.",
            trigger=_silence(after={ALIVE}, expect={ALIVE, *over}),
            actions=_end(StateType.CRASHED, f"Nothing was heard of it for 100 s: {GONE}"),
        ),
        AutomationCore(
            name=UNBEGUN,
            description="A run that a worker took, and that is not Running after 100 s, is marked as Crashed.",
            trigger=_silence(
                after=_states("Pending"),
                expect={*_states(*STARTS), *over},
                match_related=pool,
            ),
            actions=_end(
                StateType.CRASHED, f"A worker took it 100 s ago, and it did not begin: {GONE}"
            ),
        ),
        AutomationCore(
            name=UNSTOPPED,
            description="A run that has not stopped 100 s after it was cancelled is marked as Cancelled.",
            trigger=_silence(after=_states("Cancelling"), expect=over, match_related=pool),
            actions=_end(StateType.CANCELLED, f"It did not stop within 100 s: {GONE}"),
        ),
    ]


def ask_after(client: SyncPrefectClient) -> int:
    """Have the server wait for the next word of each run that is open; how many these are.

    It forgets what it waits for when it is away itself for some minutes, and a machine that was lost
    meanwhile would not be missed. Runs whose deployment has another pull step may never say a word.
    """
    pool = WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL]))
    deployments = client.read_deployments(work_pool_filter=pool)
    ours = [
        one.id for one in deployments if PULL in {name for s in one.pull_steps or () for name in s}
    ]
    runs = client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            deployment_id=FlowRunFilterDeploymentId(any_=ours),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=OPEN)),
        )
    )
    now = server_time(client.request("GET", "/health"))
    for run in runs:
        say(client, run.id, run.name, now)
    return len(runs)


def _states(*names: str) -> set[str]:
    return {f"prefect.flow-run.{name}" for name in names}


def _silence(**fields: Any) -> EventTrigger:
    return EventTrigger(
        match={"prefect.resource.id": "prefect.flow-run.*"},
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=timedelta(seconds=SILENCE_S),
        **fields,
    )


def _end(state: StateType, message: str) -> list[ChangeFlowRunState]:
    return [ChangeFlowRunState(state=state, name=state.value.capitalize(), message=message)]


def _ensure_one(client: SyncPrefectClient, wanted: AutomationCore) -> str:
    there = client.read_automations_by_name(wanted.name)
    for one in there[1:]:  # two machines that came up at the same moment
        client.delete_automation(one.id)
    if not there:
        client.create_automation(wanted)
        return "new"
    if _plain(there[0]) == _plain(wanted):
        return "there"
    client.update_automation(there[0].id, wanted)
    return "changed"


def _plain(one: AutomationCore) -> Any:
    """What is compared: what the server adds is left out, and a set has no order."""
    fields = set(AutomationCore.model_fields)
    return _sorted(AutomationCore.model_validate(one.model_dump(include=fields)).model_dump())


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_sorted(part) for part in value]
    return sorted(value) if isinstance(value, set | frozenset) else value
