"""A run of a deployed flow, started from a script; a worker makes it, here or on another machine.

    filmeto up                                        # serves film/animatic, among others
    python examples/recipes/start_run.py examples/lighthouse.yaml made

The script needs Prefect and the address of its API (PREFECT_API_URL), and no filmeto.
"""

import sys
from pathlib import Path

from prefect.client.schemas.objects import FlowRun
from prefect.deployments import run_deployment

LIMIT_S = 3600


def start_film(storyboard: Path, out: Path, deployment: str = "film/animatic") -> FlowRun:
    """The film's run, once it is over."""
    # Absolute: the worker's working folder is another one.
    parameters = {"storyboard": str(storyboard.resolve()), "out": str(out.resolve())}
    return run_deployment(deployment, parameters=parameters, timeout=LIMIT_S, poll_interval=1)


if __name__ == "__main__":
    run = start_film(Path(sys.argv[1]), Path(sys.argv[2]))
    print(f"{run.name}: {run.state.name}, {run.total_run_time.total_seconds():.0f} s")
    sys.exit(not run.state.is_completed())
