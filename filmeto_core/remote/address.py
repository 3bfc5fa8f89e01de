"""The address of a filmeto server: http, https, or a Unix socket on this machine."""

import urllib.parse
from dataclasses import dataclass
from pathlib import Path

from filmeto_core.errors import ValidationError

LOCAL_URL = "http://localhost"  # what a request over a Unix socket names as its host


@dataclass(frozen=True)
class Address:
    """Where a server is; `read_address` makes it.

    Args:
        text: As people read it.
        url: Where requests go, without a slash at its end.
        socket: The Unix socket that they go through, if they do.
    """

    text: str
    url: str
    socket: Path | None = None


def read_address(text: str, field: str = "FILMETO_API_URL") -> Address:
    """The address that is written so.

    Args:
        field: What errors call it.

    Raises:
        ValidationError: It is none.
    """
    plain = text.strip()
    try:
        parts = urllib.parse.urlsplit(plain)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise _wrong(text, field, f" ({error})") from None
    if parts.scheme == "unix":
        path = Path(urllib.parse.unquote(parts.path))
        if parts.netloc or not path.is_absolute() or path == Path("/"):
            raise _wrong(text, field, ": a socket's path begins with a slash, unix:///run/it.sock")
        return Address(f"unix://{path}", LOCAL_URL, path)
    if parts.scheme not in ("http", "https") or not host:
        raise _wrong(text, field)
    if parts.username is not None or parts.query or parts.fragment:
        raise _wrong(text, field, ": a key is given as FILMETO_API_KEY or api_key")
    url = plain.rstrip("/").removesuffix("/api/v1")
    return Address(url, url)


def _wrong(text: str, field: str, why: str = "") -> ValidationError:
    shown = text[:200].split("@")[-1]  # a password in it is not shown
    return ValidationError(
        f"{field}: {shown!r} is not the address of a filmeto server{why}.",
        hint="Give http://HOST:PORT, https://HOST:PORT or unix:///PATH/TO/SOCKET, as `filmeto "
        "serve` tells it.",
        field=field,
        value=shown,
    )
