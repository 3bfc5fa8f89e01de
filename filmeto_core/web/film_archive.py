"""A film and all that belongs to it as one zip, written while it is read: nothing of it lies on the
disk or in memory but the piece that is being sent.
"""

import asyncio
import os
import stat
import time
import zipfile
from collections.abc import AsyncIterator, Iterator

from filmeto_core.errors import NotFoundError
from filmeto_core.web.film_files import REFS, files_below, open_inside
from filmeto_core.web.film_store import FilmFolder

PIECE_BYTES = 256 * 1024
ZIP64_FROM_BYTES = 2**31  # what older readers take for the largest size without it
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the format knows no earlier time
_DEFLATED = (".json", ".srt", ".yaml")  # media are compressed already
_END = object()


class _Sink:
    """A file that is only written to, and emptied as it goes."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def taken(self) -> bytes:
        """What was written since."""
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data


async def archive(film: FilmFolder, top: str) -> AsyncIterator[bytes]:
    """The zip's bytes; files are read in a thread, as fast as the reader takes them.

    Args:
        top: The folder that the zip unfolds to.
    """
    pieces, loop = archive_pieces(film, top), asyncio.get_running_loop()
    try:
        while True:
            step = loop.run_in_executor(None, next, pieces, _END)
            piece = await asyncio.shield(step)
            if piece is _END:
                return
            yield piece
    finally:
        if step.done():
            pieces.close()
        else:  # cut off within a piece: its file is open until that is read
            step.add_done_callback(lambda done: (done.exception(), pieces.close()))


def archive_pieces(film: FilmFolder, top: str) -> Iterator[bytes]:
    """As `archive`, for a thread."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", allowZip64=True) as told:
        for folder, steps, name in _members(film):
            try:
                descriptor = open_inside(folder, steps)
            except NotFoundError:  # gone since it was listed
                continue
            with os.fdopen(descriptor, "rb", buffering=0) as file:
                info = _info(f"{top}/{name}", os.fstat(descriptor))
                large = info.file_size >= ZIP64_FROM_BYTES
                with told.open(info, "w", force_zip64=large) as member:
                    while data := file.read(PIECE_BYTES):
                        member.write(data)
                        if piece := sink.taken():
                            yield piece
    yield sink.taken()


def _members(film: FilmFolder) -> Iterator[tuple]:
    """(folder, steps in it, name in the zip) of each file."""
    yield film.path, ["storyboard.yaml"], "storyboard.yaml"
    for steps in files_below(film.out):
        yield film.out, steps, "/".join(steps)
    for steps in files_below(film.refs):
        yield film.refs, steps, "/".join([REFS, *steps])


def _info(name: str, status: os.stat_result) -> zipfile.ZipInfo:
    when = time.localtime(status.st_mtime)[:6]
    info = zipfile.ZipInfo(name, max(when, _EARLIEST))
    info.file_size = status.st_size
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    info.compress_type = zipfile.ZIP_DEFLATED if name.endswith(_DEFLATED) else zipfile.ZIP_STORED
    return info
