"""Flows as Prefect deployments: what is registered, in which pool it runs, how a run finds its project.

from filmeto_core.deployment import POOL, register

`register` imports Prefect, so it is loaded when it is first used.
"""

from typing import Any

POOL = "filmeto"  # the work pool, of type process, that all deployments run in
QUEUE = "default"  # its queue for what names no other


def __getattr__(name: str) -> Any:
    """`register`, loaded when first used: `ensure_server` has to run before Prefect is imported."""
    if name == "register":
        from filmeto_core.deployment.registration import register

        return register
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
