"""A plugin's word that a provider took its job: kept by the caller first, and only then answered."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from filmeto_core.errors import shown
from filmeto_core.plugin_host import wire
from filmeto_core.plugin_host.calls import PluginCall

JOB_ID_CHARS = 512  # a provider's id; longer is something else


class Submissions:
    """Answers `submitted` requests of one process.

    Args:
        loop: The host's loop.
        send: Writes a line to the process, unless it is gone.
        log: Of the plugin.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        send: Callable[[bytes], object],
        log: logging.Logger,
    ) -> None:
        self._loop, self._send, self._log = loop, send, log

    def asked(self, call: PluginCall | None, number: Any, params: dict[str, Any]) -> None:
        """Have the job of the running `call` (None: none runs) kept, then answer the request."""
        job_id = params.get("job_id")
        if call is None or params.get("task_id") not in (None, call.task_id):
            self._refuse(number, wire.INVALID_PARAMS, "task_id: no such call runs here")
        elif call.submitted is None:  # as a host of the seed design answers
            self._refuse(number, wire.METHOD_NOT_FOUND, "nobody here keeps jobs")
        elif not isinstance(job_id, str) or not 0 < len(job_id) <= JOB_ID_CHARS:
            why = f"job_id: expected the provider's id of the job, got {shown(job_id)}"
            self._refuse(number, wire.INVALID_PARAMS, why)
        else:
            # In a thread: it waits for the disk, and other plugins' pipes do not.
            kept = self._loop.run_in_executor(None, call.submitted, job_id, params.get("cost"))
            kept.add_done_callback(lambda kept: self._answer(number, kept))

    def _answer(self, number: Any, kept: "asyncio.Future[None]") -> None:
        if kept.cancelled():
            return
        error = kept.exception()
        if error is None:
            self._send(wire.encode({"id": number, "result": {"committed": True}}))
        else:
            self._log.error("the job that it submitted could not be kept: %s", error)
            self._refuse(number, wire.INTERNAL_ERROR, str(error))

    def _refuse(self, number: Any, code: int, why: str) -> None:
        self._send(wire.refusal(number, code, f"submitted: {why}"))
