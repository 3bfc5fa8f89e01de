"""What the plugin host costs, against the bare thing: every bar, one table.

    python tests/benchmarks/bench_plugin_host.py [--quick] [--only NAME]... [--json]

Exits 1 if a bar is missed. Each figure and its baseline come from the same interleaved run; a ratio
is that of both sides' quickest tenth of turns, with the medians beside it (see host_bars/table.py).
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parent))

from host_bars import calls, floods, lives, rivals, scale, whole
from host_bars.table import Row

ROUNDS, QUICK_ROUNDS = 60, 8
BENCHMARKS: dict[str, Callable[[int], list[Row]]] = {
    "calls": calls.warm_calls,
    "service": whole.whole_service,
    "spawn": lives.spawn_to_ready,
    "idle": lives.idle_cost,
    "kill": lives.kill_to_exception,
    "host-killed": lives.host_killed,
    "cancel": lives.cancel_to_gone,
    "floods": floods.floods,
    "linear": scale.linear_cost,
    "registered": scale.registered,
    "environment": scale.environment_cost,
    "mcp": rivals.mcp,
    "sse": rivals.sse,
    "execnet": rivals.execnet,
    "process": rivals.process_each,
}


def main() -> int:
    """Measure, print the table as it grows, say whether every bar is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few rounds: to see that all runs")
    parser.add_argument("--only", action="append", choices=BENCHMARKS, help="may be repeated")
    parser.add_argument("--json", action="store_true", help="a list of rows instead of the table")
    asked = parser.parse_args()
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"):  # users' machines do not set them
        os.environ.pop(name, None)
    rows: list[Row] = []
    if not asked.json:
        sys.stdout.write(f"{machine()}\n\n")
    for name in asked.only or BENCHMARKS:
        for row in BENCHMARKS[name](QUICK_ROUNDS if asked.quick else ROUNDS):
            rows.append(row)
            if not asked.json:
                sys.stdout.write(f"{row}\n")
                sys.stdout.flush()
    missed = [row.what for row in rows if not row.met]
    if asked.json:
        sys.stdout.write(json.dumps([row.to_dict() for row in rows], indent=2) + "\n")
    else:
        bars = sum(row.bar is not None for row in rows)
        sys.stdout.write(f"\n{bars - len(missed)} of {bars} bars met; {machine()}\n")
    return 1 if missed else 0


def machine() -> str:
    """What it ran on, and how busy that was."""
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    return (
        f"Python {platform.python_version()}, {platform.system()} {platform.release()}, "
        f"{os.cpu_count()} cores, load {load}"
    )


if __name__ == "__main__":
    sys.exit(main())
