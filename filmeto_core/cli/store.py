"""`filmeto store gc`: removes what nothing needs any more."""

import argparse
import json
import sys

from filmeto_core.plugin_host.environment_gc import Unused, collect
from filmeto_core.tasks.runtime import service


def gc(options: argparse.Namespace) -> None:
    """Environments of plugins; safe while films run."""
    here = service()
    gone = collect(
        here.settings.environments_dir,
        here.registry.plugins,
        options.older_than,
        options.dry_run,
    )
    size = sum(unused.size_bytes for unused in gone)
    if options.json:
        told = {
            "dry_run": options.dry_run,
            "size_bytes": size,
            "environments": [_told(unused) for unused in gone],
        }
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
        return
    for unused in gone:
        age = f"last used {unused.unused_s / 86400:.0f} days ago"
        sys.stdout.write(f"{unused.path}: {_mb(unused.size_bytes)}, {unused.why}, {age}\n")
    verb = "would be removed" if options.dry_run else "removed"
    sys.stdout.write(f"environments {verb}: {len(gone)}, {_mb(size)}\n")


def _told(unused: Unused) -> dict[str, object]:
    return {
        "path": str(unused.path),
        "why": unused.why,
        "size_bytes": unused.size_bytes,
        "unused_s": round(unused.unused_s, 1),
    }


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB"
