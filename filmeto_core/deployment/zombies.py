"""Marks runs as crashed whose machine is gone: no run stays Running for ever.

A run of filmeto says every 20 s that it lives (`filmeto_core.tasks.alive`), by the server's clock. An
automation of Prefect's own server waits for that word: where it does not come for 100 s, nor the run's
end, the run is marked as Crashed. A machine that is cut off for a minute keeps its runs.

Source: Prefect 3.8 documentation, "Detect zombie flows"; its own heartbeats bear the time of the
machine that sends them, and one whose clock is behind would be marked while it works.
"""

from datetime import timedelta
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture

from filmeto_core.tasks.alive import ALIVE, SILENT

NAME = "filmeto: mark runs whose machine is gone"
SILENCE_S = 100.0  # two words and a minute without network fit into it
# What ends the waiting: the run's end, and its being put back, or paused, without a process.
ENDS = ("Completed", "Failed", "Cancelled", "Crashed", "TimedOut")
RESTS = ("Scheduled", "Late", "AwaitingRetry", "Paused", "Suspended", "AwaitingConcurrencySlot")
HEARD = frozenset(f"prefect.flow-run.{name}" for name in (*ENDS, *RESTS))


def ensure(client: SyncPrefectClient) -> str:
    """Have the server watch the runs; twice changes nothing.

    Returns:
        What was done: "new", "changed" or "there".
    """
    wanted = automation()
    there = client.read_automations_by_name(NAME)
    for one in there[1:]:  # two machines that came up at the same moment
        client.delete_automation(one.id)
    if not there:
        client.create_automation(wanted)
        return "new"
    if _plain(there[0]) == _plain(wanted):
        return "there"
    client.update_automation(there[0].id, wanted)
    return "changed"


def automation() -> AutomationCore:
    """The automation, as Prefect keeps it."""
    return AutomationCore(
        name=NAME,
        description="A run that has not said for 100 s that it lives is marked as Crashed.",
        trigger=EventTrigger(
            match={"prefect.resource.id": "prefect.flow-run.*"},
            after={ALIVE},
            expect={ALIVE, *HEARD},
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=timedelta(seconds=SILENCE_S),
        ),
        actions=[ChangeFlowRunState(state=StateType.CRASHED, name="Crashed", message=SILENT)],
    )


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
