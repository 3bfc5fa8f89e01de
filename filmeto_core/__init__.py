"""filmeto turns a storyboard into a film by chaining AI tools, each served by plugin processes."""

import importlib
from typing import Any

__version__ = "0.1.0"

_EXPORTS = {
    "FilmetoApi": "filmeto_core.api",
    "FilmetoTask": "filmeto_core.types",
    "ProgressType": "filmeto_core.types",
    "ResourceInput": "filmeto_core.types",
    "ResourceOutput": "filmeto_core.types",
    "ResourceType": "filmeto_core.types",
    "TaskProgress": "filmeto_core.types",
    "TaskResult": "filmeto_core.types",
    "ToolType": "filmeto_core.types",
    "FilmetoError": "filmeto_core.errors",
    "PluginExecutionError": "filmeto_core.errors",
    "PluginNotFoundError": "filmeto_core.errors",
    "ResourceProcessingError": "filmeto_core.errors",
    "TimeoutError": "filmeto_core.errors",
    "ValidationError": "filmeto_core.errors",
}
__all__ = sorted(_EXPORTS)


def __getattr__(name: str) -> Any:
    """Exports are loaded when first used, so that importing the package stays fast."""
    if name in _EXPORTS:
        value = getattr(importlib.import_module(_EXPORTS[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
