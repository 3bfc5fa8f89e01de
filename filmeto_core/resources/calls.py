"""The index of finished calls: what was computed once is found again, and never computed twice.

    records/ab/KEY.json    one finished call each: the truth
    failures/ab/KEY.json   calls that failed for good, and are told again
    catalogue.db           the same records in tables, for who looks at all of them (`Catalogue`)
    locks/KEY              who computes a key now; the kernel lets go of it when its holder dies
    incoming/              records being written

A record is found only while every file that it names is in the store, and undamaged. When it was last
used is its time of change: a hit sets it before it looks at the files.
"""

import json
import os
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import Field

from filmeto_core.errors import StoreError
from filmeto_core.money import Money
from filmeto_core.resources.call_key import call_key, canonical_digest
from filmeto_core.resources.call_lock import CallLock
from filmeto_core.resources.catalogue import Catalogue
from filmeto_core.resources.durable import (
    clear_ownerless,
    make_folder,
    read_json,
    store_errors,
    write_json,
)
from filmeto_core.resources.layout import Layout
from filmeto_core.resources.store import Store
from filmeto_core.types import Model, ResourceOutput, utc_now

__all__ = ["CallIndex", "CallRecord", "all_outputs", "call_key", "canonical_digest"]

_LAYOUT = 1  # of a record's file


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
        self.layout = Layout(self.folder)
        self.catalogue = Catalogue(self.folder)
        self._clearing = threading.Lock()
        self._cleared = False

    def get(self, key: str, *, thorough: bool = False) -> CallRecord | None:
        """The record of a key; None where there is none, or a file that it names is not right.

        A file that is as it was when the record was written (size and time) is taken as right;
        any other is read, and removed if it is damaged. Paths are those of this store, wherever
        the record was written. A record whose file is lost or damaged is had from the catalogue.

        Args:
            thorough: Read every file, once a process: a bit that flipped on the disk changes
                neither size nor time.

        Raises:
            StoreError: The index cannot be read, or a newer filmeto wrote it.
        """
        path = self._path(key)
        self.layout.check()
        with self.store.shared(), store_errors(self.folder):
            found, lost = self._read(path), None
            if found is None:
                found, lost = self._lost(path)
            if found is None or found[0].key != key:
                return None
            record, marks = found
            outputs = [self._located(output, marks, thorough) for output in record.outputs]
            if None in outputs:
                return None
            if lost is not None:
                with suppress(OSError, StoreError):  # it is known all the same
                    write_json(path, lost, incoming=self._incoming())
        return _with_outputs(record, outputs)

    def peek(self, key: str) -> tuple[CallRecord, bool] | None:
        """The record of a key, and whether `get` would give it; it counts as no use, mends nothing.

        Where its files are not right, the paths of its outputs may lead nowhere.
        """
        path = self._path(key)
        self.layout.check()
        with store_errors(self.folder):
            found = _parsed(read_json(path)) or self._lost(path)[0]
            if found is None or found[0].key != key:
                return None
            record, marks = found
            outputs = [self._located(output, marks, False) for output in record.outputs]
        if None in outputs:
            return record, False
        return _with_outputs(record, outputs), True

    def _read(self, path: Path) -> "_Parsed | None":
        try:
            os.utime(path)  # before its files are looked at: from here on they stay
        except FileNotFoundError:
            return None  # the usual miss
        except OSError:
            pass  # a disk that takes no change; or another user's file
        return _parsed(read_json(path))

    def _lost(self, path: Path) -> "tuple[_Parsed | None, Any]":
        """What the catalogue knows of a record whose file is lost or damaged."""
        text = self.catalogue.text(path.stem)
        try:
            data = json.loads(text) if text is not None else None
        except ValueError:
            data = None
        return _parsed(data), data

    def _located(
        self, output: ResourceOutput, marks: dict[str, tuple[int, ...]], thorough: bool
    ) -> ResourceOutput | None:
        path = self.store.path_of(output.digest or "", os.path.splitext(output.path)[1])
        if path is None:
            return None
        if thorough or _mark(path) != marks.get(output.digest):
            if not self.store.verify(output.digest):
                return None
        others = [self._located(other, marks, thorough) for other in output.others]
        if None in others:
            return None
        if str(path) == output.path and not others:
            return output
        return output.model_copy(update={"path": str(path), "others": tuple(others)})

    def put(self, record: CallRecord) -> None:
        """Keep a record; an older one of its key gives way. It lasts, as do the files it names.

        Raises:
            StoreError: An output is not in the store, or the index cannot be written.
        """
        marks: dict[str, tuple[int, ...] | None] = {}
        for output in all_outputs(record.outputs):
            path = self.store.path_of(output.digest or "")
            if path is None:
                raise StoreError(
                    f"{output.path} (digest {output.digest}) is not in {self.store.folder}.",
                    hint="Put every output into the store before its call is recorded.",
                )
            marks[output.digest] = _mark(path)
        data = {"layout": _LAYOUT, "record": record.to_dict(), "files": marks}
        path = self._path(record.key)
        self.store.settle()
        with store_errors(self.folder), self.store.shared():
            write_json(path, data, incoming=self._incoming())
        self.catalogue.note(path, data)
        self.forget_failure(record.key)

    def forget(self, key: str) -> None:
        """Drop the record of a key; the files stay in the store."""
        path = self._path(key)
        with store_errors(self.folder):
            with self.catalogue.forgetting([key]):
                path.unlink(missing_ok=True)

    def put_failure(self, key: str, error: dict[str, Any]) -> None:
        """Keep that a call failed for good, to be told again at once; it lasts.

        Args:
            error: Of `FilmetoError.to_dict`.

        Raises:
            StoreError: The index cannot be written.
        """
        data = {"layout": _LAYOUT, "error": error, "failed_at": utc_now().isoformat()}
        with store_errors(self.folder):
            write_json(self._failure_path(key), data, incoming=self._incoming())

    def get_failure(self, key: str) -> dict[str, Any] | None:
        """The error with which a call failed for good; None where it did not, as far as is known."""
        path = self._failure_path(key)
        self.layout.check()
        with store_errors(self.folder):
            try:
                os.utime(path)
            except FileNotFoundError:
                return None
            except OSError:
                pass  # as for a record
            data = read_json(path)
        error = data.get("error") if isinstance(data, dict) else None
        return error if isinstance(error, dict) else None

    def forget_failure(self, key: str) -> None:
        """Let a call that failed for good be made again."""
        path = self._failure_path(key)
        with store_errors(self.folder), suppress(FileNotFoundError):
            path.unlink()

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
        return Path(f"{self.folder}/records/{key[:2]}/{key}.json")  # as text: asked for each call

    def _failure_path(self, key: str) -> Path:
        _check_key(key)
        return self.folder / "failures" / key[:2] / f"{key}.json"

    def _incoming(self) -> Path:
        """The folder for what is being written; whoever asks is about to write."""
        folder = self.folder / "incoming"
        with self._clearing:
            if not self._cleared:
                make_folder(folder)
                self.layout.mark()
                clear_ownerless(folder)
            self._cleared = True
        return folder


_Parsed = tuple[CallRecord, dict[str, tuple[int, ...]]]


def _parsed(data: Any) -> _Parsed | None:
    """A record and its files' marks; None for what is no record."""
    try:
        record = CallRecord.model_validate(data["record"])
        return record, {digest: tuple(mark) for digest, mark in data["files"].items()}
    except (TypeError, KeyError, ValueError, AttributeError):
        return None


def _with_outputs(record: CallRecord, outputs: Sequence[ResourceOutput]) -> CallRecord:
    if all(now is then for now, then in zip(outputs, record.outputs, strict=True)):
        return record
    return record.model_copy(update={"outputs": tuple(outputs)})


def _check_key(key: str) -> None:
    if len(key) != 64 or not set(key) <= set("0123456789abcdef"):
        raise ValueError(f"expected the 64 hexadecimal digits of call_key, got {key!r:.100}")


def all_outputs(outputs: Sequence[ResourceOutput]) -> Iterator[ResourceOutput]:
    """Each output, and the others that came with it."""
    for output in outputs:
        yield output
        yield from all_outputs(output.others)


def _mark(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_size, status.st_mtime_ns)
