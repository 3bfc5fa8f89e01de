"""The problems that an operation can answer with, told from the operation itself."""

import re
from http import HTTPStatus
from typing import Any

from filmeto_core.errors import (
    ConflictError,
    FilmetoError,
    ForbiddenError,
    NotFoundError,
    PreconditionError,
    RequestError,
    ServerStoppingError,
    StoreError,
    TooLargeError,
    TooManyRequestsError,
    UnauthorizedError,
    ValidationError,
)
from filmeto_core.web.problems import MEDIA_TYPE, problem_of

Json = dict[str, Any]

HEADERS: Json = {
    "RequestId": {
        "description": "The request's id: the X-Request-ID that was sent, or one that was made",
        "schema": {"type": "string"},
    },
    "RetryAfter": {
        "description": "Seconds after which the same request may succeed",
        "schema": {"type": "integer", "minimum": 1},
    },
    "Authenticate": {
        "description": "How to say who calls: Bearer",
        "schema": {"type": "string"},
    },
}

# By status: what it means, and the example of it.
PROBLEMS: dict[str, tuple[str, FilmetoError]] = {
    "400": ("The request cannot be understood.", RequestError("the Host header is missing.")),
    "401": (
        "No key, or one that is unknown or revoked.",
        UnauthorizedError("this needs a key, and none was sent."),
    ),
    "403": (
        "The key may not do that; or a foreign Host or Origin.",
        ForbiddenError('this key may not do that: it lacks the scope "run".'),
    ),
    "404": (
        "There is no such thing, or it is another tenant's.",
        NotFoundError('there is no task "one".', field="task_id", value="one"),
    ),
    "409": (
        "It does not go with what is there.",
        ConflictError(
            "this Idempotency-Key was used for another request.",
            hint="Use a key of its own for each request.",
            field="Idempotency-Key",
        ),
    ),
    "408": (
        "The body fell silent.",
        RequestError("the body fell silent for 30 s.", hint="Send it again."),
    ),
    "410": (
        "It was there, and is no longer.",
        NotFoundError("the file is not in the store any more.", hint="Upload it again."),
    ),
    "412": (
        "Somebody else changed it meanwhile.",
        PreconditionError("it was changed since you read it.", hint="Read it again."),
    ),
    "413": (
        "The body is over its limit.",
        TooLargeError("the body has more than 8388608 bytes.", hint="Upload files instead."),
    ),
    "415": (
        "The body is of another type than this takes.",
        RequestError("Content-Type: expected application/offset+octet-stream, got text/plain."),
    ),
    "422": (
        "A field is wrong; nothing was started.",
        ValidationError(
            "timeout: Input should be greater than 0.",
            hint="/docs tells what each field takes.",
            field="timeout",
            problems=[{"field": "timeout", "message": "Input should be greater than 0"}],
        ),
    ),
    "429": (
        "A rate, a queue or a quota is full; come back after Retry-After.",
        TooManyRequestsError(
            "1000 tasks are unfinished, which is all that this server takes on.",
            hint="Try again in 5 s.",
            retry_after_s=5,
        ),
    ),
    "500": ("The server failed; its log tells why.", FilmetoError("the server failed.")),
    "503": (
        "The server ends; its next start goes on.",
        ServerStoppingError("the server is about to end.", hint="Try again in a moment."),
    ),
    "507": ("The disk is full or cannot be written.", StoreError("the disk is full.")),
}
_GOES = re.compile(r"/(uploads|resources)/\{")  # what is given up, or removed from the store
_CHANGES = ("post", "put", "patch", "delete")


def problem_answers() -> Json:
    """The document's `components.responses`, by status."""
    return {status: _answer(status, *told) for status, told in sorted(PROBLEMS.items())}


def _answer(status: str, description: str, error: FilmetoError) -> Json:
    headers = {"X-Request-ID": {"$ref": "#/components/headers/RequestId"}}
    if status == "401":
        headers["WWW-Authenticate"] = {"$ref": "#/components/headers/Authenticate"}
    if status == "429":
        headers["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
    content = {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "example": {
            **problem_of(error),
            "status": int(status),
            "title": HTTPStatus(int(status)).phrase,
        },
    }
    return {"description": description, "headers": headers, "content": {MEDIA_TYPE: content}}


def statuses_of(path: str, method: str, operation: Json, *, is_open: bool) -> list[str]:
    """The statuses of the problems that an operation can answer with.

    Args:
        path, method, operation: As the document has them.
        is_open: Nobody asks for a key there.
    """
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    takes = bool(names) or "requestBody" in operation
    found = {"400", "403", "429", "500", "503"}
    found |= set() if is_open and method == "get" else {"401"}
    found |= {"422"} if takes else set()
    found |= {"404"} if "{" in path else set()
    found |= {"409", "507"} if method in _CHANGES else set()
    found |= {"404", "408", "413"} if "requestBody" in operation else set()
    found |= {"412"} if names & {"If-Match", "Tus-Resumable"} else set()
    found |= {"410"} if _GOES.search(path) else set()
    found |= {"413", "415"} if names & {"Upload-Length", "Upload-Offset"} else set()
    return sorted(found)
