"""Running ffmpeg for the film: cancellable, and with failures that a person understands."""

import re
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import imageio_ffmpeg

from filmeto_core import process
from filmeto_core.errors import AssemblyError
from filmeto_core.film.reader import input_of

_STDERR_LINES = 6
# What ffmpeg adds to every failure, after its reason.
_AFTERMATH = re.compile(
    r"Terminating thread|Task finished with error|Could not open encoder before EOF|"
    r"Nothing was written into output|Conversion failed"
)
_FULL_DISK = ("No space left on device", "Disk quota exceeded")


class Cancelled(Protocol):
    """Whatever can say that its caller gave up; a `threading.Event` can."""

    def is_set(self) -> bool:
        """Whether to stop."""


class AnyOf:
    """Set as soon as one of several is."""

    def __init__(self, events: Iterable[Cancelled]) -> None:
        self._events = tuple(events)

    def is_set(self) -> bool:
        """Whether any of them is set."""
        return any(event.is_set() for event in self._events)


def ffmpeg_path() -> str:
    """The ffmpeg that comes with filmeto.

    Raises:
        AssemblyError: There is none for this platform.
    """
    try:
        return imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError as error:
        raise AssemblyError(
            f"ffmpeg was not found: {error}.", hint="Reinstall imageio-ffmpeg for this platform."
        ) from error


def run_ffmpeg(
    arguments: list[str],
    *,
    task: str,
    cancelled: Cancelled | None = None,
    shot: str | None = None,
    files: Iterable[Path] = (),
    log_level: str = "error",
) -> str:
    """Run ffmpeg to its end.

    Args:
        arguments: What comes after ffmpeg's own switches: inputs, filters, outputs.
        task: What it is for, as in "could not {task}".
        cancelled: Once set, ffmpeg is killed.
        shot: The shot that a failure is told with.
        files: The media that a failure names.
        log_level: "info" when a filter's summary is wanted.

    Returns:
        The last of its stderr.

    Raises:
        AssemblyError: It failed; the message names the files, the hint says what to do.
        process.Interrupted: `cancelled` was set.
    """
    if cancelled is None:
        cancelled = threading.Event()
    switches = ["-hide_banner", "-nostdin", "-nostats", "-loglevel", log_level, "-y"]
    ended = process.run([ffmpeg_path(), *switches, *arguments], cancelled=cancelled)
    if ended.returncode != 0:
        raise _failure(ended, task, shot, list(files))
    return ended.stderr


def frame_picture(path: Path, time_s: float, size: tuple[int, int], *, shot: str) -> bytes:
    """A clip's frame at a time (its first where it is shorter), filling `size`.

    Returns:
        RGB, uint8, (height, width, 3).

    Raises:
        AssemblyError: The clip cannot be read.
    """
    width, height = size
    filters = (
        f"scale={width}:{height}:force_original_aspect_ratio=increase:flags=area,"
        f"crop={width}:{height}"
    )
    wanted = ["-map", "0:v:0", "-frames:v", "1", "-vf", filters]
    wanted += ["-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    switches = ["-hide_banner", "-nostdin", "-loglevel", "error", "-threads", "1"]
    task = "draw the contact sheet"
    for seek in (["-ss", f"{time_s:.6f}"], []):
        ended = process.run([ffmpeg_path(), *switches, *seek, *input_of(path), *wanted])
        if ended.returncode != 0:
            raise _failure(ended, task, shot, [path])
        if len(ended.stdout) == width * height * 3:
            return ended.stdout
    raise AssemblyError(
        f"could not {task}: the clip {path} shows no frame.", hint="Make the shot again.", shot=shot
    )


def _failure(
    ended: process.Finished, task: str, shot: str | None, files: list[Path]
) -> AssemblyError:
    lines = [line for line in ended.stderr.splitlines() if line.strip()]
    lines = [line for line in lines if not _AFTERMATH.search(line)][-_STDERR_LINES:] or lines[-1:]
    if any(sign in ended.stderr for sign in _FULL_DISK):
        return disk_full(task, shot=shot)
    how = (
        f"ffmpeg was ended by signal {-ended.returncode}"
        if ended.returncode < 0
        else f"ffmpeg ended with exit code {ended.returncode}"
    )
    named = f" ({', '.join(str(file) for file in files)})" if files else ""
    said = f": {' / '.join(lines).rstrip('.')}" if lines else ""
    return AssemblyError(
        f"could not {task}{named}: {how}{said}.",
        hint="Check that the file plays; replace it, or make the shot again.",
        shot=shot,
        exit_code=ended.returncode,
        stderr="\n".join(lines),
    )


def disk_full(task: str, *, shot: str | None = None) -> AssemblyError:
    """The error of a disk that has no room left for the film."""
    return AssemblyError(
        f"could not {task}: no space left on the disk.",
        hint="Free some space, or point FILMETO_HOME and --out at another disk; then run again.",
        shot=shot,
    )


def quoted(value: str | Path) -> str:
    """The text as one value of a filter's option, whatever characters it holds.

    Source: ffmpeg-filters, "Notes on filtergraph escaping".
    """
    once = str(value).replace("\\", "\\\\").replace("'", "\\'").replace(":", "\\:")
    for special in "\\'[],;":
        once = once.replace(special, "\\" + special)
    return once
