"""A text that a command prints, or saves in a file that is not there yet; all else goes to stderr."""

import os
import sys
import tempfile
from pathlib import Path

from filmeto_core.errors import ValidationError


class OutFile:
    """Where a command's text goes. Asked for before the work is done, so that none is lost.

    Raises:
        ValidationError: It cannot go there.
    """

    def __init__(self, name: str | None, force: bool) -> None:
        self.path = _free(name, force)

    def write(self, text: str, next_step: str) -> None:
        """Print the text, or save it and say what to do with it: {} stands for the file."""
        if self.path is None:
            sys.stdout.write(text)
            return
        _save(self.path, text)
        tell(f"saved as {self.path}; {next_step.format(self.path)}")


def tell(line: str) -> None:
    """Say something that is no part of the text."""
    sys.stderr.write(f"filmeto: {line}\n")


def _free(name: str | None, force: bool) -> Path | None:
    if name is None:
        return None
    path = Path(name).expanduser()
    if path.is_dir():
        raise ValidationError(f"--out: {path} is a folder; name a file in it.", field="out")
    if path.exists() and not force:
        raise ValidationError(
            f"--out: {path} is there already.", hint="Add --force to replace it.", field="out"
        )
    if not path.parent.is_dir():
        raise ValidationError(f"--out: there is no folder {path.parent}.", field="out")
    return path


def _save(path: Path, text: str) -> None:
    """The whole file, or none of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)  # as any file that is saved, not a temporary one's 0600
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
