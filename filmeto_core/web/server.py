"""The server's process: its sockets, its signals, its end within the grace."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn

from filmeto_core.errors import ValidationError
from filmeto_core.web.app import create_app
from filmeto_core.web.connection import HEAD_BYTES, connections, open_at_once
from filmeto_core.web.desk import Desk
from filmeto_core.web.start_checks import check_options

logger = logging.getLogger(__name__)

BACKLOG = 2048  # connections that the kernel holds until they are taken
SHORT_CONNECTIONS = 1000  # open at once, besides those of event streams
MESSAGE_BYTES = 64 * 1024  # of a WebSocket's watcher, which has a word to say at most
CLOSE_S = 5  # what open connections have once their streams were ended


class _Listener(uvicorn.Server):
    """uvicorn's server, which leaves signals to us."""

    @contextlib.contextmanager
    def capture_signals(self):
        yield


class Server:
    """One server over one desk.

    Args:
        desk: Opened and closed here.
        say: Gets a line for people: the addresses, and that it ends.
    """

    def __init__(self, desk: Desk, say: Callable[[str], None] = lambda _line: None) -> None:
        self._desk, self._say = desk, say
        self._options = desk.options
        self._stop = asyncio.Event()
        self._listeners: list[_Listener] = []
        self.ready = asyncio.Event()

    async def run(self) -> None:
        """Serve until `stop` is called.

        Raises:
            ValidationError: The address or the socket cannot be listened on, or may not be so.
        """
        check_options(self._options, len(self._desk.keys))
        sockets = [_tcp(self._options.host, self._options.port)]
        address = sockets[0].getsockname()
        host = f"[{address[0]}]" if ":" in address[0] else address[0]
        scheme = "https" if self._options.certificate else "http"
        self._desk.address = f"{scheme}://{host}:{address[1]}"
        if self._options.socket is not None:
            sockets.append(_unix(self._options.socket))
        await self._desk.open()
        app = create_app(self._desk)
        try:
            self._listeners = [self._listener(app, one) for one in sockets]
            serving = [
                asyncio.create_task(listener.serve(sockets=[one]))
                for listener, one in zip(self._listeners, sockets, strict=True)
            ]
            while not all(listener.started for listener in self._listeners):
                await asyncio.sleep(0.01)
                for task in serving:
                    if task.done():
                        task.result()
            self._say(f"serving at {self._desk.address}")
            self._say(f"the page is at {self._desk.address}/ui/")
            self.ready.set()
            await self._stop.wait()
            await self._end(serving)
        finally:
            for one in sockets:
                one.close()
            if self._options.socket is not None:
                self._options.socket.unlink(missing_ok=True)

    def stop(self) -> None:
        """End: what runs may finish within the grace; a second call does not wait for it."""
        if self._stop.is_set():
            self._desk.hurry()
            for listener in self._listeners:
                listener.force_exit = True
            return
        self._say(
            "ending: what runs may finish; once more ends at once, and the next start goes on"
        )
        self._stop.set()

    async def _end(self, serving: list["asyncio.Task[None]"]) -> None:
        await self._desk.finish_films()
        for listener in self._listeners:
            for server in listener.servers:
                server.close()  # no new connections
        await self._desk.close()
        for listener in self._listeners:
            listener.should_exit = True
        await asyncio.wait(serving)

    def _listener(self, app, listening: socket.socket) -> _Listener:
        tls = listening.family != socket.AF_UNIX and self._options.certificate is not None
        wanted = self._desk.service.settings.serve_max_streams + SHORT_CONNECTIONS
        config = uvicorn.Config(
            app,
            http=connections(open_at_once(wanted)),
            h11_max_incomplete_event_size=HEAD_BYTES,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=BACKLOG,
            ws_max_size=MESSAGE_BYTES,
            timeout_graceful_shutdown=CLOSE_S,
            proxy_headers=False,
            ssl_certfile=str(self._options.certificate) if tls else None,
            ssl_keyfile=str(self._options.private_key)
            if tls and self._options.private_key
            else None,
        )
        return _Listener(config)


def serve(desk: Desk, say: Callable[[str], None]) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Raises:
        FilmetoError: It cannot start.
    """

    async def main() -> None:
        server = Server(desk, say)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, server.stop)
        await server.run()

    asyncio.run(main())


def _tcp(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named TCP, or asyncio leaves Nagle's algorithm on: an event then waits 40 ms for the last one's ACK.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        raise ValidationError(
            f"{host}:{port} cannot be listened on ({error.strerror}).",
            hint="Give another --port, or end what listens there.",
            field="port",
            value=port,
        ) from error
    made.setblocking(False)
    return made


def _unix(path: Path) -> socket.socket:
    """A Unix socket that this user alone may use; one that a killed server left is replaced."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.is_socket():
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                if probe.connect_ex(str(path)) == 0:
                    raise FileExistsError(0, "another server listens there")
            path.unlink()
        mask = os.umask(0o177)
        try:
            made.bind(str(path))
        finally:
            os.umask(mask)
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        raise ValidationError(
            f"{path} cannot be listened on ({error.strerror or error}).",
            hint="Give another --socket (a path of up to 100 characters), or end what listens there.",
            field="socket",
            value=str(path),
        ) from error
    made.setblocking(False)
    return made
