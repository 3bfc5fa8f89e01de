"""What lies in a store: each file with its size and times, who made it, and what refers to it."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filmeto_core.resources.calls import CallIndex
from filmeto_core.resources.catalogue import INPUT, OUTPUT
from filmeto_core.resources.catalogue_sync import current
from filmeto_core.resources.durable import store_errors
from filmeto_core.resources.holds import KeptFilm, Pin
from filmeto_core.signature import FORMATS

Order = Literal["size", "used", "age"]
_KINDS = {ending: mime_type.partition("/")[0] for mime_type, (ending, _) in FORMATS.items()}
_LAST_USED = f"max(o.used, coalesce((SELECT max(s.used) FROM refs r JOIN records s USING (key) \
WHERE r.digest = o.digest AND r.role = {OUTPUT}), 0))"
_ORDERS = {"size": "size DESC", "used": "last DESC", "age": "made ASC"}


def kind_of_ending(ending: str) -> str:
    """ "image", "video" or "audio", by the ending that the store gave."""
    return _KINDS.get(ending, "other")


@dataclass(frozen=True)
class Listed:
    """A file of the store.

    Args:
        digest: "sha256:HEX".
        path: Absolute.
        kind: "image", "video" or "audio".
        made_at, used_at: Seconds since 1970.
        made_by: Tool and plugin of each call that made it.
        input_of: How many calls had it as an input.
        films: The film.json of each film that refers to it.
        pin: Why it is pinned; None where it is not.
    """

    digest: str
    path: Path
    kind: str
    size_bytes: int
    made_at: float
    used_at: float
    made_by: tuple[str, ...]
    input_of: int
    films: tuple[Path, ...]
    pin: str | None


@dataclass(frozen=True)
class Listing:
    """What lies in a store.

    Args:
        files: Those that were asked for.
        totals: By kind, how many there are and their bytes.
        records: Finished calls.
        films: Every film that was noted.
        pins: Every pin, also of files that are not there.
        running: How many processes use the store now.
    """

    files: tuple[Listed, ...]
    totals: dict[str, tuple[int, int]]
    records: int
    films: tuple[KeptFilm, ...]
    pins: tuple[Pin, ...]
    running: int


def list_store(
    index: CallIndex,
    *,
    order: Order = "size",
    most: int | None = None,
    pinned: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> Listing:
    """Tell what lies in the store of an index.

    Args:
        order: The largest first, the last used first, or the oldest first.
        most: So many files at most; None for all.
        pinned: Pinned files alone.

    Raises:
        StoreError: The store cannot be read.
    """
    index.layout.check()
    index.store.layout.check()
    tell = progress or (lambda _what, _done, _of: None)
    with store_errors(index.store.folder):
        objects = index.store.folder / "objects"
        with current(
            index.catalogue, objects, lambda n, of: tell("looked through", n, of)
        ) as connection:
            return _listing(index, connection, objects, order, most, pinned)


def _listing(
    index: CallIndex,
    connection: sqlite3.Connection,
    objects: Path,
    order: Order,
    most: int | None,
    pinned: bool,
) -> Listing:
    films, pins = index.store.holds.films(), index.store.holds.pins()
    notes = {pin.digest: pin.note for pin in pins}
    totals: dict[str, tuple[int, int]] = {}
    by_ending = "SELECT ending, count(*), sum(size) FROM objects GROUP BY ending"
    for ending, count, size in connection.execute(by_ending):
        before = totals.get(kind_of_ending(ending), (0, 0))
        totals[kind_of_ending(ending)] = (before[0] + count, before[1] + size)
    where, values = "", []
    if pinned:
        values = [bytes.fromhex(digest[7:]) for digest in notes if len(digest) == 71]
        where = f"WHERE digest IN ({', '.join('?' * len(values))})"
    sql = f"SELECT digest, ending, size, made, {_LAST_USED} AS last FROM objects o {where} \
ORDER BY {_ORDERS[order]} LIMIT {-1 if most is None else int(most)}"
    files = []
    for digest, ending, size, made, last in connection.execute(sql, values):
        name = digest.hex()
        made_by, input_of = _about(connection, digest)
        files.append(
            Listed(
                digest=f"sha256:{name}",
                path=objects / name[:2] / f"{name}{ending}",
                kind=kind_of_ending(ending),
                size_bytes=size,
                made_at=made / 1e9,
                used_at=last / 1e9,
                made_by=made_by,
                input_of=input_of,
                films=tuple(f.report for f in films if f"sha256:{name}" in f.digests),
                pin=notes.get(f"sha256:{name}"),
            )
        )
    records = connection.execute("SELECT count(*) FROM records").fetchone()[0]
    running = index.store.holds.running()
    return Listing(tuple(files), totals, records, tuple(films), tuple(pins), running)


def _about(connection: sqlite3.Connection, digest: bytes) -> tuple[tuple[str, ...], int]:
    """Who made a file, and how many calls had it as an input."""
    made_by = connection.execute(
        "SELECT DISTINCT tool || ' ' || plugin FROM refs JOIN records USING (key) "
        "WHERE digest = ? AND role = ?",
        (digest, OUTPUT),
    ).fetchall()
    inputs = "SELECT count(*) FROM refs WHERE digest = ? AND role = ?"
    count = connection.execute(inputs, (digest, INPUT)).fetchone()[0]
    return tuple(name for (name,) in made_by), count


def find_digest(index: CallIndex, text: str) -> list[str]:
    """The digests of the store's files that begin so; "sha256:" may be left out."""
    begin = text.strip().lower().removeprefix("sha256:")
    if len(begin) < 2 or len(begin) > 64 or not set(begin) <= set("0123456789abcdef"):
        return []
    names = (index.store.folder / "objects" / begin[:2]).glob(f"{begin}*")
    return sorted({f"sha256:{path.name.partition('.')[0]}" for path in names})
