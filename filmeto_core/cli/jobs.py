"""`filmeto runs jobs|resume|retry|repair`: jobs that are out at providers, and what is to be done."""

import argparse
import json
import sys

from filmeto_core.journal.journal import Journal
from filmeto_core.journal.models import Job
from filmeto_core.journal.repair import repair
from filmeto_core.settings import current_settings

WHAT = {
    "begun": "being sent, or cut off while it was; the same command sends it under the same key",
    "submitted": "the provider has it; the same command collects it",
    "unknown": "nobody can tell whether the provider has it: `runs resume` or `runs retry`",
    "done": "its result is kept",
    "failed": "the provider did not make it",
    "dropped": "sent anew since",
}


def jobs(options: argparse.Namespace) -> None:
    """The jobs, oldest first."""
    found = _journal().jobs(open_only=not options.all)
    if options.json:
        sys.stdout.write(json.dumps([job.to_dict() for job in found], indent=2) + "\n")
        return
    for job in found:
        sys.stdout.write("\n".join(job_lines(job)) + "\n")
    if not found:
        sys.stdout.write("no jobs are out\n" if not options.all else "there were no jobs\n")


def resume(options: argparse.Namespace) -> None:
    """Have a job collected that the provider has."""
    job = _journal().decide(options.job, "submitted", options.job_id)
    sys.stdout.write(f"{job.idempotency_key}: {job.job_id} is collected by the next run\n")


def retry(options: argparse.Namespace) -> None:
    """Have a job sent anew."""
    job = _journal().decide(options.job, "dropped")
    sys.stdout.write(f"{job.idempotency_key}: sent anew by the next run\n")


def mend(_options: argparse.Namespace) -> None:
    """Save what can be read of a damaged journal."""
    done = repair(current_settings().journal_dir)
    if done.damaged is None:
        sys.stdout.write("the journal is whole\n")
        return
    rows = ", ".join(f"{count} {table}" for table, count in done.saved.items())
    sys.stdout.write(f"saved: {rows}\nthe damaged journal is kept: {done.damaged}\n")
    if done.unread:
        sys.stdout.write(
            f"not read to their end: {', '.join(done.unread)}. Jobs of the last runs may be missing:"
            " look at the provider before you run paid calls again.\n"
        )


def job_lines(job: Job) -> list[str]:
    """A job in a few lines: its name, whose it is, how it stands and what that means."""
    where = " · ".join(filter(None, [job.shot, job.tool, job.plugin]))
    facts = [f"{job.begun_at.astimezone():%Y-%m-%d %H:%M}", str(job.cost or "price unknown")]
    if job.job_id:
        facts.append(f"job {job.job_id}")
    lines = [job.idempotency_key, f"  {where}, {', '.join(facts)}"]
    lines.append(f"  {job.state}: {WHAT[job.state]}")
    return [*lines, f"  {job.error}"] if job.error and job.is_open else lines


def _journal() -> Journal:
    return Journal(current_settings().journal_dir)
