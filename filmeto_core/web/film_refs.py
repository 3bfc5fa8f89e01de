"""Files that a film brings with it: taken in piece by piece, looked at, and laid into `refs`."""

import asyncio
import os
import re
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import IO

from pydantic import Field

from filmeto_core.errors import (
    FilmetoError,
    ResourceProcessingError,
    TooLargeError,
    ValidationError,
)
from filmeto_core.media import ending, probe
from filmeto_core.media_info import MediaInfo
from filmeto_core.resources.durable import make_folder, open_own, store_errors, sync_folder
from filmeto_core.settings import MIB, Settings
from filmeto_core.types import Model
from filmeto_core.web.film_files import REFS
from filmeto_core.web.film_store import FilmFolder
from filmeto_core.web.request_body import RequestBody

LONGEST_NAME = 80  # characters of it that stay
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)  # Windows' own


class Ref(Model):
    """A file that a storyboard can name."""

    path: str = Field(description="What to write in the storyboard, such as refs/harbour.png")
    kind: str = Field(description="image, video or audio")
    mime_type: str = Field(description="Told from the content")
    size_bytes: int


async def take_in(film: FilmFolder, name: str, body: RequestBody, settings: Settings) -> Ref:
    """Take in a file.

    Args:
        name: What its sender calls it; of that, what a file name may hold stays.
        body: Its bytes, as they come; read as far as they are of use.

    Raises:
        ValidationError: The name says nothing, or there are no bytes.
        RequestError, HTTPException: They did not come to their end.
        TooLargeError: It is larger than its kind may be.
        ResourceProcessingError: It is no picture, clip or sound, or is damaged.
        StoreError: It cannot be written.
    """
    stem = clean_stem(name)
    with store_errors(film.path):
        make_folder(film.path / ".incoming")
        descriptor, temporary = open_own(film.path / ".incoming")
    try:
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            most = max(_limit(kind, settings) for kind in ("image", "video", "audio"))
            await _written(film, file, body, most)
            size_bytes = file.tell()
            info = await asyncio.to_thread(_looked_at, temporary, size_bytes, name, settings)
            with store_errors(film.path):
                os.fsync(descriptor)
                path = await asyncio.to_thread(_laid, film, temporary, stem, ending(info.mime_type))
    except FilmetoError:
        await body.drain()
        raise
    finally:
        temporary.unlink(missing_ok=True)
    return Ref(
        path=f"{REFS}/{path.name}", kind=info.kind, mime_type=info.mime_type, size_bytes=size_bytes
    )


async def _written(film: FilmFolder, file: IO[bytes], body: RequestBody, most: int) -> None:
    if (body.size_bytes or 0) > most:
        raise _too_large("a file", most)
    while piece := await body.next():
        if file.tell() + len(piece) > most:
            raise _too_large("a file", most)
        with store_errors(film.path):
            await asyncio.to_thread(file.write, piece)
    body.check_whole("Send the file again.")
    if not file.tell():
        raise ValidationError(
            "body: there are no bytes in it.", hint="Send the file as the body.", field="body"
        )


def _looked_at(path: Path, size_bytes: int, name: str, settings: Settings) -> MediaInfo:
    try:
        info = probe(path, max_pixels=settings.max_image_pixels)
    except ResourceProcessingError as error:
        message = error.message.replace(str(path), name[:LONGEST_NAME])
        details = {**error.details, "path": None, "field": "body"}
        raise ResourceProcessingError(message, hint=error.hint, **details) from None
    if size_bytes > _limit(info.kind, settings):
        raise _too_large(info.mime_type, _limit(info.kind, settings))
    return info


def _limit(kind: str, settings: Settings) -> int:
    return {
        "image": settings.max_image_bytes,
        "video": settings.max_video_bytes,
        "audio": settings.max_audio_bytes,
    }[kind]


def _too_large(what: str, most: int) -> TooLargeError:
    return TooLargeError(
        f"body: {what} may have {most / MIB:g} MiB, and this is larger.",
        hint="Send a smaller file.",
        field="body",
    )


def _laid(film: FilmFolder, temporary: Path, stem: str, suffix: str) -> Path:
    """The file under the first free name; one that is there is never replaced."""
    make_folder(film.refs)
    number = 1
    while True:
        path = film.refs / (f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}")
        with suppress(FileExistsError):
            os.link(temporary, path)
            os.chmod(path, 0o644)
            sync_folder(film.refs)
            return path
        number += 1


def clean_stem(name: str) -> str:
    """A file name without its ending, of letters, digits, -, _ and points alone.

    Raises:
        ValidationError: Nothing of it stays.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    stem = last.rsplit(".", 1)[0] if "." in last[1:] else last
    words = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in stem)
    words = re.sub(r"-{2,}", "-", words).strip("-.")[:LONGEST_NAME].rstrip("-.")
    while len(words.encode()) > 200:  # what a file system takes, with room for a number
        words = words[:-1]
    if not words or _RESERVED.fullmatch(words):
        raise ValidationError(
            f"name: {name[:LONGEST_NAME]!r} leaves no name for a file.",
            hint="Give letters or digits, such as harbour.png.",
            field="name",
            value=name[:LONGEST_NAME],
        )
    return words
