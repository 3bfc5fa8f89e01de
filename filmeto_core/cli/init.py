"""`filmeto init DIR`: the folder of a project, which works as it is."""

import argparse
import shlex
import sys
from pathlib import Path

from filmeto_core.project_new.scaffold import new_project


def init(options: argparse.Namespace) -> None:
    """Write the folder, and say what to do with it."""
    files = new_project(Path(options.folder).expanduser())
    sys.stdout.write("".join(f"{path}\n" for path in files))
    sys.stderr.write(
        "\nIt works as it is:\n"
        f"  cd {shlex.quote(options.folder)}\n"
        "  filmeto film story.yaml\n"
        "or, with Prefect's UI, a worker and warm plugins:\n"
        "  filmeto up\n"
        "  prefect deployment run film/animatic -p storyboard=story.yaml -p out=made --watch\n"
        "  prefect deploy --all      # the project's own flow, teaser.py\n"
    )
