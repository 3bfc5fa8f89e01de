"""The most that a plugin may take, from its manifest or the settings."""

import resource

from filmeto_core.plugin_host.discovery import Plugin
from filmeto_core.settings import Settings


def memory_limit(plugin: Plugin, settings: Settings) -> int | None:
    """Bytes that one of its processes, with its children, may take; None for no limit."""
    return plugin.manifest.resources.memory or settings.plugin_memory_bytes or None


def process_limit(plugin: Plugin, settings: Settings) -> int:
    """How many processes one of its processes may be, its children included."""
    return plugin.manifest.resources.processes or settings.plugin_processes


def resource_limits(plugin: Plugin, settings: Settings) -> dict[int, int]:
    """The most of each resource (resource.RLIMIT_...) that the kernel gives one process.

    Memory is that of its data: a limit of addresses would break mapped weights and numpy. A plugin
    of a graphics processor fetches models, so the size of its files is not limited here; what it
    leaves as outputs is counted after the call.
    """
    asked = plugin.manifest.resources
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = asked.open_files or settings.plugin_open_files
    if most_files != resource.RLIM_INFINITY:
        files = min(files, most_files)
    limits = {resource.RLIMIT_CORE: 0, resource.RLIMIT_NOFILE: files}
    memory = memory_limit(plugin, settings)
    if memory:
        limits[resource.RLIMIT_DATA] = memory
    if asked.gpu is None:
        limits[resource.RLIMIT_FSIZE] = asked.output or settings.max_output_bytes
    return limits
