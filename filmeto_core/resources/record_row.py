"""What the catalogue takes from a record: when it was used, who made it, which files it is about."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class RecordRow:
    """A record as the catalogue has it; keys and digests as 32 bytes.

    Args:
        used: When its file was last changed, nanoseconds since 1970.
        size: Of its file, bytes.
        text: What is in it.
    """

    key: bytes
    used: int
    size: int
    tool: str
    plugin: str
    version: str
    created: str
    outputs: tuple[bytes, ...]
    inputs: tuple[bytes, ...]
    text: str


def record_row(key: str, data: Any, text: str, status: os.stat_result) -> RecordRow | None:
    """The row of a record's file; None where it holds no record, or that of another call.

    Args:
        key: By its name.
        data: What is in it, read.
        text: The same, as it is written.
    """
    try:
        record = data["record"]
        if record["key"] != key or not isinstance(data["files"], dict):
            return None
        return RecordRow(
            key=bytes.fromhex(key),
            used=status.st_mtime_ns,
            size=status.st_size,
            tool=str(record["tool"]),
            plugin=str(record["plugin"]),
            version=str(record.get("plugin_version", "")),
            created=str(record.get("created_at", "")),
            outputs=tuple(dict.fromkeys(_digests(record["outputs"]))),
            inputs=tuple(dict.fromkeys(_digest(d) for d in record.get("resources") or () if d)),
            text=text,
        )
    except (TypeError, KeyError, ValueError, AttributeError):
        return None


def _digests(outputs: list[Any]) -> Iterator[bytes]:
    for output in outputs:
        yield _digest(output["metadata"]["digest"])
        yield from _digests(output.get("others") or [])


def _digest(text: str) -> bytes:
    digest = bytes.fromhex(text.removeprefix("sha256:"))
    if len(digest) != 32:
        raise ValueError(f"expected a sha256, got {text!r:.100}")
    return digest
