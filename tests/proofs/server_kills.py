"""A server is killed at moments of tasks and of films that cost money, and started again.

    python tests/proofs/server_kills.py [--kills 10] [--seed 1] [--only tasks|films]

A real `filmeto serve`, its plugins' jobs at a provider on loopback that counts what it is asked for.
The server is killed (kill -9; of tasks' rounds, each third is ended by SIGTERM) after so many events
were seen, a number that the seed tells. After each start every status has to be true, watchers go on
by Last-Event-ID and get each event once and in order, all ends well and once, nothing is sent to the
provider twice, and no process is left. Exits 1 if anything did not hold.
"""

import argparse
import asyncio
import random
import sys
import uuid
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402
import yaml  # noqa: E402
from chaos_films import PROJECT, STORYBOARD, provider  # noqa: E402
from paid_ledger import count, entries  # noqa: E402
from served import Server, Watcher, served, whole_stream  # noqa: E402
from stage import copy_plugin, prefect_server, temporary_home  # noqa: E402

TASKS = 4  # in flight at once
OVER = ("success", "error", "cancelled")
ACCOUNT = "served"


@dataclass
class Report:
    """What came of it."""

    kills: int = 0
    ends: int = 0  # by SIGTERM
    tasks: int = 0
    films: int = 0
    events: int = 0
    jobs: int = 0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.ends} kind ends; {self.tasks} tasks, {self.films} films, "
            f"{self.events} events watched, {self.jobs} jobs at the provider"
        )


def set_stage(folder: Path) -> None:
    """The server's working folder: a project with the paid plugin alone."""
    (folder / "plugins").mkdir(parents=True)
    copy_plugin("paid", folder / "plugins")
    (folder / "filmeto.yaml").write_text(PROJECT)


async def server_kills(
    kills: int, seed: int, stage: Path, *, only: str | None = None, board: Path = STORYBOARD
) -> Report:
    """All of it, in a folder of its own."""
    report = Report()
    state = stage / "provider"
    with provider(state, "--seed", str(seed), "--slow-s", "0.3") as url:
        variables = {
            "PAID_PROVIDER_URL": f"{url}/{ACCOUNT}",
            "FILMETO_CONCURRENCY": "3",
            "FILMETO_SERVE_STOP_GRACE_S": "1",
        }
        set_stage(stage / "home")
        async with served(stage / "home", variables) as server:
            if only != "films":
                await kill_tasks(server, kills, random.Random(f"tasks {seed}"), report)
                _compare(report, state, report.tasks)
            if only != "tasks":
                shots = len(yaml.safe_load(board.read_text())["shots"])
                told = yaml.safe_load(board.read_text())
                voices = sum("narration" in shot for shot in told["shots"])
                before = report.jobs
                await kill_films(server, kills, random.Random(f"films {seed}"), report, told)
                _compare(report, state, before + report.films * (2 * shots + voices + 1))
            await server.terminate()
            if left := server.left():
                report.problems.append(f"processes are left: {left}")
    return report


def _compare(report: Report, state: Path, wanted: int) -> None:
    """With the provider's own count."""
    told = count(entries(state), ACCOUNT)
    report.jobs = told.jobs
    if told.jobs != wanted:
        report.problems.append(f"the provider made {told.jobs} jobs, {wanted} were asked for")
    report.problems += [f"the provider made {r} {n} times" for r, n in told.twice.items()]


# --- tasks ----------------------------------------------------------------------------------------


async def kill_tasks(server: Server, kills: int, chance: random.Random, report: Report) -> None:
    """So many rounds of a few tasks, each cut off once."""
    for number in range(kills):
        kind = number % 3 == 2
        await _round(server, number, kind, chance.randint(1, 5 * TASKS), report)


async def _round(server: Server, number: int, kind: bool, moment: int, report: Report) -> None:
    seen, cut = 0, asyncio.Event()

    def saw(_event: dict) -> None:
        nonlocal seen
        seen += 1
        if seen == moment:
            cut.set()
            if not kind:
                server.kill()

    keys = [uuid.uuid4().hex for _ in range(TASKS)]
    ids = await asyncio.gather(*(_post(server, number, i, key) for i, key in enumerate(keys)))
    watchers = [Watcher(server, f"/api/v1/tasks/{i}/events", saw=saw) for i in ids]
    watching = [asyncio.create_task(watcher.run()) for watcher in watchers]
    await _first(cut, asyncio.gather(*watching))
    if kind:
        code = await server.terminate()
        if code != 0:
            report.problems.append(f"round {number}: SIGTERM ended it with {code}")
    elif not cut.is_set():
        server.kill()
    report.kills += not kind
    report.ends += kind
    if left := server.left():
        report.problems.append(f"round {number}: processes are left: {left}")
    ended = {i: w.last for i, w in zip(ids, watchers, strict=True) if w.over}
    await server.start()
    again = await asyncio.gather(*(_post(server, number, i, key) for i, key in enumerate(keys)))
    if again != ids:
        report.problems.append(f"round {number}: a key's task is another one now")
    for i in ids:
        told = await server.get(f"/api/v1/tasks/{i}")
        if i in ended and (told["status"], told["result"]) != _as_told(ended[i]):
            report.problems.append(f"round {number}: {i} had ended, and is {told['status']} now")
    await asyncio.gather(*watching)
    await _look(server, ids, watchers, report)
    report.tasks += TASKS
    report.events += sum(len(watcher.events) for watcher in watchers)


async def _first(cut: asyncio.Event, watching: asyncio.Future) -> None:
    """Wait for the cut, or for the end of all that is watched."""
    cutting = asyncio.create_task(cut.wait())
    await asyncio.wait([cutting, watching], return_when=asyncio.FIRST_COMPLETED)
    cutting.cancel()


def _as_told(event: dict) -> tuple[str, dict | None]:
    fields = {name: value for name, value in event.items() if name != "_type"}
    return ("success", fields) if event["_type"] == "result" else ("error", None)


async def _post(server: Server, number: int, i: int, key: str) -> str:
    """The id of a task that is posted until it is answered."""
    asked = {"tool_name": "text2image", "plugin_name": "paid_0"}
    asked["parameters"] = {"prompt": f"picture {i} of round {number}"}
    while True:
        await server.up.wait()
        try:
            async with server.client() as client:
                headers = {"Idempotency-Key": key}
                answer = await client.post("/api/v1/tasks", json=asked, headers=headers)
                answer.raise_for_status()
                return answer.json()["task_id"]
        except httpx.TransportError:
            await asyncio.sleep(0.02)


async def _look(server: Server, ids: list[str], watchers: list[Watcher], report: Report) -> None:
    """At how all of them ended, and at what their watchers saw."""
    for task_id, watcher in zip(ids, watchers, strict=True):
        report.problems += watcher.problems()
        told = await server.get(f"/api/v1/tasks/{task_id}")
        if (told["status"], told["result"]) != _as_told(watcher.last):
            report.problems.append(f"{task_id} is {told}, and {watcher.last} was told")
        if told["status"] != "success":
            report.problems.append(f"{task_id}: {told['status']}: {told['error']}")
            continue
        if not all(Path(path).is_file() for path in told["result"]["output_files"]):
            report.problems.append(f"{task_id}: a file of its result is not there")
        told_of = [(i[0], e["percent"]) for i, e in watcher.events if e["_type"] == "progress"]
        percents = [percent for epoch, percent in told_of]
        if told_of != sorted(told_of):
            report.problems.append(f"{task_id}: its percentage fell: {percents}")
        path, last = f"/api/v1/tasks/{task_id}/events", watcher.events[-1][0]
        kept = set(await whole_stream(server, path, last))
        epochs = [event_id for event_id, _ in watcher.events if event_id[0] == last[0]]
        if missing := set(epochs) - kept:
            report.problems.append(f"{task_id}: {missing} were told and are not kept")
        if unseen := {i for i in kept if i > watcher.events[0][0]} - {i for i, _ in watcher.events}:
            report.problems.append(f"{task_id}: {unseen} were kept and not told")


# --- films ----------------------------------------------------------------------------------------


async def kill_films(
    server: Server, kills: int, chance: random.Random, report: Report, board: dict
) -> None:
    """Films, one after the other, until the server was killed so often."""
    left = kills
    while left > 0:
        left -= await _film(server, board, report.films, left, chance, report)
        report.films += 1


async def _film(
    server: Server, board: dict, number: int, kills: int, chance: random.Random, report: Report
) -> int:
    """One film to its end; how often the server was killed meanwhile."""
    shots = [{**s, "prompt": f"{s['prompt']}, film {number}"} for s in board["shots"]]
    shots = [
        {**s, "narration": f"{s['narration']} {number}"} if "narration" in s else s for s in shots
    ]
    music = {"prompt": f"{board['music']['prompt']}, film {number}"}
    told = {**board, "title": f"Film {number}", "shots": shots, "music": music}
    async with server.client() as client:
        answer = await client.post("/api/v1/films", json={"storyboard": told})
        answer.raise_for_status()
        film = answer.json()["id"]
        answer = await client.post(f"/api/v1/films/{film}/runs", json={})
        answer.raise_for_status()
    seen, made, moment, cut = 0, 0, 0, asyncio.Event()

    def saw(_event: dict) -> None:
        nonlocal seen
        seen += 1
        if seen == moment:
            server.kill()
            cut.set()

    watcher = Watcher(server, f"/api/v1/films/{film}/events", _is_run_end, saw)
    watching = asyncio.create_task(watcher.run())
    while made < kills and not watching.done():
        cut.clear()
        moment = seen + chance.randint(1, 40)
        await _first(cut, watching)
        if not cut.is_set():
            break
        made += 1
        report.kills += 1
        if left := server.left():
            report.problems.append(f"film {number}: processes are left: {left}")
        await server.start()
        state = (await server.get(f"/api/v1/films/{film}"))["run"]["state"]
        wanted = ("done",) if watcher.over else ("queued", "running", "done")
        if state not in wanted:
            report.problems.append(f"film {number}: after a kill its run is {state}")
    await watching
    report.events += len(watcher.events)
    report.problems += watcher.problems()
    await _look_at_film(server, film, watcher, report)
    return made


def _is_run_end(event: dict) -> bool:
    return event["_type"] == "run" and event["state"] in ("done", "failed", "cancelled")


async def _look_at_film(server: Server, film: str, watcher: Watcher, report: Report) -> None:
    detail = await server.get(f"/api/v1/films/{film}")
    if detail["run"]["state"] != "done" or watcher.last["state"] != "done":
        report.problems.append(f"{film}: {detail['run']}")
        return
    if not (server.folder / "data" / "films" / "local" / film / "out" / "film.mp4").is_file():
        report.problems.append(f"{film}: there is no film")
    states = {shot["id"]: shot["state"] for shot in detail["shot_list"]}
    if set(states.values()) != {"done"}:
        report.problems.append(f"{film}: shots are {states}")
    tasks = await server.get("/api/v1/tasks", params={"limit": 500})
    open_ones = [task["task_id"] for task in tasks["tasks"] if task["status"] not in OVER]
    if open_ones:
        report.problems.append(f"{film}: tasks are open: {open_ones}")
    path, last = f"/api/v1/films/{film}/events", watcher.events[-1][0]
    kept = set(await whole_stream(server, path, last))
    first, told = watcher.events[0][0], {event_id for event_id, _ in watcher.events}
    if unseen := {i for i in kept if first < i <= last} - told:
        report.problems.append(f"{film}: {unseen} were kept and not told")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("tasks", "films"))
    asked = parser.parse_args()
    with temporary_home() as home:
        with nullcontext() if asked.only == "tasks" else prefect_server(home):
            report = asyncio.run(server_kills(asked.kills, asked.seed, home, only=asked.only))
    print(report)
    for problem in report.problems:
        print(f"FAILED: {problem}")
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
