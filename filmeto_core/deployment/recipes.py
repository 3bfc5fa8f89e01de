"""The bundled flows as importable names, to which deployments point.

`filmeto_core.deployment.recipes.film` is the flow of flows/film.py, in a checkout and in a wheel. The
files are loaded by their paths: nothing of filmeto imports `flows`, and no module called `film` or
`tool` gets in the way of a user's own.
"""

import importlib.util
import sys
from typing import Any

from filmeto_core.bundled import bundled

FILES = {name: f"{name}.py" for name in ("film", "talking_shot", "store_gc", "tool")}


def load_flow(file: str, name: str) -> Any:
    """The flow `name` of flows/FILE."""
    path = bundled("flows") / file
    spec = importlib.util.spec_from_file_location(f"filmeto_flows_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return getattr(module, name)


def __getattr__(name: str) -> Any:
    """A flow, loaded when it is first asked for."""
    if name not in FILES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = load_flow(FILES[name], name)
    return globals()[name]
