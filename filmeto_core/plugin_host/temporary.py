"""The temporary folder of each plugin process: gone with the process and all that it started.

It lies where the system's temporary files do, since its path must be short (a socket's has 108
bytes), and names the host and the process's marker: so that whoever starts next ends and removes
what a killed host left.
"""

import os
import shutil
import tempfile
from pathlib import Path

from filmeto_core import process

MARKER = "FILMETO_PLUGIN_PROCESS"  # the variable by which a process's whole tree is found
_PREFIX = "filmeto-"


def make_temporary(marker: str) -> Path:
    """A fresh folder that nobody else may read.

    Raises:
        OSError: It could not be made.
    """
    folder = Path(tempfile.gettempdir(), f"{_PREFIX}{os.getpid()}-{marker}")
    folder.mkdir(mode=0o700)
    return folder


def remove_temporary(folder: Path) -> None:
    """Remove it and all in it, also what its owner may not enter as it stands."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        _open_up(folder)
        shutil.rmtree(folder, ignore_errors=True)


def clear_dead_temporary(portable: bool = False) -> None:
    """End and remove what hosts left that are gone: processes by their marker, then the folder."""
    with os.scandir(tempfile.gettempdir()) as entries:
        found = [e for e in entries if e.name.startswith(_PREFIX)]
    for entry in found:
        pid, _, marker = entry.name.removeprefix(_PREFIX).partition("-")
        if not pid.isdigit() or not marker or process.alive(int(pid)):
            continue
        try:
            mine = entry.stat(follow_symlinks=False).st_uid == os.getuid()
        except OSError:  # another host has just removed it
            continue
        if mine and entry.is_dir(follow_symlinks=False):
            process.kill_marked(MARKER, marker, portable)
            remove_temporary(Path(entry.path))


def _open_up(folder: Path) -> None:
    for path, folders, _ in os.walk(folder):
        for name in folders:
            inner = os.path.join(path, name)
            if not os.path.islink(inner):
                os.chmod(inner, 0o700)
