"""The most that a plugin may take, from its manifest or the settings."""

from filmeto_core.plugin_host.discovery import Plugin
from filmeto_core.settings import Settings


def memory_limit(plugin: Plugin, settings: Settings) -> int | None:
    """Bytes that one of its processes, with its children, may take; None for no limit."""
    return plugin.manifest.resources.memory or settings.plugin_memory_bytes or None


def process_limit(plugin: Plugin, settings: Settings) -> int:
    """How many processes one of its processes may be, its children included."""
    return plugin.manifest.resources.processes or settings.plugin_processes
