"""Files on their way between this machine's store and a server's: each by its digest, and proved by it."""

import asyncio
import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from filmeto_core.errors import (
    FilmetoError,
    NotFoundError,
    ResourceFetchError,
    ResourceProcessingError,
)
from filmeto_core.remote.transport import API, Connection
from filmeto_core.resources.inputs import Prepared
from filmeto_core.resources.shared_fetch import Stopped, Unusable, bring
from filmeto_core.resources.shared_place import PlaceError
from filmeto_core.resources.store import Store, Stored
from filmeto_core.types import ResourceOutput

UPLOAD_BYTES = 1024 * 1024  # read and sent at once
UPLOAD_S = 300.0  # what the server may take to look at a file that came whole


class ServerPlace:
    """A server's files, as `shared_fetch` reads them.

    Args:
        connection: To the server.
        wanted: Whether anybody still waits for what is read.
    """

    def __init__(self, connection: Connection, wanted: Callable[[], bool]) -> None:
        self._connection, self._wanted = connection, wanted
        self.shown = connection.address.text

    def read(self, name: str, start: int, end: int) -> bytes:
        """The bytes from `start` to before `end` of objects/../HEX.ending.

        Raises:
            FileNotFoundError: The server has no such file of ours.
            PlaceError: It could not be read.
        """
        path = f"/resources/sha256:{Path(name).stem}"
        headers = {"Range": f"bytes={start}-{end - 1}"}
        get = functools.partial(self._connection.get, path, headers=headers)
        try:
            answer = self._connection.insist(get, self._wanted)
        except NotFoundError as error:
            raise FileNotFoundError(name) from error
        except FilmetoError as error:
            raise PlaceError(error.message) from error
        if answer.status_code == 206:
            return answer.content
        return answer.content[start:end]  # of a server between here and there that knows no ranges


class RemoteFiles:
    """Uploads and downloads.

    Args:
        connection: To the server.
        store: This machine's.
    """

    def __init__(self, connection: Connection, store: Store) -> None:
        self._connection, self._store = connection, store
        self._there: set[str] = set()  # digests that the server is known to have

    async def brought(self, outputs: Sequence[ResourceOutput]) -> tuple[ResourceOutput, ...]:
        """The outputs with their files in this machine's store.

        Raises:
            ResourceFetchError: One could not be had, or is not what its digest says.
            StoreError: The store cannot be written.
        """
        left = threading.Event()
        try:
            return await asyncio.to_thread(self._bring_all, outputs, left)
        finally:
            left.set()  # where this was cancelled, the thread ends soon

    def _bring_all(
        self, outputs: Sequence[ResourceOutput], left: threading.Event
    ) -> tuple[ResourceOutput, ...]:
        made = []
        for output in outputs:
            path = self._bring(output, left)
            others = self._bring_all(output.others, left)
            made.append(
                output.model_copy(update={"path": str(path), "url": None, "others": others})
            )
        self._store.settle()
        return tuple(made)

    def located(self, output: ResourceOutput) -> bool:
        """Whether the output's path leads to its file on this machine as well."""
        path, digits = Path(output.path), (output.digest or "").removeprefix("sha256:")
        try:
            return bool(digits) and path.stem == digits and path.stat().st_size == output.size
        except OSError:
            return False

    def _bring(self, output: ResourceOutput, left: threading.Event) -> Path:
        self._there.add(output.digest or "")
        place = ServerPlace(self._connection, lambda: not left.is_set())
        try:
            return bring(output, place, self._store, lambda _got, _all: not left.is_set())
        except Stopped:
            raise asyncio.CancelledError from None
        except (PlaceError, Unusable) as error:
            raise ResourceFetchError(
                f"a result of the server at {self._connection.address.text} could not be had: "
                f"{error.why}.",
                hint="Run the same again: the server has it, and what came of it is kept.",
                digest=output.digest,
            ) from error

    async def named(self, files: Sequence[Prepared | Stored]) -> list[dict[str, Any]]:
        """Inputs as the server reads them: files that it has, sent first where it had them not.

        Raises:
            FilmetoError: The server does not take one, or does not answer.
        """
        left = threading.Event()
        try:
            return await asyncio.to_thread(lambda: [self.sent(file, left) for file in files])
        finally:
            left.set()  # as above

    def sent(self, file: Prepared | Stored, left: threading.Event | None = None) -> dict[str, Any]:
        """As `named`, of one file; blocks.

        Args:
            left: Once it is set, nobody wants it any more.
        """
        left = left or threading.Event()
        if file.digest not in self._there and not self._has(file.digest, left):
            self._connection.insist(lambda: self._send(file, left), lambda: not left.is_set())
        self._there.add(file.digest)
        url = f"{API}/resources/{file.digest}"
        return {"type": "remote_url", "data": url, "mime_type": file.info.mime_type}

    def _has(self, digest: str, left: threading.Event) -> bool:
        path = f"/resources/{digest}"
        ask = functools.partial(self._connection.ask, "HEAD", path, also=(404, 410))
        return self._connection.insist(ask, lambda: not left.is_set()).status_code == 200

    def _send(self, file: Prepared | Stored, left: threading.Event) -> None:
        size = str(file.path.stat().st_size)
        answer = self._connection.ask(
            "POST",
            "/resources",
            content=_pieces(file.path, left),
            headers={"Content-Type": file.info.mime_type, "Content-Length": size},
            timeout=UPLOAD_S,
        )
        if answer.json().get("digest") != file.digest:
            raise ResourceProcessingError(
                f"{file.path} arrived changed at {self._connection.address.text}.",
                hint="Try again; if it happens again, something between here and there changes it.",
                retryable=True,
            )


def _pieces(path: Path, left: threading.Event) -> Iterator[bytes]:
    with path.open("rb") as file:
        while (data := file.read(UPLOAD_BYTES)) and not left.is_set():
            yield data
