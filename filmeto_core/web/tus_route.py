"""What every answer of an upload's path has, errors as well: tus's version of both sides.

Source: tus resumable upload protocol 1.0.0, "Headers".
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from filmeto_core.errors import FilmetoError, PreconditionError
from filmeto_core.web.problems import on_bad_request, on_http_error, problem_response

VERSION = "1.0.0"


class TusRoute(APIRoute):
    """A route of the protocol: all that it answers tells the version."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with its errors made answers here, where headers can be added."""
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                answer = await handle(request)
            except FilmetoError as error:
                answer = problem_response(error)
            except RequestValidationError as error:
                answer = await on_bad_request(request, error)
            except HTTPException as error:
                answer = await on_http_error(request, error)
            answer.headers["Tus-Resumable"] = VERSION
            if answer.status_code == 412:
                answer.headers["Tus-Version"] = VERSION
            return answer

        return told


def check_version(asked: str | None) -> None:
    """Make sure that a client speaks this version, and says so.

    Raises:
        PreconditionError: It names another, or none.
    """
    if asked != VERSION:
        raise PreconditionError(
            f"Tus-Resumable: expected {VERSION}, got {(asked or 'nothing')[:40]!r}.",
            hint=f"Send `Tus-Resumable: {VERSION}`, or a small file to POST /api/v1/resources.",
            field="Tus-Resumable",
        )
