"""One job's life: kept by the host, watched, collected, or called off."""

import hashlib
import os

import httpx
import queue_price as price
from filmeto_plugin import Cancelled, PluginError
from queue_download import fetch, made
from queue_errors import retry_after_s
from queue_template import address, at

MARK = "|"  # between provider, model and the provider's id, in the id that the host keeps
CALLED_OFF = os.path.join("outputs", "cancelled")  # an empty file for each job that was
CANCEL_S = 0.7  # the host waits a second for the end of a cancelled call


class Job:
    """A job at a provider.

    Args:
        line: The connection.
        model: The model's entry.
        values: What the call's parameters are to it.
        id: The provider's.
    """

    def __init__(self, line, model, values, id):
        self.line, self.model, self.values, self.id = line, model, values, id
        self.provider = line.provider
        app = "/".join(model.name.split("/")[:2])
        self._names = {
            "base_url": self.provider.base_url,
            "model": model.name,
            "app": app,
            "id": id,
        }

    @property
    def kept_id(self):
        """The id that the host keeps: it says at whom to ask, whatever the settings are by then."""
        return MARK.join((self.provider.name, self.model.name, self.id))

    def collect(self, wake):
        """(outputs, what is to be told of them) once the job is done.

        Args:
            wake: Whether to look before the pause is over.
        """
        try:
            told = self._finished(wake)
            result = self._result() if self.provider.result_url else told
            files = made(result, self.provider.outputs)
            if not files:
                words = f"no file at {', '.join(self.provider.outputs)} in what it made"
                raise self.line.words.of_job(self.id, words, self._cost())
            outputs = self._fetched(files)
        except Cancelled:
            self._call_off()
            raise
        seconds = at(result, self.provider.work_s) if self.provider.work_s else None
        return outputs, seconds

    def _finished(self, wake):
        first_s, growth, longest_s = self.provider.poll
        pause_s, url = first_s, address(self.provider.status_url, self._names)
        while True:
            told, headers = self._asked(url)
            state = at(told, self.provider.state)
            meaning = self.provider.states.get(state) if isinstance(state, str) else None
            if meaning is None:
                words = (
                    f"job {self.id} is in the state {state!r}, which {self.provider.file} "
                    "(status.states) does not know"
                )
                raise PluginError(words, code="bad_provider")
            error = self._path(told, "error")
            if meaning == "done" and not error:
                return told
            if meaning not in ("waiting", "running"):
                meaning = "cancelled" if self._was_called_off else meaning
                raise self._ended(meaning, error, told)
            self._tell(meaning, told)
            asked_s = retry_after_s(headers)
            self.line.pause(min(60.0, pause_s if asked_s is None else asked_s), wake)
            pause_s = min(longest_s, pause_s * growth)

    def _asked(self, url):
        try:
            return self.line.ask(url)
        except PluginError as error:
            if error.details.get("status") in (404, 410):
                raise self._lost(error) from error
            raise

    def _result(self):
        url = address(self.provider.result_url, self._names)
        try:
            return self.line.ask(url)[0]
        except PluginError as error:
            status = error.details.get("status")
            if status in (404, 410):
                raise self._lost(error) from error
            if error.code == "bad_request":  # the model's own answer to the job
                raise self.line.words.of_job(self.id, error.message) from error
            raise

    def _fetched(self, files):
        def tell(so_far, in_all):
            share = so_far / in_all if in_all else 0.5
            self.line.call.progress(85 + 14 * min(1, share), f"{so_far} bytes fetched")

        try:
            return fetch(self.line, self.line.call, files, tell)
        except PluginError as error:
            if error.details.get("status") in (403, 404, 410):
                raise self._lost(error, "what it made is not there any more") from error
            raise

    def _ended(self, meaning, error, told):
        seconds = at(told, self.provider.work_s) if self.provider.work_s else None
        cost = price.of_work(self.model, seconds)
        cost = {"amount": cost, "currency": self.model.currency or "USD"} if cost else None
        words = error if isinstance(error, str) else "" if error is None else str(error)
        if meaning == "cancelled":
            told = f"job {self.id} was cancelled at {self.provider.name}"
            details = {"cost": cost} if cost else {}
            return PluginError(told, retryable=True, code="job_failed", details=details)
        failure = self.line.words.of_job(self.id, words, cost)
        if meaning == "refused":
            failure.code, failure.permanent = "refused", True
        return failure

    def _lost(self, error, what="it does not know the job any more"):
        if self._was_called_off:
            return self._ended("cancelled", None, {})
        cost = self._cost()
        told = f"job {self.id} at {self.provider.name}: {what} ({error.message})"
        return PluginError(told, code="job_lost", details={"cost": cost} if cost else {})

    def _cost(self):
        return price.told(self.model, self.values)

    def _tell(self, meaning, told):
        ahead, message = self._path(told, "ahead"), self._path(told, "message")
        percent = self._path(told, "progress")
        words = f"job {self.id} is {meaning}"
        if isinstance(ahead, int) and meaning == "waiting":
            words += f", {ahead} before it"
        if isinstance(message, str) and message.strip():
            words += f": {self.line.words.plain(message)[:100]}"
        share = percent if isinstance(percent, (int, float)) and 0 <= percent <= 100 else 0
        self.line.call.progress((5 if meaning == "waiting" else 20) + 0.6 * share, words)

    def _path(self, told, name):
        path = self.provider.paths.get(name)
        return at(told, path) if path else None

    def _call_off(self):
        """Ask the provider to cancel, once and shortly, if the caller gave up: not if it died."""
        if self.provider.cancel is None or self.line.call.host_is_gone:
            return
        method, url = self.provider.cancel
        try:
            status, _, _ = self.line.send(method, address(url, self._names), timeout_s=CANCEL_S)
            if 200 <= status < 300:
                os.makedirs(CALLED_OFF, exist_ok=True)
                open(self._mark, "w").close()
        except (httpx.RequestError, PluginError, OSError) as error:
            self.line.call.logger.warning("job %s could not be cancelled: %s", self.id, error)

    @property
    def _mark(self):
        name = hashlib.sha256(self.kept_id.encode()).hexdigest()[:32]
        return os.path.join(CALLED_OFF, name)

    @property
    def _was_called_off(self):
        """Whether an earlier try had it cancelled: its end is then no news, and another may follow."""
        return os.path.exists(self._mark)
