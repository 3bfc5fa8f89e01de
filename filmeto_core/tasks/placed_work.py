"""What the machine of a work queue does with a call that another one has placed there."""

import asyncio
import logging
import platform
import time
from collections.abc import Mapping
from typing import Any

from prefect import tags
from prefect.runtime import flow_run

from filmeto_core.deployment.alive import tell_alive
from filmeto_core.errors import (
    FilmetoError,
    ServerUnreachableError,
    StoreError,
    ValidationError,
)
from filmeto_core.resources.shared_exchange import Exchange
from filmeto_core.resources.shared_outbox import waiting_keys
from filmeto_core.service import FilmetoService
from filmeto_core.tasks.insisting import insisted
from filmeto_core.tasks.placed import Outcome, Placed, require_shared_store
from filmeto_core.tasks.runtime import made_here, making, service
from filmeto_core.tasks.tool_call import computed_here
from filmeto_core.tasks.tools import ToolTask
from filmeto_core.tool_arguments import INPUTS, REFERENCES, as_task
from filmeto_core.types import ResourceOutput, ToolType

logger = logging.getLogger(__name__)

SENT_S = 15.0  # what is not there by then is sent again, here, for as long as it takes
LOOK_S = 0.05


async def make_placed(
    task: ToolTask, arguments: Mapping[str, Any], placed: Placed
) -> ResourceOutput:
    """Make the call with this machine's plugin, and leave it in the shared store.

    Args:
        task: The tool's.
        arguments: The tool's, its files apart.

    Raises:
        FilmetoError: It failed; the machine that asked is told.
        asyncio.CancelledError: The run was cancelled.
    """
    tell_alive()
    here = service()
    try:
        require_shared_store(here, placed.queue, task.name)
        with made_here(), making(placed.shot), tags(placed.queue):
            return await _made(here, task, arguments, placed)
    except FilmetoError as error:
        await _tell(Outcome(machine=platform.node(), error=error.to_dict()))
        raise


async def _made(
    here: FilmetoService, task: ToolTask, arguments: Mapping[str, Any], placed: Placed
) -> ResourceOutput:
    exchange = Exchange(here.shared)
    files = [str(await exchange.take(file)) for file in placed.files]
    whole = {**arguments, **_named(ToolType(task.name), files)}
    _same_call(here, task.name, whole, placed)
    # Who asked tries again where that may help: never both.
    own = task.with_options(retries=0, refresh_cache=placed.refresh)
    output = await own(**whole)
    record = here.calls.get(placed.key)
    if record is None:
        raise StoreError("the call is made, and is not in this machine's index any more.")
    if placed.suspect or not (computed_here(record.id) and await _was_sent(here, placed.key)):
        await exchange.give_record(record, replace=placed.refresh, suspect=placed.suspect)
    await _tell(Outcome(machine=platform.node(), record=record.id))
    return output


async def _was_sent(here: FilmetoService, key: str) -> bool:
    """Whether what was just made has arrived in the shared store: it leaves the outbox then."""
    end = time.monotonic() + SENT_S
    while key in waiting_keys(here.settings.outbox_dir):
        if time.monotonic() > end:
            return False
        await asyncio.sleep(LOOK_S)
    return True


def _named(tool: ToolType, files: list[str]) -> dict[str, Any]:
    """The files as the tool's arguments name them; what is left over are references."""
    names = INPUTS.get(tool, ())
    named: dict[str, Any] = dict(zip(names, files, strict=False))
    more = files[len(names) :]
    return {**named, REFERENCES: more} if more else named


def _same_call(
    here: FilmetoService, tool: str, arguments: Mapping[str, Any], placed: Placed
) -> None:
    """Nothing, where this machine would make what was asked for; before anything is paid for.

    Raises:
        ValidationError: Its plugin is another one.
    """
    checked = here.check(as_task(tool, arguments))
    if here.key(checked, [file.digest for file in placed.files]) == placed.key:
        return
    mine, theirs = checked.plugin.version, placed.version
    told = f"version {mine} here, {theirs} there" if mine != theirs else f"both of version {mine}"
    raise ValidationError(
        f"the plugin {checked.plugin.name} is not the one of the machine that asked ({told}).",
        hint="Give both machines the same plugin folder, plugin.yaml included; "
        f"`filmeto plugins show {checked.plugin.name}` tells its fingerprint.",
        field="plugin",
        value=checked.plugin.name,
    )


async def _tell(outcome: Outcome) -> None:
    """Leave an artifact with it; the machine that asked does without it where need be."""
    artifact = outcome.artifact(flow_run.id)
    try:
        await insisted(lambda client: client.create_artifact(artifact))
    except ServerUnreachableError as error:
        logger.warning("How the call ended could not be told: %s", error)
