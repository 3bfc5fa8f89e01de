"""Whether a server's data folder is this machine's own: then its results need not be fetched.

The server leaves a random name in its folder, which only who shares that folder can read, and tells
its digest.
"""

import hashlib
import secrets

from filmeto_core.errors import StoreError
from filmeto_core.resources.durable import first_written
from filmeto_core.settings import Settings

FILE_NAME = "home-id"


def home_id(settings: Settings) -> str | None:
    """What a server over this data folder calls it; None where none has served it yet.

    The place of the folder counts as well: paths are to mean the same on both sides.
    """
    name = _name(settings)
    return _digest(f"{name} {settings.store_dir.resolve()}") if name else None


def folder_id(settings: Settings) -> str | None:
    """The same, wherever the folder lies: two containers may have it under two paths."""
    name = _name(settings)
    return _digest(name) if name else None


def name_home(settings: Settings) -> None:
    """Give the data folder a name where it has none yet; for the server itself.

    Raises:
        StoreError: It cannot be written.
    """
    path = settings.serve_dir / FILE_NAME
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        first_written(path, lambda: secrets.token_hex(32))
    except (OSError, UnicodeError) as error:
        raise StoreError(
            f"{path} cannot be written: {getattr(error, 'strerror', error)}.",
            hint="Make FILMETO_HOME writable for the user that serves.",
            path=str(path),
        ) from error


def _name(settings: Settings) -> str:
    try:
        return (settings.serve_dir / FILE_NAME).read_text(encoding="ascii").strip()
    except (OSError, UnicodeError):
        return ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
