"""How a flow run waits for its review: suspended where a worker runs it, paused in its own process.

A suspended run has no process: its worker is free, and may be restarted. When it is resumed it begins
anew, comes to the same question from the cache, and finds the answer there.

What is asked is kept with the run, in Prefect, under three keys: the form's schema and description,
where the UI looks for them, and what `filmeto review` and the page need to know.

Source: Prefect 3.8 documentation, "Pause and resume flow runs", "Send and receive flow run inputs".
"""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

import httpx
import orjson
from prefect import get_run_logger
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.responses import SetStateStatus
from prefect.context import FlowRunContext
from prefect.exceptions import Abort, PrefectHTTPStatusError
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput
from prefect.input.run_input import Keyset, keyset_from_paused_state
from prefect.states import Cancelled, Paused, Suspended

from filmeto_core.errors import FilmetoError
from filmeto_core.review.form import form_schema, form_text
from filmeto_core.review.models import Asking
from filmeto_core.tasks.waiting_runs import KEY, asking_key

POLL_S = 1.0  # between two looks whether a paused run was answered


class ReviewForm(RunInput, extra="ignore"):
    """What the form sends; its fields are drawn by `form_schema`, by what is asked."""

    decision: str = ""
    prompts: dict[str, str | None] = {}
    other_takes: list[str] = []
    asked: ClassVar[tuple[Asking, str]]

    @classmethod
    async def asave(cls, keyset: Keyset, flow_run_id: UUID | None = None) -> None:
        """Prefect's hook: keep the form with the run. What is there already is left."""
        run_id = flow_run_id or FlowRunContext.get().flow_run.id
        asking, picture = cls.asked
        kept = {
            keyset["schema"]: form_schema(asking),
            keyset["description"]: form_text(asking, picture),
            asking_key(keyset["schema"]): asking.to_dict(),
        }
        async with get_client() as client:
            for key, value in kept.items():
                await _keep(client, run_id, key, value)


async def answered(
    asking: Asking, picture: str, number: int, tell: Callable[[], None]
) -> dict[str, Any]:
    """Wait for the answer, however long that takes.

    Args:
        picture: The contact sheet's address, for the form.
        number: How many answers this run got before: names the question, so that it is asked once.
        tell: Called when it can be answered.

    Returns:
        What the form sent.

    Raises:
        Pause: The run was suspended; it begins anew when it is answered.
        Abort: It was cancelled while it waited.
        FilmetoError: Prefect does not let it wait.
    """
    form = type("ReviewForm", (ReviewForm,), {"asked": (asking, picture)})
    run, key = FlowRunContext.get().flow_run, f"{KEY}-{number}"
    if run.deployment_id and not run.parent_task_run_id:
        got = await _suspended(form, run.id, key, tell)
    else:
        got = await _paused(form, run.id, key, tell)
    return got.model_dump(include={"decision", "prompts", "other_takes"})


async def _suspended(
    form: type[ReviewForm], run_id: UUID, key: str, tell: Callable[[], None]
) -> ReviewForm:
    keyset = keyset_from_paused_state(Suspended(pause_key=key))
    async with get_client() as client:
        if await _kept(client, run_id, keyset["response"]) is not None:
            return await form.aload(keyset)
    # Before its state says that it waits: a process may be killed between the two.
    await form.asave(keyset)
    tell()  # there is no later moment in this process
    return await suspend_flow_run(wait_for_input=form, key=key)


async def _paused(
    form: type[ReviewForm], run_id: UUID, key: str, tell: Callable[[], None]
) -> ReviewForm:
    """As Prefect's own `pause_flow_run`, without an end, and whether or not its API is away."""
    state = Paused(pause_key=key, message="Waiting for the review of its stills")
    keyset = state.state_details.run_input_keyset = keyset_from_paused_state(state)
    await form.asave(keyset)
    async with get_client() as client:
        done = await client.set_flow_run_state(run_id, state)
        if done.status is not SetStateStatus.ACCEPT:
            why = getattr(done.details, "reason", "") or done.status
            raise FilmetoError(f"Prefect does not let the run wait for its review: {why}")
        tell()
        while not await _is_resumed(client, run_id):
            await asyncio.sleep(POLL_S)
    get_run_logger().info("The review was answered.")
    return await form.aload(keyset)


async def _is_resumed(client: PrefectClient, run_id: UUID) -> bool:
    """Whether the run may go on.

    Raises:
        Abort: It was cancelled.
    """
    try:
        state = (await client.read_flow_run(run_id)).state
    except (httpx.HTTPError, PrefectHTTPStatusError):  # the server is away, or begins anew
        return False
    if state is None or state.is_paused():
        return False
    if state.is_running():
        return True
    if state.is_cancelling():  # no worker is there that would say when it is
        await client.set_flow_run_state(run_id, Cancelled(), force=True)
    # Prefect's own word for a run that is over: it leaves the state as it is.
    raise Abort(
        "the run was cancelled in Prefect while it waited for its review. All stills are kept: the "
        "same command goes on from here."
    )


async def _keep(client: PrefectClient, run_id: UUID, key: str, value: Any) -> None:
    """Keep the value under this key; what a killed process had kept there before gives way."""
    text, there = orjson.dumps(value).decode(), await _kept(client, run_id, key)
    if there == text:
        return
    if there is not None:
        await client.delete_flow_run_input(run_id, key)
    await client.create_flow_run_input(run_id, key, text)


async def _kept(client: PrefectClient, run_id: UUID, key: str) -> str | None:
    """What lies under this key; None where nothing does."""
    try:
        return await client.read_flow_run_input(run_id, key)
    except PrefectHTTPStatusError as error:
        if error.response.status_code != 404:
            raise
        return None
