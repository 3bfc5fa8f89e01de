"""The films of the web API on the disk: a folder for each, in that of its tenant.

    films/TENANT/ID/storyboard.yaml   the text, as its author wrote it
    films/TENANT/ID/about.json        what it was called when it was made, and when that was
    films/TENANT/ID/former/           what the storyboard was before, the last of them
    films/TENANT/ID/refs/             files that the storyboard names
    films/TENANT/ID/out/              the film and its parts, as `filmeto film --out` leaves them

A text is there whole or not at all, and lasts when its writer is told so.
"""

import hashlib
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field

from filmeto_core.errors import PreconditionError, TooLargeError
from filmeto_core.film.storyboard_yaml import MAX_BYTES
from filmeto_core.resources.durable import (
    make_folder,
    open_own,
    read_json,
    store_errors,
    sync_folder,
    write_json,
)
from filmeto_core.types import Model
from filmeto_core.web.file_answer import is_named
from filmeto_core.web.problems import not_found

FORMER_KEPT = 20
LOCKS = 64  # so many films are edited at once at most
LONGEST_SLUG = 40
_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?-[0-9a-f]{8}", re.ASCII)
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}", re.ASCII)
_GONE = ".gone-"  # a film that is being deleted


class About(Model):
    """What is told of a film besides its storyboard."""

    title: str = Field(description="What it was called when it was made")
    created_at: datetime


@dataclass(frozen=True)
class FilmFolder:
    """A film's place on the disk.

    Args:
        tenant: Whose it is.
        id: What it is called in addresses.
        path: Its folder, absolute.
    """

    tenant: str
    id: str
    path: Path

    @property
    def storyboard(self) -> Path:
        """The text."""
        return self.path / "storyboard.yaml"

    @property
    def out(self) -> Path:
        """The film and its parts; by this folder the journal knows the film."""
        return self.path / "out"

    @property
    def refs(self) -> Path:
        """Files that the storyboard names."""
        return self.path / "refs"


class FilmStore:
    """The films in one folder; one server has it at a time.

    Args:
        folder: `settings.films_dir`; made when a film is.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._incoming = self._folder / ".incoming"
        # Held from a version that is looked at to the next one; several films may share one.
        self._locks = [threading.Lock() for _ in range(LOCKS)]

    def create(self, tenant: str, title: str, text: str) -> FilmFolder:
        """A new film.

        Raises:
            TooLargeError: The storyboard is longer than any may be.
            StoreError: It cannot be written.
        """
        content = encoded(text)
        film = self._new(tenant, title)
        with store_errors(self._folder):
            make_folder(film.refs)
            self._write(film.storyboard, content)
            about = About(title=title, created_at=datetime.now(UTC))
            # Last: a film without it was cut off while it was made, and is none.
            write_json(film.path / "about.json", about.to_dict(), incoming=self._incoming)
        return film

    def _new(self, tenant: str, title: str) -> FilmFolder:
        while True:
            film_id = f"{slug_of(title)}-{secrets.token_hex(4)}"
            if not any(self._folder.glob(f"*/{film_id}")):
                return FilmFolder(tenant, film_id, self._folder / tenant / film_id)

    def all(self, tenant: str) -> list[FilmFolder]:
        """A tenant's films, the newest first."""
        if not _TENANT.fullmatch(tenant):
            return []
        try:
            names = os.listdir(self._folder / tenant)
        except (FileNotFoundError, NotADirectoryError):
            return []
        films = [FilmFolder(tenant, name, self._folder / tenant / name) for name in names]
        dated = [(self._created(film), film) for film in films if _ID.fullmatch(film.id)]
        ordered = sorted(((when, film.id, film) for when, film in dated if when), reverse=True)
        return [film for _, _, film in ordered]

    def _created(self, film: FilmFolder) -> float | None:
        try:
            return os.stat(film.path / "about.json").st_mtime
        except OSError:
            return None

    def find(self, tenant: str, film_id: str) -> FilmFolder:
        """The tenant's film of that id.

        Raises:
            NotFoundError: There is none, or it is another tenant's.
        """
        if _ID.fullmatch(film_id) and _TENANT.fullmatch(tenant):
            film = FilmFolder(tenant, film_id, self._folder / tenant / film_id)
            if self._created(film) is not None and not film.path.is_symlink():
                return film
        raise not_found("film", film_id)

    def anyones(self, film_id: str) -> FilmFolder | None:
        """The film of that id, whoever it belongs to; None where there is none."""
        found = self._folder.glob(f"*/{film_id}") if _ID.fullmatch(film_id) else ()
        return next((FilmFolder(path.parent.name, film_id, path) for path in found), None)

    def about(self, film: FilmFolder) -> About:
        """What is told of it."""
        told = read_json(film.path / "about.json")
        if told is None:
            raise not_found("film", film.id)
        return About.model_validate(told)

    def read(self, film: FilmFolder) -> tuple[str, str]:
        """The storyboard's text, and its version.

        Raises:
            NotFoundError: The film was deleted meanwhile.
        """
        try:
            content = film.storyboard.read_bytes()
        except FileNotFoundError:
            raise not_found("film", film.id) from None
        return content.decode(), version_of(content)

    def changed_at(self, film: FilmFolder) -> float:
        """When the storyboard was last written, in seconds since 1970."""
        try:
            return film.storyboard.stat().st_mtime
        except FileNotFoundError:
            raise not_found("film", film.id) from None

    def edit(
        self, film: FilmFolder, change: Callable[[str], str], if_match: str | None = None
    ) -> str:
        """Change the text; nobody else's change falls between. What was there goes to `former`.

        Args:
            change: Gives the new text for the one that is there.
            if_match: The versions that it may have, as an If-Match header names them; None: any.

        Returns:
            Its version.

        Raises:
            PreconditionError: Another text is there by now.
            TooLargeError, StoreError: It cannot be kept.
        """
        with self._lock_of(film):
            before, version = self.read(film)
            if if_match is not None and not matches(if_match, version):
                raise _stale(if_match, version)
            content = encoded(change(before))
            if version_of(content) == version:
                return version
            with store_errors(self._folder):
                self._keep_former(film, before.encode())
                self._write(film.storyboard, content)
        return version_of(content)

    def delete(self, film: FilmFolder) -> None:
        """Remove a film and all that lies in its folder."""
        with self._lock_of(film), store_errors(self._folder):
            gone = film.path.with_name(f"{_GONE}{film.id}")
            try:
                os.rename(film.path, gone)
            except FileNotFoundError:
                raise not_found("film", film.id) from None
            sync_folder(gone.parent)
        for left in gone.parent.glob(f"{_GONE}*"):  # also of a server that was killed at it
            shutil.rmtree(left, ignore_errors=True)

    def _lock_of(self, film: FilmFolder) -> threading.Lock:
        return self._locks[hash(film.id) % LOCKS]

    def _keep_former(self, film: FilmFolder, content: bytes) -> None:
        folder = film.path / "former"
        make_folder(folder)
        self._write(folder / f"{time.time_ns():020d}.yaml", content)
        for old in sorted(folder.glob("*.yaml"))[:-FORMER_KEPT]:
            old.unlink(missing_ok=True)

    def _write(self, path: Path, content: bytes) -> None:
        make_folder(path.parent)
        make_folder(self._incoming)
        descriptor, temporary = open_own(self._incoming)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
                os.rename(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def slug_of(title: str) -> str:
    """A title's letters and digits, for addresses: "The Last Lighthouse" is the-last-lighthouse."""
    words = re.findall(r"[a-z0-9]+", title.lower(), re.ASCII)
    return "-".join(words)[:LONGEST_SLUG].strip("-") or "film"


def version_of(content: bytes) -> str:
    """What names a text: the first digits of its sha256."""
    return hashlib.sha256(content).hexdigest()[:16]


def matches(if_match: str, version: str) -> bool:
    """Whether an If-Match header names this version; its quotes may be left out."""
    return if_match.strip() == version or is_named(if_match, f'"{version}"')


def _stale(if_match: str, version: str) -> PreconditionError:
    return PreconditionError(
        f"If-Match: the storyboard's version is {version} by now, not {if_match[:40]}.",
        hint="Read it again, make the change there, and send that version.",
        field="If-Match",
        value=if_match[:40],
    )


def encoded(text: str) -> bytes:
    """A storyboard's text as it is kept.

    Raises:
        TooLargeError: It is longer than any may be.
    """
    content = text.encode()
    if len(content) > MAX_BYTES:
        raise TooLargeError(
            f"storyboard: {len(content)} bytes, more than {MAX_BYTES // 1024} KiB.",
            hint="Make several films of it.",
            field="storyboard",
        )
    return content
