"""Jobs that are out at providers: what a run would do about the one of a call."""

from datetime import datetime

from filmeto_core.journal.journal import Journal
from filmeto_core.journal.models import Job
from filmeto_core.plan.models import Action
from filmeto_core.plugin_host.manifest_model import Manifest


class OpenJobs:
    """The open jobs of a journal, by the keys of their calls."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._by_key: dict[str, Job] = {}
        for job in journal.jobs(open_only=True):
            known = self._by_key.get(job.key)
            if known is None or known.state != "submitted":  # one that can be collected counts
                self._by_key[job.key] = job

    def of(self, key: str | None) -> Job | None:
        """The job of a call, if one is open."""
        return self._by_key.get(key) if key else None

    def what_becomes_of(self, job: Job, manifest: Manifest) -> tuple[Action, str]:
        """What a run does about it, and why."""
        if self._journal.is_at_work(job):
            return "resume", "another run has it in hand, and is waited for"
        if job.state == "submitted":
            when = _clock(job.submitted_at or job.begun_at)
            return "resume", f"job {job.job_id} was submitted at {when} and is collected"
        if manifest.takes_idempotency_key:
            return (
                "resume",
                f"sent at {_clock(job.begun_at)}, and again under the same key: paid once",
            )
        why = (job.error or "the call was killed before it could tell").rstrip(".")
        return "unknown", f"nobody can tell whether its provider has it: {why}"


def _clock(time: datetime) -> str:
    """The time as the user's clock shows it; the day as well, if it is another."""
    local = time.astimezone()
    return f"{local:%H:%M}" if local.date() == datetime.now().date() else f"{local:%d %b %H:%M}"
