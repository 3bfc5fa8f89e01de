"""What `filmeto store` says, in words and as JSON."""

from collections.abc import Iterator
from typing import Any

from filmeto_core.plugin_host.environment_gc import Unused
from filmeto_core.resources.store_gc import Collected
from filmeto_core.resources.store_listing import Listed, Listing, kind_of_ending
from filmeto_core.resources.store_verify import Problem, Verified

DAY_S = 86400.0


def gc_lines(done: Collected, gone: list[Unused], dry_run: bool) -> Iterator[str]:
    verb = "would be removed" if dry_run else "removed"
    for film in done.gone_films:
        yield f"no longer there, its files are kept no more: {film}\n"
    for ending, (count, size) in sorted(done.by_ending.items(), key=lambda e: -e[1][1]):
        yield f"{count} {kind_of_ending(ending)} files ({ending}): {size_text(size)}\n"
    yield f"files {verb}: {done.files}, {size_text(done.size_bytes)}\n"
    yield f"records of finished calls {verb}: {done.records}\n"
    if done.failures:
        yield f"notes of refused calls {verb}: {done.failures}\n"
    if done.leftovers:
        size = size_text(done.leftover_bytes)
        yield f"leftovers of ended processes and given-up downloads {verb}: {done.leftovers}, {size}\n"
    left = done.there_bytes - done.size_bytes
    yield f"kept: {done.there - done.files} files, {size_text(left)}; of these {done.held} files, \
{size_text(done.held_bytes)}, for {done.films} films and {done.pins} pins"
    yield f"; {done.running} running\n" if done.running else "\n"
    if done.over_bytes:
        yield f"{size_text(done.over_bytes)} more than --max-size: films, pins and running work hold \
what is left. Delete a film's folder, or `filmeto store unpin`, and run it again.\n"
    for unused in gone:
        age = f"last used {unused.unused_s / DAY_S:.0f} days ago"
        yield f"{unused.path}: {size_text(unused.size_bytes)}, {unused.why}, {age}\n"
    size = sum(unused.size_bytes for unused in gone)
    yield f"environments {verb}: {len(gone)}, {size_text(size)}\n"


def collected(done: Collected, gone: list[Unused], dry_run: bool) -> dict[str, Any]:
    files = [
        {
            "digest": f"sha256:{file.digest.hex()}",
            "kind": kind_of_ending(file.ending),
            "size_bytes": file.size_bytes,
            "used_at": file.used_ns / 1e9,
            "why": file.why,
        }
        for file in done.listed
    ]
    environments = [
        {
            "path": str(unused.path),
            "why": unused.why,
            "size_bytes": unused.size_bytes,
            "unused_s": round(unused.unused_s, 1),
        }
        for unused in gone
    ]
    return {
        "dry_run": dry_run,
        "size_bytes": done.size_bytes + sum(unused.size_bytes for unused in gone),
        "environments": environments,
        "files": files,
        "records": done.records,
        "failures": done.failures,
        "leftovers": {"count": done.leftovers, "size_bytes": done.leftover_bytes},
        "gone_films": [str(film) for film in done.gone_films],
        "before": {"files": done.there, "size_bytes": done.there_bytes},
        "held": {"files": done.held, "size_bytes": done.held_bytes},
        "films": done.films,
        "pins": done.pins,
        "running": done.running,
        "over_bytes": done.over_bytes,
    }


def referring(file: Listed) -> str:
    parts = list(file.made_by)
    if file.input_of:
        parts.append(f"input of {file.input_of} call{'s' * (file.input_of != 1)}")
    parts += [f"film {film.parent}" for film in file.films]
    if file.pin is not None:
        parts.append(f"pinned{': ' * bool(file.pin)}{file.pin}")
    return ", ".join(parts) or "nothing"


def total_lines(listing: Listing, pinned: bool) -> Iterator[str]:
    there = {file.digest for file in listing.files}
    if pinned:
        for missing in (pin for pin in listing.pins if pin.digest not in there):
            yield f"{missing.digest[7:19]}  pinned, but not there  {missing.note}".rstrip() + "\n"
        return
    count = sum(count for count, _ in listing.totals.values())
    size = sum(size for _, size in listing.totals.values())
    if count > len(listing.files):
        yield f"{len(listing.files)} of {count} files; --limit 0 shows all\n"
    for kind, (number, total) in sorted(listing.totals.items(), key=lambda t: -t[1][1]):
        yield f"{kind}: {number} files, {size_text(total)}\n"
    # One of them may have two notes: what it is made of, and what waits for its review.
    films = len({film.report.parent for film in listing.films if film.there})
    yield f"in all: {count} files, {size_text(size)}; {listing.records} finished calls, {films} films, \
{len(listing.pins)} pins; {listing.running} running\n"


def listing_told(listing: Listing) -> dict[str, Any]:
    return {
        "files": [
            {
                "digest": file.digest,
                "path": str(file.path),
                "kind": file.kind,
                "size_bytes": file.size_bytes,
                "made_at": file.made_at,
                "used_at": file.used_at,
                "made_by": list(file.made_by),
                "input_of": file.input_of,
                "films": [str(film) for film in file.films],
                "pin": file.pin,
            }
            for file in listing.files
        ],
        "totals": {
            kind: {"files": count, "size_bytes": size}
            for kind, (count, size) in listing.totals.items()
        },
        "records": listing.records,
        "films": [
            {"report": str(film.report), "there": film.there, "files": len(film.digests)}
            for film in listing.films
        ],
        "pins": [vars(pin) for pin in listing.pins],
        "running": listing.running,
    }


def verify_lines(told: Verified) -> Iterator[str]:
    for problem in told.problems:
        yield f"{problem.kind}: {problem.path}\n"
        if problem.digest:
            yield f"  expected {problem.digest}\n"
        if problem.found:
            yield f"  found    {problem.found}\n"
        for call in problem.calls:
            yield f"  made by  {call}\n"
        for film in problem.films:
            yield f"  used in  {film}\n"
        if problem.repaired:
            yield f"  {problem.repaired}\n"
    size = size_text(told.size_bytes)
    yield f"read {told.files} files, {size}, and {told.records} records: "
    yield f"{_wrong(told.problems)}\n" if told.problems else "all is right\n"


def _wrong(problems: tuple[Problem, ...]) -> str:
    left = sum(not problem.repaired for problem in problems)
    if not left:
        return f"{len(problems)} wrong, all repaired"
    if all(problem.kind == "strange file" for problem in problems if not problem.repaired):
        return f"{left} that are none of the store's: move them elsewhere"
    return (
        f"{left} wrong; `filmeto store verify --repair` removes what is damaged, and the next run \
makes it anew"
    )


def verified(told: Verified) -> dict[str, Any]:
    problems = [
        {
            **vars(problem),
            "path": str(problem.path),
            "calls": list(problem.calls),
            "films": [str(film) for film in problem.films],
        }
        for problem in told.problems
    ]
    counts = {"files": told.files, "size_bytes": told.size_bytes, "records": told.records}
    return {"fine": told.is_fine, **counts, "problems": problems}


def size_text(size_bytes: int) -> str:
    """A size as people read it: 1.5 GB."""
    size = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def ago(seconds: float) -> str:
    for unit, length in (("d", DAY_S), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return "now"
