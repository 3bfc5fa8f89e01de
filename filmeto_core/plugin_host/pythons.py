"""Which Python a plugin runs on: the host's own where it fits, else one that uv finds here."""

import platform
import re
import shutil
import sys
from pathlib import Path

from filmeto_core import process
from filmeto_core.errors import PluginEnvironmentError
from filmeto_core.settings import installer_environment


def uv_binary() -> str:
    """Where uv is: the package's own program.

    Raises:
        PluginEnvironmentError: The installation lacks it.
    """
    try:
        import uv  # here: only a build needs it

        return uv.find_uv_bin()
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
        if found:
            return found
    raise PluginEnvironmentError(
        "uv, which builds the plugins' environments, is missing.", hint="Run `pip install uv`."
    )


def version_fits(specifier: str, version: tuple[int, ...]) -> bool | None:
    """Whether a Python version meets a specifier such as ">=3.11,<3.14"; None: cannot be told."""
    answer: bool | None = True
    for part in specifier.replace(" ", "").split(","):
        if not part:
            continue
        match = re.fullmatch(r"(>=|<=|==|!=|~=|>|<|)([0-9]+(?:\.[0-9]+)*)(\.\*)?", part)
        if match is None:
            return None
        wanted = tuple(int(n) for n in match[2].split("."))
        if not _meets(match[1], wanted, version, prefix=bool(match[3])):
            answer = False
    return answer


def _meets(sign: str, wanted: tuple[int, ...], version: tuple[int, ...], prefix: bool) -> bool:
    if sign in ("", "==", "!="):
        # "3.11" alone and "==3.11.*" mean any 3.11; PEP 440's "==3.11" is 3.11.0, never meant.
        same = version[: len(wanted)] == wanted
        return same != (sign == "!=")
    if sign == "~=":
        return version >= wanted and version[: len(wanted) - 1] == wanted[:-1]
    padded = wanted + (0,) * (3 - len(wanted))
    return {
        ">=": version >= padded,
        "<=": version <= padded,
        ">": version > padded,
        "<": version < padded,
    }[sign]


def host_python() -> Path:
    """The interpreter under the host's own environment, which sees none of its packages."""
    return Path(getattr(sys, "_base_executable", None) or sys.executable)


def find_python(plugin_name: str, specifier: str) -> Path:
    """An interpreter on this machine that meets a specifier; none is downloaded.

    Raises:
        PluginEnvironmentError: There is none.
    """
    argv = [uv_binary(), "--no-python-downloads", "python", "find", "--system", specifier]
    found = process.run(argv, env=installer_environment(), timeout_s=60)
    path = found.stdout.decode("utf-8", "replace").strip()
    if found.returncode == 0 and path:
        return Path(path)
    raise PluginEnvironmentError(
        f"it needs Python {specifier}, and this machine has none; "
        f"filmeto runs on {platform.python_version()}.",
        hint=f"Install one, for instance with `uv python install '{specifier}'`.",
        plugin=plugin_name,
        stderr=found.stderr.strip()[-1000:],
    )
