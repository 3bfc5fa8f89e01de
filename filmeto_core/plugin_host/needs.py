"""What a plugin needs of the machine, and what of it is absent: told before anything is started."""

import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from filmeto_core import process
from filmeto_core.errors import PluginStartError
from filmeto_core.plugin_host.plugin import Plugin
from filmeto_core.settings import inherited_environment

NVIDIA_SMI = "nvidia-smi"
ASK_TIMEOUT_S = 5.0  # a driver that is being loaded takes seconds
KNOWN_S = 5.0  # how long an answer counts; a device does not come and go between two calls
GIB = 1024**3


@dataclass(frozen=True)
class Need:
    """Something that a plugin cannot work without, and that is not there.

    Args:
        kind: "gpu", "variable" or "program".
        name: Which.
        what: In words: "the program ffmpeg is not on PATH".
        advice: What to do.
    """

    kind: Literal["gpu", "variable", "program"]
    name: str
    what: str
    advice: str

    def to_dict(self) -> dict[str, str]:
        """Its fields."""
        return asdict(self)


@dataclass(frozen=True)
class GpuDevice:
    """A graphics processor and its memory."""

    name: str
    memory_bytes: int


def environment_of(plugin: Plugin) -> dict[str, str]:
    """The variables that the plugin may see."""
    manifest = plugin.manifest
    return inherited_environment((*manifest.environment, *manifest.requirements.environment))


def missing(plugin: Plugin, environment: Mapping[str, str] | None = None) -> list[Need]:
    """What the plugin needs and this machine has not; blocks for a moment if it needs a GPU.

    Args:
        plugin: Whose manifest counts.
        environment: What it would see; by default `environment_of`.
    """
    if not needs_something(plugin):
        return []
    return list(_missing(plugin, environment_of(plugin) if environment is None else environment))


def needs_something(plugin: Plugin) -> bool:
    """Whether its manifest names anything that `missing` would look for."""
    wanted, gpu = plugin.manifest.requirements, plugin.manifest.resources.gpu
    return bool(wanted.programs or wanted.environment or (gpu and gpu.required))


def require(plugin: Plugin, environment: Mapping[str, str] | None = None) -> None:
    """Nothing, if all that the plugin needs is there.

    Raises:
        PluginStartError: Something is absent; says what, and what to do. It is not retryable.
    """
    absent = missing(plugin, environment)
    if absent:
        raise PluginStartError(
            f"it cannot work here: {', and '.join(need.what for need in absent)}.",
            hint=" ".join(need.advice for need in absent),
            retryable=False,
            plugin=plugin.name,
            missing=[need.to_dict() for need in absent],
        )


def _missing(plugin: Plugin, environment: Mapping[str, str]) -> Iterator[Need]:
    wanted, gpu = plugin.manifest.requirements, plugin.manifest.resources.gpu
    for name in wanted.programs:
        if shutil.which(name, path=environment.get("PATH", "")) is None:
            what = f"the program {name} is not on PATH"
            yield Need("program", name, what, f"Install {name}, or add its folder to PATH.")
    for name in wanted.environment:
        if not environment.get(name):
            what = f"the variable {name} is not set"
            yield Need("variable", name, what, f"Set {name} where filmeto is started.")
    if gpu is not None and gpu.required:
        devices = [] if _hidden(environment) else gpus()
        if not devices:
            why = "CUDA_VISIBLE_DEVICES hides all" if _hidden(environment) else "none was found"
            advice = f"Use another plugin, or a machine with one (`{NVIDIA_SMI}` has to list it)."
            yield Need("gpu", "gpu", f"it needs a GPU, and {why}", advice)
        elif gpu.memory and gpu.memory > max(device.memory_bytes for device in devices):
            best = max(devices, key=lambda device: device.memory_bytes)
            what = f"it needs a GPU with {gpu.memory / GIB:.3g} GiB, and the largest"
            what += f" ({best.name}) has {best.memory_bytes / GIB:.3g} GiB"
            yield Need("gpu", "gpu", what, "Use another plugin, or a machine with a larger one.")


def _hidden(environment: Mapping[str, str]) -> bool:
    return environment.get("CUDA_VISIBLE_DEVICES", "all").strip() in ("", "-1", "NoDevFiles")


_lock = threading.Lock()
_known: tuple[float, str, list[GpuDevice]] | None = None


def gpus() -> list[GpuDevice]:
    """The graphics processors that the driver tells of; asked at most every few seconds."""
    global _known
    with _lock:
        env = inherited_environment()
        path = env.get("PATH", "")
        if _known is None or _known[1] != path or time.monotonic() - _known[0] > KNOWN_S:
            _known = (time.monotonic(), path, _ask(env))
        return list(_known[2])


def _ask(env: Mapping[str, str]) -> list[GpuDevice]:
    program = shutil.which(NVIDIA_SMI, path=env.get("PATH", ""))
    if program is None:
        return []
    argv = [program, "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    try:
        done = process.run(argv, env=env, timeout_s=ASK_TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired):
        return []
    lines = done.stdout.decode("utf-8", "replace").splitlines() if done.returncode == 0 else []
    rows = [line.rpartition(",") for line in lines if "," in line]
    return [
        GpuDevice(name.strip(), int(mib) * 1024**2 if mib.strip().isdigit() else 0)
        for name, _, mib in rows
    ]
