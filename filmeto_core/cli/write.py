"""`filmeto write "a logline"`: a storyboard on stdout or in a file; all else goes to stderr."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from filmeto_core.errors import ValidationError
from filmeto_core.settings import current_settings
from filmeto_core.write.request import read_request
from filmeto_core.write.writer import write_storyboard


def write(options: argparse.Namespace) -> None:
    """Write the storyboard, and say who wrote it."""
    out = _free(options.out, options.force)
    request = read_request(
        options.logline,
        options.shots,
        options.language,
        options.profile,
        options.style,
        options.seed or 0,
    )
    text = write_storyboard(
        request, current_settings(), template=options.template, seed=options.seed, tell=_tell
    )
    if out is None:
        sys.stdout.write(text)
        return
    _save(out, text)
    _tell(f"saved as {out}; make the film with: filmeto film {out}")


def _tell(line: str) -> None:
    sys.stderr.write(f"filmeto: {line}\n")


def _free(name: str | None, force: bool) -> Path | None:
    """Where the storyboard goes; asked before a model is, so that no answer is lost."""
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
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)  # as any file that is saved, not a temporary one's 0600
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
