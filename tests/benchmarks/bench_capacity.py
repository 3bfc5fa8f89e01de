"""How many calls Prefect and filmeto carry: no-op calls on SQLite and Postgres, with 1 and 2 workers.

    python tests/benchmarks/bench_capacity.py                 # all four, 10,000 calls each
    python tests/benchmarks/bench_capacity.py --quick         # 200 calls each: to see that all runs
    python tests/benchmarks/bench_capacity.py --databases postgres --workers 1 --calls 1000
    python tests/benchmarks/bench_capacity.py --json

Each combination has a fresh Prefect server, database and data folder. Empty Prefect tasks come first and
last, and between them calls of a plugin that answers at once with a picture of its own, eight under way
in each worker. A worker is a process that makes one flow run, as Prefect's process worker starts it.

Told are calls a second; milliseconds a call of the first 1,000, of all and of the last 1,000; processor
milliseconds a call of the workers, the Prefect server and Postgres; how many seconds the server then still
wrote what the workers had told it, and how many task runs it never wrote (the calls were made).

The bar: a call costs at most 1.3 x over all 10,000 what it costs within the first 1,000, and the last 1,000 cost
the processors no more than that either. Exit code 1 where it is missed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT), str(HERE)]

from capacity_bars.databases import Server, cpu_s, resident_bytes, serving  # noqa: E402

GROWTH_BAR = 1.3
FEW = 1000  # calls that the cost at the end is held against
AT_ONCE = 8
BARE = 1000
RUNS_IN = 5  # empty flow runs, one for so many empty tasks
POLLS = 200
TABLES = 6
SETTLED_S = 30.0  # a server that writes nothing for so long has written what it will
WORKER = HERE / "capacity_bars" / "worker.py"


@dataclass(frozen=True)
class Turn:
    """What one kind of calls took, all workers together.

    Args:
        ms_few: Milliseconds a call, of the first 1,000.
        ms_all: Milliseconds a call, of all.
        ms_last: Milliseconds a call, of the last 1,000.
        behind_s: Until the server had written them.
        lost: Task runs that it never wrote; the calls were made all the same.
        worker_cpu_ms, server_cpu_ms, postgres_cpu_ms: Processor time a call.
        cpu_few_ms, cpu_last_ms: The same of all three, of the first 1,000 and the last.
    """

    calls: int
    ms_few: float
    ms_all: float
    ms_last: float
    behind_s: float
    lost: int
    worker_cpu_ms: float
    server_cpu_ms: float
    postgres_cpu_ms: float
    cpu_few_ms: float
    cpu_last_ms: float


@dataclass(frozen=True)
class Figures:
    """One combination."""

    database: str
    workers: int
    bare: Turn
    tools: Turn
    bare_after: Turn
    runs: Turn
    poll_cpu_ms: float  # of the server and Postgres, for one look of an idle worker
    artifacts: int
    memory_kb: float  # a call, and so the rest
    database_kb: float
    journal_kb: float
    store_kb: float
    tables_kb: dict[str, float]  # of Postgres, the largest

    @property
    def growth(self) -> float:
        """What a call costs over all calls, times what it cost within the first; by the clock."""
        return self.tools.ms_all / self.tools.ms_few

    @property
    def cpu_growth(self) -> float:
        """What the last calls cost the processors, times what the first did; others' work is not in it."""
        return self.tools.cpu_last_ms / self.tools.cpu_few_ms


def main() -> int:
    asked = arguments()
    combinations = [(d, w) for d in asked.databases for w in asked.workers]
    figures = []
    for database, workers in combinations:
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:
            figures.append(measure(database, workers, asked.calls, asked.bare, Path(folder)))
        if not asked.json:
            tell(figures[-1])
    if asked.json:
        print(
            json.dumps(
                [asdict(f) | {"growth": f.growth, "cpu_growth": f.cpu_growth} for f in figures],
                indent=1,
            )
        )
    return int(not asked.quick and any(max(f.growth, f.cpu_growth) > GROWTH_BAR for f in figures))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgres"])
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--bare", type=int, default=BARE)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.quick:
        asked.calls, asked.bare = 200, 50
    return asked


def measure(database: str, workers: int, calls: int, bare: int, folder: Path) -> Figures:
    """One combination, in a folder of its own."""
    home, prefect = folder / "home", folder / "prefect"
    prefect.mkdir()
    with serving(database, prefect) as server:
        environment = {
            **server.environment,
            "FILMETO_HOME": str(home),
            "FILMETO_PLUGINS": str(ROOT / "tests" / "plugins"),
            "PYTHONPATH": str(ROOT),
        }
        poll_ms = polling_ms(server)
        before, _ = turn(server, environment, "bare", "before", workers, bare)
        empty, artifacts = server.database_bytes(), server.count("artifacts")
        tools, memory = turn(server, environment, "tools", "tools", workers, calls)
        full = server.database_bytes()
        artifacts = server.count("artifacts") - artifacts
        tables = server.tables_bytes()
        after, _ = turn(server, environment, "bare", "after", workers, bare)
        runs, _ = turn(server, environment, "runs", "runs", workers, bare // RUNS_IN)
    per_call = 1 / 1024 / calls
    return Figures(
        database,
        workers,
        before,
        tools,
        after,
        runs,
        poll_ms,
        artifacts,
        memory_kb=memory * per_call,
        database_kb=(full - empty) * per_call,
        journal_kb=disk_bytes(home / "journal") * per_call,
        store_kb=(disk_bytes(home / "store") + disk_bytes(home / "cache")) * per_call,
        tables_kb={name: size * per_call for name, size in tables.items()},
    )


def turn(
    server: Server, environment: dict[str, str], kind: str, name: str, workers: int, calls: int
) -> tuple[Turn, int]:
    """The calls, shared among the workers; and by how many bytes these grew meanwhile."""
    there = server.count("task_runs")
    each = calls // workers
    few = min(FEW, calls // 4)
    crew = [start(environment, kind, f"{name} {n}", each, few // workers) for n in range(workers)]
    started, meters, lines, memory = drive(server, crew)
    done = sorted(moment for line in lines for moment in json.loads(line))
    ended = time.time()
    lost = 0 if kind == "runs" else wait_written(server, there + len(done))
    behind_s = time.time() - ended - (SETTLED_S if lost else 0)
    meters.append((meters[-1][0], *cpu_now(server, ())[1:]))  # the server was not done then
    ms = [
        (after - before) * 1000 / len(done)
        for before, after in zip(meters[0], meters[-1], strict=True)
    ]
    part_ms = [(sum(meters[n + 1]) - sum(meters[n])) * 1000 / few for n in (0, 2)]
    took = Turn(
        len(done),
        ms_few=(done[few - 1] - started) * 1000 / few,
        ms_all=(done[-1] - started) * 1000 / len(done),
        ms_last=(done[-1] - done[-few]) * 1000 / max(few - 1, 1),
        behind_s=max(0.0, behind_s),
        lost=lost,
        worker_cpu_ms=ms[0],
        server_cpu_ms=ms[1],
        postgres_cpu_ms=ms[2],
        cpu_few_ms=part_ms[0],
        cpu_last_ms=part_ms[1],
    )
    return took, memory


def drive(
    server: Server, crew: Sequence[subprocess.Popen]
) -> tuple[float, list[tuple[float, float, float]], list[str], int]:
    """When the workers began, the meters at the marks and the end, what they say, by what they grew."""
    for worker in crew:
        if worker.stdout.readline() != "ready\n":
            raise SystemExit(f"a worker failed (exit code {worker.wait()})")
    meters = [cpu_now(server, crew)]
    memory = sum(resident_bytes(worker.pid) for worker in crew)
    started = time.time()
    for worker in crew:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for mark in ("few\n", "last\n"):
        if any(worker.stdout.readline() != mark for worker in crew):
            raise SystemExit("a worker failed")
        meters.append(cpu_now(server, crew))
    lines = [worker.stdout.readline() for worker in crew]
    meters.append(cpu_now(server, crew))
    memory = sum(resident_bytes(worker.pid) for worker in crew) - memory
    for worker in crew:
        worker.communicate()
    return started, meters, lines, memory


def cpu_now(server: Server, crew: Sequence[subprocess.Popen]) -> tuple[float, float, float]:
    """Processor seconds so far of the workers, the server and Postgres."""
    workers = sum(cpu_s(worker.pid) for worker in crew)
    return workers, server.cpu_s("server"), server.cpu_s("postgres")


def polling_ms(server: Server) -> float:
    """Processor time of one look for runs, as an idle worker looks at each PREFECT_WORKER_QUERY_SECONDS."""
    server.ask("/work_pools/", {"name": "idle", "type": "process"})
    before = {"scheduled_before": "2000-01-01T00:00:00Z"}
    spent, started = served_s(server), time.monotonic()
    for _ in range(POLLS):
        server.ask("/work_pools/idle/get_scheduled_flow_runs", before)
    looking, took = served_s(server) - spent, time.monotonic() - started
    spent = served_s(server)
    time.sleep(took)  # what the server does by itself meanwhile
    return (looking - (served_s(server) - spent)) * 1000 / POLLS


def served_s(server: Server) -> float:
    """Processor seconds of the server and its database so far."""
    return server.cpu_s("server") + server.cpu_s("postgres")


def start(
    environment: dict[str, str], kind: str, name: str, calls: int, few: int
) -> subprocess.Popen:
    command = [sys.executable, str(WORKER), kind, name, *map(str, (calls, AT_ONCE, few))]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment, cwd=environment["PREFECT_HOME"], **pipes)


def wait_written(server: Server, task_runs: int) -> int:
    """How many it never writes: the workers tell it by events, which it takes in its own time.

    Prefect gives up an event whose connection broke as it was sent.
    """
    last, changed = server.count("task_runs"), time.monotonic()
    while last < task_runs and time.monotonic() < changed + SETTLED_S:
        time.sleep(0.5)
        count = server.count("task_runs")
        if count != last:
            last, changed = count, time.monotonic()
    return max(0, task_runs - last)


def disk_bytes(folder: Path) -> int:
    """What the files below a folder take of the disk."""
    return sum(f.lstat().st_blocks * 512 for f in folder.rglob("*") if f.is_file())


HEAD = "calls", "/s", "first", "all", "last", "worker", "server", "postgres", "behind", "lost"
WIDTHS = 8, 7, 8, 8, 8, 9, 8, 10, 9, 6


def tell(found: Figures) -> None:
    heading = f"{found.database}, {found.workers} worker{'s' * (found.workers > 1)}"
    print(f"{heading:22}" + "".join(f"{h:>{w}}" for h, w in zip(HEAD, WIDTHS, strict=True)))
    turns = {"empty tasks": found.bare, "calls": found.tools, "empty tasks again": found.bare_after}
    turns["empty flow runs"] = found.runs
    for name, took in turns.items():
        print(f"  {name:20}" + "".join(cells(took)))
    met = "met" if max(found.growth, found.cpu_growth) <= GROWTH_BAR else "MISSED"
    print(
        f"  a call, all / first: {found.growth:.2f} x of the clock; last / first:"
        f" {found.cpu_growth:.2f} x of the processors; at most {GROWTH_BAR}: {met}"
    )
    print(
        f"  a call leaves {found.database_kb:.1f} KB in Prefect's database, {found.journal_kb:.1f} in the"
        f" journal, {found.store_kb:.1f} in store and index, {found.memory_kb:.1f} in the workers' memory"
    )
    largest = sorted(found.tables_kb.items(), key=lambda item: -item[1])[:TABLES]
    if largest:
        print("  of the database:", ", ".join(f"{name} {size:.1f} KB" for name, size in largest))
    print(
        f"  {found.artifacts} artifacts were written; an idle worker's look for runs takes the server"
        f" {found.poll_cpu_ms:.1f} ms",
        flush=True,
    )


def cells(took: Turn) -> list[str]:
    """Of one row: a second, then milliseconds a call of the clock and of the processors, then seconds."""
    numbers = (1000 / took.ms_all, took.ms_few, took.ms_all, took.ms_last)
    numbers += (took.worker_cpu_ms, took.server_cpu_ms, took.postgres_cpu_ms, took.behind_s)
    told = [f"{took.calls}", *(f"{number:.1f}" for number in numbers), f"{took.lost}"]
    return [f"{text:>{width}}" for text, width in zip(told, WIDTHS, strict=True)]


if __name__ == "__main__":
    sys.exit(main())
