"""Which layout a folder of filmeto's has, told by a marker file in it; older ones are brought up.

    1   without a marker: as long as there was only one
    2   last use is noted on records and files; films, pins and running processes are told of

A folder of a newer filmeto is refused: what it means by its files is not known here.
"""

import uuid
from pathlib import Path

from filmeto_core.errors import StoreError
from filmeto_core.resources.durable import store_errors, sync_folder

LAYOUT = 2
MARKER = "layout"


class Layout:
    """The layout of one folder, looked at once a process.

    Args:
        folder: Where the marker lies, or will.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._checked = False
        self._marked = False

    def check(self) -> None:
        """Refuse what a newer filmeto wrote; nothing is written.

        Raises:
            StoreError: The folder's layout is newer, or its marker says nothing.
        """
        if not self._checked:
            self._marked = self._number() == LAYOUT
            self._checked = True

    def mark(self) -> None:
        """Bring the folder up to this layout; it is there, and will be written.

        From 1 to 2 no file changes: what 2 tells on top begins with nothing told.

        Raises:
            StoreError: As `check`, and a marker that cannot be written.
        """
        self.check()
        if self._marked:
            return
        with store_errors(self.folder):
            temporary = self.folder / f".{MARKER}.{uuid.uuid4().hex[:8]}"
            try:
                temporary.write_text(f"{LAYOUT}\n")
                temporary.replace(self.folder / MARKER)
            finally:
                temporary.unlink(missing_ok=True)
            sync_folder(self.folder)
        self._marked = True

    def _number(self) -> int:
        try:
            text = (self.folder / MARKER).read_text(errors="replace").strip()
        except (FileNotFoundError, NotADirectoryError):
            return 1
        except OSError as error:
            with store_errors(self.folder):
                raise error
        if not text:  # power was cut before its content was on disk: written by this layout
            return 1
        if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LAYOUT:
            return int(text)
        raise StoreError(
            f"{self.folder} was written by a newer filmeto: its layout is {text:.20}, "
            f"and this one knows those up to {LAYOUT}.",
            hint="Upgrade with `pip install --upgrade filmeto`, or point FILMETO_HOME elsewhere.",
            path=str(self.folder),
        )
