"""Films through a provider that wants money are killed at random moments, and made all the same.

    python tests/proofs/chaos_films.py [--runs 200] [--seed 1] [--out DIR] [--jobs 2] [--keyless]

It is `filmeto chaos` with a fake provider, which is slow, busy, broken, and loses connections before
and after it took a job. Its own count is compared as well: whatever was killed, it was asked for
every job once. With --keyless the provider takes no idempotency key. Jobs of which nobody knows
then are decided as a user would: by a look at what the provider has. --out keeps the ledger, and
the same command goes on where it stopped. Exits 1 if anything did not hold.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from paid_ledger import Made as Job  # noqa: E402
from paid_ledger import count, entries  # noqa: E402
from paid_media import request_digest  # noqa: E402
from stage import copy_plugin, temporary_home  # noqa: E402

from filmeto_core.chaos.blows import VICTIMS  # noqa: E402
from filmeto_core.chaos.chaos import Chaos  # noqa: E402
from filmeto_core.chaos.report import Report  # noqa: E402
from filmeto_core.chaos.scene import Asked, Scene  # noqa: E402
from filmeto_core.journal.models import Call  # noqa: E402
from filmeto_core.journal.models import Job as Noted  # noqa: E402
from filmeto_core.tasks.runtime import close_service  # noqa: E402

STORYBOARD = Path(__file__).with_name("chaos.yaml")
PROJECT = """\
plugins: ./plugins
profiles:
  paid: {text2image: paid_0, image2video: paid_0, text2speak: paid_0, text2music: paid_0}
"""
TROUBLES = {
    "busy": 0.02,
    "broken": 0.01,
    "lose-before": 0.01,
    "lose-after": 0.02,
    "lose-file": 0.02,
}
KEYLESS_TROUBLES = {**TROUBLES, "lose-before": 0.005, "lose-after": 0.01}


@dataclass
class Proof:
    """What came of it: the command's own report, and what the provider says."""

    report: Report
    asked: int = 0
    problems: list[str] = field(default_factory=list)


@contextmanager
def provider(state: Path, *switches: str) -> Iterator[str]:
    """The fake in a process of its own, while this lasts: its address."""
    command = [sys.executable, str(ROOT / "tests" / "proofs" / "paid_provider.py")]
    command += ["--state", str(state), "--until-eof", *switches]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def set_project(folder: Path, keyless: bool) -> None:
    """A project with the paid plugin, which is the working folder from here on."""
    (folder / "plugins").mkdir(parents=True, exist_ok=True)
    if not (folder / "plugins" / "paid_0").exists():
        copy_plugin("paid", folder / "plugins")
    if keyless:
        manifest = folder / "plugins" / "paid_0" / "plugin.yaml"
        told = manifest.read_text()
        manifest.write_text(told.replace("idempotency_key: true", "idempotency_key: false"))
    (folder / "filmeto.yaml").write_text(PROJECT)
    os.chdir(folder)


class LooksAtProvider:
    """Decides what is unknown: a job that the provider has is collected, else sent anew."""

    def __init__(self, state: Path) -> None:
        self._state = state

    def __call__(self, scene: Scene, job: Noted, calls: list[Call]) -> list[str] | None:
        """The arguments of the `filmeto` command that the user gives."""
        call = next((c for c in calls if c.key == job.key), None)
        if call is None:
            return None
        inputs = [digest.removeprefix("sha256:") for digest in call.resources]
        request = request_digest(call.tool, call.parameters, inputs)
        for made in entries(self._state):
            if made.account == scene.take and made.request == request:
                return ["runs", "resume", job.idempotency_key, made.job]
        return ["runs", "retry", job.idempotency_key]


def chaos_films(
    runs: int,
    seed: int,
    out: Path,
    *,
    side_by_side: int = 2,
    keyless: bool = False,
    victims: tuple[str, ...] = VICTIMS,
    storyboard: Path = STORYBOARD,
    say=lambda line: None,
) -> Proof:
    """A whole run; `out` has all of it, and its path is used as FILMETO_HOME's too."""
    state = out / "provider"
    set_project(out / "project", keyless)
    os.environ.setdefault("FILMETO_HOME", str(out / "data"))
    os.environ["PYTHONPATH"] = str(ROOT)  # of the commands, which run elsewhere
    troubles = KEYLESS_TROUBLES if keyless else TROUBLES
    switches = [word for name, share in troubles.items() for word in (f"--{name}", str(share))]
    switches += ["--seed", str(seed), *(["--keyless"] if keyless else [])]
    with provider(state, *switches) as url:
        environment = {
            "PAID_PROVIDER_URL": f"{url}/{{take}}",
            "PAID_PROVIDER_KEYLESS": "1" if keyless else "",
            "FILMETO_CONCURRENCY": "4",
        }
        run = Chaos(
            Asked(storyboard, out / "chaos", environment=environment),
            seed=seed,
            victims=victims,
            side_by_side=side_by_side,
            decide=LooksAtProvider(state) if keyless else None,
            say=say,
            again=["python", "tests/proofs/chaos_films.py", "--seed", str(seed)],
        )
        report = run.run(runs)
    proof = Proof(report)
    judge(proof, entries(state))
    return proof


def judge(proof: Proof, made: list[Job]) -> None:
    """Compare with the provider's own count."""
    for film in proof.report.films:
        proof.problems += [f"film {film.number}: {what}" for what in (*film.twice, *film.problems)]
        told = count(made, film.take)
        proof.asked += told.jobs
        for request, times in told.twice.items():
            proof.problems.append(f"film {film.number}: the provider made {request} {times} times")
        if film.end == "done" and told.jobs != film.tally.jobs:
            noted = f"{film.tally.jobs} are in the journal"
            proof.problems.append(
                f"film {film.number}: the provider made {told.jobs} jobs, {noted}"
            )
    if len(proof.report.films) != proof.report.wanted:
        proof.problems.append(f"{len(proof.report.films)} films of {proof.report.wanted}")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="keep the ledger here, and go on from it")
    parser.add_argument("--jobs", type=int, default=2, help="films side by side")
    parser.add_argument("--keyless", action="store_true")
    asked = parser.parse_args()
    with temporary_home() as home:
        out = (asked.out or home).absolute()
        proof = chaos_films(
            asked.runs,
            asked.seed,
            out,
            side_by_side=asked.jobs,
            keyless=asked.keyless,
            say=lambda line: print(line, flush=True),
        )
        close_service()
    print("\n".join(proof.report.lines()))
    print(f"the provider made {proof.asked} jobs")
    for problem in proof.problems:
        print(f"FAILED: {problem}")
    return 1 if proof.problems else 0


if __name__ == "__main__":
    sys.exit(main())
