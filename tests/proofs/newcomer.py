"""What the README prints, done as it stands there by somebody who has nothing but Python and the checkout.

    python tests/proofs/newcomer.py [--tests] [--wheel]

In a copy of what git holds, with empty data folders and no variable but those of the package index: the
command that makes a film, `filmeto up`, the deployment to its end, the pipeline of one's own, `filmeto
status`, `filmeto down`. Afterwards the films are there and whole, Prefect has the runs as Completed, no process is left
and the ports are free. `--tests` runs the README's test command, too; `--wheel` builds a wheel and makes
the film with it in an empty environment away from the checkout. The ports 4200 and 8000 have to be free.
Exit code 1 where something of it does not hold.
"""

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from machines import with_in_environment  # noqa: E402

from filmeto_core import media  # noqa: E402

KEPT = re.compile(r"(PIP|UV|SSL|REQUESTS)_|(HOME|LANG|TMPDIR)$|(https?|no)_proxy$", re.IGNORECASE)
PATHS = [place for place in os.environ["PATH"].split(os.pathsep) if "/venv" not in place]
PORTS = (4200, 8000)
LIMIT_S = 3600.0


class Newcomer:
    """Who has a checkout and empty folders.

    Args:
        folder: Where all of it goes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.checkout = folder, folder / "filmeto"
        self.problems: list[str] = []
        for name in ("home", "prefect", "elsewhere"):
            (folder / name).mkdir()
        subprocess.run(["git", "clone", "-q", str(ROOT), str(self.checkout)], check=True)
        own = {"FILMETO_HOME": str(folder / "home"), "PREFECT_HOME": str(folder / "prefect")}
        plain = {name: value for name, value in os.environ.items() if KEPT.match(name)}
        self.environment = {**plain, **own, "PATH": os.pathsep.join(PATHS)}

    def does(self, command: str, where: Path | None = None) -> str:
        """Run one line as a shell does; what it printed."""
        print(f"$ {command}", flush=True)
        began = time.monotonic()
        with subprocess.Popen(
            command,
            shell=True,
            cwd=where or self.checkout,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            said = process.communicate(timeout=LIMIT_S)[0]
        print(f"  {time.monotonic() - began:.0f} s, exit code {process.returncode}", flush=True)
        if process.returncode:
            self.problems.append(f"{command}: exit code {process.returncode}\n{said[-2000:]}")
        return said

    def printed(self, mark: str) -> list[str]:
        """The lines of the README's block with this mark."""
        text = (self.checkout / "README.md").read_text(encoding="utf-8")
        return text.partition(f"<!-- {mark} -->\n```sh\n")[2].partition("\n```")[0].splitlines()

    def sees(self, film: Path) -> None:
        """A film is there, and can be decoded."""
        if not film.is_file():
            self.problems.append(f"{film.name} of {film.parent.name} is not there")
            return
        told = media.probe(film)
        print(
            f"  {film.parent.name}/{film.name}: {told.duration_s:.1f} s, {told.width_px}x{told.height_px}"
        )

    def walks_the_ways(self) -> None:
        """The film at once, as a deployment, and the tools in a flow of one's own."""
        for command in [*self.printed("film"), *self.printed("ways")]:
            said = self.does(command)
        clip = Path(said.strip().splitlines()[-1])
        for film in (
            self.checkout / "out/lighthouse/film.mp4",
            self.checkout / "made/film.mp4",
            clip,
        ):
            self.sees(film)
        asked = f"http://127.0.0.1:{PORTS[0]}/api/flow_runs/filter"
        runs = json.loads(
            self.does(f"curl -s -X POST {asked} -H 'content-type: application/json' -d '{{}}'")
        )
        done = sorted(run["name"] for run in runs if run["state_type"] == "COMPLETED")
        print(f"  completed runs: {', '.join(done)}")
        if len([name for name in done if name.startswith("film: ")]) != 2:
            self.problems.append("Prefect does not have two films as Completed")
        self.does(".venv/bin/filmeto status")
        self.does(".venv/bin/filmeto down")

    def leaves_nothing(self) -> None:
        """Neither a process nor a port that somebody listens at."""
        left = with_in_environment(f"FILMETO_HOME={self.folder}")
        self.problems += [f"left: {command}" for command in left.values()]
        self.problems += [f"port {port} is taken" for port in PORTS if taken(port)]

    def installs_a_wheel(self) -> None:
        """A film by a wheel, in an empty environment away from the checkout."""
        elsewhere = self.folder / "elsewhere"
        shutil.copy(self.checkout / "requirements.lock", elsewhere)
        shutil.copy(self.checkout / "examples/neon.yaml", elsewhere / "story.yaml")
        self.does(f"python3 -m pip wheel -q --no-deps -w {elsewhere} .")
        self.does(
            "python3 -m venv own && own/bin/pip install -q -c requirements.lock *.whl", elsewhere
        )
        self.does("own/bin/filmeto film story.yaml", elsewhere)
        self.sees(elsewhere / "out/story/film.mp4")
        self.does("own/bin/filmeto down", elsewhere)


def taken(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tests", action="store_true", help="the README's test command, too")
    parser.add_argument("--wheel", action="store_true", help="a film by a wheel, too")
    asked = parser.parse_args()
    if busy := [port for port in PORTS if taken(port)]:
        print(f"somebody listens at {busy}; it needs these ports")
        return 2
    with tempfile.TemporaryDirectory(prefix="newcomer-") as folder:
        newcomer = Newcomer(Path(folder))
        newcomer.walks_the_ways()
        newcomer.leaves_nothing()
        if asked.wheel:
            newcomer.installs_a_wheel()
            newcomer.leaves_nothing()
        if asked.tests:
            newcomer.does(newcomer.printed("test")[0])
    print("\n".join(newcomer.problems) or "all held")
    return 1 if newcomer.problems else 0


if __name__ == "__main__":
    sys.exit(main())
