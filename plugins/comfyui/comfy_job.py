"""One job on the server, from the queue to its end: found again, watched, taken off when given up.

A job is marked with the call that it belongs to and with a claim that the process holds which
watches over it. So a call that is made again finds the job of its earlier try, and a job whose
process was killed does not block the queue: the next call of any plugin on the same machine takes
it off. Jobs of others are left alone.
"""

import contextlib
import hashlib
import time
import uuid

from comfy_claim import MACHINE, claim
from comfy_faults import failed_job
from comfy_progress import Meter
from comfy_server import Unreachable
from comfy_socket import Socket
from filmeto_plugin import Cancelled, PluginError

TICK_S = 0.2  # a cancelled call has a second to take its job off
LOOK_DEAF_S, LOOK_HEARING_S = 1.0, 5.0  # between looks at /history without and with a socket
REFUSED_S = 3.0  # nothing listens: the server is gone, and with it its queue
SILENT_S = 90.0  # it listens and does not answer: loading a model can look like that
RESTART_S = 10.0  # what a server that is started anew needs, until a call is worth another try
MARK = "filmeto"
ENDS = ("execution_success", "execution_error", "execution_interrupted")


class Job:
    """The call's job.

    Args:
        call: The tool's call.
        server: Where it runs.
        prepared: What is to be run.
    """

    def __init__(self, call, server, prepared):
        self._call, self._server, self._graph = call, server, prepared.graph
        key = call.idempotency_key or uuid.uuid4().hex
        self._key = hashlib.sha256(f"{key} {prepared.workflow.name}".encode()).hexdigest()[:32]
        self._meter = Meter(call, prepared.graph)
        self._failing_since, self._looked_s = None, 0.0
        self._claim = self.prompt_id = None

    def run(self):
        """Wait for the job, sent now or found; returns its entry of the history.

        Raises:
            PluginError: It failed, was lost, or the server went away.
            Cancelled: The caller gave up; the job is off the server.
        """
        try:
            with Socket(self._server.settings, f"filmeto-{self._key}") as socket:
                self.prompt_id = self._find() or self._submit()
                return self._wait(socket)
        except BaseException as error:
            if self.prompt_id is not None and not _has_ended(error):
                self._take_off(self.prompt_id)
            raise
        finally:
            if self._claim is not None:
                self._claim.close()

    def _find(self):
        """The job of an earlier try of this call, if the server has it; clears up after the dead."""
        found = None
        for item in self._server.queue():
            mark = _mark(item.extra)
            if MACHINE is None or mark.get("machine") != MACHINE:
                continue
            held = claim(mark.get("claim"))
            if held is None:
                continue  # its process lives
            if found is None and mark.get("key") == self._key and _same(item.graph, self._graph):
                found, self._claim = item.prompt_id, held
                continue
            with held:
                self._call.logger.info("takes off %s, whose process was killed", item.prompt_id)
                self._server.remove(item.prompt_id)
        return found or self._found_finished()

    def _found_finished(self):
        for prompt_id, outcome in self._server.recent().items():
            graph, extra = _sent(outcome)
            mine = _mark(extra).get("key") == self._key and _same(graph, self._graph)
            if mine and _succeeded(outcome):
                return prompt_id
        return None

    def _submit(self):
        self._call.check_cancelled()
        mark = {"machine": MACHINE, "key": self._key, "claim": uuid.uuid4().hex}
        self._claim = claim(mark["claim"])
        client_id = f"filmeto-{self._key}"
        try:
            return self._server.submit(self._graph, client_id, {MARK: mark})
        except BaseException as error:
            # It may have been taken: it is known by its mark, and by nothing else.
            if isinstance(error, PluginError) and not isinstance(error, Unreachable):
                raise
            taken = self._taken(mark)
            if taken and isinstance(error, Unreachable):
                return taken
            if taken:
                self._take_off(taken)
            raise

    def _taken(self, mark):
        with contextlib.suppress(PluginError):
            for item in self._server.queue():
                if _mark(item.extra) == mark:
                    return item.prompt_id
            for prompt_id, outcome in self._server.recent().items():
                if _mark(_sent(outcome)[1]) == mark:
                    return prompt_id
        return None

    def _wait(self, socket):
        while True:
            ended = False
            self._call.check_cancelled()
            for kind, data in socket.events(TICK_S):
                if data.get("prompt_id") in (None, self.prompt_id):
                    self._meter.hear(kind, data)
                    ended |= data.get("prompt_id") == self.prompt_id and _is_end(kind, data)
            pause_s = LOOK_HEARING_S if socket.is_open else LOOK_DEAF_S
            due = time.monotonic() - self._looked_s >= pause_s
            if ended or due or socket.broke or self._failing_since is not None:
                socket.broke = False
                outcome = self._look()
                if outcome is not None:
                    return outcome

    def _look(self):
        """The job's entry of the history once it ended; None while it waits or runs."""
        self._looked_s = time.monotonic()
        try:
            outcome = self._outcome()
        except Unreachable as error:
            self._bear(error)
            return None
        self._failing_since = None
        if outcome is not None and not _succeeded(outcome):
            raise failed_job(outcome, self._graph)
        return outcome

    def _outcome(self):
        outcome = self._server.outcome(self.prompt_id)
        if outcome is not None:
            return outcome
        for item in self._server.queue():
            if item.prompt_id == self.prompt_id:
                if not item.running and item.ahead:
                    self._meter.waiting(item.ahead)
                return None
        outcome = self._server.outcome(self.prompt_id)  # it may have ended between the two looks
        if outcome is None:
            told = f"ComfyUI at {self._server.where} knows nothing of the job any more: it was "
            told += "started anew, or somebody removed the job from its queue. Try again"
            raise PluginError(told, retryable=True, code="job_lost")
        return outcome

    def _bear(self, error):
        """Wait on while a server that does not answer may still have the job."""
        now = time.monotonic()
        self._failing_since = self._failing_since or now
        if now - self._failing_since > (REFUSED_S if error.refused else SILENT_S):
            told = f"ComfyUI went away while it worked: {error.message}"
            details = {"retry_after_s": RESTART_S, **error.details}
            raise Unreachable(told, details=details) from error
        time.sleep(TICK_S)

    def _take_off(self, prompt_id):
        try:
            self._server.remove(prompt_id)
        except PluginError as error:
            self._call.logger.warning("could not take %s off: %s", prompt_id, error.message)


def _has_ended(error):
    """Whether the job is off the server by itself; a cancel or a lost connection leave it there."""
    return isinstance(error, PluginError) and not isinstance(error, (Unreachable, Cancelled))


def _is_end(kind, data):
    return kind in ENDS or (kind == "executing" and data.get("node") is None)


def _succeeded(outcome):
    status = outcome.get("status")
    return status is None or status.get("status_str") == "success"


def _sent(outcome):
    """(graph, extra data) of an entry of the history."""
    sent = outcome.get("prompt") or ()
    return (sent[2], sent[3]) if len(sent) > 3 else ({}, {})


def _same(one, other):
    """Whether two graphs ask for the same; a server may have noted something beside."""
    return _asked(one) == _asked(other)


def _asked(graph):
    return {number: (node["class_type"], node["inputs"]) for number, node in graph.items()}


def _mark(extra):
    mark = extra.get(MARK) if isinstance(extra, dict) else None
    return mark if isinstance(mark, dict) else {}
