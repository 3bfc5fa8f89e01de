"""What every request passes first: under which name it comes, from where, from whom, how large.

    Host, Origin ──▶ who calls ──▶ how often ──▶ the body ──▶ the application
                                                                   │ headers that all answers carry
                                                                   ▼

Nobody gets beyond it but to OPEN_PATHS: a route that forgets to ask who calls is closed, not open.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from filmeto_core.errors import FilmetoError, RequestError
from filmeto_core.web.access import NOBODY, Caller, unauthorized
from filmeto_core.web.answer_headers import (
    SECURITY,
    STRICT_TRANSPORT,
    Headers,
    cors,
    preflight,
)
from filmeto_core.web.bodies import (
    ROOM_BYTES,
    STREAMED,
    Body,
    BodyRoom,
    GoneError,
    RoomShare,
    check_depth,
)
from filmeto_core.web.callers import SAFE_METHODS, Callers
from filmeto_core.web.desk import Desk
from filmeto_core.web.guarded_answer import REFUSED_CLOSE, GuardedAnswer
from filmeto_core.web.hosts import Hosts, opens_file
from filmeto_core.web.log_context import known
from filmeto_core.web.open_requests import OpenRequests
from filmeto_core.web.problems import on_http_error, problem_response

logger = logging.getLogger(__name__)

# What is told to whoever reaches the server: that it is there, how to call it, and its page, on which
# a person gives a key.
OPEN_PATHS = frozenset({"/", "/api/v1/health", "/api/v1/session", "/openapi.json", "/docs", "/ui"})
OPEN_FOLDERS = ("/ui/", "/docs/")
API = "/api/"
MOST_HEADERS = 100
_DENIAL = "websocket.http.response"  # ASGI's, with which a WebSocket is refused in HTTP's words
OVER_SOCKET = "filmeto_over_socket"  # in the scope's state, by the server's own connections


class Gate:
    """ASGI middleware: lets in who may come in, as who they are.

    Args:
        app: What lies behind it.
        desk: The server's.
    """

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app, self._quotas = app, desk.quotas
        self._hosts = Hosts(desk.options)
        self._callers = Callers(desk.options, desk.keys, desk.sessions, desk.passes)
        self._open = OpenRequests()
        desk.keys.on_revoked.append(self._open.end)
        settings = desk.service.settings
        self._most_bytes = settings.serve_max_body_bytes
        self._silence_s = settings.serve_body_timeout_s
        self._room = BodyRoom(max(ROOM_BYTES, self._most_bytes))
        tls = desk.options.certificate is not None
        self._security = [*SECURITY, *(STRICT_TRANSPORT if tls else [])]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        origin = _text(headers.get(b"origin"))
        more = self._security
        if origin is not None and self._hosts.is_allowed(origin):
            more = [*more, *cors(origin)]
        share = self._room.share()
        try:
            admitted = await self._admit(scope, headers, origin, receive, share)
            if admitted is None:
                await _answer_preflight(origin, self._security, send)
                return
        except GoneError:
            share.give_back()
            return
        except FilmetoError as error:
            share.give_back()
            await _refuse(scope, receive, send, more, problem_response(error))
            return
        except HTTPException as error:
            share.give_back()
            await _refuse(scope, receive, send, more, await on_http_error(None, error))
            return
        try:
            await self._pass(scope, admitted, send, more)
        finally:
            share.give_back()

    async def _admit(
        self,
        scope: Scope,
        headers: dict[bytes, bytes],
        origin: str | None,
        receive: Receive,
        share: RoomShare,
    ) -> Receive | None:
        """The application's `receive`: its body was looked at, or is an upload. None: a preflight."""
        scope["filmeto_caller"] = caller = self._caller(scope, headers, origin)
        if _asks_for_cors(scope, headers, origin):
            return None
        self._quotas.take_request(caller)
        body = self._body(headers, receive) if scope["type"] == "http" else None
        if body is None:
            return receive
        if STREAMED.fullmatch(scope["path"]):
            return body.stream
        share.take(body.may_bytes)
        return _replayed(await _looked_at(body, headers), receive)

    def _caller(self, scope: Scope, headers: dict[bytes, bytes], origin: str | None) -> Caller:
        over_socket = scope.get("state", {}).get(OVER_SOCKET, False)
        method = scope.get("method", "GET")
        host, path = _text(headers.get(b"host")) or "", scope["path"]
        if len(scope["headers"]) > MOST_HEADERS or not path.startswith("/"):
            raise RequestError(
                f"expected a path of this server and up to {MOST_HEADERS} headers, got "
                f"{path[:100]!r} and {len(scope['headers'])}."
            )
        if not over_socket:  # no browser can call it by that
            self._hosts.check_host(host, scope["server"][0] if scope.get("server") else None)
            site = _text(headers.get(b"sec-fetch-site"))
            reads = scope["type"] == "http" and method in SAFE_METHODS
            looks = reads and origin is None and opens_file(path, headers)
            if not reads or (site is not None and path.startswith(API) and not looks):
                self._hosts.check_origin(origin, site, host)
            if _asks_for_cors(scope, headers, origin):
                self._hosts.check_origin(origin, site, host)
                return NOBODY
        caller = self._callers.find(headers, method, over_socket)
        if not caller.is_known and path not in OPEN_PATHS and not path.startswith(OPEN_FOLDERS):
            raise unauthorized()
        return caller

    def _body(self, headers: dict[bytes, bytes], receive: Receive) -> Body | None:
        """The request's body, if it has one."""
        length = headers.get(b"content-length")
        if length in (None, b"0") and b"transfer-encoding" not in headers:
            return None
        return Body(receive, int(length) if length else None, self._most_bytes, self._silence_s)

    async def _pass(self, scope: Scope, receive: Receive, send: Send, more: Headers) -> None:
        key_id = scope["filmeto_caller"].key_id
        request = self._open.add(key_id) if key_id is not None else None
        if request is not None and STREAMED.fullmatch(scope["path"]):
            request.streams = True  # an upload may take hours
        answer = GuardedAnswer(send, more, request)
        try:
            await self._app(scope, receive, answer.send)
        except asyncio.CancelledError:
            if request is None or not request.ended:
                raise
            asyncio.current_task().uncancel()
            if answer.began:
                await answer.end(scope)
            else:
                await _refuse(scope, receive, send, more, problem_response(unauthorized()))
        except Exception:  # the edge of a request
            logger.exception("%s %s", scope.get("method", "WebSocket"), scope["path"])
            if scope["type"] != "http" or answer.began:
                raise
            await _refuse(scope, receive, send, more, problem_response(_unexpected()))
        finally:
            if request is not None:
                self._open.remove(key_id, request)


def _text(header: bytes | None) -> str | None:
    return header.decode("latin-1") if header is not None else None


def _asks_for_cors(scope: Scope, headers: dict[bytes, bytes], origin: str | None) -> bool:
    asks = scope.get("method") == "OPTIONS" and origin is not None
    return asks and b"access-control-request-method" in headers


async def _looked_at(body: Body, headers: dict[bytes, bytes]) -> bytes:
    whole = await body.read()
    kind = headers.get(b"content-type")
    if kind is None or b"json" in kind.lower():
        check_depth(whole)
    return whole


def _replayed(body: bytes, receive: Receive) -> Receive:
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


async def _answer_preflight(origin: str, security: Headers, send: Send) -> None:
    headers = [*preflight(origin), *security]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _refuse(
    scope: Scope,
    receive: Receive,
    send: Send,
    more: Headers,
    answer: Callable[[Scope, Receive, Send], Awaitable[None]],
) -> None:
    if scope["type"] == "websocket" and _DENIAL not in scope.get("extensions", ()):
        await send({"type": "websocket.close", "code": REFUSED_CLOSE})
        return
    await answer(scope, receive, GuardedAnswer(send, more, None).send)


def _unexpected() -> FilmetoError:
    return FilmetoError(
        "the server did not expect what happened.",
        hint="Report this as a bug of filmeto; the server's log has the traceback, under the "
        f"request id {known().get('request_id', 'none')}.",
    )
