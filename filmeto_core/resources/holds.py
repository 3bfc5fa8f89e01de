"""What of a store must stay: what kept films refer to, what is pinned, what running work uses.

roots/NAME.json     one a film's folder: where its film.json lies, and the digests it refers to
pins/DIGEST.json    files that stay until they are unpinned
running/NAME        one a process that works with the store; locked while it lives
"""

import contextlib
import hashlib
import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filmeto_core.resources.durable import (
    clear_ownerless,
    is_owned,
    make_folder,
    open_own,
    read_json,
    store_errors,
    write_json,
)
from filmeto_core.types import utc_now

logger = logging.getLogger(__name__)

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
# A film whose whole disk is away (a drive unplugged, a share not mounted) counts as kept so long.
UNREACHABLE_KEPT_S = 90 * 24 * 3600.0


@dataclass(frozen=True)
class KeptFilm:
    """A film that was made, or is being made, and what it refers to.

    Args:
        report: Where its film.json lies, or will.
        digests: Of all that it refers to.
        there: Whether its film.json is there.
        reachable: Whether its place is; an unplugged drive is not.
        noted_at: When it was last noted or seen, seconds since 1970.
        note: The file that tells of it.
    """

    report: Path
    digests: frozenset[str]
    there: bool
    reachable: bool
    noted_at: float
    note: Path

    def is_kept(self, now: float, unfinished_kept_s: float) -> bool:
        """Whether its files must stay.

        Args:
            unfinished_kept_s: How long one that has no film.json counts after it was noted.
        """
        if self.there:
            return True
        kept_s = unfinished_kept_s if self.reachable else UNREACHABLE_KEPT_S
        return now - self.noted_at < kept_s


@dataclass(frozen=True)
class Pin:
    """A file that stays.

    Args:
        digest: "sha256:HEX".
        note: Why, in the user's words.
        pinned_at: ISO 8601.
    """

    digest: str
    note: str
    pinned_at: str


class Holds:
    """What must stay in the store of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._roots, self._pins = folder / "roots", folder / "pins"
        self._running = folder / "running"
        self._incoming = folder / "incoming"

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """All that is used while this is held stays; the kernel lets go of it on death."""
        try:
            make_folder(self._running)
            descriptor, path = open_own(self._running)
        except OSError as error:  # a hit may still be had from a store that takes no file
            logger.warning(
                "It could not be noted that %s is in use (%s): do not collect its garbage now.",
                self.folder,
                error.strerror or error,
            )
            yield
            return
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
            os.close(descriptor)

    def oldest_use(self) -> float | None:
        """When the oldest of the living processes began, seconds since 1970; None without any."""
        return min(self._began(), default=None)

    def running(self) -> int:
        """How many processes use the store now."""
        return sum(1 for _ in self._began())

    def _began(self) -> Iterator[float]:
        with contextlib.suppress(FileNotFoundError):
            for entry in os.scandir(self._running):
                with contextlib.suppress(FileNotFoundError):
                    began = entry.stat().st_mtime
                    if is_owned(Path(entry.path)):
                        yield began

    def clear(self) -> None:
        """Remove what dead processes left."""
        clear_ownerless(self._running)

    def keep_film(self, report: Path, digests: Iterable[str]) -> None:
        """A film refers to these files: they stay while its film.json is there.

        Called when a film begins, and again when it is done; what was told last counts.

        Args:
            report: The film's film.json, whether it is there yet or not.
            digests: "sha256:HEX" each; what film.json itself names is kept too.

        Raises:
            StoreError: It cannot be noted.
        """
        report = report.absolute()
        kept = sorted({digest for digest in digests if digest})
        data = {"layout": 1, "report": str(report), "digests": kept}
        with store_errors(self.folder):
            write_json(self._root(report), data, incoming=self._incoming)

    def _root(self, report: Path) -> Path:
        return self._roots / f"{hashlib.sha256(os.fsencode(report)).hexdigest()[:32]}.json"

    def films(self) -> list[KeptFilm]:
        """Every film that was noted."""
        found = []
        for path in sorted(self._roots.glob("*.json")) if self._roots.is_dir() else []:
            data = read_json(path)
            try:
                report, digests = Path(data["report"]), frozenset(map(str, data["digests"]))
                noted_at = path.stat().st_mtime
            except (TypeError, KeyError, ValueError, OSError):
                continue  # gone by now, or damaged: it tells nothing
            named = _named_in(report)
            there = named is not None
            found.append(
                KeptFilm(
                    report=report,
                    digests=digests | (named or frozenset()),
                    there=there,
                    reachable=there or any(p.is_dir() for p in list(report.parents)[:3]),
                    noted_at=noted_at,
                    note=path,
                )
            )
        return found

    def saw(self, film: KeptFilm) -> None:
        """Its film.json is there now: should it be out of reach later, time counts from here."""
        with contextlib.suppress(OSError):
            os.utime(film.note)

    def drop(self, film: KeptFilm) -> None:
        """It is gone: its files need not stay for it."""
        film.note.unlink(missing_ok=True)

    def pin(self, digest: str, note: str = "") -> None:
        """The file of this digest stays, whatever refers to it or not.

        Raises:
            StoreError: It cannot be noted.
        """
        path = self._pins / f"{digest.removeprefix('sha256:')}.json"
        data = {"digest": digest, "note": note, "pinned_at": utc_now().isoformat()}
        with store_errors(self.folder):
            write_json(path, data, incoming=self._incoming)

    def unpin(self, digest: str) -> bool:
        """Whether there was a pin, which is gone now."""
        with store_errors(self.folder):
            try:
                (self._pins / f"{digest.removeprefix('sha256:')}.json").unlink()
            except FileNotFoundError:
                return False
        return True

    def pins(self) -> list[Pin]:
        """Every pin; one whose note is damaged still holds, by its file's name."""
        found = []
        for path in sorted(self._pins.glob("*.json")) if self._pins.is_dir() else []:
            data = read_json(path)
            told = data if isinstance(data, dict) else {}
            words = str(told.get("note", "")), str(told.get("pinned_at", ""))
            found.append(Pin(f"sha256:{path.stem}", *words))
        return found


def _named_in(report: Path) -> frozenset[str] | None:
    """The digests that a film.json names; None where it is not there."""
    try:
        return frozenset(_DIGEST.findall(report.read_text(errors="replace")))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return frozenset()  # there, but not ours to read
