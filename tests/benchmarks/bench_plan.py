"""How long `filmeto film --plan` takes for a film of 1,000 shots, which is 3,001 calls.

    python tests/benchmarks/bench_plan.py [--shots 1000] [--rounds 5]

The whole command is measured, from its start to its end, with nothing cached and with everything
cached and journalled; beside it what a bare `python -c pass` takes, and the processor's time, which
others' work on the machine does not lengthen as much. Exit code 1 if the bar is missed.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import yaml  # noqa: E402

BAR_S = 2.0
PROFILES = """
profiles:
  quick: {text2image: quick, image2video: quick, text2speak: quick, text2music: quick}
"""
WORDS = "lighthouse keeper boat storm gull harbour winter rope lamp window stair rain".split()
VOICE_S = 2.5


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shots", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        os.environ.update(
            FILMETO_HOME=str(work / "home"),
            FILMETO_PLUGINS=str(ROOT / "tests" / "plugins"),
            PYTHONPATH=str(ROOT),
        )
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.chdir(work)
        (work / "filmeto.yaml").write_text(PROFILES)
        (work / "film.yaml").write_text(yaml.safe_dump(board(options.shots)))
        bare = timed(["-c", "pass"], options.rounds)
        none = timed(["-m", "filmeto_core", "film", "film.yaml", "--plan"], options.rounds)
        fill()
        all_ = timed(["-m", "filmeto_core", "film", "film.yaml", "--plan"], options.rounds)
    rows = [("a bare python", bare), ("plan, nothing cached", none), ("plan, all cached", all_)]
    for what, (wall, cpu, said) in rows:
        judged = "" if what == "a bare python" else "  ok" if wall <= BAR_S else "  MISSED"
        print(f"{what:22} {wall:6.2f} s, {cpu:5.2f} s of processor time{judged}  {said}")
    return int(any(wall > BAR_S for what, (wall, *_) in rows[1:]))


def board(shots: int) -> dict:
    """A film of so many shots that speak, with music."""

    def shot(i: int) -> dict:
        first, second = WORDS[i % 12], WORDS[(i * 7 + 3) % 12]
        told = {"id": f"shot-{i}", "prompt": f"a {first} by the {second} at hour {i}"}
        told["narration"] = f"On day {i} he looked for the {second}, and then went home."
        return told | ({"transition": "dissolve"} if i and i % 4 == 0 else {})

    told = {"title": "Long", "size": "640x360", "profile": "quick", "music": "calm piano"}
    return {**told, "shots": [shot(i) for i in range(shots)]}


def timed(arguments: list[str], rounds: int) -> tuple[float, float, str]:
    """Medians of wall and processor time in seconds, and the last line that was said."""
    walls, cpus, said = [], [], ""
    for _ in range(rounds):
        before, started = os.times(), time.perf_counter()
        done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
        walls.append(time.perf_counter() - started)
        after = os.times()
        user, system = (
            after.children_user - before.children_user,
            after.children_system - before.children_system,
        )
        cpus.append(user + system)
        if done.returncode:
            raise SystemExit(done.stderr)
        said = (done.stdout.splitlines() or [""])[-1]
    return statistics.median(walls), statistics.median(cpus), said


def fill() -> None:
    """Let every call of the film be a finished one, as a run leaves it, all of them of one picture,
    one clip and one sound."""
    from PIL import Image

    from filmeto_core.tasks.runtime import close_service, service
    from filmeto_core.types import ResourceOutput

    here = service()
    path = Path("made.png")
    Image.new("RGB", (2, 2)).save(path)
    kept = here.store.put_file(path)
    told = {"digest": kept.digest, "duration_s": VOICE_S}
    output = ResourceOutput(type="image", path=str(kept.path), metadata=told)
    while keep_all(here, output):
        pass
    here.journal.close()
    close_service()


def keep_all(here, output) -> int:
    """Keep a record of each call that can be told; how many there were."""
    from filmeto_core.journal.call_notes import Noted
    from filmeto_core.plan.planner import plan_film
    from filmeto_core.resources.calls import CallRecord

    plan = plan_film(here, "film.yaml")
    missing = [c for c in (*plan.calls, plan.assembly) if c.action == "compute" and c.key]
    for call in missing:
        told = {"tool": call.tool, "plugin": call.plugin, "plugin_version": call.plugin_version}
        here.calls.put(CallRecord(key=call.key, outputs=(output,), seconds=0.1, **told))
        noted = Noted(
            id=call.key,
            key=call.key,
            fingerprint="",
            parameters={"prompt": f"a prompt of {call.shot}", "width": 640, "height": 360},
            resources=(),
            take=1,
            film=plan.film,
            shot=call.shot,
            **told,
        )
        if call.tool != "assemble":
            here.journal.reused(noted, 0.1, None, [output.digest])
    here.journal.flush()
    return len(missing)


if __name__ == "__main__":
    raise SystemExit(main())
