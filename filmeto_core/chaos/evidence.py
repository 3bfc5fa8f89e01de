"""What a film left: its assets, the journal's word, finished calls, and what should not be there.

All is read from the disk, after the command that made it has ended.
"""

import fcntl
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import av
from pydantic import Field

from filmeto_core.chaos import victims
from filmeto_core.chaos.scene import Scene
from filmeto_core.journal.journal import Journal
from filmeto_core.journal.models import Call, Job
from filmeto_core.settings import Settings
from filmeto_core.types import Model

MANY = 1_000_000  # runs of one film


class Asset(Model):
    """One asset of a film."""

    shot: str | None
    tool: str
    plugin: str
    digest: str

    @property
    def name(self) -> str:
        """As people know it."""
        return f"{self.shot or 'film'}: {self.tool} ({self.plugin})"


class Tally(Model):
    """What the journal tells of a film."""

    jobs: int = 0
    computed: int = 0
    reused: int = 0
    resumed: int = Field(0, description="Jobs that took more than one attempt")
    unknown: int = 0


def assets_of(scene: Scene) -> list[Asset]:
    """The film's assets as film.json tells them.

    Raises:
        OSError, ValueError, KeyError: There is no such report.
    """
    report = json.loads((scene.film / "film.json").read_text(encoding="utf-8"))
    return [
        Asset(shot=a["shot"], tool=a["tool"], plugin=a["plugin"], digest=a["digest"])
        for a in report["assets"]
    ]


def finished_calls(settings: Settings) -> dict[str, str]:
    """The calls whose record is on disk: by key, the id of the computation."""
    found = {}
    for path in (settings.cache_dir / "records").glob("*/*.json"):
        try:
            found[path.stem] = str(json.loads(path.read_bytes())["record"]["id"])
        except (OSError, ValueError, KeyError, TypeError):  # damaged: as good as not there
            continue
    return found


def unlike(assets: Iterable[Asset], usual: Iterable[Asset], exact: Mapping[str, bool]) -> list[str]:
    """Where a film differs from the undisturbed one.

    Args:
        exact: By plugin, whether the same call gives the same bytes.
    """
    told = {(a.shot, a.tool): a for a in assets}
    problems = []
    for wanted in usual:
        got = told.pop((wanted.shot, wanted.tool), None)
        if got is None:
            problems.append(f"{wanted.name} is missing")
        elif got.digest != wanted.digest and exact.get(wanted.plugin, True):
            problems.append(f"{wanted.name} is another than in the undisturbed film")
    return problems + [f"{more.name} is one too many" for more in told.values()]


def twice_made(
    calls: Iterable[Call], jobs: Iterable[Job], known: list[dict[str, str]]
) -> list[str]:
    """What was made, or sent to a provider, more than once.

    Args:
        calls, jobs: Of all runs of the film.
        known: `finished_calls` after each run of the command, in order.
    """
    problems = []
    computed = Counter(c.key for c in calls if c.state == "done" and not c.cached and c.key)
    names = {c.key: f"{c.shot or 'film'}: {c.tool} ({c.plugin})" for c in calls}
    for key, times in computed.items():
        if times > 1:
            problems.append(f"{names[key]} was computed {times} times")
    for before, after in zip(known, known[1:], strict=False):
        for key, made in before.items():
            if after.get(key) != made:
                told = "is gone" if key not in after else "was computed again"
                problems.append(f"{names.get(key, key[:12])}: its finished result {told}")
    sent = defaultdict(list)
    for job in jobs:
        if job.attempts and job.state not in ("failed", "dropped"):
            sent[job.key].append(job)
    for several in sent.values():
        if len(several) > 1:
            job = several[0]
            problems.append(f"{job.shot or 'film'}: {job.tool} is {len(several)} jobs")
    return problems


def open_jobs(jobs: Iterable[Job]) -> list[str]:
    """Jobs that nobody collected, but for those that the user is to decide."""
    return [
        f"job {job.job_id or job.idempotency_key} of {job.shot or 'film'}: {job.tool} "
        f"is still {job.state}"
        for job in jobs
        if job.state in ("begun", "submitted") and job.attempts
    ]


def tally(calls: list[Call], jobs: list[Job]) -> Tally:
    """What there was of each."""
    done = [call for call in calls if call.state == "done"]
    return Tally(
        jobs=len([job for job in jobs if job.job_id]),
        computed=len([call for call in done if not call.cached]),
        reused=len([call for call in done if call.cached]),
        resumed=len([job for job in jobs if job.attempts > 1 and job.job_id]),
        unknown=len([job for job in jobs if job.state == "unknown"]),
    )


def journal_of(scene: Scene) -> tuple[list[Call], list[Job]]:
    """All calls and jobs of a film's runs, in order."""
    journal = Journal(scene.settings.journal_dir)
    runs = sorted(journal.runs(limit=MANY), key=lambda run: run.started_at)
    return [call for run in runs for call in journal.calls(run.id)], journal.jobs()


def broken_files(scene: Scene) -> list[str]:
    """Files of the store that are not what their names say."""
    problems = []
    for path in (scene.settings.store_dir / "objects").glob("*/*"):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest != path.name.partition(".")[0]:
            problems.append(f"{path.name} in the store does not hold what its name says")
    return problems


def decoded(film: Path) -> int:
    """How many pictures of a film can be decoded, its sound besides; 0 if any of it cannot."""
    try:
        with av.open(str(film)) as container:
            streams = [s for s in container.streams if s.type in ("video", "audio")]
            frames: Counter[str] = Counter()
            for packet in container.demux(streams):
                frames[packet.stream.type] += len(packet.decode())
            return frames["video"] if all(frames[s.type] for s in streams) else 0
    except (OSError, ValueError, av.FFmpegError):
        return 0


def left_behind(scene: Scene) -> list[str]:
    """Processes, held locks and half files that no living command answers for."""
    settings = scene.settings
    problems = victims.left_running(scene.folder, scene.spared())
    held = [path.name for path in (settings.cache_dir / "locks").glob("*") if _is_held(path)]
    problems += [f"the lock {name[:12]} is held" for name in held]
    folders = [settings.store_dir / "incoming", settings.cache_dir / "incoming", scene.tmp]
    folders += settings.calls_dir.glob("*")
    half = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
    half += [path for path in settings.work_dir.glob("*") if path != settings.calls_dir]
    half += [path for path in scene.film.rglob(".*") if path.is_file()]
    return problems + [f"{path.relative_to(scene.folder)} was left" for path in sorted(half)]


def _is_held(path: Path) -> bool:
    try:
        with open(path, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # gone meanwhile
        return False
    return False
