"""Where the parts that come along as data lie: flows, plugins, deployments, examples.

In a checkout they lie beside `filmeto_core`; in a wheel inside it, under `_bundled`.
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def bundled(name: str) -> Path:
    """The folder `name` ("flows", "plugins", "deployments", "examples").

    Raises:
        FileNotFoundError: The installation is incomplete.
    """
    for base in (_PACKAGE / "_bundled", _PACKAGE.parent):
        folder = base / name
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"filmeto's folder {name!r} is missing beside {_PACKAGE}. Reinstall filmeto."
    )
