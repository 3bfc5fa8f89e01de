"""The keys that a running server goes by: it sees within a second what was added and revoked."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from filmeto_core.errors import ValidationError
from filmeto_core.money import Money
from filmeto_core.web.access import Caller, Quota
from filmeto_core.web.keys import PREFIX, Key, KeyFile, hashed

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
_MOST_CHARACTERS = 200  # of what is looked up; a key has 46

_Seen = tuple[int, int, int] | None  # inode, time and size of the file; None where there is none


class KeyRing:
    """The keys in force. Only the server's event loop touches it.

    Args:
        folder: The server's own, with the file of keys.

    Raises:
        ValidationError: The file cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self._file = KeyFile(folder)
        self._by_hash: dict[str, Caller] = {}
        self._by_id: dict[str, Caller] = {}
        self._quotas: dict[str, Quota] = {}
        self._seen: _Seen = None
        self.on_revoked: list[Callable[[str], None]] = []
        self._watching: asyncio.Task[None] | None = None
        self._read()

    def __len__(self) -> int:
        return len(self._by_id)

    def find(self, secret: str) -> Caller | None:
        """Who has that key; None where it is none of those in force.

        The look-up goes by the hash, of which nobody can choose the first digits: how long it takes
        tells nothing of any key.
        """
        if len(secret) > _MOST_CHARACTERS or not secret.startswith(PREFIX):
            return None
        return self._by_hash.get(hashed(secret))

    def named(self, key_id: str) -> Caller | None:
        """Who has the key of that id; None once it was revoked."""
        return self._by_id.get(key_id)

    def quota_of(self, tenant: str) -> Quota:
        """What a tenant may take: the least that any of its keys in force names."""
        return self._quotas.get(tenant) or Quota()

    def watch(self) -> None:
        """Look from here on for what is added and revoked."""
        self._watching = asyncio.create_task(self._watch_for_ever(), name="keys")

    def close(self) -> None:
        """Look no more."""
        if self._watching is not None:
            self._watching.cancel()

    async def _watch_for_ever(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                self.look()
            except ValidationError as error:  # those that are known stay until it is mended
                logger.error("%s The keys that were known before stay in force.", error)
            except Exception:  # the edge of a task
                logger.exception("the keys could not be looked at")

    def look(self) -> None:
        """Read the file where it has changed; what is no more in force is told of.

        Raises:
            ValidationError: The file cannot be used.
        """
        if self._stamp() != self._seen:
            self._read()

    def _stamp(self) -> _Seen:
        try:
            status = self._file.path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def _read(self) -> None:
        self._seen = self._stamp()
        valid = [key for key in self._file.read() if key.is_valid]
        quotas = {tenant: _quota_of(valid, tenant) for tenant in {key.tenant for key in valid}}
        self._quotas = quotas
        gone = set(self._by_id) - {key.id for key in valid}
        self._by_hash = {key.hash: _caller(key, quotas[key.tenant]) for key in valid}
        self._by_id = {caller.key_id: caller for caller in self._by_hash.values()}
        for key_id in gone:
            for tell in self.on_revoked:
                tell(key_id)


def _caller(key: Key, quota: Quota) -> Caller:
    return Caller(tenant=key.tenant, scopes=frozenset(key.scopes), key_id=key.id, quota=quota)


def _quota_of(keys: Iterable[Key], tenant: str) -> Quota:
    """A tenant's: the least that any of its keys in force names."""
    mine = [key for key in keys if key.tenant == tenant]
    budgets = [Money.read(key.budget) for key in mine if key.budget is not None]
    return Quota(
        requests_per_minute=_least(key.requests_per_minute for key in mine),
        storage_bytes=_least(key.storage_bytes for key in mine),
        budget=str(min(budgets, key=lambda money: money.amount)) if budgets else None,
    )


def _least(numbers: Iterable[int | None]) -> int | None:
    return min((number for number in numbers if number is not None), default=None)
