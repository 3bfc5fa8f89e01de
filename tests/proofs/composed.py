"""The page for containers, followed with a real `docker compose`, in a fresh clone.

    python tests/proofs/composed.py

The commands are those that docs/self-hosting.md prints, called by somebody who is no user of the image. Then
it has to hold that Prefect's UI is there; that the film is theirs; that each part that is killed comes back
and makes another film; that a restarted Postgres does not disturb the next one; that three workers can be
had; that all stop by themselves in time, and that what was made is there when they are started again. It
needs root, docker with its compose plugin, port 4200 free, and the images python:3.12-slim and postgres:17.
It leaves the images and throws away the containers and their volumes. Exit code 1 where something of it
does not hold.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from printed_page import blocks, lines, told

ROOT = Path(__file__).resolve().parents[2]
(PRINTED,) = blocks("self-hosting.md", "Containers")
FILM = lines(PRINTED)[-1]
BOARD = "size: 64x64\nfps: 12\nshots: [{id: one, prompt: a bridge, duration_s: 1}]\n"
UP_S = 1800.0  # the image is built
READY_S = 300.0
USER = 1234  # somebody with an id of their own, as most who are not the first on a machine
KILLED = ("worker", "host", "prefect")
UI = "http://127.0.0.1:4200/"


class Composed:
    """The parts of one clone: commands in it, and what did not hold."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.problems: list[str] = []

    def run(self, command: str, timeout_s: float = READY_S) -> str:
        """A command in deployments/: what it printed; a problem where it fails."""
        done = subprocess.run(
            ["timeout", str(timeout_s), "sh", "-ec", command],  # 124 is its exit code
            cwd=self.folder / "deployments",
            env={**os.environ, "HOME": str(self.folder)},
            user=USER,
            group=USER,
            extra_groups=[docker_group()],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            self.problems.append(
                f"{command}: exit code {done.returncode}\n{(done.stdout + done.stderr)[-3000:]}"
            )
        return done.stdout.strip()

    def expect(self, what: str, held: bool) -> None:
        if not held:
            self.problems.append(what)

    def parts(self, everything: bool = False) -> dict[str, dict]:
        """The containers by their services; `everything`: also those that ended."""
        flag = "--all " if everything else ""
        told = self.run(f"docker compose ps {flag}--format json").splitlines()
        return {one["Service"]: one for one in map(json.loads, told)}

    def inspected(self, service: str, what: str) -> str:
        name = self.parts(everything=True)[service]["Name"]
        return self.run(f"docker inspect --format '{{{{{what}}}}}' {name}")

    def wait_healthy(self, after: str) -> None:
        """Until each part is."""
        began = time.monotonic()
        while time.monotonic() < began + READY_S:
            parts = self.parts()
            if all(
                parts.get(name, {}).get("Health") == "healthy" for name in (*KILLED, "postgres")
            ):
                print(f"  {after}: healthy after {time.monotonic() - began:.0f} s", flush=True)
                return
            time.sleep(1)
        self.problems.append(f"{after}: not healthy after {READY_S:.0f} s: {self.parts(True)}")

    def film(self, board: str, out: str) -> None:
        """The page's film, of another storyboard."""
        began = time.monotonic()
        (self.folder / "deployments" / "project" / board).write_text(BOARD.replace("bridge", out))
        self.run(FILM.replace("story.yaml", board).replace("out=made", f"out={out}"))
        self.made(out)
        print(f"  {out} in {time.monotonic() - began:.0f} s", flush=True)

    def made(self, out: str) -> None:
        film = self.folder / "deployments" / "project" / out / "film.mp4"
        self.expect(f"{film} is not there", film.exists() and film.stat().st_size > 0)
        self.expect(f"{film} is another user's", film.exists() and film.stat().st_uid == USER)


def prove(composed: Composed) -> None:
    began = time.monotonic()
    for line in lines(PRINTED)[1:]:  # the first goes to the folder
        composed.run(line, UP_S)
        print(f"  {time.monotonic() - began:4.0f} s  {line}", flush=True)
    composed.made("made")
    composed.expect("Prefect has no UI", "<title>Prefect" in page(UI))
    composed.wait_healthy("up")
    if composed.problems:
        return
    for service in KILLED:
        os.kill(int(composed.inspected(service, ".State.Pid")), 9)
    time.sleep(2)
    composed.wait_healthy("killed")
    for service in KILLED:
        restarts = composed.inspected(service, ".RestartCount")
        composed.expect(f"{service} was not started again", int(restarts) > 0)
    composed.film("again.yaml", "again")
    composed.run("docker compose restart postgres")
    composed.wait_healthy("Postgres restarted")
    composed.film("then.yaml", "then")
    composed.run("docker compose up --detach --scale worker=3")
    workers = composed.run("docker compose ps --format json worker").splitlines()
    composed.expect(f"{len(workers)} workers run, and not 3", len(workers) == 3)
    stop(composed)
    composed.run("docker compose up --detach")
    composed.wait_healthy("up again")
    composed.run(FILM.replace("out=made", "out=once_more"))  # from what is in the volume
    composed.made("once_more")
    journal = composed.run("docker compose exec -T worker filmeto runs ls --json")
    composed.expect("the volume lost its journal", len(json.loads(journal)) >= 4)


def stop(composed: Composed) -> None:
    """All of them, none by force: that would be exit code 137."""
    began = time.monotonic()
    composed.run("docker compose stop")
    print(f"  stopped in {time.monotonic() - began:.1f} s", flush=True)
    for service, part in composed.parts(everything=True).items():
        composed.expect(f"{service} had to be killed", part["ExitCode"] != 137)


def docker_group() -> int:
    """Whose members may ask the docker daemon."""
    host = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    return os.stat(host.removeprefix("unix://")).st_gid


def page(url: str) -> str:
    asked = urllib.request.Request(url, headers={"Accept": "text/html"})
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.read().decode()
    except OSError as error:
        return str(error)


def main() -> int:
    if (
        os.geteuid()
        or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode
    ):
        print("it needs root, and docker with its compose plugin")
        return 2
    with socket.socket() as taken:
        if not taken.connect_ex(("127.0.0.1", 4200)):
            print("port 4200 is in use")
            return 2
    folder = Path(tempfile.mkdtemp(prefix="composed-"))
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    subprocess.run(["chown", "--recursive", f"{USER}:{USER}", str(folder)], check=True)
    composed = Composed(folder)
    try:
        prove(composed)
        if composed.problems:
            composed.problems.append(composed.run("docker compose logs --tail 30"))
    finally:
        composed.run("docker compose down --volumes --timeout 60")
        shutil.rmtree(folder)
    return told(composed.problems)


if __name__ == "__main__":
    sys.exit(main())
