"""SQLite connections that are closed with what holds them.

Whoever holds one for as long as it lives has no other moment to close it; Python 3.13 warns of each that is
still open when it goes.
"""

import contextlib
import sqlite3


class OwnConnection(sqlite3.Connection):
    """To be given to `sqlite3.connect` as its `factory`."""

    def __del__(self) -> None:
        with contextlib.suppress(sqlite3.ProgrammingError):  # it was never opened
            self.close()
