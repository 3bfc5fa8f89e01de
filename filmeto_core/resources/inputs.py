"""An input, as a path, a URL or base64, becomes a checked file in the store.

`check` tells without the network what is wrong with an input, before any work starts; `prepare`
brings it into the store.
"""

import asyncio
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmeto_core.errors import ResourceProcessingError, StoreError
from filmeto_core.media_decode import ending_with_caller
from filmeto_core.media_info import MediaInfo
from filmeto_core.resources.base64_text import Base64Text
from filmeto_core.resources.claims import (
    WORDS,
    check_head,
    check_stored,
    says_something,
    size_limit,
    unusable,
)
from filmeto_core.resources.local_file import LocalFile, opened
from filmeto_core.resources.store import Store, Stored
from filmeto_core.settings import Settings
from filmeto_core.signature import HEAD_BYTES
from filmeto_core.types import ResourceInput, ResourceOutput, ResourceType

_MOST_URL_CHARACTERS = 8192  # what servers commonly take
_MOST_TEXT_A_BYTE = 4  # of base64, whose every character is percent-encoded


@dataclass(frozen=True)
class Prepared:
    """An input that lies in the store.

    Args:
        path: Absolute, with the right ending.
        digest: "sha256:HEX" of its content.
        info: What it is.
    """

    path: Path
    digest: str
    info: MediaInfo


def resource_input(value: ResourceInput | ResourceOutput | Path | str) -> ResourceInput:
    """What people pass as an input: a tool's output, a path, a URL or a data URI.

    Raises:
        ResourceProcessingError: It is none of these.
    """
    if isinstance(value, ResourceInput):
        return value
    if isinstance(value, ResourceOutput):
        return ResourceInput(
            type=ResourceType.LOCAL_PATH,
            data=value.path,
            mime_type=value.mime_type if says_something(value.mime_type) else None,
        )
    if isinstance(value, os.PathLike):
        return ResourceInput(type=ResourceType.LOCAL_PATH, data=os.fspath(value))
    if isinstance(value, str):
        scheme = value.strip()[:12].lower()
        if scheme.startswith("data:"):
            return ResourceInput(type=ResourceType.BASE64, data=value)
        if scheme.startswith(("http:", "https:")):
            return ResourceInput(type=ResourceType.REMOTE_URL, data=value)
        return ResourceInput(type=ResourceType.LOCAL_PATH, data=value)
    raise ResourceProcessingError(
        f"Expected a path, a URL, a data URI or a tool's output, got {value!r:.100}.",
        hint="Bytes go in as a data URI: data:image/png;base64,...",
    )


def check(
    resource: ResourceInput,
    *,
    settings: Settings,
    field: str = "resources[0]",
    kinds: set[str] | None = None,
    base_dir: Path | None = None,
    folders: Sequence[Path] | None = None,
) -> None:
    """Tell what is wrong with an input, as far as that can be told at once and without network.

    Args:
        resource: A path, a URL or base64.
        field: What errors call it.
        kinds: The kinds that are of use, None for all.
        base_dir: Where relative paths begin; the current folder unless given.
        folders: The only folders that a path may lie in, links followed; None for anywhere.

    Raises:
        ResourceProcessingError: A missing or forbidden path, bad base64, a malformed URL, a file
            that is too large, of another kind or not what it claims.
    """
    with _named(field):
        if resource.type is ResourceType.LOCAL_PATH:
            with opened(resource.data, base_dir=base_dir, folders=folders) as file:
                _check_file(file, resource, settings, kinds)
        elif resource.type is ResourceType.REMOTE_URL:
            _check_url(resource.data)
        else:
            _check_base64(resource, settings, kinds)


async def prepare(
    resource: ResourceInput,
    *,
    store: Store,
    settings: Settings,
    field: str = "resources[0]",
    kinds: set[str] | None = None,
    base_dir: Path | None = None,
    folders: Sequence[Path] | None = None,
    on_progress: Callable[[int, int | None], None] | None = None,
) -> Prepared:
    """Bring an input into the store; arguments as for `check`.

    Args:
        on_progress: For URLs: called with the bytes that are there and those expected, or None.

    Raises:
        ResourceProcessingError: As `check`, and a file that is damaged.
        ResourceFetchError: A URL could not be fetched.
        TimeoutError: A server fell silent.
        StoreError: The store cannot be written.
    """
    with _named(field), ending_with_caller():
        if resource.type is ResourceType.LOCAL_PATH:
            stored = await asyncio.to_thread(
                _keep_file, resource, store, settings, kinds, base_dir, folders
            )
        elif resource.type is ResourceType.REMOTE_URL:
            stored = await _fetch(resource, store, settings, kinds, on_progress)
        else:
            data = await asyncio.to_thread(_check_base64, resource, settings, kinds)
            stored = await asyncio.to_thread(lambda: store.put_bytes(data, name="the base64 data"))
        url = resource.type is ResourceType.REMOTE_URL
        check_stored(stored, _shown(resource.data) if url else "it", settings, kinds)
    return Prepared(stored.path, stored.digest, stored.info)


@contextmanager
def _named(field: str) -> Iterator[None]:
    """Put the field's name before what is said of it."""
    try:
        yield
    except StoreError:
        raise  # it is not the input's fault
    except ResourceProcessingError as error:
        error.message = f"{field}: {error.message}"
        error.with_details(field=field)
        raise


def _check_file(
    file: LocalFile, resource: ResourceInput, settings: Settings, kinds: set[str] | None
) -> None:
    head = file.head(HEAD_BYTES)
    check_head(head, file.size_bytes, str(file.path), resource.mime_type, settings, kinds)


def _keep_file(
    resource: ResourceInput,
    store: Store,
    settings: Settings,
    kinds: set[str] | None,
    base_dir: Path | None,
    folders: Sequence[Path] | None,
) -> Stored:
    with opened(resource.data, base_dir=base_dir, folders=folders) as file:
        _check_file(file, resource, settings, kinds)
        return store.put_file(file.path, descriptor=file.descriptor)


# An HTTP client takes as long to load as all else here, and most inputs are files: where a URL is
# looked at, it is imported.


def _shown(url: Any) -> str:
    from filmeto_core.resources.download import shown

    return shown(url)


def _check_url(text: str) -> str:
    import httpx

    url = text.strip()
    hint = "Give an address such as https://example.com/picture.png."
    if url.lower().startswith("file:"):
        what = f"expected an http or https URL, got {url!r:.100}."
        raise unusable(what, "Give the plain path, with type local_path.")
    if len(url) > _MOST_URL_CHARACTERS:
        raise unusable(f"the URL is longer than {_MOST_URL_CHARACTERS} characters.", hint)
    if any(c.isspace() or not c.isprintable() for c in url):
        raise unusable("the URL contains a space or a control character.", "Write a space as %20.")
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise unusable(f"malformed URL {url!r:.100} ({error}).", hint) from error
    if parsed.scheme not in ("http", "https"):
        raise unusable(f"expected an http or https URL, got {url!r:.100}.", hint)
    if not parsed.host or not re.fullmatch(r"[^%/?#@\\]+", parsed.host):
        raise unusable(f"malformed URL {url!r:.100}: it names no host.", hint)
    if parsed.port is not None and not 0 < parsed.port < 65536:
        raise unusable(f"malformed URL {_shown(parsed)}: no port is {parsed.port}.", hint)
    return url


def _check_base64(resource: ResourceInput, settings: Settings, kinds: set[str] | None) -> bytes:
    most = max(size_limit(kind, settings) for kind in kinds or WORDS)
    if len(resource.data) > most * _MOST_TEXT_A_BYTE + _MOST_URL_CHARACTERS:
        raise unusable(
            f"base64 of {len(resource.data):,} characters, more than the {most:,} bytes allowed.",
            "Give a large file as a path or a URL.",
        )
    text = Base64Text.read(resource.data)
    if text.size_bytes > most:
        raise unusable(
            f"base64 of {text.size_bytes:,} bytes, more than the {most:,} allowed.",
            "Give a large file as a path or a URL.",
        )
    data = text.decode()
    for declared in (text.mime_type, resource.mime_type):
        check_head(data[:HEAD_BYTES], len(data), "base64 data", declared, settings, kinds)
    return data


async def _fetch(
    resource: ResourceInput,
    store: Store,
    settings: Settings,
    kinds: set[str] | None,
    on_progress: Callable[[int, int | None], None] | None,
) -> Stored:
    from filmeto_core.resources.download import Download

    url = _check_url(resource.data)

    def judge(head: bytes) -> int:
        return check_head(head, len(head), _shown(url), resource.mime_type, settings, kinds)

    most_bytes = max(size_limit(kind, settings) for kind in kinds or WORDS)
    download = Download(
        url,
        store=store,
        settings=settings,
        judge=judge,
        most_bytes=most_bytes,
        on_progress=on_progress,
    )
    return await download.run()
