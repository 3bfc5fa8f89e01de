"""Where a plugin's outputs may lie: inside the folders it may write to, as real, non-empty files.

Whether they are what they claim is told from their content, by whoever stores them.
"""

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filmeto_core.errors import PluginOutputError


@dataclass(frozen=True)
class PluginOutput:
    """A file that a plugin says it made."""

    path: Path
    type: str | None = None
    mime_type: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


def read_outputs(result: Mapping[str, Any], folders: Sequence[Path]) -> tuple[PluginOutput, ...]:
    """The outputs of a successful result.

    Args:
        result: What the plugin answered: output_resources, or output_files alone.
        folders: Where outputs may lie; a relative path counts from the last of them.

    Raises:
        PluginOutputError: There is none, or one is missing, empty, no file, or somewhere else.
    """
    listed = result.get("output_resources") or []
    if not isinstance(listed, list) or not listed:
        files = result.get("output_files")
        listed = [{"path": path} for path in files] if isinstance(files, list) else []
    outputs = [_read(i, told, folders) for i, told in enumerate(listed)]
    if not outputs:
        raise PluginOutputError(
            "expected at least one output file, got a success without any.",
            hint="This is the plugin's fault: tell its author.",
        )
    return tuple(outputs)


def _read(index: int, told: Any, folders: Sequence[Path]) -> PluginOutput:
    path = told.get("path") if isinstance(told, Mapping) else told
    if not isinstance(path, str) or not path:
        raise _wrong(index, f"expected a path, got {path!r:.100}")
    about = told if isinstance(told, Mapping) else {}
    metadata = about.get("metadata")
    return PluginOutput(
        path=_checked(index, folders[-1] / path, folders),
        type=about.get("type") if isinstance(about.get("type"), str) else None,
        mime_type=about.get("mime_type") if isinstance(about.get("mime_type"), str) else None,
        metadata=metadata if isinstance(metadata, Mapping) else {},
    )


def _checked(index: int, path: Path, folders: Sequence[Path]) -> Path:
    real = Path(os.path.realpath(path))
    if not any(real.is_relative_to(os.path.realpath(folder)) for folder in folders):
        raise _wrong(index, f"{path} lies outside the folders that the plugin may write to")
    try:
        found = os.lstat(real)
    except OSError:
        raise _wrong(index, f"{path} is not there") from None
    if not stat.S_ISREG(found.st_mode):
        raise _wrong(index, f"{path} is no regular file")
    if found.st_size == 0:
        raise _wrong(index, f"{path} is empty")
    return real


def _wrong(index: int, what: str) -> PluginOutputError:
    return PluginOutputError(
        f"output {index}: {what}.", hint="This is the plugin's fault: tell its author."
    )
