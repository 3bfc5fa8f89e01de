"""Sessions of browsers: a person gives a key once, and the page calls with a cookie from there on.

The cookie is out of reach of scripts and is sent with the server's own pages alone (SameSite=Strict).
What changes something needs, besides, a token that only the page knows. Sessions lie in memory: a
restart ends them, as does their key's revocation.
"""

import hmac
import secrets
import time
from collections import OrderedDict, deque
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from filmeto_core.web.problems import too_many

COOKIE = "filmeto_session"
CSRF_HEADER = b"x-csrf-token"
LIFE_S = 12 * 3600.0
MOST_SESSIONS = 10_000
MOST_LOGINS = 10  # from one address within a minute
LOGINS_S = 60.0
MOST_ADDRESSES = 10_000  # whose attempts are remembered
_TOKEN_BYTES = 32


@dataclass(frozen=True)
class Session:
    """One browser that was let in.

    Args:
        token: The cookie's value.
        csrf: What the page sends along with what changes something.
        key_id: The key that was given.
        ends_at: On the monotonic clock.
    """

    token: str
    csrf: str
    key_id: str
    ends_at: float

    def is_meant(self, csrf: bytes) -> bool:
        """Whether this is the token that only its page knows."""
        return hmac.compare_digest(self.csrf.encode(), csrf)


class Sessions:
    """The sessions of one server. Only its event loop touches it."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[str, Session] = OrderedDict()  # the oldest first
        self._logins: OrderedDict[str, deque[float]] = OrderedDict()

    def begin(self, key_id: str) -> Session:
        """A session of whoever gave that key."""
        token, csrf = (secrets.token_urlsafe(_TOKEN_BYTES) for _ in range(2))
        session = Session(token, csrf, key_id, time.monotonic() + LIFE_S)
        self._sessions[token] = session
        self._forget_old()
        return session

    def find(self, token: str) -> Session | None:
        """The session of that cookie; None where there is none, or no more."""
        session = self._sessions.get(token)
        if session is not None and session.ends_at <= time.monotonic():
            self._sessions.pop(token)
            return None
        return session

    def end(self, token: str) -> None:
        """End a session, if there is one."""
        self._sessions.pop(token, None)

    def note_login(self, address: str) -> None:
        """Count an attempt to begin a session.

        Raises:
            TooManyRequestsError: There were too many from that address within a minute.
        """
        now = time.monotonic()
        tries = self._logins.setdefault(address, deque(maxlen=MOST_LOGINS))
        self._logins.move_to_end(address)
        while len(self._logins) > MOST_ADDRESSES:
            self._logins.popitem(last=False)
        if len(tries) == MOST_LOGINS and now - tries[0] < LOGINS_S:
            raise too_many(
                f"{MOST_LOGINS} sessions were asked for from {address} within a minute.",
                LOGINS_S - (now - tries[0]),
            )
        tries.append(now)

    def _forget_old(self) -> None:
        now = time.monotonic()
        while self._sessions:
            oldest = next(iter(self._sessions.values()))
            if oldest.ends_at > now and len(self._sessions) <= MOST_SESSIONS:
                return
            self._sessions.popitem(last=False)


def cookie_in(header: str) -> str | None:
    """The session's cookie among those that a browser sent."""
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel is not None else None
