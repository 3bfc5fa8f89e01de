"""What the host kept a plugin from, told from how its call failed, with what to write to allow it.

Nothing is guessed: a path counts only where the user could write and the plugin could not, a variable
only where it is set here and hidden from the plugin.
"""

import json
import os
import re
import resource
import tempfile
from collections.abc import Iterator
from pathlib import Path

from filmeto_core.errors import FilmetoError, PluginProtocolError
from filmeto_core.plugin_host.discovery import Plugin
from filmeto_core.plugin_host.manifest_model import size_text
from filmeto_core.plugin_host.sandbox import SHARED_MEMORY, Bounds
from filmeto_core.settings import is_set

STDERR_LINES = 40  # of a traceback, the last call's; what was said long before explains nothing
DENIED = re.compile(r"Permission denied|PermissionError|EACCES|Errno 13|os error 13", re.I)
QUOTED = re.compile(r"['\"‘“`]([^'\"’”`\n]+)['\"’”`]")
BARE = re.compile(r"(?<![\w.'\"‘“`])/[^\s'\"’”`:,;()]+")
SHARED = re.compile(r"multiprocessing/(synchronize|shared_memory|heap|popen_forkserver)|SemLock")
MISSING = re.compile(
    r"KeyError|not set|unset|missing|required|not found|not defined|environment", re.I
)
NAME = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\b")
FULL = re.compile(
    r"No space left on device|Disk quota exceeded|ENOSPC|EDQUOT|Errno (28|122)|os error (28|122)"
)
UNNAMED = (
    "If that was a file: a sandboxed plugin writes to its output folder, its own folder and a "
    "temporary one; `grants:` in filmeto.yaml opens others."
)

# What a plugin says when it reaches a limit; what the limit is called; where it is raised.
_LIMITS = (
    (
        resource.RLIMIT_FSIZE,
        re.compile(r"File too large|Errno 27|EFBIG|SIGXFSZ"),
        "a file that it writes may have {} at most",
        ("output", "FILMETO_MAX_OUTPUT_BYTES"),
    ),
    (
        resource.RLIMIT_NOFILE,
        re.compile(r"Too many open files|Errno 24|EMFILE"),
        "it may hold {} files open",
        ("open_files", "FILMETO_PLUGIN_OPEN_FILES"),
    ),
)


def explained(error: FilmetoError, stderr: str, plugin: Plugin, bounds: Bounds) -> FilmetoError:
    """The error; its hint says what to add where, if a bound of the host's was the reason.

    Args:
        error: How the call, or the start, failed.
        stderr: The last of what the plugin said there.
    """
    if isinstance(error, PluginProtocolError):
        return error
    signal = str(error.details.get("signal", ""))
    lines = [*stderr.splitlines()[-STDERR_LINES:], signal, *error.message.splitlines()]
    for advise in (_of_a_full_disk, _of_a_place, _of_a_limit, _of_a_variable):
        advice = advise(lines, error, plugin, bounds)
        if advice:
            error.hint = f"{error.hint} {advice}" if error.hint else advice
            return error
    return error


def _of_a_place(lines: list[str], error: FilmetoError, plugin: Plugin, bounds: Bounds) -> str:
    """About a path that it was not allowed to write to."""
    if not bounds.sandboxed or not any(DENIED.search(line) for line in lines):
        return ""
    path = next(_denied(lines, plugin, bounds), None)
    if path is None:
        named = any(
            QUOTED.search(line) or BARE.search(line) for line in lines if DENIED.search(line)
        )
        return "" if named else UNNAMED
    error.with_details(denied=str(path))
    if path.is_relative_to(os.path.realpath(bounds.home)):
        return f"The sandbox kept it from writing to {path}, which is filmeto's own."
    place = _to_grant(path)
    make = "" if place.exists() else f"make {place} and "
    aside = ""
    if place.parent == Path(tempfile.gettempdir()):
        aside = (
            " (Temporary files belong in TMPDIR, a folder of its own, where tempfile puts them.)"
        )
    places = ", ".join(_yaml(str(p)) for p in (*bounds.grant.write, place))
    return (
        f"The sandbox kept it from writing to {path}.{aside} To allow it, {make}add to "
        f"filmeto.yaml:\n\ngrants:\n  {_yaml(plugin.name)}:\n    write: [{places}]\n"
    )


def _denied(lines: list[str], plugin: Plugin, bounds: Bounds) -> Iterator[Path]:
    """The paths that were refused for the sandbox's sake, the last one first."""
    for line in reversed(lines):
        if DENIED.search(line):
            named_here = [*BARE.findall(line), *QUOTED.findall(line)]
            for named in reversed(named_here):  # of "from -> to" the second: a link's first is read
                path = Path(os.path.realpath(plugin.folder / os.path.expanduser(named)))
                if ("/" in named or path.exists()) and _kept_out(path, bounds):
                    yield path
    if SHARED_MEMORY.is_dir() and any(SHARED.search(line) for line in lines):
        if _kept_out(SHARED_MEMORY, bounds):  # a semaphore's error names no path
            yield SHARED_MEMORY


def _kept_out(path: Path, bounds: Bounds) -> bool:
    """Whether the user may write there, and the plugin not."""
    for place in bounds.writable:
        if path.is_relative_to(os.path.realpath(place)):
            return False
    return os.access(_nearest(path), os.W_OK)


def _nearest(path: Path) -> Path:
    return next(p for p in (path, *path.parents) if p.exists())


def _to_grant(path: Path) -> Path:
    """The smallest sensible place: what holds it, but never all of a home, or of the devices."""
    if path == SHARED_MEMORY or path.is_relative_to("/dev"):
        return path
    folder = _nearest(path.parent)  # to remove a folder, too, is to write to the one around it
    if folder == Path(tempfile.gettempdir()) or Path.home().is_relative_to(folder):
        return folder / path.relative_to(folder).parts[0]
    return folder


def _of_a_full_disk(lines: list[str], error: FilmetoError, plugin: Plugin, bounds: Bounds) -> str:
    """About a disk that had no room for what it wrote."""
    said = [line for line in lines if FULL.search(line)]
    if not said:
        return ""
    named = [Path(text) for line in said for text in (*QUOTED.findall(line), *BARE.findall(line))]
    places = [path for path in named if path.is_absolute() and path.parent.exists()]
    places = places or [bounds.home, Path(tempfile.gettempdir())]
    place = min(map(_nearest, places), key=_room_bytes)
    error.with_details(full=str(place))
    instead = "FILMETO_HOME" if place.is_relative_to(bounds.home) else "TMPDIR"
    return (
        f"There is no room left for {place}: make room there (`filmeto store gc` removes what "
        f"nothing needs), or point {instead} at a larger disk; then run it again."
    )


def _room_bytes(path: Path) -> int:
    told = os.statvfs(path)
    return told.f_bavail * told.f_frsize


def _of_a_limit(lines: list[str], error: FilmetoError, plugin: Plugin, bounds: Bounds) -> str:
    """About a limit that it reached."""
    for kind, said, what, (field, setting) in _LIMITS:
        most = bounds.limits.get(kind)
        if most and any(said.search(line) for line in lines):
            told = str(most) if kind == resource.RLIMIT_NOFILE else size_text(most)
            return (
                f"By its limits {what.format(told)}: raise resources.{field} in its plugin.yaml, or "
                f"{setting} where that says nothing."
            )
    return ""


def _of_a_variable(lines: list[str], error: FilmetoError, plugin: Plugin, bounds: Bounds) -> str:
    """About a variable that it misses, and that is set here."""
    said = [line for line in lines if line.strip()][-2:]  # its last word, and the message
    for line in said if bounds.variables else ():
        for name in NAME.findall(line) if MISSING.search(line) else ():
            if is_set(name) and name not in bounds.variables:
                names = ", ".join((*bounds.grant.environment, name))
                error.with_details(hidden=name)
                return (
                    f"The variable {name} is set, but it may not see it. To allow it, add to "
                    f"filmeto.yaml:\n\ngrants:\n  {_yaml(plugin.name)}:\n"
                    f"    environment: [{names}]\n"
                )
    return ""


def _yaml(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z/~][\w./~+@-]*", text) else json.dumps(text)
