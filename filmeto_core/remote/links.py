"""Where files of this machine's store open in a browser: at the filmeto server that answers here, if any.

That is one that works in the same data folder, which is told over its Unix socket whose the files are;
else the server that FILMETO_API_URL names, for what it has made. Nothing here ever fails a run: a file
without a link is named by its path.
"""

import logging
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from filmeto_core.errors import FilmetoError
from filmeto_core.remote.transport import API, Connection
from filmeto_core.service import FilmetoService

logger = logging.getLogger(__name__)

SOCKET = "filmeto.sock"  # in the server's own folder, unless it was given another
ASK_S = 3.0  # what each question to the server may take
AGAIN_S = 30.0  # until a server that did not answer is asked again


class Links:
    """The links to one service's files; blocks while the server is asked.

    Args:
        here: Its settings say which server; its store has the files.
    """

    def __init__(self, here: FilmetoService) -> None:
        self._here = here
        self._connection: Connection | None = None
        self._base: str | None = None
        self._asked_at = -AGAIN_S
        self._there: set[str] = set()  # digests that the server is known to have for us

    @property
    def base(self) -> str | None:
        """The server's address for browsers; None while none answers."""
        if self._base is None and time.monotonic() - self._asked_at >= AGAIN_S:
            self._asked_at = time.monotonic()
            self._base = self._found()
        return self._base

    def of(self, digest: str | None) -> str | None:
        """Where the store's file of this digest (sha256:HEX) opens; None where nowhere."""
        if digest is None or self.base is None:
            return None
        try:
            if digest not in self._there and not self._has(digest):
                return None
        except FilmetoError as error:
            logger.debug("%s has no link: %s", digest, error)
            self._base = None  # asked again in a while: a server in trouble holds up nobody
            return None
        self._there.add(digest)
        return f"{self._base}{API}/resources/{digest}"

    def beside(self, path: Path) -> str | None:
        """Where a file in the folder of one of the server's own films opens; None for any other."""
        film, rest = self._own_film(path)
        if film is None or self.base is None:
            return None
        return f"{self._base}{API}/films/{quote(film)}/files/{quote(rest)}"

    def film_page(self, folder: Path) -> str | None:
        """The page of one of the server's own films, of which this is the folder."""
        film, _ = self._own_film(folder)
        return None if film is None or self.base is None else f"{self._base}/ui/#/films/{film}"

    def _own_film(self, path: Path) -> tuple[str | None, str]:
        """The id of the server's film that the path belongs to, and the rest of the path."""
        try:
            _tenant, film, _out, *rest = path.relative_to(self._here.settings.films_dir).parts
        except ValueError:
            return None, ""
        return film, "/".join(rest)

    def _found(self) -> str | None:
        """The address of the first server that answers; it is asked from here on."""
        settings = self._here.settings
        socket = settings.serve_dir / SOCKET
        near = [Connection(f"unix://{socket}", settings.api_key)] if socket.is_socket() else []
        far = getattr(self._here, "connection", None)
        for connection in (*near, *([far] if far else [])):
            with suppress(FilmetoError, ValueError):
                told = connection.get("/health", timeout=ASK_S).json()
                url = "" if connection.address.socket else connection.address.url
                self._connection = connection
                return (settings.links_url or url or told.get("address") or "").rstrip("/") or None
        return None

    def _has(self, digest: str) -> bool:
        """Whether the server shows us the file; over its socket it is told that the file is ours."""
        asked = {"also": (403, 404, 410), "timeout": ASK_S}
        if self._connection.ask("HEAD", f"/resources/{digest}", **asked).status_code == 200:
            return True
        if self._connection.address.socket is None:
            return False
        return self._connection.ask("PUT", f"/resources/{digest}", **asked).status_code == 204
