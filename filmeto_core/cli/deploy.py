"""`filmeto deploy`: a project's deployments, registered with a Prefect that somebody else started."""

import argparse
import sys
from pathlib import Path

from filmeto_core import deployment
from filmeto_core.prefect_server import await_server


def deploy(options: argparse.Namespace) -> None:
    """Register them; their names go to stdout."""
    await_server()
    names = deployment.register(Path.cwd(), _say, options.queue or [deployment.QUEUE])
    sys.stdout.writelines(f"{name}\n" for name in names)


def _say(line: str) -> None:
    sys.stderr.write(f"filmeto: {line}\n")
