"""Files in a film's folder, opened so that no name and no link leads out of it."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from filmeto_core.signature import HEAD_BYTES, SOUND_ONLY, sniff
from filmeto_core.web.film_store import FilmFolder
from filmeto_core.web.problems import not_found

REFS = "refs"
# What a film's folder has besides pictures, clips and sounds, whose types their content tells.
_TEXTS = {
    ".json": "application/json",
    ".srt": "application/x-subrip; charset=utf-8",
    ".yaml": "application/yaml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
_SOUND_ENDINGS = (".m4a", ".weba", ".mka", ".oga", ".ogg", ".opus")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def open_film_file(film: FilmFolder, path: str) -> int:
    """A file of a film, open for reading.

    Args:
        path: Within `out`, or beginning with refs/.

    Returns:
        Its descriptor, of a regular file; the caller closes it.

    Raises:
        NotFoundError: There is none, or the way to it is not straight.
    """
    steps = path.split("/")
    folder = film.out
    if steps[0] == REFS and len(steps) > 1:
        folder, steps = film.refs, steps[1:]
    return open_inside(folder, steps)


def open_inside(folder: Path, steps: list[str]) -> int:
    """A file below a folder, step by step, no link followed; see `open_film_file`."""
    name = "/".join(steps)
    if any(step in ("", ".", "..") or step.startswith(".") or "\0" in step for step in steps):
        raise not_found("file", name)
    here = -1
    try:
        here = os.open(folder, _FOLDER)
        for step in steps[:-1]:
            below = os.open(step, _FOLDER, dir_fd=here)
            os.close(here)
            here = below
        descriptor = os.open(steps[-1], _FILE, dir_fd=here)
    except (OSError, ValueError):
        raise not_found("file", name) from None
    finally:
        if here >= 0:
            os.close(here)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise not_found("file", name)
    return descriptor


def etag_of(descriptor: int) -> str:
    """What names an open file's content: files of a film are replaced, never written into."""
    status = os.fstat(descriptor)
    return f'"{status.st_mtime_ns:x}-{status.st_size:x}-{status.st_ino:x}"'


def media_type_of(descriptor: int, name: str) -> str:
    """An open file's MIME type: told from its content, of texts from its name."""
    ending = os.path.splitext(name)[1].lower()
    if ending in _TEXTS:
        return _TEXTS[ending]
    told = sniff(os.pread(descriptor, HEAD_BYTES, 0)) or "application/octet-stream"
    return SOUND_ONLY.get(told, told) if ending in _SOUND_ENDINGS else told


def files_below(folder: Path) -> Iterator[list[str]]:
    """The steps to each regular file below a folder, in order; links and hidden names left out."""
    with suppress(OSError):
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            if entry.name.startswith("."):
                continue
            if entry.is_file(follow_symlinks=False):
                yield [entry.name]
            elif entry.is_dir(follow_symlinks=False):
                for steps in files_below(folder / entry.name):
                    yield [entry.name, *steps]
