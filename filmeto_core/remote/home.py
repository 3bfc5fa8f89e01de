"""Whether a server's data folder is this machine's own: then its results need not be fetched.

The server leaves a random name in its folder, which only who shares that folder can read, and tells
its digest.
"""

import hashlib
import os
import secrets
import uuid

from filmeto_core.errors import StoreError
from filmeto_core.settings import Settings

FILE_NAME = "home-id"


def home_id(settings: Settings) -> str | None:
    """What a server over this data folder calls it; None where none has served it yet.

    The place of the folder counts as well: paths are to mean the same on both sides.
    """
    path = settings.serve_dir / FILE_NAME
    try:
        name = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError):
        return None
    if not name:
        return None
    return hashlib.sha256(f"{name} {settings.store_dir.resolve()}".encode()).hexdigest()


def served_home_id(settings: Settings) -> str:
    """As `home_id`, for the server itself, which names the folder where it has no name yet.

    Raises:
        StoreError: It cannot be written.
    """
    known = home_id(settings)
    if known is not None:
        return known
    path = settings.serve_dir / FILE_NAME
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = path.with_name(f".{FILE_NAME}.{uuid.uuid4().hex[:8]}")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        os.replace(new, path)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written: {error.strerror}.",
            hint="Make FILMETO_HOME writable for the user that serves.",
            path=str(path),
        ) from error
    return home_id(settings) or ""
