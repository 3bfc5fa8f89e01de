"""`filmeto store ls|verify|gc|pin|unpin`: what filmeto keeps on the disk."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Column
from rich.text import Text

from filmeto_core.cli.listing import listing_table
from filmeto_core.cli.store_words import (
    DAY_S,
    ago,
    collected,
    gc_lines,
    listing_told,
    referring,
    size_text,
    total_lines,
    verified,
    verify_lines,
)
from filmeto_core.errors import ValidationError
from filmeto_core.plugin_host.discovery import discover
from filmeto_core.plugin_host.environment_gc import collect as collect_environments
from filmeto_core.profiles import find_project
from filmeto_core.resources.calls import CallIndex
from filmeto_core.resources.store import Store
from filmeto_core.resources.store_gc import collect
from filmeto_core.resources.store_listing import find_digest, list_store
from filmeto_core.resources.store_verify import verify as verify_store
from filmeto_core.settings import Settings, current_settings


def gc(options: argparse.Namespace) -> None:
    """Files of the store and environments of plugins; safe while films run."""
    settings = current_settings()
    with progress_bars() as tell:
        done = collect(
            index_of(settings),
            older_than_s=options.older_than * DAY_S,
            max_size_bytes=options.max_size,
            dry_run=options.dry_run,
            listed=options.json,
            progress=tell,
        )
    gone = collect_environments(
        settings.environments_dir,
        discover(settings, find_project().plugin_folders).plugins,
        options.older_than,
        options.dry_run,
    )
    if options.json:
        write_json(collected(done, gone, options.dry_run))
    else:
        sys.stdout.writelines(gc_lines(done, gone, options.dry_run))


def ls(options: argparse.Namespace) -> None:
    """The store's files, and what refers to each."""
    with progress_bars() as tell:
        listing = list_store(
            index_of(current_settings()),
            order=options.sort,
            most=options.limit or None,
            pinned=options.pinned,
            progress=tell,
        )
    if options.json:
        write_json(listing_told(listing))
        return
    now = time.time()
    table = listing_table(
        Column("file", no_wrap=True),
        "kind",
        Column("size", justify="right", no_wrap=True),
        Column("made", justify="right", no_wrap=True),
        Column("used", justify="right", no_wrap=True),
        Column("what refers to it", ratio=1),
    )
    for file in listing.files:
        ages = (ago(now - file.made_at), ago(now - file.used_at))
        cells = (file.digest[7:19], file.kind, size_text(file.size_bytes), *ages, referring(file))
        table.add_row(*map(Text, cells))
    if listing.files:
        Console().print(table)
    sys.stdout.writelines(total_lines(listing, options.pinned))


def verify(options: argparse.Namespace) -> int:
    """Read all; 1 if something is wrong and stays so."""
    with progress_bars() as tell:
        told = verify_store(index_of(current_settings()), repair=options.repair, progress=tell)
    if options.json:
        write_json(verified(told))
    else:
        sys.stdout.writelines(verify_lines(told))
    return 0 if told.is_fine else 1


def pin(options: argparse.Namespace) -> None:
    """Keep a file."""
    index = index_of(current_settings())
    digest = _one_digest(options.digest, find_digest(index, options.digest), "store ls")
    index.store.pin(digest, options.note)
    sys.stdout.write(f"pinned {digest}\n")


def unpin(options: argparse.Namespace) -> None:
    """Let a file go."""
    store = index_of(current_settings()).store
    begin = options.digest.strip().lower().removeprefix("sha256:")
    pinned = [p.digest for p in store.holds.pins() if begin and p.digest[7:].startswith(begin)]
    digest = _one_digest(options.digest, pinned, "store ls --pinned")
    store.holds.unpin(digest)
    sys.stdout.write(f"unpinned {digest}\n")


def index_of(settings: Settings) -> CallIndex:
    return CallIndex(settings.cache_dir, Store(settings.store_dir))


def _one_digest(asked: str, found: list[str], command: str) -> str:
    if len(found) == 1:
        return found[0]
    if not found:
        raise ValidationError(
            f'DIGEST: no file begins with "{asked:.80}".',
            hint=f"`filmeto {command}` lists those that are there; film.json names a film's.",
            field="DIGEST",
        )
    some = ", ".join(digest[7:27] for digest in found[:3])
    raise ValidationError(
        f'DIGEST: {len(found)} files begin with "{asked:.80}": {some} ...',
        hint="Give more of its digits.",
        field="DIGEST",
    )


@contextmanager
def progress_bars() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on a terminal; nothing elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _what, _done, _of: None
        return
    with Progress(console=console, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def tell(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=of)
            bars.update(tasks[what], completed=done, total=of)

        yield tell


def write_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
