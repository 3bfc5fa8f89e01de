"""`filmeto store sync`: sends this machine's finished calls to the shared store."""

import argparse
import dataclasses
import sys

from filmeto_core.cli.store import index_of, progress_bars, write_json
from filmeto_core.cli.store_words import size_text
from filmeto_core.errors import ValidationError
from filmeto_core.resources.shared_store import open_shared
from filmeto_core.resources.shared_sync import sync as sync_store
from filmeto_core.settings import current_settings


def sync(options: argparse.Namespace) -> None:
    """Send what is not there."""
    settings = current_settings()
    index = index_of(settings)
    shared = open_shared(settings.store_url, index.store, index, settings.outbox_dir)
    if shared is None:
        raise ValidationError(
            "There is no shared store: FILMETO_STORE_URL is not set.",
            hint="Set it to its address, such as s3://bucket/prefix or file:///mnt/share/filmeto.",
            field="store_url",
        )
    with progress_bars() as tell:
        done = sync_store(shared, dry_run=options.dry_run, progress=tell)
    shared.place.close()
    if options.json:
        told = {"address": shared.place.shown, "dry_run": options.dry_run}
        write_json({**told, **dataclasses.asdict(done)})
        return
    verb = "would be sent" if options.dry_run else "sent"
    sys.stdout.write(f"finished calls here: {done.records}, of these in {shared.place.shown}: ")
    sys.stdout.write(f"{done.there}\n{verb}: {done.sent}, {size_text(done.size_bytes)}\n")
    if done.skipped:
        sys.stdout.write(f"not sent, files gone or damaged here: {done.skipped}\n")
