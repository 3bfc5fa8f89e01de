"""What a plugin needs of the machine, and what of it is absent: told before anything is started."""

import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from filmeto_core.errors import PluginStartError
from filmeto_core.plugin_host.gpu import Device, find_devices
from filmeto_core.plugin_host.plugin import Plugin
from filmeto_core.settings import inherited_environment

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


def environment_of(plugin: Plugin) -> dict[str, str]:
    """The variables that the plugin may see."""
    manifest = plugin.manifest
    return inherited_environment((*manifest.environment, *manifest.requirements.environment))


def missing(plugin: Plugin, environment: Mapping[str, str] | None = None) -> list[Need]:
    """What the plugin needs and its machine has not; blocks for a moment if it needs a GPU.

    Args:
        plugin: Whose manifest counts.
        environment: What it would see; by default `environment_of`.
    """
    if plugin.served is not None:
        return [Need(**told) for told in plugin.served.missing]
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
        devices = gpus()
        if not devices:
            hidden = environment.get("CUDA_VISIBLE_DEVICES")
            why = "none was found" if hidden is None else f"CUDA_VISIBLE_DEVICES is {hidden!r}"
            advice = "Use another plugin, or a machine with one (`nvidia-smi` has to list it)."
            yield Need("gpu", "gpu", f"it needs a GPU, and {why}", advice)
        elif gpu.memory and gpu.memory > max(device.total_bytes for device in devices):
            best = max(devices, key=lambda device: device.total_bytes)
            what = f"it needs a GPU with {gpu.memory / GIB:.3g} GiB, and the largest"
            what += f" ({best.name}) has {best.total_bytes / GIB:.3g} GiB"
            yield Need("gpu", "gpu", what, "Use another plugin, or a machine with a larger one.")


_lock = threading.Lock()
_known: tuple[float, dict[str, str], list[Device]] | None = None


def gpus() -> list[Device]:
    """The devices that may be used, as they were a few seconds ago at most. Blocks."""
    global _known
    with _lock:
        seen = (
            inherited_environment()
        )  # what the driver's program, and the choice of devices, go by
        if _known is None or _known[1] != seen or time.monotonic() - _known[0] > KNOWN_S:
            _known = (time.monotonic(), seen, find_devices())
        return list(_known[2])
