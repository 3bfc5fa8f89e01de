"""The page for systemd, followed on a systemd that is booted for it, with Postgres.

    python tests/proofs/booted_units.py

A machine of its own as far as namespaces make one: this machine's files, with all that is written kept
apart and thrown away, and systemd as its first process. The commands are those that docs/self-hosting.md
prints, run as they stand there: a virtual environment in /opt/filmeto, the user, the files of
deployments/systemd, a database, `systemctl enable --now`, a film by `prefect deployment run`. Then it has
to hold that Prefect's UI is there; that the parts run as their user and may write where the page says
alone; that each that is killed comes back and makes another film; that after a restart of the machine they
are there by themselves; that Postgres has the records; that each stops in time and leaves no process. It
needs root, systemd, Debian's postgresql and a /usr/bin/python3 that makes virtual environments, ports 4200,
5432 and 8000 free, and the packages' index. Exit code 1 where something of it does not hold.
"""

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from printed_page import blocks, lines, told

ROOT = Path(__file__).resolve().parents[2]
INSTALLING, STARTING = blocks("self-hosting.md", "systemd")
BOOT = Path(__file__).with_name("boot.sh")
UNITS = ("filmeto-prefect", "filmeto-host", "filmeto-worker")
PORTS = (4200, 5432, 8000)
PASSWORD = "d41d8cd98f00b204"
BOARD = "size: 64x64\nfps: 12\nshots: [{id: one, prompt: a boat, duration_s: 1}]\n"
READY_S = 240.0
STOP_S = 60.0  # as the units' TimeoutStopSec
NEEDS = (
    "unshare",
    "nsenter",
    "/lib/systemd/systemd",
    "/usr/bin/python3",
    "pg_ctlcluster",
    "runuser",
)
NAMESPACES = ("--mount", "--pid", "--uts", "--ipc", "--cgroup")


class Machine:
    """The machine: its folder, and while it runs its first process."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.problems: list[str] = []
        self.first: int | None = None

    def install(self, commands: str) -> None:
        """Run commands in it before it is booted, from the checkout."""
        inside = (
            f"set -e; cd /usr/src/filmeto; export PATH=/usr/sbin:/usr/bin:/sbin:/bin\n{commands}"
        )
        then = f"quieten; chroot . sh -c {shlex.quote(inside)}"
        done = subprocess.run(self._argv(["--mount"], then), capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{commands}\n{(done.stdout + done.stderr)[-3000:]}")

    @contextmanager
    def booted(self):
        """Its systemd runs; then all of it is ended."""
        flags = [*NAMESPACES, "--fork", "--kill-child"]
        with open(self.folder / "boot.log", "ab") as log:
            outer = subprocess.Popen(self._argv(flags, "boot"), stdout=log, stderr=log)
        try:
            self.first = self._first_of(outer)
            self.wait(
                "all that it starts runs", "systemctl is-system-running | grep -q running", 60
            )
            yield
        finally:
            outer.kill()
            outer.wait()
            self.first = None

    def run(self, command: str, said: str = "", timeout_s: float = READY_S) -> str:
        """A command in the running machine: what it printed; a problem where it fails."""
        done = self._ask(command, said, timeout_s)
        if done.returncode:
            self.problems.append(
                f"{command}: exit code {done.returncode}\n{(done.stdout + done.stderr)[-3000:]}"
            )
        return done.stdout.strip()

    def holds(self, command: str) -> bool:
        return not self._ask(command, "", READY_S).returncode

    def wait(self, what: str, command: str, timeout_s: float = READY_S) -> None:
        """Until the command succeeds."""
        began = time.monotonic()
        while not self.holds(command):
            if time.monotonic() > began + timeout_s:
                self.problems.append(f"{what}: not so after {timeout_s:.0f} s: {command}")
                return
            time.sleep(0.5)
        print(f"  {what} after {time.monotonic() - began:.1f} s", flush=True)

    def expect(self, what: str, command: str) -> None:
        if not self.holds(command):
            self.problems.append(f"{what}: {command}")

    def _ask(self, command: str, said: str, timeout_s: float) -> subprocess.CompletedProcess[str]:
        inside = ["nsenter", "--target", str(self.first), "--all"]
        return subprocess.run(
            [*inside, "timeout", str(timeout_s), "sh", "-c", command],  # 124 is its exit code
            input=said,
            capture_output=True,
            text=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"},
        )

    def _argv(self, flags: list[str], then: str) -> list[str]:
        words = map(shlex.quote, map(str, (self.folder, ROOT)))
        script = f". {shlex.quote(str(BOOT))}; machine {' '.join(words)}; {then}"
        return ["unshare", *flags, "bash", "-c", script]

    def _first_of(self, outer: subprocess.Popen) -> int:
        children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children")
        end = time.monotonic() + 30
        while time.monotonic() < end and outer.poll() is None:
            for child in children.read_text().split():
                if Path(f"/proc/{child}/comm").read_text() == "systemd\n":
                    return int(child)
            time.sleep(0.1)
        raise SystemExit(f"systemd does not boot: {(self.folder / 'boot.log').read_text()}")


def package_index() -> str:
    """What finds the packages' index from this machine, as lines of an EnvironmentFile."""
    names = ("PIP_", "SSL_CERT", "REQUESTS_CA", "http_proxy", "https_proxy", "no_proxy")
    found = {name: value for name, value in os.environ.items() if name.startswith(names)}
    return "".join(f'{name}="{value}"\n' for name, value in found.items())


def install(machine: Machine) -> None:
    """The page's first block; then what it tells in words."""
    began = time.monotonic()
    secrets = "/etc/filmeto/secrets.env"
    index = shlex.quote(package_index())
    machine.install(
        f"{INSTALLING}\n"
        f"sed -i s/PASSWORD/{PASSWORD}/ {secrets}\n"
        f"printf %s {index} >> {secrets}\n"
        f"printf %s {shlex.quote(BOARD)} > /srv/filmeto/story.yaml\n"
        f"printf %s {shlex.quote(BOARD.replace('boat', 'bridge'))} > /srv/filmeto/again.yaml\n"
        "chown filmeto: /srv/filmeto/*.yaml\n"
    )
    print(f"  installed in {time.monotonic() - began:.0f} s", flush=True)


def start(machine: Machine) -> None:
    """The page's second block, a command at a time: database, units, a film."""
    machine.wait("Postgres answers", "pg_isready -q")
    as_postgres = "cd / && runuser -u postgres --"
    for line in lines(STARTING):
        said = f"{PASSWORD}\n{PASSWORD}\n" if "--pwprompt" in line else ""
        if line.startswith("PREFECT_API_URL"):
            healthy(machine)
        machine.run(line.replace("sudo -u postgres", as_postgres), said)
    film(machine, "made")


def healthy(machine: Machine) -> None:
    machine.wait("Prefect is healthy", answers("http://127.0.0.1:4200/api/health"))
    machine.wait("the host is healthy", answers("http://127.0.0.1:8000/api/v1/health"))
    machine.wait("the worker runs", "systemctl is-active filmeto-worker")
    machine.expect("Prefect has no UI", answers("http://127.0.0.1:4200/", "<title>Prefect"))


def answers(url: str, said: str = "") -> str:
    """A command that succeeds where the address answers, and says so."""
    asking = f"assert {said!r} in r.urlopen({url!r}).read().decode()"
    return f"/opt/filmeto/bin/python -c {shlex.quote(f'import urllib.request as r; {asking}')}"


def film(machine: Machine, out: str) -> None:
    """A film is there, and belongs to the user of the units."""
    made = f"/srv/filmeto/{out}/film.mp4"
    machine.expect(f"{made} is not there", f"test -s {made}")
    machine.expect(f"{made} has another owner", f"test $(stat -c %U {made}) = filmeto")
    print(f"  {made} is there", flush=True)


def ask(machine: Machine, board: str, out: str) -> None:
    """The page's film again, of another storyboard."""
    line = lines(STARTING)[-1]
    machine.run(line.replace("story.yaml", board).replace("out=made", f"out={out}"))
    film(machine, out)


def fences(machine: Machine) -> None:
    """What each unit may do, asked in its own view of the files, where root may do no more."""
    for unit in UNITS:
        main = f"$(systemctl show -P MainPID {unit})"
        machine.expect(
            f"{unit} runs as somebody else", f"test $(stat -c %U /proc/{main}) = filmeto"
        )
        inside = f"nsenter --target {main} --mount sh -c"
        machine.expect(
            f"{unit} sees a home", f"{inside} 'test -z \"$(ls -A /root /home | grep -v :)\"'"
        )
        for place in ("/opt/filmeto/x", "/etc/filmeto/x", "/usr/x"):
            machine.expect(f"{unit} writes to {place}", f"! {inside} 'touch {place}'")
        machine.expect(
            f"{unit} cannot write to its data",
            f"{inside} 'runuser -u filmeto -- test -w /var/lib/filmeto'",
        )
        machine.expect(
            f"{unit} shares /tmp", f"{inside} 'touch /tmp/{unit}' && ! test -e /tmp/{unit}"
        )
    machine.expect(
        "its user reads the secrets", "! runuser -u filmeto -- cat /etc/filmeto/secrets.env"
    )


def kill_each(machine: Machine) -> None:
    """Each part is killed at once; systemd starts it again, and another film is made."""
    for unit in UNITS:
        machine.run(f"kill -9 $(systemctl show -P MainPID {unit})")
    for unit in UNITS:
        machine.wait(
            f"{unit} is started again", f"test $(systemctl show -P NRestarts {unit}) -ge 1"
        )
    healthy(machine)
    ask(machine, "again.yaml", "again")


def stop(machine: Machine) -> None:
    """Each stops in time, by its own decision, and nothing of its user is left."""
    for unit in reversed(UNITS):
        began = time.monotonic()
        machine.run(f"systemctl stop {unit}")
        print(f"  {unit} stopped in {time.monotonic() - began:.1f} s", flush=True)
        machine.expect(
            f"{unit} had to be killed", f"test $(systemctl show -P Result {unit}) = success"
        )
    machine.expect("a process of its user is left", "! pgrep -u filmeto -a")


def records(machine: Machine) -> None:
    """Postgres has the runs, and no file has."""
    counting = "SELECT count(*) FROM flow_run WHERE state_type = 'COMPLETED'"
    counted = machine.run(f'cd / && runuser -u postgres -- psql -At prefect -c "{counting}"')
    if counted != "2":
        machine.problems.append(f"Postgres has {counted} completed runs, and not 2")
    machine.expect("records are in SQLite", "! find / -xdev -name prefect.db | grep .")


def logs(machine: Machine) -> None:
    for unit in UNITS:
        machine.expect(f"journalctl has nothing of {unit}", f"journalctl -q -u {unit} | grep .")
        if machine.problems:
            told = machine._ask(f"journalctl -q -o cat -u {unit} | tail -n 40", "", READY_S)
            machine.problems.append(f"{unit} says:\n{told.stdout}")


def prove(machine: Machine) -> None:
    install(machine)
    with machine.booted():
        start(machine)
        if not machine.problems:
            fences(machine)
            kill_each(machine)
            records(machine)
        logs(machine)
        stop(machine)
    print("  the machine is started again", flush=True)
    with machine.booted():
        healthy(machine)
        stop(machine)


def main() -> int:
    if os.geteuid() or (missing := [one for one in NEEDS if not shutil.which(one)]):
        print(
            f"it needs root and {', '.join(NEEDS)}" + (f"; missing: {missing}" if missing else "")
        )
        return 2
    for port in PORTS:
        with socket.socket() as taken:
            if not taken.connect_ex(("127.0.0.1", port)):
                print(f"port {port} is in use")
                return 2
    folder = Path(tempfile.mkdtemp(prefix="booted-", dir="/var/tmp"))
    machine = Machine(folder)
    try:
        prove(machine)
    finally:
        shutil.rmtree(folder)
    return told(machine.problems)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
