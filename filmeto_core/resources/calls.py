"""The index of finished calls: what was computed once is found again, and never computed twice.

    records/ab/KEY.json   one finished call each
    locks/KEY             who computes a key now; the kernel lets go of it when its holder dies
    incoming/             records being written

A record is found only while every file that it names is in the store, and undamaged.
"""

import hashlib
import json
import math
import os
import threading
import unicodedata
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import Field

from filmeto_core.errors import StoreError, ValidationError
from filmeto_core.money import Money
from filmeto_core.resources.call_lock import CallLock
from filmeto_core.resources.durable import (
    clear_ownerless,
    read_json,
    store_errors,
    write_json,
)
from filmeto_core.resources.store import Store
from filmeto_core.types import Model, ResourceOutput, utc_now

_LAYOUT = 1  # of a record's file, and of what a key is made from


def call_key(
    *,
    tool: str,
    plugin: str,
    fingerprint: str,
    parameters: Mapping[str, Any],
    resource_digests: Sequence[str] = (),
    take: int = 1,
) -> str:
    """The name of a call: the same for calls that must give the same, another for any other.

    Args:
        tool: The tool's name.
        plugin: The plugin's name.
        fingerprint: What tells this version of the plugin from any other.
        parameters: After defaults, as JSON-able values. Neither their order counts, nor whether a
            whole number is written 1 or 1.0, nor in which Unicode form a text is.
        resource_digests: Of its inputs, in their order.
        take: 1, or the number of the repetition that was asked for.

    Returns:
        64 hexadecimal digits.

    Raises:
        ValidationError: A parameter is no JSON value (NaN, bytes, an object); names the field.
    """
    parts = {
        "layout": _LAYOUT,
        "tool": tool,
        "plugin": plugin,
        "fingerprint": fingerprint,
        "parameters": parameters,
        "resources": list(resource_digests),
        "take": take,
    }
    return canonical_digest(parts)


def canonical_digest(parts: Mapping[str, Any]) -> str:
    """sha256 (64 hexadecimal digits) of JSON-able values, in the one form that `call_key` tells of.

    Raises:
        ValidationError: A value is no JSON value; names the field.
    """
    canonical = {name: _canonical(value, name) for name, value in parts.items()}
    text = json.dumps(canonical, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: Any, field: str) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return unicodedata.normalize("NFC", str(value))
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _no_json(field, value, "a finite number")
        return int(value) if value.is_integer() else value
    if isinstance(value, Mapping):
        return _canonical_mapping(value, field)
    if isinstance(value, (list, tuple)):
        return [_canonical(v, f"{field}[{i}]") for i, v in enumerate(value)]
    raise _no_json(field, value, "a text, number, true, false, null, list or object")


def _canonical_mapping(value: Mapping[Any, Any], field: str) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for name, inner in value.items():
        if not isinstance(name, str):
            raise _no_json(field, name, "texts as names")
        plain = unicodedata.normalize("NFC", name)
        if plain in named:
            raise _no_json(f"{field}.{name}", inner, "each name once")
        named[plain] = _canonical(inner, f"{field}.{name}")
    return named


def _no_json(field: str, value: Any, expected: str) -> ValidationError:
    return ValidationError(
        f"{field}: expected {expected}, got {value!r:.100}.",
        hint="Give values that JSON can hold.",
        field=field,
    )


class CallRecord(Model):
    """A finished call and what it made."""

    key: str = Field(description="Of `call_key`")
    id: str = Field(default_factory=lambda: uuid.uuid4().hex, description="One a computation")
    tool: str
    plugin: str
    plugin_version: str = ""
    fingerprint: str = Field("", description="Of the plugin as it was; empty: not known")
    parameters: dict[str, Any] = Field(default_factory=dict, description="After defaults")
    resources: tuple[str, ...] = Field((), description="Digests of the inputs")
    take: int = 1
    outputs: tuple[ResourceOutput, ...] = Field(description="Each with its digest in `metadata`")
    seconds: float = 0.0
    cost: Money | None = Field(None, description="What it cost; None: nothing, as far as is known")
    attempts: int = Field(1, description="How often it was begun until it worked")
    created_at: datetime = Field(default_factory=utc_now)
    metadata: dict[str, Any] = Field(default_factory=dict)


class CallIndex:
    """The finished calls in one folder; any number of threads and processes may use it at once.

    Args:
        folder: Made when something is first written.
        store: Where the outputs lie.
    """

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder = folder.absolute()
        self.store = store
        self._clearing = threading.Lock()
        self._cleared = False

    def get(self, key: str) -> CallRecord | None:
        """The record of a key; None where there is none, or a file that it names is not right.

        A file that is as it was when the record was written (size and time) is taken as right;
        any other is read, and removed if it is damaged. Paths are those of this store, wherever
        the record was written.
        """
        path = self._path(key)
        if not os.access(path, os.F_OK):  # the usual miss, said without raising
            return None
        with store_errors(self.folder):
            data = read_json(path)
        try:
            record = CallRecord.model_validate(data["record"])
            marks = {digest: tuple(mark) for digest, mark in data["files"].items()}
        except (TypeError, KeyError, ValueError, AttributeError):
            return None
        outputs = [self._located(output, marks) for output in record.outputs]
        if record.key != key or None in outputs:
            return None
        return record.model_copy(update={"outputs": tuple(outputs)})

    def _located(
        self, output: ResourceOutput, marks: dict[str, tuple[int, ...]]
    ) -> ResourceOutput | None:
        path = self.store.path_of(output.digest or "")
        if path is None:
            return None
        if _mark(path) != marks.get(output.digest) and not self.store.verify(output.digest):
            return None
        others = [self._located(other, marks) for other in output.others]
        if None in others:
            return None
        return output.model_copy(update={"path": str(path), "others": tuple(others)})

    def put(self, record: CallRecord) -> None:
        """Keep a record; an older one of its key gives way. It lasts, as do the files it names.

        Raises:
            StoreError: An output is not in the store, or the index cannot be written.
        """
        marks: dict[str, tuple[int, ...] | None] = {}
        for output in _all_outputs(record.outputs):
            path = self.store.path_of(output.digest or "")
            if path is None:
                raise StoreError(
                    f"{output.path} (digest {output.digest}) is not in {self.store.folder}.",
                    hint="Put every output into the store before its call is recorded.",
                )
            marks[output.digest] = _mark(path)
        data = {"layout": _LAYOUT, "record": record.to_dict(), "files": marks}
        self.store.settle()
        with store_errors(self.folder):
            write_json(self._path(record.key), data, incoming=self._incoming())

    def forget(self, key: str) -> None:
        """Drop the record of a key; the files stay in the store."""
        with store_errors(self.folder):
            self._path(key).unlink(missing_ok=True)

    def lock(self, key: str, *, timeout_s: float | None = None) -> CallLock:
        """To be held, by `with` or `async with`, from before a key is looked up to after it is put.

        One at a time holds it, over all threads, event loops and processes; one that dies lets go.

        Args:
            timeout_s: The longest wait; None for no limit.

        Raises:
            TimeoutError: On entering, when another holds it for longer than `timeout_s`.
        """
        _check_key(key)
        return CallLock(self.folder / "locks" / key, timeout_s)

    def _path(self, key: str) -> Path:
        _check_key(key)
        return self.folder / "records" / key[:2] / f"{key}.json"

    def _incoming(self) -> Path:
        folder = self.folder / "incoming"
        with self._clearing:
            if not self._cleared and folder.is_dir():
                clear_ownerless(folder)
            self._cleared = True
        return folder


def _check_key(key: str) -> None:
    if len(key) != 64 or not set(key) <= set("0123456789abcdef"):
        raise ValueError(f"expected the 64 hexadecimal digits of call_key, got {key!r:.100}")


def _all_outputs(outputs: Sequence[ResourceOutput]) -> Iterator[ResourceOutput]:
    for output in outputs:
        yield output
        yield from _all_outputs(output.others)


def _mark(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_size, status.st_mtime_ns)
