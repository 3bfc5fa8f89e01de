"""The check of what a plugin says it made: there, a file of its own, not empty, not too much.

Whether a file is of the kind that it claims is told from its content by the caller.
"""

import os
import stat
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from filmeto_core.errors import PluginOutputError
from filmeto_core.plugin_host.calls import PluginOutput
from filmeto_core.plugin_host.manifest_model import Manifest, size_text
from filmeto_core.settings import Settings


@dataclass(frozen=True)
class Most:
    """The most that one call may leave, and where that is raised.

    Args:
        files: How many.
        size_bytes: All of them together.
        raise_by: What to change for larger ones, for people.
    """

    files: int
    size_bytes: int
    raise_by: str = "FILMETO_MAX_OUTPUT_BYTES"

    @staticmethod
    def of(manifest: Manifest, settings: Settings) -> "Most":
        """What the manifest says, else the settings."""
        own = manifest.resources.output
        if own is None:
            return Most(settings.max_output_files, settings.max_output_bytes)
        return Most(settings.max_output_files, own, "resources.output in its plugin.yaml")


def check_outputs(
    outputs: Collection[PluginOutput], folders: Iterable[Path], most: Most | None = None
) -> list[PluginOutput]:
    """The outputs with their links resolved, if every one may be taken.

    Args:
        outputs: As the plugin told them, absolute.
        folders: Where the plugin may leave files: the call's output folder, the plugin's own.
        most: How much of them; None: no limit.

    Raises:
        PluginOutputError: One is missing, empty, no plain file, or elsewhere; there is none, or
            they are too many or too large.
    """
    if most is not None and len(outputs) > most.files:
        raise PluginOutputError(
            f"it named {len(outputs)} output files, and may leave {most.files}.",
            hint="Raise FILMETO_MAX_OUTPUT_FILES, or have it make fewer.",
        )
    folders = [os.fspath(folder) for folder in folders]
    checked, total = [], 0
    for output in outputs:
        size_bytes = _size_if_plain(output, folders)
        if size_bytes is None:
            output, size_bytes = _check(output, folders)
        total += size_bytes
        checked.append(output)
    if most is not None and total > most.size_bytes:
        raise PluginOutputError(
            f"its outputs have {size_text(total)}, and may have {size_text(most.size_bytes)}.",
            hint=f"Raise {most.raise_by}, or have it make smaller ones.",
        )
    if not checked:
        raise PluginOutputError(
            "it answered success and named no output file.",
            hint="A tool must return at least one file in output_resources or output_files.",
        )
    return checked


def _size_if_plain(output: PluginOutput, folders: list[str]) -> int | None:
    """The usual case at the price of one system call: a file that lies in one of the folders."""
    path = os.fspath(output.path)
    folder, _, name = path.rpartition(os.sep)
    if folder not in folders or name in ("", ".", ".."):
        return None
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) and found.st_size > 0 else None


def _check(output: PluginOutput, folders: list[str]) -> tuple[PluginOutput, int]:
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
    return PluginOutput(real, output.mime_type, output.type, output.metadata), found.st_size


def _refused(path: Path, why: str) -> PluginOutputError:
    return PluginOutputError(
        f"its output {path.name!r} {why} ({path}).",
        hint="The plugin must write to the output_dir of the call, and name what it wrote.",
        path=str(path),
    )
