"""Serves the film flow as the Prefect deployment `film/animatic`, until it is interrupted.

    python deployments/serve.py

Then, from anywhere that sees the same Prefect API:

    prefect deployment run film/animatic --param storyboard=examples/lighthouse.yaml

Relative paths are those of the folder where this was started.
"""

import importlib
import sys

from filmeto_core.bundled import bundled
from filmeto_core.profiles import DEFAULT_PROFILE
from filmeto_core.tasks import ensure_server

ensure_server(print)  # before Prefect is imported, which reads its settings then


def main() -> None:
    # Each run is a new process, which gets this path and imports the flow by its module's name.
    sys.path.insert(0, str(bundled("flows")))
    module = importlib.import_module("film")
    module.film.serve(name=DEFAULT_PROFILE, parameters={"profile": DEFAULT_PROFILE})


if __name__ == "__main__":
    main()
