"""All settings, read from FILMETO_* variables once, then frozen. Only this module reads os.environ.

docs/settings.md lists each of them; a test says so.
"""

import os
import sys
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1024 * 1024


def default_home() -> Path:
    """The platform's folder for user data: XDG's on Linux, Application Support on macOS.

    Source: XDG Base Directory Specification 0.8; Apple File System Programming Guide.
    """
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "filmeto"
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "filmeto"


class Settings(BaseSettings):
    """One frozen object; make it with `Settings()`, hand it down."""

    model_config = SettingsConfigDict(env_prefix="FILMETO_", frozen=True, extra="ignore")

    home: Path = Field(
        default_factory=default_home, description="Data: store, environments, cache, runs"
    )
    plugins: str = Field(
        "",
        description="Folders that hold plugin folders, separated as PATH is; searched first",
    )
    store_url: str = Field(
        "", description="A store shared by several machines, any address that fsspec knows"
    )
    store_flush_s: float = Field(
        30.0, ge=0, description="How long a run's end waits for what goes to the shared store"
    )
    task_timeout_s: float = Field(
        300.0, gt=0, description="A call's limit where neither task nor manifest gives one"
    )
    heartbeat_timeout_s: float = Field(
        30.0, gt=0, description="Silence allowed to a plugin that has sent a heartbeat in this call"
    )
    stop_grace_s: float = Field(
        2.0, ge=0, description="From asking a plugin to end, to SIGTERM, and again to SIGKILL"
    )
    idle_timeout_s: float = Field(
        600.0, gt=0, description="A plugin unused for so long is stopped, unless its manifest says"
    )
    max_line_bytes: int = Field(32 * MIB, gt=0, description="The longest line a plugin may send")
    max_image_bytes: int = Field(50 * MIB, gt=0, description="The largest picture taken as input")
    max_video_bytes: int = Field(500 * MIB, gt=0, description="The largest clip taken as input")
    max_audio_bytes: int = Field(100 * MIB, gt=0, description="The largest sound taken as input")
    max_image_pixels: int = Field(
        100_000_000, gt=0, description="The largest picture decoded, in pixels"
    )
    plugin_open_files: int = Field(
        1024, ge=16, description="Files that a plugin may hold open, unless its manifest says"
    )
    max_output_bytes: int = Field(
        8192 * MIB, gt=0, description="What a call may leave, all files, unless the manifest says"
    )
    max_output_files: int = Field(1000, gt=0, description="Files that a call may leave")
    portable: bool = Field(
        False, description="Do without what Linux alone has, as on other systems; no sandbox then"
    )
    allow_private_urls: bool = Field(
        False, description="Fetch from loopback, private and link-local addresses too"
    )
    url_timeout_s: float = Field(30.0, gt=0, description="Silence allowed to a remote server")
    concurrency: int = Field(
        0, ge=0, description="Calls at once over all plugins; 0: as many as the machine has cores"
    )

    processes: int = Field(
        0,
        ge=0,
        description="Plugin processes at once, idle ones included; 0: 4 a core, at least 16",
    )
    memory_bytes: int = Field(
        0, ge=0, description="Memory of all plugins together; 0: four fifths of the machine's"
    )
    plugin_memory_bytes: int = Field(
        0, ge=0, description="Memory of a plugin's process whose manifest gives none; 0: no limit"
    )
    plugin_processes: int = Field(
        256, ge=1, description="Processes that a plugin may be, unless its manifest says"
    )
    ping_interval_s: float = Field(
        60.0, gt=0, description="How often an idle plugin is asked whether it is there"
    )

    project: Path | None = Field(
        None, description="Where runs of deployments work: relative paths are those of this folder"
    )
    api_url: str = Field(
        "", description="A filmeto server whose warm plugins tasks and flows use; http, https, unix"
    )
    api_key: str = Field(
        "", repr=False, description="The key for that server, where it asks for one"
    )
    links_url: str = Field(
        "", description="Where browsers reach that server, for links in the Prefect UI"
    )
    serve_reader_grace_s: float = Field(
        30.0,
        ge=0,
        description="How long an /execute whose reader is lost waits for it to come back",
    )
    serve_stop_grace_s: float = Field(
        30.0, ge=0, description="What running tasks have to finish when the server is asked to end"
    )
    serve_heartbeat_s: float = Field(
        15.0, gt=0, description="Between comments on an event stream that has nothing to tell"
    )
    serve_max_queue: int = Field(
        1000, gt=0, description="Unfinished tasks that the server takes on"
    )
    serve_max_streams: int = Field(1000, gt=0, description="Event streams open at once")
    serve_max_body_bytes: int = Field(
        96 * MIB, gt=0, description="The largest request body, uploads apart"
    )
    serve_body_timeout_s: float = Field(
        30.0, gt=0, description="Silence allowed to a client that is sending a body"
    )
    serve_keep_days: float = Field(
        30.0, gt=0, description="How long ended tasks and their events are kept"
    )
    serve_films: int = Field(
        2, gt=0, description="Films that the server makes at once; others wait their turn"
    )
    serve_nice: int = Field(
        10, ge=0, le=19, description="How far plugins and encoders stand back behind the server"
    )

    writer_url: str = Field(
        "", description="The API of a language model that writes storyboards, OpenAI-compatible"
    )
    writer_model: str = Field("", description="Which model is asked there")
    writer_key: str = Field(
        "", repr=False, description="The key for it, where it asks for one; a secret"
    )

    @property
    def plugin_folders(self) -> tuple[Path, ...]:
        """`plugins` as absolute folders."""
        parts = [p for p in self.plugins.split(os.pathsep) if p.strip()]
        return tuple(Path(p).expanduser().absolute() for p in parts)

    @property
    def store_dir(self) -> Path:
        """Where the content-addressed store lives."""
        return self.home.expanduser().absolute() / "store"

    @property
    def outbox_dir(self) -> Path:
        """Where it is noted what waits to be sent to a shared store."""
        return self.home.expanduser().absolute() / "outbox"

    @property
    def environments_dir(self) -> Path:
        """Where the plugins' environments live."""
        return self.home.expanduser().absolute() / "environments"

    @property
    def cache_dir(self) -> Path:
        """Where the index of finished calls lives."""
        return self.home.expanduser().absolute() / "cache"

    @property
    def journal_dir(self) -> Path:
        """Where the journal lives: runs, calls, submitted jobs, costs."""
        return self.home.expanduser().absolute() / "journal"

    @property
    def films_dir(self) -> Path:
        """Where the films of the web API live: a folder for each tenant, in it one for each film."""
        return self.home.expanduser().absolute() / "films"

    @property
    def uploads_dir(self) -> Path:
        """Where uploads lie that are not whole yet."""
        return self.home.expanduser().absolute() / "uploads"

    @property
    def serve_dir(self) -> Path:
        """The server's own: its keys, its socket, its secret."""
        return self.home.expanduser().absolute() / "serve"

    @property
    def work_dir(self) -> Path:
        """Where calls write before their outputs enter the store; cleared of what died."""
        return self.home.expanduser().absolute() / "work"

    @property
    def calls_dir(self) -> Path:
        """Where plugins' calls write: a folder for each plugin, in it one for each call."""
        return self.work_dir / "calls"

    @property
    def models_dir(self) -> Path:
        """Models that plugins fetched, shared by those that work on a graphics processor."""
        return self.home.expanduser().absolute() / "models"

    @property
    def runs_dir(self) -> Path:
        """Which Prefect run each process makes."""
        return self.home.expanduser().absolute() / "runs"

    @property
    def deployed_runs_dir(self) -> Path:
        """Which run of a deployment each process makes, on behalf of a worker."""
        return self.runs_dir / "deployed"

    @property
    def up_dir(self) -> Path:
        """What `filmeto up` started: a record of each process."""
        return self.home.expanduser().absolute() / "up"

    @property
    def logs_dir(self) -> Path:
        """The logs of what `filmeto up` started."""
        return self.home.expanduser().absolute() / "logs"

    @property
    def parallel_calls(self) -> int:
        """Calls at once over all plugins."""
        return min(self.concurrency or os.cpu_count() or 1, self.process_bound)

    @property
    def process_bound(self) -> int:
        """Plugin processes at once, idle ones included."""
        return self.processes or max(16, 4 * (os.cpu_count() or 1))

    @property
    def memory_bound_bytes(self) -> int:
        """Bytes that all plugins together may take."""
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return self.memory_bytes or machine * 4 // 5


def current_settings() -> Settings:
    """The settings of the environment as it is; read anew only where it changed.

    Reading costs milliseconds, and each task of a process asks.
    """
    global _last
    seen = tuple(v for v in os.environ.items() if v[0].startswith(_READ))
    if _last is None or _last[0] != seen:
        _last = (seen, Settings())
    return _last[1]


_READ = ("FILMETO_", "XDG_DATA_HOME", "HOME")
_last: tuple[tuple[tuple[str, str], ...], Settings] | None = None


def inherited_environment(names: tuple[str, ...] = ()) -> dict[str, str]:
    """The variables a child process may see: an allow-list, and those its manifest names.

    Args:
        names: Further variables, from a plugin's `environment:` list.
    """
    plain = {"PATH", "HOME", "LANG", "LANGUAGE", "TMPDIR", "TZ", "USER", "LOGNAME", "SHELL"}
    plain |= {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"}
    plain |= {"SSL_CERT_FILE", "SSL_CERT_DIR", "LD_LIBRARY_PATH"}
    prefixes = ("LC_", "CUDA_", "NVIDIA_", "OPENBLAS_")
    return {
        name: value
        for name, value in os.environ.items()
        if name in plain or name in names or name.startswith(prefixes)
    }


def is_set(name: str) -> bool:
    """Whether the variable is set here, whether or not a child may see it."""
    return name in os.environ


def started_in() -> Path:
    """The folder where a shell started this process or its parent, which may have moved since."""
    told = Path(os.environ.get("PWD", ""))
    return told if told.is_absolute() else Path.cwd()


# Where models lie, by the variables of those who fetch them, and by their default.
# Source: Hugging Face Hub, "Environment variables"; PyTorch, torch.hub.
MODEL_VARIABLES = ("HF_HOME", "HF_HUB_CACHE", "TORCH_HOME", "XDG_CACHE_HOME")


def model_caches() -> tuple[Path, ...]:
    """The user's own caches of models, whether they are there or not."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    places = [os.environ.get(name) for name in MODEL_VARIABLES[:3]]
    hugging, hub, torch = (Path(p).expanduser() if p else None for p in places)
    found = [hugging or cache / "huggingface", hub, torch or cache / "torch"]
    return tuple(path.absolute() for path in found if path is not None)


def prefect_environment(everything: bool = False) -> dict[str, str]:
    """The PREFECT_* variables, or all: a Prefect server is the user's own, not a plugin."""
    return {k: v for k, v in os.environ.items() if everything or k.startswith("PREFECT_")}


def telemetry_environment() -> dict[str, str]:
    """The OTEL_* variables: where traces are sent, if anywhere."""
    return {k: v for k, v in os.environ.items() if k.startswith("OTEL_")}


def film_environment(settings: Settings, names: tuple[str, ...] = ()) -> dict[str, str]:
    """The variables of a process that makes a film with these settings: Prefect's, those by which
    a shared store is reached, and `names`; no key of a server.

    Args:
        names: Further variables: those that plugins' manifests name.
    """
    reaching = ("AWS_", "AZURE_", "FSSPEC_", "GOOGLE_") if settings.store_url else ()
    store = {name: value for name, value in os.environ.items() if name.startswith(reaching)}
    own = settings.model_fields_set - {"api_url", "api_key", "writer_key"}
    mine = {f"FILMETO_{name.upper()}": str(getattr(settings, name)) for name in sorted(own)}
    xdg = {"XDG_DATA_HOME", "XDG_CACHE_HOME"}  # where data and models lie by default
    return {**inherited_environment((*names, *xdg)), **prefect_environment(), **store, **mine}


def trace_headers() -> dict[str, str]:
    """The trace that this process is part of, as requests carry it. Source: W3C Trace Context."""
    names = ("TRACEPARENT", "TRACESTATE")
    return {name.lower(): os.environ[name] for name in names if os.environ.get(name)}


def proxy_environment() -> dict[str, str]:
    """The variables that name proxies for what is fetched here."""
    names = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
    found = {n: os.environ[n] for name in names for n in (name, name.upper()) if n in os.environ}
    if "REQUEST_METHOD" in os.environ:
        # A CGI program's HTTP_PROXY is its client's header "Proxy". Source: httpoxy, CVE-2016-1000110.
        found.pop("HTTP_PROXY", None)
    return found


def installer_environment() -> dict[str, str]:
    """The variables that uv may see: what children inherit, and the user's own uv and pip ones."""
    wanted = ("UV_", "PIP_", "XDG_", "SSL_", "ALL_PROXY", "all_proxy", "NETRC", "KEYRING_")
    mine = {name: value for name, value in os.environ.items() if name.startswith(wanted)}
    return {**inherited_environment(), **mine}
