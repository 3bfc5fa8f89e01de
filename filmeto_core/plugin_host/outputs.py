"""The check of what a plugin says it made: there, a file of its own, not empty.

Whether a file is of the kind that it claims is told from its content by the caller.
"""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from filmeto_core.errors import PluginOutputError
from filmeto_core.plugin_host.calls import PluginOutput


def check_outputs(outputs: Iterable[PluginOutput], folders: Iterable[Path]) -> list[PluginOutput]:
    """The outputs with their links resolved, if every one may be taken.

    Args:
        outputs: As the plugin told them, absolute.
        folders: Where the plugin may leave files: the call's output folder, the plugin's own.

    Raises:
        PluginOutputError: One is missing, empty, no plain file, or elsewhere; or there is none.
    """
    folders = [os.fspath(folder) for folder in folders]
    checked = [
        output if _is_plain(output, folders) else _check(output, folders) for output in outputs
    ]
    if not checked:
        raise PluginOutputError(
            "it answered success and named no output file.",
            hint="A tool must return at least one file in output_resources or output_files.",
        )
    return checked


def _is_plain(output: PluginOutput, folders: list[str]) -> bool:
    """The usual case at the price of one system call: a file that lies in one of the folders."""
    path = os.fspath(output.path)
    folder, _, name = path.rpartition(os.sep)
    if folder not in folders or name in ("", ".", ".."):
        return False
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size > 0


def _check(output: PluginOutput, folders: list[str]) -> PluginOutput:
    allowed = [os.path.realpath(folder) for folder in folders]
    real = Path(os.path.realpath(output.path))
    if not any(real.is_relative_to(folder) for folder in allowed):
        where = "is a link to" if real != output.path and output.path.is_symlink() else "lies in"
        raise _refused(output.path, f"{where} {real.parent}, outside the call's output folder")
    try:
        found = os.stat(real)
    except FileNotFoundError:
        raise _refused(output.path, "is not there") from None
    except OSError as error:
        raise _refused(output.path, f"cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(found.st_mode):
        raise _refused(output.path, "is no regular file")
    if found.st_size == 0:
        raise _refused(output.path, "is empty")
    return PluginOutput(real, output.mime_type, output.type, output.metadata)


def _refused(path: Path, why: str) -> PluginOutputError:
    return PluginOutputError(
        f"its output {path.name!r} {why} ({path}).",
        hint="The plugin must write to the output_dir of the call, and name what it wrote.",
        path=str(path),
    )
