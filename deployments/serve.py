"""Serves the film flow as the Prefect deployment `film/animatic`, until it is interrupted.

    python deployments/serve.py

Then, from anywhere that sees the same Prefect API:

    prefect deployment run film/animatic --param storyboard=examples/lighthouse.yaml

Relative paths are those of the folder where this was started.
"""

import importlib.util
import sys

from filmeto_core.bundled import bundled
from filmeto_core.profiles import DEFAULT_PROFILE
from filmeto_core.tasks import ensure_server

ensure_server(print)  # before Prefect is imported, which reads its settings then


def main() -> None:
    path = bundled("flows") / "film.py"
    spec = importlib.util.spec_from_file_location("film", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["film"] = module
    spec.loader.exec_module(module)
    module.film.serve(name=DEFAULT_PROFILE, parameters={"profile": DEFAULT_PROFILE})


if __name__ == "__main__":
    main()
