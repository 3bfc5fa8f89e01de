"""The pull step of the deployments: a run works in the folder of its project, and says that it lives.

Without one, `prefect deploy` writes the absolute folder it was called in into the deployment, which
is wrong on any other machine. This one is the same everywhere, and asks the worker.

Source: Prefect 3.8 documentation, "Retrieve code from storage", custom deployment steps.
"""

import sys
from pathlib import Path
from uuid import UUID

from filmeto_core.deployment.alive import tell_of_start
from filmeto_core.errors import ValidationError
from filmeto_core.run_marks import mark_run
from filmeto_core.settings import current_settings, prefect_environment, started_in


def open_project(folder: str | None = None) -> dict[str, str]:
    """Make the project's folder the run's working folder, and let flows import what lies in it.

    The run leaves a mark, which tells `filmeto down` which processes make runs, and `filmeto up` which
    were killed; and from now on it says that it lives, whatever flow it is of.

    Args:
        folder: The project; by default FILMETO_PROJECT of the worker (`filmeto up` sets it to the
            folder where it was called), else the folder where the worker was started.

    Returns:
        Prefect changes to its "directory".

    Raises:
        ValidationError: There is no such folder on this machine.
    """
    wanted = Path(folder) if folder else current_settings().project or started_in()
    place = wanted.expanduser().absolute()
    if not place.is_dir():
        raise ValidationError(
            f"the project's folder {place} is not on this machine.",
            hint="Run `filmeto up` in the project's folder here, or set FILMETO_PROJECT for the worker.",
            field="FILMETO_PROJECT",
            value=str(place),
        )
    if str(place) not in sys.path:
        sys.path.insert(0, str(place))
    if run_id := prefect_environment().get("PREFECT__FLOW_RUN_ID"):
        mark_run(current_settings().deployed_runs_dir, run_id)
        tell_of_start(UUID(run_id))
    return {"directory": str(place)}
