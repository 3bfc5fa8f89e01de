"""The most that a plugin may take, from its manifest or the settings."""

import os
import resource

from filmeto_core.plugin_host.discovery import Plugin
from filmeto_core.settings import Settings

# A thread's stack (8 MiB) and its buffer of a linear algebra library (32 MiB) are asked for at start,
# one a core, and hardly used: numpy alone has 40 MiB a core, whatever it works on.
RESERVED_BYTES_PER_CORE = 64 * 1024 * 1024


def memory_limit(plugin: Plugin, settings: Settings) -> int | None:
    """Bytes that one of its processes, with its children, may take; None for no limit."""
    return plugin.manifest.resources.memory or settings.plugin_memory_bytes or None


def process_limit(plugin: Plugin, settings: Settings) -> int:
    """How many processes one of its processes may be, its children included."""
    return plugin.manifest.resources.processes or settings.plugin_processes


def resource_limits(plugin: Plugin, settings: Settings) -> dict[int, int]:
    """The most of each resource (resource.RLIMIT_...) that the kernel gives one process.

    Memory is that of its data: a limit of addresses would break mapped weights and numpy. It is for
    what grows faster than `watch` looks, and leaves room for what is reserved and not used. A plugin
    of a graphics processor maps more than any memory has, and fetches models, so that neither its
    data nor the size of its files is limited here; `watch` counts the one, the other is counted
    after the call, of what it leaves as outputs.
    """
    asked = plugin.manifest.resources
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = asked.open_files or settings.plugin_open_files
    if most_files != resource.RLIM_INFINITY:
        files = min(files, most_files)
    limits = {resource.RLIMIT_CORE: 0, resource.RLIMIT_NOFILE: files}
    memory = memory_limit(plugin, settings)
    if asked.gpu is None:
        if memory:
            reserved = RESERVED_BYTES_PER_CORE * (os.cpu_count() or 1)
            limits[resource.RLIMIT_DATA] = memory + reserved
        limits[resource.RLIMIT_FSIZE] = asked.output or settings.max_output_bytes
    return limits
