"""What this machine has of what films need, and how to get what is missing. It changes nothing."""

import importlib.metadata
import platform
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field

from filmeto_core.errors import FilmetoError, ServerUnreachableError, did_you_mean
from filmeto_core.plugin_host.environment import Environments, uv_binary
from filmeto_core.plugin_host.needs import missing
from filmeto_core.prefect_server import check_api, configured_url, local
from filmeto_core.process import fence_version
from filmeto_core.readiness import chosen
from filmeto_core.resources.calls import CallIndex
from filmeto_core.resources.shared_place import PlaceError
from filmeto_core.resources.shared_store import open_shared
from filmeto_core.resources.store import Store
from filmeto_core.service import FilmetoService
from filmeto_core.settings import Settings
from filmeto_core.types import Model

TRUNCATE_VERSION = 3  # of Landlock: before it, a file can be emptied by its name
ROOM_BYTES = 2 * 1024**3  # environments take some 700 MB, a minute of film some 100 MB


class Finding(Model):
    """One thing that was looked at."""

    state: Literal["ok", "note", "missing"]
    what: str
    found: str
    advice: str = Field("", description="What to do, where something is to be done")


def examine() -> list[Finding]:
    """All findings, in the order in which a person would mend them."""
    settings = Settings()
    found = [_python(), _home(settings), _ffmpeg(), _uv(), _prefect(), _server()]
    found += _shared(settings)
    found += _api_server(settings)
    try:
        service = FilmetoService(settings.model_copy(update={"store_url": ""}))
    except FilmetoError as error:
        return [*found, Finding(state="missing", what="plugins", found=str(error))]
    return [*found, _sandbox(settings), *_plugins(service), *_grants(service)]


def _python() -> Finding:
    return Finding(state="ok", what="Python", found=platform.python_version())


def _home(settings: Settings) -> Finding:
    home = settings.home.expanduser().absolute()
    existing = next(p for p in (home, *home.parents) if p.exists())
    if not _writable(existing):
        advice = f"Make {existing} writable, or set FILMETO_HOME to a folder that is."
        return Finding(state="missing", what="data folder", found=f"{home}", advice=advice)
    free = shutil.disk_usage(existing).free
    found = f"{home}, {free / 1e9:.1f} GB free"
    if free < ROOM_BYTES:
        return Finding(state="note", what="data folder", found=found, advice="Make room: 2 GB.")
    return Finding(state="ok", what="data folder", found=found)


def _writable(folder: Path) -> bool:
    """Tried, since permissions tell nothing of a read-only disk, or to an administrator."""
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".filmeto-"):
            return True
    except OSError:
        return False


def _ffmpeg() -> Finding:
    try:
        import imageio_ffmpeg

        binary = imageio_ffmpeg.get_ffmpeg_exe()
    except (ImportError, RuntimeError) as error:
        advice = "Reinstall filmeto: `pip install --force-reinstall imageio-ffmpeg==0.8.1`."
        return Finding(state="missing", what="ffmpeg", found=str(error), advice=advice)
    return Finding(state="ok", what="ffmpeg", found=Path(binary).name)


def _uv() -> Finding:
    try:
        binary = uv_binary()
    except FilmetoError as error:
        return Finding(state="missing", what="uv", found=error.message, advice=error.hint)
    return Finding(state="ok", what="uv", found=str(binary))


def _prefect() -> Finding:
    try:
        version = importlib.metadata.version("prefect")
    except importlib.metadata.PackageNotFoundError:
        return Finding(
            state="missing", what="Prefect", found="not installed", advice="Reinstall filmeto."
        )
    return Finding(state="ok", what="Prefect", found=version)


def _server() -> Finding:
    what, url = "Prefect API", configured_url()
    try:
        check_api(url)
    except FilmetoError as error:
        if isinstance(error, ServerUnreachableError) and local(url):
            return Finding(state="ok", what=what, found=f"{url}, started when first needed")
        return Finding(state="missing", what=what, found=error.message, advice=error.hint)
    return Finding(state="ok", what=what, found=url)


def _shared(settings: Settings) -> Iterator[Finding]:
    """Whether the shared store can be read, where there is to be one."""
    what, out = "shared store", Path(settings.outbox_dir)
    index = CallIndex(settings.cache_dir, Store(settings.store_dir))
    try:
        shared = open_shared(settings.store_url, index.store, index, out)
        if shared is None:
            return
        begun = shared.check()
    except FilmetoError as error:
        yield Finding(state="missing", what=what, found=error.message, advice=error.hint)
    except PlaceError as error:
        found = f"{shared.place.shown} cannot be read: {error.why}"
        advice = "Films are made without it; docs/shared-store.md tells how to set one up."
        yield Finding(state="note", what=what, found=found, advice=advice)
    else:
        new = "" if begun else ", nothing in it yet"
        waiting = len(shared.outbox.entries())
        waits = f", {waiting} results wait to be sent" if waiting else ""
        yield Finding(state="ok", what=what, found=f"{shared.place.shown}{new}{waits}")


def _api_server(settings: Settings) -> Iterator[Finding]:
    """Whether the server of FILMETO_API_URL computes calls, where there is to be one."""
    if not settings.api_url:
        return
    from filmeto_core.remote.remote_registry import RemoteRegistry  # who works alone needs none
    from filmeto_core.remote.transport import Connection

    what = "filmeto server"
    try:
        connection = Connection(settings.api_url, settings.api_key)
        plugins = len(RemoteRegistry(connection).plugins)
    except FilmetoError as error:
        yield Finding(state="missing", what=what, found=error.message, advice=error.hint)
    else:
        found = f"{connection.address.text}, {plugins} plugins; calls are computed there"
        yield Finding(state="ok", what=what, found=found)


def _sandbox(settings: Settings) -> Finding:
    version = fence_version(settings.portable)
    if version >= TRUNCATE_VERSION:
        return Finding(state="ok", what="sandbox", found=f"Landlock, version {version}")
    if version:
        return Finding(
            state="note",
            what="sandbox",
            found=f"Landlock, version {version}: a plugin can still empty files that are not its own",
            advice="Linux 6.2 and later keep it from that too.",
        )
    if settings.portable:
        advice = "Unset FILMETO_PORTABLE: it does without what Linux alone has."
    else:
        advice = "Linux 5.13 and later have Landlock; run only plugins that you trust until then."
    found = "none: plugins can write wherever you can"
    return Finding(state="note", what="sandbox", found=found, advice=advice)


def _grants(service: FilmetoService) -> Iterator[Finding]:
    names = [plugin.name for plugin in service.registry.plugins]
    for name in service.project.grants:
        if name not in names:
            found = f"{name}: there is no such plugin.{did_you_mean(name, names)}"
            advice = f"Correct `grants:` in {service.project.path}."
            yield Finding(state="note", what="grants", found=found, advice=advice)


def _plugins(service: FilmetoService) -> Iterator[Finding]:
    environments = Environments(service.settings.environments_dir)
    wanted = chosen(service)
    for plugin in service.registry.plugins:
        what = f"plugin {plugin.name}"
        absent = missing(plugin)
        if absent:
            yield Finding(
                state="missing" if plugin.name in wanted else "note",
                what=what,
                found="; ".join(need.what for need in absent),
                advice=" ".join(need.advice for need in absent),
            )
            continue
        ready = environments.python_of(plugin) is not None
        found = "environment ready" if ready else "environment built when first needed"
        yield Finding(state="ok", what=what, found=found)
    for problem in service.registry.problems:
        advice = "Mend the file; the other plugins are not affected."
        yield Finding(state="note", what="plugin folder", found=str(problem), advice=advice)
