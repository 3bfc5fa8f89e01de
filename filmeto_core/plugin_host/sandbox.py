"""What a plugin's process may write to, and how much it may take.

Reading stays free, so does the network. Where the kernel keeps the rules, they are Landlock's, and
hold for all that the process starts. docs/trust.md says what they do not protect against.
"""

import glob
import logging
from dataclasses import dataclass
from pathlib import Path

from filmeto_core import process
from filmeto_core.plugin_host.discovery import Plugin
from filmeto_core.plugin_host.grants import NO_GRANT, Grant
from filmeto_core.plugin_host.limits import resource_limits
from filmeto_core.settings import Settings, model_caches

# Those in which nothing that is written stays. No terminals: what is written there reaches people.
DEVICES = tuple(Path("/dev", name) for name in ("null", "zero", "full", "random", "urandom", "tty"))
# NVIDIA's, AMD's and Intel's, and WSL's.
GPU_DEVICES = ("/dev/nvidia*", "/dev/dri", "/dev/kfd", "/dev/dxg")
SHARED_MEMORY = Path("/dev/shm")

logger = logging.getLogger(__name__)
_said: set[str] = set()


@dataclass(frozen=True)
class Bounds:
    """What one process may do.

    Args:
        sandboxed: Whether the kernel keeps it from writing elsewhere.
        writable: The folders and files that it may then write to.
        limits: By resource (resource.RLIMIT_...), the most of it.
        home: filmeto's own data, of which nothing is granted on a plugin's wish.
        grant: What of it the user allowed.
        variables: The names of the variables that it sees.
    """

    sandboxed: bool
    writable: tuple[Path, ...]
    limits: dict[int, int]
    home: Path
    grant: Grant = NO_GRANT
    variables: frozenset[str] = frozenset()


def wants_sandbox(plugin: Plugin, grant: Grant) -> bool:
    """Whether the plugin is to be sandboxed: all but the bundled ones, unless the user says.

    A manifest may ask for it, and cannot do away with it.
    """
    if grant.sandbox is not None:
        return grant.sandbox
    return plugin.source != "bundled" or plugin.manifest.sandbox is True


def output_parent(plugin_name: str, settings: Settings) -> Path:
    """Where all calls of a plugin get their output folders; made if it is not there.

    It is never removed: the kernel's rules of running processes are tied to the folder itself.
    """
    folder = settings.calls_dir / plugin_name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def bounds_of(plugin: Plugin, grant: Grant, temporary: Path, settings: Settings) -> Bounds:
    """What a new process of the plugin may do; folders that it is granted are made.

    Args:
        temporary: Its temporary folder.
    """
    sandboxed = wants_sandbox(plugin, grant)
    if sandboxed and process.fence_version(settings.portable) == 0:
        sandboxed = False
        _say_once("this system cannot sandbox plugins: they can write wherever you can")
    own = (output_parent(plugin.name, settings), plugin.folder, temporary)
    writable = (*own, *grant.write, *DEVICES)
    if sandboxed and plugin.manifest.resources.gpu is not None:
        writable += _for_gpu(settings)
    return Bounds(
        sandboxed, writable, resource_limits(plugin, settings), settings.home.expanduser(), grant
    )


def gpu_environment(plugin: Plugin, settings: Settings) -> dict[str, str]:
    """Where compiled kernels are kept, which by default would be hidden folders of the user's."""
    if plugin.manifest.resources.gpu is None:
        return {}
    kernels = settings.models_dir / "kernels" / plugin.name
    kernels.mkdir(parents=True, exist_ok=True)
    return {"CUDA_CACHE_PATH": str(kernels / "cuda"), "TRITON_CACHE_DIR": str(kernels / "triton")}


def _for_gpu(settings: Settings) -> tuple[Path, ...]:
    devices = [Path(found) for pattern in GPU_DEVICES for found in sorted(glob.glob(pattern))]
    caches = (settings.models_dir, *model_caches())
    for folder in caches:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            logger.warning("the model cache %s cannot be made: %s", folder, error)
    return (*devices, SHARED_MEMORY, *caches)


def _say_once(what: str) -> None:
    if what not in _said:
        _said.add(what)
        logger.warning("%s; `filmeto doctor` says more", what)
