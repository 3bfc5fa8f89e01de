"""One call as a plugin's tool sees it, and what it may return or raise."""

import os

METHOD_NOT_FOUND = -32601


class PluginError(Exception):
    """A tool's own failure, told to the caller as it stands.

    Args:
        message: What went wrong and what to do, for the person who made the call.
        retryable: True if the same call may succeed later (a busy service, a lost connection).
        code: A stable word for programs, such as "prompt_refused".
        details: Small JSON for programs.
        permanent: True if the same call will never succeed (a refused prompt): it is then not made
            again, and this is told again at once.
    """

    def __init__(
        self, message, retryable=False, code="plugin_error", details=None, permanent=False
    ):
        super().__init__(message)
        self.message, self.retryable, self.code = message, retryable, code
        self.details, self.permanent = details or {}, permanent


class SubmissionUnknown(PluginError):
    """The provider may or may not have taken the job (the connection broke while it was sent).

    Raise it only where the provider takes no idempotency key: with one, a retryable PluginError is
    right, since the same key sent again is no second job.
    """

    def __init__(self, message, details=None):
        super().__init__(message, code="submission_unknown", details=details)


class Cancelled(Exception):
    """Raised by `Call.check_cancelled` once the caller gave up."""


class Input:
    """A local file given to the call: `path` (str), `type` ("image", "video", "audio"),
    `mime_type`, `metadata` (a dict: what its maker told of it)."""

    def __init__(self, path, type="", mime_type="", metadata=None):
        self.path, self.type, self.mime_type = path, type, mime_type
        self.metadata = metadata or {}


class Output:
    """A file that the tool made, inside `call.output_dir`, and what is to be known of it."""

    def __init__(self, path, mime_type=None, metadata=None):
        self.path, self.mime_type = os.fspath(path), mime_type
        self.metadata = metadata or {}


class Call:
    """One tool call; the module docstring of `filmeto_plugin` lists what it has."""

    def __init__(self, tool, task_id, parameters, inputs, output_dir, tell, metadata=None):
        self.tool, self.task_id = tool, task_id
        self.parameters, self.inputs = parameters, inputs
        self.output_dir = output_dir
        self.metadata = metadata or {}
        self.cancelled = self.host_is_gone = False
        self.idempotency_key = self.resume_job = self.cost = None
        self._tell, self._ask = tell, None

    def output(self, name):
        """The path (str) of a file called `name` in this call's output folder."""
        return os.path.join(self.output_dir, name)

    def progress(self, percent, message="", data=None):
        """Report how far the call is: percent 0 to 100, a line for people, small JSON."""
        self._tell(percent, message, data)

    def check_cancelled(self):
        """Raise `Cancelled` if the caller gave up. Call it between the steps of long work."""
        if self.cancelled:
            raise Cancelled(self.task_id)

    def submitted(self, job_id, cost=None, currency=None):
        """Tell the host of a job that a provider took, right after it did; wait until it is on disk.

        Only then poll: whatever is killed from here on, the next call has `resume_job`, this id.
        `cost` is what the job costs, if the provider says so. Returns whether the host keeps it
        (one of the seed design does not).
        """
        params = {"task_id": self.task_id, "job_id": str(job_id)}
        if cost is not None:
            params["cost"] = _money(cost, currency)
        answer = self._ask("submitted", params) if self._ask else None
        if answer and isinstance(answer.get("error"), dict):
            if answer["error"].get("code") == METHOD_NOT_FOUND:
                return False
            raise PluginError(str(answer["error"].get("message") or "the host kept no note of it"))
        return bool(answer)

    def charge(self, amount, currency=None):
        """Say what the call cost in the end, where that is known; it is told with the result."""
        self.cost = _money(amount, currency)

    @property
    def logger(self):
        """A logging.Logger whose lines go to the host's log, by way of stderr."""
        import logging  # here: it costs a start-up that most plugins need not pay

        if not logging.root.handlers:
            logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
        return logging.getLogger(self.tool)


def _money(amount, currency):
    """An amount as text, since a float is no money."""
    told = {"amount": str(amount)}
    return {**told, "currency": currency} if currency else told
