"""Stills to film, through the flow, against bare ffmpeg that encodes the same frames once.

    python tests/benchmarks/bench_film.py
    python tests/benchmarks/bench_film.py --only cached    # the last part alone

The lighthouse film is made once, for its stills, voices and score; then, in turn, the flow makes the
film of them anew (clips, assembly, contact sheet) and bare ffmpeg encodes its clips and mixes its
sound. Then a film of 100 small shots, for the memory of the flow's process, and the same once more: nothing
of it may be computed, and a cached call is held against a bare Prefect task. Exit code 1 if a bar is
missed.
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "film"), str(ROOT / "tests" / "benchmarks")]

ROUNDS = 3
CACHED_ROUNDS = 7
SETTLE_S = 4.0
BAR, AIM = 4.0, 2.0
MEMORY_BAR_MB = 400.0
LONG_SHOTS = 100
CACHED_BAR = 2.0  # a cached call of a film / a bare Prefect task


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=["cached"])
    asked, rows = parser.parse_args(), []
    with tempfile.TemporaryDirectory() as name:
        os.environ["FILMETO_HOME"] = str(Path(name) / "home")
        from filmeto_core.prefect_server import ensure_server

        ensure_server(print)
        os.environ["PREFECT_LOGGING_LEVEL"] = "CRITICAL"
        if asked.only is None:
            bare, ours, first, second = measure(Path(name))
            told(bare, ours, first, second)
            ratio = statistics.median(o / b for o, b in zip(ours, bare, strict=True))
            rows = [(f"stills to film / bare ffmpeg (aim {AIM:g})", ratio, BAR, "x")]
        long_mb = long_film(Path(name))
        calls, computed, a_call, a_task = cached_film(Path(name))
    print(f"{'the long film again, a call of it':46} {a_call * 1000:7.1f} ms")
    print(f"{'as many bare Prefect tasks in a flow, a task':46} {a_task * 1000:7.1f} ms")
    rows += [
        (f"computed of its {calls} calls", computed, 0, ""),
        ("a cached call of it / a bare Prefect task", a_call / a_task, CACHED_BAR, "x"),
        (f"memory of the flow's process, {LONG_SHOTS} shots too", long_mb, MEMORY_BAR_MB, "MB"),
    ]
    for what, got, bar, unit in rows:
        print(f"{what:46} {got:7.2f} {unit} (bar {bar:g})  {'ok' if got <= bar else 'MISSED'}")
    return int(any(got > bar for _, got, bar, _ in rows))


def told(bare: list[float], ours: list[float], first: float, second: float) -> None:
    print(f"{'the lighthouse film, everything computed':46} {first:7.1f} s")
    print(f"{'again, everything from the cache':46} {second:7.1f} s")
    print(f"{'bare ffmpeg, the same frames encoded once':46} {statistics.median(bare):7.1f} s")
    print(f"{'stills to film':46} {statistics.median(ours):7.1f} s")


def make(storyboard, out: Path):
    """Make a film by the flow, in this process."""
    from filmeto_core.cli.flow_run import load_flow

    return asyncio.run(load_flow("film.py", "film")(storyboard, out=out))


def measure(folder: Path) -> tuple[list[float], list[float], float, float]:
    from bench_assembly import bare_ffmpeg, timed

    from filmeto_core.film.film_parts import FilmParts
    from filmeto_core.film.storyboard import load_storyboard

    source, out = ROOT / "examples" / "lighthouse.yaml", folder / "first"
    make(source, out)  # installs what is missing
    os.environ["FILMETO_HOME"] = str(folder / "timed")
    (folder / "timed").mkdir()
    (folder / "timed" / "environments").symlink_to(folder / "home" / "environments")
    first = timed(lambda: make(source, out))
    second = timed(lambda: make(source, out))
    board = load_storyboard(source).to_dict()
    for shot in board["shots"]:
        parts = out / "shots" / shot["id"]
        shot["image"], shot["voice_file"] = str(parts / "still.png"), str(parts / "voice.wav")
        del shot["prompt"]
    board["music"] = {"file": str(out / "score.wav")}
    ids = [shot["id"] for shot in board["shots"]]
    files = FilmParts(
        {i: out / "shots" / i / "clip.mp4" for i in ids},
        {i: out / "shots" / i / "voice.wav" for i in ids},
        score=out / "score.wav",
    )
    bare, ours = [], []
    for number in range(ROUNDS):
        anew = {**board, "take": number + 2, "title": f"round {number}"}
        ours.append(timed(lambda b=anew: make(b, folder / "ours")))
        bare.append(timed(lambda: bare_ffmpeg(folder, files)))
    return bare, ours, first, second


def long_board() -> dict:
    """A film of many small shots."""
    dissolve = {"kind": "dissolve", "duration_s": 0.25}
    shot = {"prompt": "the sea at dawn", "duration_s": 1, "transition": dissolve}
    shots = [{**shot, "id": f"s{i}", "seed": i} for i in range(LONG_SHOTS)]
    shots[0]["transition"] = "cut"
    return {"title": "long", "size": "320x180", "shots": shots}


def long_film(folder: Path) -> float:
    """MB that this process had at most, after a film of many shots too."""
    make(long_board(), folder / "long")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def cached_film(folder: Path) -> tuple[int, int, float, float]:
    """The long film made again: its calls, those computed, seconds a call, and those of a bare task.

    Both are whole flows, with all that a flow costs, in turns; the film's also lays out its files. Each
    begins once Prefect's server has written what the one before told it.
    """
    from bench_assembly import timed

    records = Path(os.environ["FILMETO_HOME"]) / "cache" / "records"
    before = {path: path.stat().st_ino for path in records.glob("*/*")}
    ours, bare = [], []
    make(long_board(), folder / "long")
    calls = len(json.loads((folder / "long" / "film.json").read_text())["assets"])
    for _ in range(CACHED_ROUNDS):
        time.sleep(SETTLE_S)
        ours.append(timed(lambda: make(long_board(), folder / "long")))
        time.sleep(SETTLE_S)
        bare.append(timed(lambda: bare_tasks(calls)))
    computed = sum(before.get(path) != path.stat().st_ino for path in records.glob("*/*"))
    return calls, computed, statistics.median(ours) / calls, statistics.median(bare) / calls


def bare_tasks(count: int) -> None:
    """A flow of so many tasks at once that do nothing."""
    from prefect import flow, task

    @task
    async def bare(number: int) -> int:
        return number

    @flow
    async def many() -> list[int]:
        return await asyncio.gather(*(bare(number) for number in range(count)))

    asyncio.run(many())


if __name__ == "__main__":
    try:
        code = main()
    finally:
        from filmeto_core.tasks.runtime import close_service

        close_service()
    sys.exit(code)
