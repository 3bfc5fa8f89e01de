"""Which folder a person means: a path, or the name of a plugin that filmeto finds."""

from collections.abc import Callable
from pathlib import Path

from filmeto_core.errors import PluginNotFoundError
from filmeto_core.plugin_host.discovery import Registry
from filmeto_core.plugin_host.manifest import MANIFEST_NAME


def find_folder(meant: str, registry: Callable[[], Registry]) -> Path:
    """The plugin's folder; its manifest may be wrong.

    Args:
        meant: A folder with a plugin.yaml, or a plugin's name.
        registry: Asked only for a name.

    Raises:
        PluginNotFoundError: It is neither.
    """
    folder = Path(meant).expanduser()
    if (folder / MANIFEST_NAME).is_file():
        return folder.absolute()
    if folder.is_dir() and folder.parts[:-1]:
        raise _no_plugin(meant)
    found = registry()
    broken = [p.file.parent for p in found.problems if p.fatal and p.file.parent.name == meant]
    if broken and meant not in {plugin.name for plugin in found.plugins}:
        return broken[0]
    try:
        return found.get(meant).folder
    except PluginNotFoundError:
        if folder.is_dir():
            raise _no_plugin(meant) from None
        raise


def _no_plugin(meant: str) -> PluginNotFoundError:
    return PluginNotFoundError(
        f"{meant} is no plugin: it holds no {MANIFEST_NAME}.",
        hint="`filmeto plugins new NAME --tool TOOL` makes one.",
    )
