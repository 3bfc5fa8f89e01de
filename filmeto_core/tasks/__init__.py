"""The Prefect side: the seven tools as tasks, the assembly, and what a film's flow is made of.

from prefect import flow
from filmeto_core.tasks import image2video, text2image

@flow
async def shot(prompt: str):
    return await image2video(await text2image(prompt), motion="push-in")
"""

import importlib
from typing import Any

_EXPORTS = {
    "ensure_server": "filmeto_core.prefect_server",
    "image2image": "filmeto_core.tasks.tools",
    "image2video": "filmeto_core.tasks.tools",
    "speak2video": "filmeto_core.tasks.tools",
    "text2image": "filmeto_core.tasks.tools",
    "text2music": "filmeto_core.tasks.tools",
    "text2speak": "filmeto_core.tasks.tools",
    "text2video": "filmeto_core.tasks.tools",
}
__all__ = sorted(_EXPORTS)


def __getattr__(name: str) -> Any:
    """Loaded when first used: `ensure_server` has to run before Prefect is imported."""
    if name in _EXPORTS:
        value = getattr(importlib.import_module(_EXPORTS[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
