"""A browser's session: begun with a key, told of, ended."""

from fastapi import APIRouter, Request, Response
from pydantic import Field

from filmeto_core.errors import UnauthorizedError
from filmeto_core.types import Model
from filmeto_core.web.access import Caller, caller_of
from filmeto_core.web.desk import AtDesk, Desk
from filmeto_core.web.sessions import COOKIE, LIFE_S, Session, cookie_in

router = APIRouter(prefix="/api/v1/session", tags=["session"])


class Login(Model):
    """A key, to begin a session with."""

    key: str = Field(description="As `filmeto keys add` told it", min_length=1, max_length=200)


class SessionTold(Model):
    """Who calls, and what the page needs to call on."""

    tenant: str | None = Field(description="None: nobody knows who calls")
    scopes: list[str] = Field(description="Of read, run, admin")
    keys_needed: bool = Field(description="Whether a key has to be given before anything else")
    csrf: str | None = Field(
        None, description="To be sent as X-CSRF-Token with what changes something"
    )


@router.get("")
async def session(request: Request, desk: AtDesk) -> SessionTold:
    """Who calls; for the page, when it opens."""
    return _told(caller_of(request), _session_of(request, desk))


@router.post("")
async def begin_session(
    login: Login, request: Request, response: Response, desk: AtDesk
) -> SessionTold:
    """Begin a session: the answer has its cookie, and the token that changes need."""
    desk.sessions.note_login(request.client.host if request.client else "this machine")
    caller = desk.keys.find(login.key.strip())
    if caller is None:
        raise UnauthorizedError(
            "key: it is unknown or was revoked.",
            hint="Look for characters that were lost when it was copied; it begins with fk_.",
        )
    session = desk.sessions.begin(caller.key_id)
    # A page's own scheme, where TLS ends at a proxy before us.
    secure = "https" in (request.url.scheme, request.headers.get("origin", "").partition(":")[0])
    response.set_cookie(
        COOKIE,
        session.token,
        max_age=int(LIFE_S),
        httponly=True,
        samesite="strict",
        secure=secure,
    )
    response.headers["Cache-Control"] = "no-store"
    return _told(caller, session)


@router.delete("", status_code=204)
async def end_session(request: Request, response: Response, desk: AtDesk) -> None:
    """End the session; its cookie is worth nothing from here on."""
    session = _session_of(request, desk)
    if session is not None:
        desk.sessions.end(session.token)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")


def _session_of(request: Request, desk: Desk) -> Session | None:
    """The session by whose cookie the request was let in."""
    token = cookie_in(request.headers.get("cookie", ""))
    session = desk.sessions.find(token) if token is not None else None
    caller = caller_of(request)
    return session if session is not None and session.key_id == caller.key_id else None


def _told(caller: Caller, session: Session | None) -> SessionTold:
    return SessionTold(
        tenant=caller.tenant if caller.is_known else None,
        scopes=sorted(caller.scopes),
        keys_needed=not caller.is_known,
        csrf=session.csrf if session is not None else None,
    )
