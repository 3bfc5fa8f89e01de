"""Every error that filmeto raises on purpose, and what follows from each.

FilmetoError
├── ValidationError              a parameter, task, setting or option is wrong; nothing started
│   └── StoryboardError          a storyboard has problems: all of them, each with its line
├── PluginNotFoundError          no such plugin, or none serves the tool
├── ResourceProcessingError      an input cannot be used: a missing or forbidden path, bad base64,
│   │                            a malformed URL, a file that is not what it claims
│   ├── ResourceFetchError       a well-formed URL could not be fetched
│   └── StoreError               the store cannot be read or written (disk full, read-only)
├── PluginExecutionError         the plugin answered with an error
│   ├── PluginCrashed            its process ended before it answered
│   │   └── PluginOutOfMemory    it took more memory than it may, or than there is
│   ├── PluginRefused            it, or its provider, refuses this input for good
│   ├── SubmissionUnknown        nobody can tell whether its provider took the job: the user decides
│   ├── PluginUnavailable        its processes ended too often in a row; it is left alone for a while
│   ├── PluginProtocolError      it broke the wire's rules
│   ├── PluginStartError         it did not get ready in time, or ended while starting
│   ├── PluginEnvironmentError   its environment could not be built
│   └── PluginOutputError        what it made is missing, empty, forbidden, or not what it claims
├── TimeoutError                 a call, a heartbeat or a download took too long
├── BudgetError                  a call would cost more than the budget has left; it was not made
├── RequestError                 a server refuses a request
│   ├── UnauthorizedError        no key, or one that is unknown or revoked
│   ├── ForbiddenError           the key may not do that; a foreign Host or Origin
│   ├── NotFoundError            no such task, film, file; or it is another tenant's
│   ├── ConflictError            it does not go with what is there
│   ├── PreconditionError        somebody else changed it meanwhile
│   ├── GoneError                it was there, and is no more
│   ├── TooLargeError            a body or an upload over its limit
│   ├── TooManyRequestsError     a rate, a queue or a quota is full; `details["retry_after_s"]`
│   ├── ServerStoppingError      the server is about to end; its next start goes on
│   └── ServerUnreachableError   a server does not answer, or not any more
├── WritingError                 a language model wrote no storyboard: it refused, was cut off, or
│                                what it wrote is none
├── AssemblyError                clips, sound and subtitles could not be made into a film
└── FilmFailedError              some shots failed; the others' work is kept

`HANDLING` is the one table from which retries, HTTP statuses, exit codes and JSON-RPC codes follow.
A caller's cancellation is no error: it is asyncio.CancelledError everywhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Handling:
    """What follows from an error class.

    Args:
        code: The stable name that programs match on.
        retryable: Whether the same call may succeed later; an instance may say otherwise.
        http_status: The status of a web answer.
        exit_code: The exit code of the command line: 2 for wrong usage or input, 1 for failed work.
        rpc_code: The JSON-RPC error code.
    """

    code: str
    retryable: bool
    http_status: int
    exit_code: int
    rpc_code: int


class FilmetoError(Exception):
    """The root of the tree; its text says what happened, and ends with what to do.

    Args:
        message: What happened: expected against got, in one or two sentences.
        hint: What to do next, one sentence.
        retryable: Overrides the table's answer for this one error.
        details: Small JSON: tool, plugin, task_id, shot, field, value, allowed, exit_code, signal,
            stderr (the last lines), whichever are known.
    """

    max_retries: int | None = None  # of the call that failed, as its plugin's manifest says

    def __init__(
        self, message: str, *, hint: str = "", retryable: bool | None = None, **details: Any
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.retryable = self.handling.retryable if retryable is None else retryable
        self.details = {name: value for name, value in details.items() if value is not None}

    @property
    def handling(self) -> Handling:
        """The row of the table for this error's class."""
        return HANDLING[type(self)]

    @property
    def code(self) -> str:
        """The stable name of this kind of error."""
        return self.handling.code

    def with_details(self, **details: Any) -> "FilmetoError":
        """This error, knowing more of where it happened; what it already knows stays."""
        known = {name: value for name, value in details.items() if value is not None}
        self.details = {**known, **self.details}
        return self

    def __str__(self) -> str:
        where = [str(self.details[k]) for k in ("shot", "tool", "plugin") if k in self.details]
        prefix = f"{' · '.join(where)}: " if where else ""
        gap = "" if not self.hint or self.message.endswith("\n") else " "
        return f"{prefix}{self.message}{gap}{self.hint}"

    def to_dict(self) -> dict[str, Any]:
        """code, message, hint, retryable and details, as JSON-able values."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "retryable": self.retryable,
            "details": self.details,
        }

    @staticmethod
    def from_dict(data: dict[str, Any]) -> "FilmetoError":
        """The error that `to_dict` told of, of the same class; an unknown code gives the root."""
        kinds = {handling.code: kind for kind, handling in HANDLING.items()}
        kind = kinds.get(data.get("code", ""), FilmetoError)
        error = kind(
            data.get("message", ""), hint=data.get("hint", ""), retryable=data.get("retryable")
        )
        error.details = dict(data.get("details") or {})
        return error

    def __reduce__(self) -> tuple[Any, ...]:
        return (FilmetoError.from_dict, (self.to_dict(),))


class ValidationError(FilmetoError):
    """A parameter, task, setting or option is wrong; nothing was started."""


class StoryboardError(ValidationError):
    """A storyboard has problems; `details["problems"]` lists each with its line and field."""


class PluginNotFoundError(FilmetoError):
    """There is no such plugin, or none that serves the tool."""


class ResourceProcessingError(FilmetoError):
    """An input cannot be used."""


class ResourceFetchError(ResourceProcessingError):
    """A well-formed URL could not be fetched."""


class StoreError(ResourceProcessingError):
    """The store cannot be read or written."""


class PluginExecutionError(FilmetoError):
    """The plugin answered with an error."""


class PluginCrashed(PluginExecutionError):
    """The plugin's process ended before it answered."""


class PluginOutOfMemory(PluginCrashed):
    """The plugin took more memory than it may, or than the machine has."""


class PluginRefused(PluginExecutionError):
    """The plugin, or its provider, refuses this input for good; the same call is not made again."""


class SubmissionUnknown(PluginExecutionError):
    """A job may or may not have been submitted; it is never submitted again by itself."""


class PluginUnavailable(PluginExecutionError):
    """The plugin's processes ended too often in a row; `details["retry_after_s"]` tells when."""


class PluginProtocolError(PluginExecutionError):
    """The plugin broke the rules of the wire."""


class PluginStartError(PluginExecutionError):
    """The plugin did not get ready in time, or ended while it started."""


class PluginEnvironmentError(PluginExecutionError):
    """The plugin's environment could not be built."""


class PluginOutputError(PluginExecutionError):
    """What the plugin made is missing, empty, forbidden, or not what it claims."""


class TimeoutError(FilmetoError):
    """A call, a heartbeat or a download took longer than allowed."""


class BudgetError(FilmetoError):
    """A call would cost more than the budget has left; it was not made."""


class RequestError(FilmetoError):
    """A server refuses a request."""


class UnauthorizedError(RequestError):
    """No key, or one that is unknown or revoked."""


class ForbiddenError(RequestError):
    """The key may not do that; or the request comes from where none may come."""


class NotFoundError(RequestError):
    """There is no such thing, or it is another tenant's: the two look alike."""


class ConflictError(RequestError):
    """The request does not go with what is there."""


class PreconditionError(RequestError):
    """Somebody else changed it meanwhile."""


class GoneError(RequestError):
    """It was there, and is no more."""


class TooLargeError(RequestError):
    """A body or an upload is over its limit."""


class TooManyRequestsError(RequestError):
    """A rate, a queue or a quota is full; `details["retry_after_s"]` tells when to try again."""


class ServerStoppingError(RequestError):
    """The server is about to end; its next start goes on."""


class ServerUnreachableError(RequestError):
    """A server does not answer, or not any more."""


class WritingError(FilmetoError):
    """A language model wrote no storyboard, or its server takes no such question."""


class AssemblyError(FilmetoError):
    """Clips, sound and subtitles could not be made into a film."""


class FilmFailedError(FilmetoError):
    """Some shots failed; `details["shots"]` tells why, and the others' work is kept."""


#                              code                   retry  http exit  JSON-RPC
HANDLING: dict[type[FilmetoError], Handling] = {
    FilmetoError: Handling("internal", False, 500, 1, -32603),
    ValidationError: Handling("validation", False, 422, 2, -32602),
    StoryboardError: Handling("storyboard", False, 422, 2, -32602),
    PluginNotFoundError: Handling("plugin_not_found", False, 404, 2, -32601),
    ResourceProcessingError: Handling("resource", False, 422, 2, -32010),
    ResourceFetchError: Handling("resource_fetch", True, 502, 1, -32011),
    StoreError: Handling("store", False, 507, 1, -32012),
    PluginExecutionError: Handling("plugin_execution", False, 502, 1, -32020),
    PluginCrashed: Handling("plugin_crashed", True, 502, 1, -32021),
    PluginOutOfMemory: Handling("plugin_out_of_memory", False, 502, 1, -32026),
    PluginRefused: Handling("plugin_refused", False, 422, 1, -32028),
    SubmissionUnknown: Handling("submission_unknown", False, 502, 1, -32029),
    PluginUnavailable: Handling("plugin_unavailable", True, 503, 1, -32027),
    PluginProtocolError: Handling("plugin_protocol", False, 502, 1, -32022),
    PluginStartError: Handling("plugin_start", True, 503, 1, -32023),
    PluginEnvironmentError: Handling("plugin_environment", False, 503, 1, -32024),
    PluginOutputError: Handling("plugin_output", False, 502, 1, -32025),
    TimeoutError: Handling("timeout", True, 504, 1, -32030),
    BudgetError: Handling("budget", False, 402, 1, -32031),
    RequestError: Handling("request", False, 400, 2, -32050),
    UnauthorizedError: Handling("unauthorized", False, 401, 2, -32051),
    ForbiddenError: Handling("forbidden", False, 403, 2, -32052),
    NotFoundError: Handling("not_found", False, 404, 2, -32053),
    ConflictError: Handling("conflict", False, 409, 2, -32054),
    PreconditionError: Handling("precondition", False, 412, 2, -32055),
    GoneError: Handling("gone", False, 410, 1, -32060),
    TooLargeError: Handling("too_large", False, 413, 2, -32056),
    TooManyRequestsError: Handling("too_many_requests", True, 429, 1, -32057),
    ServerStoppingError: Handling("server_stopping", True, 503, 1, -32058),
    ServerUnreachableError: Handling("server_unreachable", True, 503, 1, -32059),
    WritingError: Handling("writing", False, 502, 1, -32042),
    AssemblyError: Handling("assembly", False, 500, 1, -32040),
    FilmFailedError: Handling("film_failed", False, 500, 1, -32041),
}

EXIT_INTERRUPTED = 130


def error_classes() -> Iterator[type[FilmetoError]]:
    """Every class of the tree, parents first."""
    waiting = [FilmetoError]
    while waiting:
        kind = waiting.pop(0)
        yield kind
        waiting.extend(kind.__subclasses__())


def did_you_mean(wrong: str, allowed: list[str]) -> str:
    """' Did you mean "x"?' for the closest allowed word, or '' when none is close."""
    import difflib  # here: only an error needs it

    close = difflib.get_close_matches(wrong, allowed, n=1, cutoff=0.6)
    return f' Did you mean "{close[0]}"?' if close else ""


def shown(value: Any, most: int = 100) -> str:
    """The value as an error shows it, whatever it is: a number of a million digits, a list within
    a thousand lists, a list that holds itself."""
    import reprlib  # here: only an error needs it

    short = reprlib.Repr()
    short.maxlevel, short.maxstring, short.maxother, short.maxlong = 3, most, most, most
    try:
        return short.repr(value)[:most]
    except (ValueError, RecursionError):  # more digits than Python writes; an object's own repr
        return f"<a value of type {type(value).__name__}>"


def some_of(words: list[str], most: int = 12) -> str:
    """The words, separated by commas; of many only the first, and how many more there are."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more
