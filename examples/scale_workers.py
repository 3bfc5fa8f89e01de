"""Starts and stops workers of a work queue with its length, between two bounds.

    python examples/scale_workers.py gpu --least 0 --most 4 --each 2

It asks Prefect's API every few seconds how many runs wait in the queue or are at work, and keeps one
worker for every two of them. Each worker is a process of this machine; to rent machines instead, start
and stop those in `begin` and `end`. A worker that is stopped takes no more runs, and ends when those that
it has are done; nothing is lost.
"""

import argparse
import math
import os
import signal
import subprocess
import sys
import time

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
    WorkQueueFilter,
    WorkQueueFilterName,
)
from prefect.client.schemas.objects import StateType

from filmeto_core.deployment import POOL

LOOK_S = 2.0
UNDER_WAY = (StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING)


def length(client: SyncPrefectClient, queue: str) -> int:
    """How many runs wait in the queue, or are at work."""
    body = {
        "flow_runs": FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(UNDER_WAY)))
        ).model_dump(mode="json", exclude_unset=True),
        "work_pools": WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL])).model_dump(mode="json"),
        "work_pool_queues": WorkQueueFilter(name=WorkQueueFilterName(any_=[queue])).model_dump(
            mode="json"
        ),
    }
    return client.request("POST", "/flow_runs/count", json=body).json()


def begin(queue: str, number: int) -> subprocess.Popen:
    """One more worker."""
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL]
    command += ["--work-queue", queue, "--name", f"{os.uname().nodename}-{queue}-{number}"]
    environment = {"PREFECT_WORKER_QUERY_SECONDS": "1", **os.environ}
    return subprocess.Popen(command, env=environment, start_new_session=True)


def end(worker: subprocess.Popen) -> None:
    """Have it take no more runs; it ends when those that it has are done."""
    worker.send_signal(signal.SIGINT)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("queue")
    parser.add_argument("--least", type=int, default=0, help="workers, whatever waits")
    parser.add_argument("--most", type=int, default=4, help="workers, whatever waits")
    parser.add_argument("--each", type=int, default=2, help="runs for each worker")
    parser.add_argument("--rest", type=float, default=60, help="seconds until one is stopped")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    workers: list[subprocess.Popen] = []
    ending: list[subprocess.Popen] = []
    number, needed_at = 0, time.monotonic()
    try:
        with get_client(sync_client=True) as client:
            while True:
                workers = [w for w in workers if w.poll() is None]
                ending = [w for w in ending if w.poll() is None]
                wanted = math.ceil(length(client, asked.queue) / asked.each)
                wanted = min(asked.most, max(asked.least, wanted))
                if wanted >= len(workers):
                    needed_at = time.monotonic()
                while len(workers) < wanted:
                    number += 1
                    workers.append(begin(asked.queue, number))
                    print(f"{len(workers)} workers: more is asked for", flush=True)
                if time.monotonic() - needed_at > asked.rest:
                    ending.append(workers.pop())
                    end(ending[-1])
                    needed_at = time.monotonic()
                    print(f"{len(workers)} workers: there is less to do", flush=True)
                time.sleep(LOOK_S)
    finally:
        for worker in (*workers, *ending):
            end(worker)
        for worker in (*workers, *ending):
            worker.wait()


if __name__ == "__main__":
    main()
