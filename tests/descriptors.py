"""Which of this process's descriptors are of a test's own files: other threads have theirs."""

import os
from contextlib import suppress
from pathlib import Path


def open_about(folder: Path) -> list[str]:
    """What is open below a folder, itself, or above it; a name for each descriptor, sorted."""
    above = {str(folder), *map(str, folder.parents)}
    found = []
    for number in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # closed meanwhile
            name = os.readlink(f"/proc/self/fd/{number}")
            if name in above or name.startswith(f"{folder}/"):
                found.append(name)
    return sorted(found)
