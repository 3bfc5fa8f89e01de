"""What `filmeto store gc` does, as a flow: the deployment `store-gc/nightly` runs it every night."""

from typing import Annotated

from prefect import flow
from prefect.logging import get_run_logger
from pydantic import Field

from filmeto_core.plugin_host.discovery import discover
from filmeto_core.plugin_host.environment_gc import collect as collect_environments
from filmeto_core.profiles import find_project
from filmeto_core.resources.calls import CallIndex
from filmeto_core.resources.store import Store
from filmeto_core.resources.store_gc import collect
from filmeto_core.settings import current_settings

DAY_S = 86400.0
GB = 1_000_000_000

Days = Annotated[
    float, Field(ge=0, title="Older than, days", description="Removed if last used longer ago")
]
Gigabytes = Annotated[
    float, Field(ge=0, title="Largest size, GB", description="What was used longest ago goes first")
]
DryRun = Annotated[bool, Field(title="Dry run", description="Tell what would go, remove nothing")]


@flow(name="store-gc", flow_run_name="store gc")
def store_gc(
    older_than_days: Days = 30, max_size_gb: Gigabytes | None = None, dry_run: DryRun = False
) -> dict[str, int]:
    """Remove files and plugin environments that nothing needs and none used of late.

    What films, pins and running work refer to stays; safe while films are made.
    """
    settings = current_settings()
    files = collect(
        CallIndex(settings.cache_dir, Store(settings.store_dir)),
        older_than_s=older_than_days * DAY_S,
        max_size_bytes=None if max_size_gb is None else int(max_size_gb * GB),
        dry_run=dry_run,
    )
    plugins = discover(settings, find_project().plugin_folders).plugins
    unused = collect_environments(settings.environments_dir, plugins, older_than_days, dry_run)
    size_bytes = files.size_bytes + sum(one.size_bytes for one in unused)
    get_run_logger().info(
        "%s %d of %d files and %d environments, %.1f MB",
        "would remove" if dry_run else "removed",
        *(files.files, files.there, len(unused), size_bytes / 1e6),
    )
    return {"files": files.files, "environments": len(unused), "size_bytes": size_bytes}
