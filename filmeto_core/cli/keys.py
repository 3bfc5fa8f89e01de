"""`filmeto keys add|ls|revoke`: who may call this machine's server, as whom, for what."""

import argparse
import json
import sys
from datetime import datetime

from filmeto_core.cli.columns import aligned
from filmeto_core.cli.store_words import size_text
from filmeto_core.errors import ValidationError
from filmeto_core.settings import current_settings
from filmeto_core.web.keys import Key, KeyFile

SCOPES = ("read", "run", "admin")
COLUMNS = ("id", "name", "tenant", "scopes", "a minute", "room", "a day", "made", "revoked")


def add(options: argparse.Namespace) -> None:
    """Make a key; it goes to stdout, once, and all else to stderr."""
    key, secret = _keys().add(
        options.key_name,
        options.tenant,
        _scopes(options.scope),
        requests_per_minute=options.rate,
        storage_bytes=options.storage,
        budget=options.budget,
    )
    sys.stderr.write(
        f"key {key.id} of {key.name} for the tenant {key.tenant}: {', '.join(key.scopes)}\n"
        "It is shown this once; only its hash is kept. A running server knows it within a second.\n"
    )
    sys.stdout.write(f"{secret}\n")


def ls(options: argparse.Namespace) -> None:
    """All keys, those that were revoked as well; never their secrets."""
    keys = _keys().read()
    if options.json:
        told = [key.told() for key in keys]
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    elif keys:
        sys.stdout.writelines(aligned([COLUMNS, *map(_cells, keys)]))
    else:
        sys.stderr.write("there are no keys yet; `filmeto keys add` makes one\n")


def revoke(options: argparse.Namespace) -> None:
    """End a key; a running server refuses it within a second, and ends its streams."""
    key = _keys().revoke(options.key_id)
    sys.stdout.write(f"revoked {key.id} of {key.name}\n")


def _keys() -> KeyFile:
    return KeyFile(current_settings().serve_dir)


def _scopes(text: str) -> tuple[str, ...]:
    asked = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    wrong = [scope for scope in asked if scope not in SCOPES]
    if wrong or not asked:
        raise ValidationError(
            f'--scope: expected some of {", ".join(SCOPES)}, got "{text:.100}".',
            hint="Such as --scope read,run.",
            field="scope",
            value=text[:100],
        )
    return asked


def _cells(key: Key) -> tuple[str, ...]:
    return (
        key.id,
        key.name,
        key.tenant,
        ",".join(key.scopes),
        "-" if key.requests_per_minute is None else str(key.requests_per_minute),
        "-" if key.storage_bytes is None else size_text(key.storage_bytes),
        key.budget or "-",
        _day(key.created_at),
        "-" if key.revoked_at is None else _day(key.revoked_at),
    )


def _day(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"
