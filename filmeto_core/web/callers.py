"""Who calls: by a key, a pass of the server's own, a browser's session, or from this machine.

a key or a pass         whoever it was made for; a wrong one is refused, from this machine too
a session's cookie      whoever began it; what changes something needs its page's token as well
this machine's user     by the Unix socket, or by loopback where the server listens on that alone
else                    nobody
"""

from dataclasses import replace

from filmeto_core.errors import ForbiddenError, UnauthorizedError
from filmeto_core.web.access import NOBODY, Caller
from filmeto_core.web.key_ring import KeyRing
from filmeto_core.web.options import ServeOptions
from filmeto_core.web.sessions import CSRF_HEADER, Sessions, cookie_in

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_BEARER = b"bearer "


class Callers:
    """Finds out who sends each request.

    Args:
        options: As the server was asked to serve.
        keys: Those in force.
        sessions: Those of browsers.
        passes: Tokens of the server's own processes.
    """

    def __init__(
        self, options: ServeOptions, keys: KeyRing, sessions: Sessions, passes: dict[str, Caller]
    ) -> None:
        self._keys, self._sessions, self._passes = keys, sessions, passes
        self._trusts_socket = not options.require_keys
        self._trusts_all = options.is_local and not options.require_keys
        self._local, self._on_machine = Caller(), Caller(is_on_machine=True)

    @property
    def asks_for_keys(self) -> bool:
        """Whether a browser has to give one."""
        return not self._trusts_all

    def find(self, headers: dict[bytes, bytes], method: str, over_socket: bool) -> Caller:
        """Who calls; NOBODY where nobody knows.

        Args:
            headers: By their names in small letters.
            method: "GET", ...; of a WebSocket too.
            over_socket: Whether it came over the Unix socket, which this user alone may use.

        Raises:
            UnauthorizedError: It carries a key that is none, or none any more.
            ForbiddenError: It carries a session's cookie without its page's token.
        """
        secret = _secret_in(headers)
        if secret is not None:
            caller = self._of_secret(secret)
            if (
                over_socket and not caller.is_own
            ):  # what a film may read, its storyboard's writer says
                return replace(caller, is_on_machine=True)
            return caller
        cookies = headers.get(b"cookie")
        if cookies is not None and (caller := self._of_session(cookies, headers, method)):
            return caller
        if over_socket and self._trusts_socket:
            return self._on_machine
        if self._trusts_all:
            return self._local
        return NOBODY

    def _of_secret(self, secret: str) -> Caller:
        own = self._passes.get(secret)
        if own is not None:
            return replace(own, is_own=True, quota=self._keys.quota_of(own.tenant))
        caller = self._keys.find(secret)
        if caller is None:
            raise UnauthorizedError(
                "the key that was sent is unknown or was revoked.",
                hint="`filmeto keys ls` lists the keys by their ids, `filmeto keys add` makes one.",
            )
        return caller

    def _of_session(self, cookies: bytes, headers: dict[bytes, bytes], method: str):
        token = cookie_in(cookies.decode("latin-1"))
        session = self._sessions.find(token) if token is not None else None
        caller = self._keys.named(session.key_id) if session is not None else None
        if caller is None:  # another server's cookie on this machine, or one that has ended
            return None
        if method not in SAFE_METHODS and not session.is_meant(headers.get(CSRF_HEADER, b"")):
            raise ForbiddenError(
                "what changes something needs the session's token in the header X-CSRF-Token.",
                hint="`GET /api/v1/session` tells it to the server's own page.",
                field="X-CSRF-Token",
            )
        return caller


def _secret_in(headers: dict[bytes, bytes]) -> str | None:
    """The key that a request carries; other schemes of Authorization are not ours to judge."""
    given = headers.get(b"authorization")
    if given is not None and given[:7].lower() == _BEARER:
        return given[7:].strip().decode("latin-1")
    given = headers.get(b"x-api-key")
    return given.strip().decode("latin-1") if given is not None else None
