"""Non-blocking pipes on the host's loop: a writer that never waits, a reader, a tail of text."""

import asyncio
import contextlib
import fcntl
import logging
import os
import sys
import termios
from collections import deque
from collections.abc import Callable

from filmeto_core.plugin_host.hidden import NOTHING_HIDDEN, Hidden

READ_BYTES = 256 * 1024  # one turn of the loop; others get theirs between two
DRAIN_BYTES = 4 * 1024 * 1024  # more than a pipe holds; a stray grandchild may write for ever
TAIL_BYTES = 64 * 1024
PIECE_BYTES = 4096  # smaller ones are joined: a plugin that writes single bytes is kept as cheaply
TAIL_LINES = 20
LOGGED_LINES = 200  # of one piece; a flood is kept out of the log


class Writer:
    """Writes to a pipe as it takes it; holds the rest.

    Args:
        broken: Called once when nobody reads the pipe any more.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, fd: int, broken: Callable[[], None]):
        self._loop, self._fd, self._broken = loop, fd, broken
        self._waiting: deque[memoryview] = deque()
        self._left = 0  # what nobody took before the pipe broke
        # A pipe's writing end is never readable: it wakes for the reader's end alone.
        loop.add_reader(fd, self._lost)

    def send(self, data: bytes) -> None:
        """Write, now or when there is room."""
        if self._fd < 0:
            self._left += len(data)
            return
        self._waiting.append(memoryview(data))
        if len(self._waiting) == 1:
            self._write()

    def unread(self) -> int:
        """How many bytes the other side has not taken yet; 0 where that cannot be told.

        Source: pipe(7), FIONREAD.
        """
        if self._fd < 0:
            return self._left
        try:
            there = fcntl.ioctl(self._fd, termios.FIONREAD, b"\0" * 4)
        except OSError:
            return 0
        return int.from_bytes(there, sys.byteorder) + sum(len(piece) for piece in self._waiting)

    def close(self) -> None:
        """Close the pipe: the other side reads its end."""
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            self._loop.remove_writer(self._fd)
            os.close(self._fd)
            self._fd = -1
            self._waiting.clear()

    def _write(self) -> None:
        try:
            while self._waiting:
                piece = self._waiting[0]
                written = os.write(self._fd, piece)
                if written == len(piece):
                    self._waiting.popleft()
                else:
                    self._waiting[0] = piece[written:]
            self._loop.remove_writer(self._fd)
        except BlockingIOError:
            self._loop.add_writer(self._fd, self._write)
        except OSError:
            self._lost()

    def _lost(self) -> None:
        if self._fd >= 0:
            self._left = self.unread()
            self.close()
            self._broken()


class Reader:
    """Reads a pipe piece by piece.

    Args:
        got: Gets each piece.
        ended: Called once at the pipe's end.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        fd: int,
        got: Callable[[bytes], None],
        ended: Callable[[], None],
    ):
        self._loop, self._fd, self._got, self._ended = loop, fd, got, ended
        _widen(fd)
        loop.add_reader(fd, self._read)

    def drain(self) -> None:
        """Read what is there, without waiting for more."""
        left = DRAIN_BYTES
        while self._fd >= 0 and left > 0:
            size = self._read()
            if size == 0:
                return
            left -= size

    def close(self) -> None:
        """Close the pipe."""
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1

    def _read(self) -> int:
        try:
            data = os.read(self._fd, READ_BYTES)
        except BlockingIOError:
            return 0
        except OSError:
            data = b""
        if data:
            self._got(data)
        else:
            self.close()
            self._ended()
        return len(data)


def _widen(fd: int) -> None:
    """Let the pipe hold as much as one read takes: a flood then costs a quarter of the wake-ups.

    Source: fcntl(2), F_SETPIPE_SZ; refused once the user's pipes hold 64 MiB.
    """
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):
            fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, READ_BYTES)


class Tail:
    """The last of what a plugin said, in whatever encoding, and a way for it into the log.

    Args:
        logger: Where its lines go.
        hidden: What is told of to nobody.
    """

    def __init__(self, logger: logging.Logger, hidden: Hidden = NOTHING_HIDDEN) -> None:
        self._logger, self.hidden = logger, hidden
        self._pieces: deque[bytes] = deque()
        self._size = 0

    def add(self, data: bytes) -> None:
        """Keep it, and let go of what is older than the last 64 KiB."""
        data = self.hidden.in_bytes(data)[-TAIL_BYTES:]
        if self._pieces and len(self._pieces[-1]) + len(data) <= PIECE_BYTES:
            self._pieces[-1] += data
        else:
            self._pieces.append(data)
        self._size += len(data)
        while self._size - len(self._pieces[0]) >= TAIL_BYTES:
            self._size -= len(self._pieces.popleft())
        if self._logger.isEnabledFor(logging.INFO):
            for line in data.decode("utf-8", "replace").splitlines()[-LOGGED_LINES:]:
                self._logger.info("%s", line)

    def last_word(self) -> str:
        """Its last line, as a sentence for people."""
        last = self.text().rpartition("\n")[2]
        return f"It last said: {last[:300].rstrip('.')}." if last else "It said nothing on stderr."

    def text(self) -> str:
        """The last lines."""
        kept = b"".join(self._pieces)[-TAIL_BYTES:].decode("utf-8", "replace")
        self._pieces = deque([kept.encode("utf-8", "replace")])
        self._size = len(self._pieces[0])
        kept = self.hidden.in_text(kept)  # one that came in two pieces
        return "\n".join(kept.strip().splitlines()[-TAIL_LINES:])
