"""How long a deployed film takes to its first tool call, over an empty Prefect flow deployed the same way.

    python tests/benchmarks/bench_first_call.py [--rounds 12] [--json]

`filmeto up` in a project of its own serves both: `film/animatic`, and a flow that does nothing, with the same
pool, worker, pull step and command. In each round one runs after the other, in turns. Each is timed by
Prefect's own clock, from the moment that its run was asked for: the empty flow until it runs, the film
until the task run of its first tool call begins. A film's prompts are of its round alone, so that nothing
is found in the cache.

The bar is 1.5 x of the medians. Exit code 1 where it is missed.
"""

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from capacity_bars.databases import free_port  # noqa: E402

BAR = 1.5
RUN_S = 180.0  # the longest that is waited for a run
UP_S = 300.0
BUSY_S = 30.0  # SQLite has one writer: Prefect answers 503 while others wait for it
EMPTY = '''from prefect import flow


@flow
async def empty() -> None:
    """Nothing."""
'''


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        environment = surroundings(Path(folder))
        with studio(Path(folder), environment):
            rounds = measure(Path(folder), environment["PREFECT_API_URL"], asked.rounds)
    return told(rounds, asked.json)


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of a studio of its own."""
    for name in ("home", "prefect", "project"):
        (folder / name).mkdir()
    port = free_port()
    own = {
        "FILMETO_HOME": str(folder / "home"),
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PYTHONPATH": str(ROOT),
    }
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"):
        os.environ.pop(name, None)  # users have neither, and one compiles all at each start
    return {**os.environ, **own}


@contextlib.contextmanager
def studio(folder: Path, environment: dict[str, str]):
    """`filmeto up`, the empty flow deployed beside its own, and `filmeto down`."""
    project = folder / "project"
    (project / "empty_flow.py").write_text(EMPTY, encoding="utf-8")
    filmeto = [sys.executable, "-m", "filmeto_core"]
    how = {"env": environment, "cwd": project, "timeout": UP_S, "stdout": sys.stderr}
    up = [*filmeto, "up", "--port", str(free_port())]
    try:
        subprocess.run(up, check=True, **how)
        deploy_empty(environment["PREFECT_API_URL"])
        yield
    finally:
        subprocess.run([*filmeto, "down"], **how)


def ask(url: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """What Prefect's API answers."""
    method = "GET" if body is None else "POST"
    end = time.monotonic() + BUSY_S
    while True:
        answer = httpx.request(method, f"{url}{path}", json=body, timeout=60, trust_env=False)
        if answer.status_code != 503 or time.monotonic() > end:
            return answer.raise_for_status().json()
        time.sleep(0.5)


def deploy_empty(url: str) -> None:
    """The empty flow's deployment: as that of the film, but for its entry point and parameters."""
    film = ask(url, "/deployments/name/film/animatic")
    flow = ask(url, "/flows/", {"name": "empty"})
    same = ("pull_steps", "work_pool_name", "work_queue_name", "job_variables")
    mine = {"flow_id": flow["id"], "name": "empty", "entrypoint": "empty_flow.py:empty"}
    ask(url, "/deployments/", {**{name: film[name] for name in same}, **mine})


def measure(folder: Path, url: str, rounds: int) -> list[tuple[float, float]]:
    """Seconds to the empty flow's start and to the film's first tool call, round by round."""
    one_run(url, "empty/empty", {})  # the first of each finds nothing compiled
    one_run(url, "film/animatic", film_of(folder, "first"))
    taken = []
    for number in range(rounds):
        empty = one_run(url, "empty/empty", {})
        film = one_run(url, "film/animatic", film_of(folder, number))
        taken.append((started(empty["start_time"], empty), first_call(url, film)))
        steps = f"empty: {stages(url, empty)}; film: {stages(url, film)}, first call"
        print(f"{steps} {taken[-1][1]:.2f} s", file=sys.stderr)
    return taken


def film_of(folder: Path, number: object) -> dict[str, Any]:
    """A film of two shots that nobody asked for before."""
    shots = [
        {"id": f"shot-{n}", "prompt": f"a boat, {number} and {n}", "duration_s": 1}
        for n in range(2)
    ]
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    return {"storyboard": {"size": "64x64", "fps": 12, "shots": shots}, "out": str(out)}


def one_run(url: str, name: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """A run of the deployment, when it is over."""
    deployment = ask(url, f"/deployments/name/{name}")
    body = {"parameters": parameters, "state": {"type": "SCHEDULED"}}
    run = ask(url, f"/deployments/{deployment['id']}/create_flow_run", body)
    end = time.monotonic() + RUN_S
    while run["state_type"] not in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"):
        if time.monotonic() > end:
            raise SystemExit(f"{name} is still {run['state_name']} after {RUN_S:.0f} s")
        time.sleep(0.5)
        run = ask(url, f"/flow_runs/{run['id']}")
    if run["state_type"] != "COMPLETED":
        raise SystemExit(f"{name}: {run['state']['message']}")
    return run


def first_call(url: str, run: dict[str, Any]) -> float:
    """Seconds from asking for a run to its first tool call."""
    wanted = {"flow_runs": {"id": {"any_": [run["id"]]}}}
    calls: list[str] = []
    while not calls:  # the server writes task runs down a moment later
        told = ask(url, "/task_runs/filter", wanted)
        calls = sorted(one["start_time"] for one in told if one["start_time"])
    return started(calls[0], run)


def stages(url: str, run: dict[str, Any]) -> str:
    """When the worker had taken the run, and when it ran: where the time goes."""
    told = ask(url, f"/flow_run_states/?flow_run_id={run['id']}")
    first = {one["name"]: one["timestamp"] for one in reversed(told)}
    moments = ((name, first[name]) for name in ("Pending", "Running") if name in first)
    return ", ".join(f"{name.lower()} {started(moment, run):.2f}" for name, moment in moments)


def started(moment: str, run: dict[str, Any]) -> float:
    return (datetime.fromisoformat(moment) - datetime.fromisoformat(run["created"])).total_seconds()


def told(rounds: list[tuple[float, float]], as_json: bool) -> int:
    empty, film = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = film / empty
    if as_json:
        print(json.dumps({"empty_s": empty, "film_s": film, "ratio": ratio, "rounds": rounds}))
    else:
        print("rounds, empty / film:", *(f"{one:.2f} / {two:.2f} s" for one, two in rounds))
        print(f"an empty flow runs after           {empty:6.2f} s")
        print(f"a film's first tool call begins    {film:6.2f} s")
        print(f"film / empty                       {ratio:6.2f} x  (bar {BAR:g})")
    return int(ratio > BAR)


if __name__ == "__main__":
    sys.exit(main())
