"""Who calls, and what they may: the caller that each request has.

Who a caller is, is `gate`'s to find out (keys, sessions, this machine's own user).
"""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from fastapi import Depends
from starlette.requests import HTTPConnection

from filmeto_core.errors import ForbiddenError, UnauthorizedError

Scope = Literal["read", "run", "admin"]
SCOPES: tuple[Scope, ...] = ("read", "run", "admin")
LOCAL_TENANT = "local"  # whoever calls on this machine without a key


@dataclass(frozen=True)
class Quota:
    """What a tenant may take; None: as much as it likes.

    Args:
        requests_per_minute: Of all its keys together.
        storage_bytes: Of files that it owns.
        budget: What its calls may cost a day, such as "5.00 EUR".
    """

    requests_per_minute: int | None = None
    storage_bytes: int | None = None
    budget: str | None = None


@dataclass(frozen=True)
class Caller:
    """Who calls.

    Args:
        tenant: Whose tasks, films and files these are.
        scopes: What may be done: "admin" may do all, "run" may read.
        key_id: The key, if there is one.
        quota: The tenant's.
        is_own: It is a process that the server itself started, for that tenant.
        is_on_machine: It came over the Unix socket, which the server's own user alone may use.
    """

    tenant: str = LOCAL_TENANT
    scopes: frozenset[str] = frozenset(SCOPES)
    key_id: str | None = None
    quota: Quota = field(default_factory=Quota)
    is_own: bool = False
    is_on_machine: bool = False

    @property
    def is_known(self) -> bool:
        """Whether anybody knows who calls."""
        return bool(self.scopes)

    def may(self, scope: Scope) -> bool:
        """Whether the caller's scopes cover this one."""
        if "admin" in self.scopes:
            return True
        return scope in self.scopes or (scope == "read" and "run" in self.scopes)


NOBODY = Caller(tenant="", scopes=frozenset())


def caller_of(request: HTTPConnection) -> Caller:
    """The caller that the gate found; nobody where the gate was not passed."""
    return request.scope.get("filmeto_caller") or NOBODY


def unauthorized() -> UnauthorizedError:
    """Nobody knows who calls."""
    return UnauthorizedError(
        "this needs a key, and none was sent.",
        hint="Send one as `Authorization: Bearer KEY`; `filmeto keys add` makes keys.",
    )


def need(caller: Caller, scope: Scope) -> Caller:
    """The caller, who may do it.

    Raises:
        UnauthorizedError: Nobody knows who calls.
        ForbiddenError: Its scopes do not cover this one.
    """
    if not caller.is_known:
        raise unauthorized()
    if not caller.may(scope):
        raise ForbiddenError(
            f'this key may not do that: it lacks the scope "{scope}".',
            hint="Ask for a key with that scope; `filmeto keys add --scope` gives it.",
        )
    return caller


def _requires(scope: Scope):
    async def check(request: HTTPConnection) -> Caller:
        return need(caller_of(request), scope)

    return check


Reader = Annotated[Caller, Depends(_requires("read"))]
Runner = Annotated[Caller, Depends(_requires("run"))]
Admin = Annotated[Caller, Depends(_requires("admin"))]
