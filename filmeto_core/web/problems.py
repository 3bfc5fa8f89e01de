"""What went wrong, as HTTP tells it: one shape, RFC 9457's, from the one table of errors.

    {"type": "urn:filmeto:error:validation", "title": ..., "status": 422, "detail": ...,
     "code": "validation", "message": ..., "hint": ..., "field": "parameters.width", ...}

Source: RFC 9457, Problem Details for HTTP APIs.
"""

from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import ConfigDict, Field
from starlette.exceptions import HTTPException

from filmeto_core.errors import (
    FilmetoError,
    NotFoundError,
    RequestError,
    TooLargeError,
    TooManyRequestsError,
    ValidationError,
    shown,
)
from filmeto_core.types import Model
from filmeto_core.web.event_log import encoded

MEDIA_TYPE = "application/problem+json"
MOST_PROBLEMS = 50  # of one request, told one by one
_TOLD = ("field", "value", "allowed", "shot", "tool", "plugin", "retry_after_s", "line")


class Problem(Model):
    """A problem, in RFC 9457's shape; what is not known of it is left out."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="urn:filmeto:error:CODE")
    title: str = Field(description="The status in words")
    status: int = Field(description="The HTTP status")
    detail: str = Field(description="What happened, and what to do")
    code: str = Field(description="The stable name of this kind of error")
    message: str = Field(description="What happened")
    hint: str = Field("", description="What to do")
    retryable: bool = Field(False, description="Whether the same request may succeed later")
    field: str | None = Field(None, description="Which part of the request is wrong")
    value: Any = Field(None, description="What it was")
    problems: list[dict[str, Any]] | None = Field(
        None, description="Each of several: field, message, and a storyboard's line"
    )


def not_found(what: str, name: str) -> NotFoundError:
    """There is no such thing, or it is another tenant's: the two look alike."""
    return NotFoundError(f"there is no {what} {shown(name)}.", field=f"{what}_id", value=name[:200])


def too_many(message: str, retry_after_s: float, hint: str = "") -> TooManyRequestsError:
    """Later, then; 429 with Retry-After."""
    seconds = max(1, round(retry_after_s))
    hint = hint or f"Try again in {seconds} s."
    return TooManyRequestsError(message, hint=hint, retry_after_s=seconds)


def problem_of(error: FilmetoError) -> dict[str, Any]:
    """The error as a problem's fields."""
    status = error.handling.http_status
    told = {
        "type": f"urn:filmeto:error:{error.code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": str(error),
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "retryable": error.retryable,
    }
    told |= {name: error.details[name] for name in _TOLD if name in error.details}
    if error.details.get("problems"):
        told["problems"] = error.details["problems"][:MOST_PROBLEMS]
    return told


def problem_response(error: FilmetoError) -> Response:
    """The answer that tells of the error."""
    told = problem_of(error)
    headers = {}
    if told["status"] == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if "retry_after_s" in told and told["status"] in (429, 503):
        headers.setdefault("Retry-After", str(max(1, round(told["retry_after_s"]))))
    return Response(
        encoded(told), status_code=told["status"], headers=headers, media_type=MEDIA_TYPE
    )


def problem_answer(
    status: int, message: str, kind: type[FilmetoError] = RequestError
) -> dict[int | str, dict[str, Any]]:
    """How a route documents a problem of its own, for its `responses`.

    Args:
        message: What happened, as a sentence.
        kind: Which error tells of it.
    """
    told = {"status": status, "title": HTTPStatus(status).phrase}
    content = {
        "schema": {"$ref": f"#/components/schemas/{Problem.__name__}"},
        "example": problem_of(kind(message)) | told,
    }
    return {status: {"description": message, "content": {MEDIA_TYPE: content}}}


async def on_filmeto_error(_request: Request, error: Exception) -> Response:
    """For FastAPI: an error of ours."""
    return problem_response(error if isinstance(error, FilmetoError) else FilmetoError(str(error)))


async def on_bad_request(_request: Request, error: Exception) -> Response:
    """For FastAPI: a body, a query or a path that is not as documented."""
    assert isinstance(error, RequestValidationError)
    problems = [
        {
            "field": ".".join(str(part) for part in wrong["loc"][1:]) or str(wrong["loc"][0]),
            "message": wrong["msg"],
        }
        for wrong in error.errors()[:MOST_PROBLEMS]
    ]
    first = problems[0] if problems else {"field": "body", "message": "it cannot be read"}
    return problem_response(
        ValidationError(
            f"{first['field']}: {first['message']}.",
            hint="/docs tells what each field takes.",
            field=first["field"],
            problems=problems,
        )
    )


async def on_http_error(request: Request, error: Exception) -> Response:
    """For FastAPI: no such path, a method that it does not have."""
    assert isinstance(error, HTTPException)
    status = error.status_code
    told = {404: NotFoundError, 413: TooLargeError}.get(status, RequestError)
    problem = problem_of(told(f"{error.detail}.", hint="/docs lists what there is."))
    problem |= {"status": status, "title": HTTPStatus(status).phrase}
    headers = dict(error.headers or {})
    if status == 405:
        headers["Allow"] = _allowed(request) or headers.get("Allow", "")
    return Response(encoded(problem), status_code=status, headers=headers, media_type=MEDIA_TYPE)


def _allowed(request: Request) -> str:
    """All methods of a path: FastAPI knows of those of the first route that matches it alone."""
    path = getattr(request.scope.get("route"), "path", None)
    return ", ".join(sorted(name.upper() for name in request.app.openapi()["paths"].get(path, ())))
