"""The folders that are written: checked before work starts; one film at a time in each."""

import fcntl
import os
import re
from pathlib import Path

from filmeto_core.errors import ValidationError

HALF_COPIED = re.compile(r"\..+\.[0-9a-f]{8}")  # as copies are named until they are whole

_held: list[int] = []  # open until the process ends; the kernel then drops the locks


def out_folder(folder: Path) -> Path:
    """The folder, made if need be.

    Raises:
        ValidationError: It is a file, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise _refused(folder, "a file of that name is in the way.") from error
    except OSError as error:
        raise _refused(folder, f"it cannot be made ({error.strerror}).") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _refused(folder, "it cannot be written.")
    return folder


def short(path: str) -> str:
    """The path as it is called from here, where it lies below."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


def data_folder(home: Path) -> None:
    """Make sure of FILMETO_HOME before anything is started for what would be kept there.

    Raises:
        ValidationError: It cannot be made, or not be written.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        writable = os.access(home, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    if not writable:
        raise ValidationError(
            f"the data folder {home} cannot be made or written.",
            hint="Set FILMETO_HOME to a folder that can.",
            field="FILMETO_HOME",
            value=str(home),
        )


def keep_others_out(folder: Path) -> None:
    """Let no other film be made in the folder while this process lives.

    What one that was killed left there half copied is cleared: nobody is at work on it any more.

    Raises:
        ValidationError: One is.
    """
    held = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(held)
        raise _refused(folder, "another film is being made there.") from error
    _held.append(held)
    for place in (folder, *folder.glob("shots/*")):
        for path in place.glob(".*"):
            if HALF_COPIED.fullmatch(path.name) and path.is_file():
                path.unlink(missing_ok=True)


def _refused(folder: Path, why: str) -> ValidationError:
    return ValidationError(
        f"{folder}: {why}", hint="Give another folder with --out.", field="out", value=str(folder)
    )
