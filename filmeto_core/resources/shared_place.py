"""Where a shared store lies: what is asked of an fsspec address, and what is said when it fails.

A `Place` moves bytes and proves that they arrived; what they mean, `SharedStore` knows. Every
failure of a place is a `PlaceError` in words of our own: the texts of clouds and their libraries
may quote addresses and keys, and what is written here ends in logs.
"""

import asyncio
import importlib.util
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from filmeto_core.errors import ValidationError

TIMEOUT_S = 10.0  # for a small answer; larger ones get more by their size
SMALL_BYTES = 1024 * 1024
_SLOWEST_BYTES_S = 64 * 1024  # a line slower than this is taken as one that hangs
READ_BYTES = 8 * 1024 * 1024  # fetched at once: one request for most files, bounded memory


class PlaceError(Exception):
    """A place could not be read or written; `why` says so and holds no secret.

    Args:
        status: The HTTP status of its answer, where it gave one.
    """

    def __init__(self, why: str, status: int = 0) -> None:
        super().__init__(why)
        self.why = why
        self.status = status


class Place(Protocol):
    """Names with "/" between their parts, each with bytes; whole or not there at all."""

    shown: str  # its address, as may be told to anyone

    def read(self, name: str, start: int, end: int) -> bytes:
        """The bytes from `start` to before `end`, or to what is its end.

        Raises:
            FileNotFoundError: There is no such name.
            PlaceError: It could not be read.
        """

    def holds(self, name: str, source: Path, digest: str, *, thorough: bool = False) -> bool:
        """Whether a name is there with the content of `source`, whose digest that is.

        Args:
            thorough: Read it whole, whatever the place says of it.
        """

    def upload(self, name: str, source: Path, digest: str) -> None:
        """Write a file, and prove that it arrived; nothing is visible under the name until then."""

    def write(self, name: str, data: bytes, *, replace: bool) -> None:
        """Write a small file whole; where it is there already, only if `replace`."""

    def names(self, prefix: str) -> set[str]:
        """Every name that begins with "PREFIX/"."""

    def close(self) -> None:
        """Let go of connections."""


def allowance_s(size_bytes: int) -> float:
    """What so many bytes may take on top of the time for a small answer."""
    return max(0, size_bytes - SMALL_BYTES) / _SLOWEST_BYTES_S


def open_place(url: str, *, timeout_s: float = TIMEOUT_S) -> Place:
    """The place of an address; nothing is asked of it yet.

    Args:
        url: As fsspec writes them (s3://bucket/prefix, file:///mnt/share), or an absolute path.
        timeout_s: How long a small answer may take.

    Raises:
        ValidationError: It is no such address, holds a password, or needs a package that is missing.
    """
    if url.startswith(("/", "~")):
        url = f"file://{Path(url).expanduser()}"
    _refuse_what_is_no_address(url)
    protocol, _, path = url.partition("://")
    if protocol in ("s3", "s3a"):
        if importlib.util.find_spec("s3fs") is None:
            raise _missing_package(protocol)
        from filmeto_core.resources.shared_s3 import S3Place

        return S3Place(path.rstrip("/"), timeout_s)
    return _place_of_fsspec(url, protocol, timeout_s)


def _place_of_fsspec(url: str, protocol: str, timeout_s: float) -> Place:
    import fsspec  # here: it costs 0.1 s, and most have no shared store

    from filmeto_core.resources.shared_folder import FolderPlace

    try:
        filesystem = fsspec.get_filesystem_class(protocol)
        path = filesystem._strip_protocol(url)
        given = filesystem._get_kwargs_from_urls(url)
        return FolderPlace(filesystem(**given), path, url, timeout_s)
    except ImportError as error:
        raise _missing_package(protocol, str(error)) from error
    except (ValueError, TypeError) as error:
        raise _no_address(f"{protocol}:// is no kind of address that fsspec knows") from error


def _refuse_what_is_no_address(url: str) -> None:
    protocol, separator, rest = url.partition("://")
    if not separator or not protocol.isalnum():
        raise _no_address("it has no s3://, file:// or the like at its beginning")
    if not rest.strip("/") and protocol not in ("memory", "file"):
        raise _no_address("it names no bucket")
    user = rest.split("/")[0].rpartition("@")[0]
    if ":" in user or (user and protocol in ("s3", "s3a")):
        raise ValidationError(
            "FILMETO_STORE_URL holds a password or key.",
            hint="Leave it out: S3 takes AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile.",
            field="store_url",
        )


def _no_address(why: str) -> ValidationError:
    return ValidationError(
        f"FILMETO_STORE_URL is not an address of a shared store: {why}.",
        hint="Write s3://bucket/prefix, file:///mnt/share/filmeto or an absolute path.",
        field="store_url",
    )


def _missing_package(protocol: str, told: str = "") -> ValidationError:
    if protocol in ("s3", "s3a"):
        needed, command = "the package s3fs", "pip install 'filmeto[s3]'"
    else:
        words = re.findall(r"\b(?:install|module named) '?\"?([\w.-]+)", told)
        needed = f"the package {words[0]}" if words else "a package that is not installed"
        command = f"pip install {words[0]}" if words else f"pip install 'fsspec[{protocol}]'"
    return ValidationError(
        f"A shared store at {protocol}:// needs {needed}.",
        hint=f"Install it: {command}",
        field="store_url",
    )


@contextmanager
def place_errors(timeout_s: float) -> Iterator[None]:
    """Turn what fsspec and the libraries under it raise into a PlaceError; not-there passes."""
    try:
        yield
    except (PlaceError, FileNotFoundError, FileExistsError):
        raise
    except Exception as error:  # each kind of place has a tree of errors of its own
        answer = _answer_of(error)
        raise PlaceError(why_of(error, timeout_s), answer[1] if answer else 0) from None


def why_of(error: BaseException, timeout_s: float) -> str:
    """What an error of a place means, in words that quote nothing of it but its code."""
    answer = _answer_of(error)
    if answer is not None:
        return _refusal(*answer)
    name = type(error).__name__
    if isinstance(error, (TimeoutError, asyncio.TimeoutError)) or "Timeout" in name:
        return f"no answer within {timeout_s:g} s"
    if name in ("NoCredentialsError", "PartialCredentialsError", "ProfileNotFound"):
        return "no credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if "Connect" in name or "Connection" in name:
        return "no connection"
    if isinstance(error, PermissionError):
        return "access was refused"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return f"it failed ({name})"


def _answer_of(error: BaseException) -> tuple[str, int] | None:
    """The code and status of an S3 answer that this error came from."""
    seen: BaseException | None = error
    while seen is not None:
        response: Any = getattr(seen, "response", None)
        if isinstance(response, dict) and isinstance(response.get("Error"), dict):
            code = re.sub(r"[^A-Za-z0-9.]", "", str(response["Error"].get("Code", "")))[:60]
            status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            return code, status if isinstance(status, int) else 0
        seen = seen.__cause__
    return None


def _refusal(code: str, status: int) -> str:
    name = "" if code.isdigit() else f" {code}"
    told = f"HTTP {status}{name}".rstrip() if status else code or "an error"
    if code == "RequestTimeTooSkewed":
        return f"this machine's clock differs from the store's by too much ({told}); set it right"
    if code == "NoSuchBucket":
        return f"there is no such bucket ({told}); make it, or set FILMETO_STORE_URL right"
    if status in (401, 403) or code in ("403", "AccessDenied"):
        return f"access was refused ({told}); check the credentials and what they may do"
    return told
