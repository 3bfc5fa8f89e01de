"""`filmeto plugins install [NAME ...]`: builds the plugins' environments before they are needed."""

import argparse
import asyncio
import json
import sys

from filmeto_core.readiness import build_all, chosen
from filmeto_core.tasks.runtime import local_service


def install(options: argparse.Namespace) -> int:
    """Exit code 1 if one could not be built; the others are built all the same."""
    here = local_service()
    names = list(dict.fromkeys(options.plugins)) or chosen(here, options.profile)
    if options.all:
        names = [plugin.name for plugin in here.registry.plugins]
    for name in options.plugins:
        here.registry.get(name)  # an unknown one is wrong usage, before anything is built
    failed = asyncio.run(build_all(here, names, _say))
    if options.json:
        rows = [_row(name, failed) for name in names]
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
        return int(bool(failed))
    for name in names:
        if name in failed:
            sys.stderr.write(f"filmeto: {failed[name]}\n")
            tail = failed[name].details.get("stderr")
            sys.stderr.write(f"{tail}\n" if tail else "")
        else:
            sys.stdout.write(f"{name}: ready\n")
    return int(bool(failed))


def _say(name: str, line: str) -> None:
    sys.stderr.write(f"{name}: {line}\n")


def _row(name: str, failed: dict) -> dict[str, object]:
    if name not in failed:
        return {"name": name, "state": "ready"}
    return {"name": name, "state": "failed", "error": failed[name].to_dict()}
