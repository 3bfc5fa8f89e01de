"""The keys of a server: who may call it, as whom, for what. They lie in one file, hashed.

A key is 256 random bits, so that its plain SHA-256 gives nothing away: nobody can guess through such
a number, and a slow hash, which is made for words that people choose, would only slow each request.
"""

import hashlib
import os
import re
import secrets
import stat
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import orjson
import pydantic
from pydantic import Field, field_validator

from filmeto_core.errors import ValidationError, did_you_mean, shown
from filmeto_core.money import Money
from filmeto_core.resources.durable import locked, store_errors, sync_folder
from filmeto_core.types import Model, utc_now

FILE = "keys.json"
PREFIX = "fk_"  # so that people, and programs that look for leaked keys, see what it is
SECRET_BYTES = 32
ID_DIGITS = 8
LAYOUT = 1
_TENANT = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")  # it names a folder, on disks without case too
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


class Key(Model):
    """One key, without its secret."""

    id: str = Field(description="Names it to people: not secret")
    name: str = Field(description="Who has it, for people", min_length=1, max_length=100)
    tenant: str = Field(description="Whose tasks, films and files it reaches")
    scopes: tuple[Literal["read", "run", "admin"], ...] = Field(min_length=1)
    requests_per_minute: int | None = Field(None, gt=0, description="None: any number")
    storage_bytes: int | None = Field(None, ge=0, description="None: as much as there is")
    budget: str | None = Field(None, description="What a day may cost, such as 5.00 EUR")
    hash: str = Field(description="SHA-256 of the key, hexadecimal", pattern=r"^[0-9a-f]{64}$")
    created_at: datetime = Field(default_factory=utc_now)
    revoked_at: datetime | None = None

    @field_validator("tenant")
    @classmethod
    def _nameable(cls, value: str) -> str:
        if not _TENANT.fullmatch(value):
            raise ValueError("expected up to 63 of a-z, 0-9, - and _, and a letter or digit first")
        return value

    @field_validator("budget")
    @classmethod
    def _readable(cls, value: str | None) -> str | None:
        return None if value is None else str(Money.read(value))

    @property
    def is_valid(self) -> bool:
        """Whether it was not revoked."""
        return self.revoked_at is None

    def told(self) -> dict[str, Any]:
        """Its fields as people and programs are shown them: without the hash."""
        return {name: value for name, value in self.to_dict().items() if name != "hash"}


def hashed(secret: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class KeyFile:
    """The keys on the disk.

    Args:
        folder: The server's own; made, for this user alone, when a key is added.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder.absolute() / FILE

    def read(self) -> tuple[Key, ...]:
        """All keys, revoked ones too, in the order in which they were made.

        Raises:
            ValidationError: The file is damaged, or others may write it.
        """
        try:
            text = self.path.read_bytes()
            others = self.path.stat().st_mode & _OTHERS_MAY_WRITE
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise self._unusable(error.strerror or str(error), "Check its permissions.") from error
        if others:
            fix = f"Look at what is in it, then `chmod 600 {self.path}`."
            raise self._unusable("others may write it", fix)
        try:
            data = orjson.loads(text)
            if data["layout"] != LAYOUT:
                raise ValueError(f"its layout is {shown(data['layout'])}, here {LAYOUT}")
            return tuple(Key(**fields) for fields in data["keys"])
        except (ValueError, TypeError, KeyError) as error:
            raise self._unusable(
                f"it is damaged: {_in_a_line(error)}",
                "Put back a copy of it; or move it away, and make new keys with `filmeto keys add`.",
            ) from None

    def add(self, name: str, tenant: str, scopes: Sequence[str], **quota: Any) -> tuple[Key, str]:
        """Make a key.

        Args:
            quota: requests_per_minute, storage_bytes, budget.

        Returns:
            The key and its secret, which is kept nowhere.

        Raises:
            ValidationError: A field is wrong, or the file is damaged.
            StoreError: It cannot be written.
        """
        secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        try:
            made = Key(
                id=uuid.uuid4().hex[:ID_DIGITS],
                name=name,
                tenant=tenant,
                scopes=tuple(scopes),
                hash=hashed(secret),
                **quota,
            )
        except pydantic.ValidationError as error:
            wrong = error.errors()[0]
            field = str(wrong["loc"][0])
            message = f"{field}: {wrong['msg'].removeprefix('Value error, ')}, got "
            raise ValidationError(f"{message}{shown(wrong['input'])}.", field=field) from None
        self._change(lambda keys: [*_same_currency(keys, made), made])
        return made, secret

    def revoke(self, key_id: str) -> Key:
        """End a key, for good; one that was revoked stays as it is.

        Raises:
            ValidationError: There is none of that id, or the file is damaged.
            StoreError: It cannot be written.
        """
        found: list[Key] = []

        def change(keys: tuple[Key, ...]) -> list[Key]:
            ids = [key.id for key in keys]
            if key_id not in ids:
                raise ValidationError(
                    f"there is no key {shown(key_id)}.{did_you_mean(key_id, ids)}",
                    hint="`filmeto keys ls` lists them by their ids.",
                    field="ID",
                )
            now = utc_now()
            ended = [
                key.model_copy(update={"revoked_at": key.revoked_at or now})
                if key.id == key_id
                else key
                for key in keys
            ]
            found.append(next(key for key in ended if key.id == key_id))
            return ended

        self._change(change)
        return found[0]

    def _change(self, change: Callable[[tuple[Key, ...]], list[Key]]) -> None:
        folder = self.path.parent
        with store_errors(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with locked(folder / "keys.lock", exclusive=True):
                keys = [key.to_dict() for key in change(self.read())]
                text = orjson.dumps({"layout": LAYOUT, "keys": keys}, option=orjson.OPT_INDENT_2)
                _replace(self.path, text)

    def _unusable(self, why: str, hint: str) -> ValidationError:
        return ValidationError(
            f"the keys in {self.path} cannot be used: {why.rstrip('.')}.", hint=hint, field="keys"
        )


def _same_currency(keys: tuple[Key, ...], made: Key) -> tuple[Key, ...]:
    """The keys there are; the least of a tenant's budgets has to be told."""
    if made.budget is None:
        return keys
    mine = [k.budget for k in keys if k.tenant == made.tenant and k.is_valid and k.budget]
    others = {Money.read(budget).currency for budget in mine} - {Money.read(made.budget).currency}
    if others:
        raise ValidationError(
            f"budget: the tenant {made.tenant} has one in {others.pop()} already, got {made.budget}.",
            hint="Give it in the same currency, or revoke that key.",
            field="budget",
            value=made.budget,
        )
    return keys


def _replace(path: Path, text: bytes) -> None:
    """The new file in place of the old one, whole, on the disk, and for this user alone."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        os.rename(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    sync_folder(path.parent)


def _in_a_line(error: Exception) -> str:
    if isinstance(error, pydantic.ValidationError):
        wrong = error.errors()[0]
        return f"{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}"
    if isinstance(error, KeyError):
        return f"{error} is missing"
    return str(error) or type(error).__name__
