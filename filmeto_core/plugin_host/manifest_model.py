"""What a plugin.yaml may say, as checked models; how it is read and told of is `manifest`'s."""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from filmeto_core.plugin_host.parameters import ParameterSpec
from filmeto_core.types import ToolType

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_UNITS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3, "t": 1000**4}
_UNITS |= {"ki": 1024, "mi": 1024**2, "gi": 1024**3, "ti": 1024**4}


def _text(value: Any) -> Any:
    """A version such as 1.0 is a number to YAML and a text to people."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return "" if value is None else value


def _size(value: Any) -> Any:
    """Bytes from 1073741824, "1GiB", "512M"."""
    if value is None or isinstance(value, bool) or not isinstance(value, (str, int)):
        return value
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?i?)b?", str(value).strip().lower())
    if match is None or match[2] not in _UNITS:
        raise ValueError("expected a size such as 512MiB or 2GB")
    size = float(match[1]) * _UNITS[match[2]]
    if size >= 2**63:
        raise ValueError("expected a size that a machine could have")
    return int(size)


def size_text(size_bytes: int) -> str:
    """A size for people, exact where it is round: "8 GiB", "1.5 MiB", "700 bytes"."""
    for unit, name in ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB")):
        if size_bytes >= unit:
            return f"{size_bytes / unit:.4g} {name}"
    return f"{size_bytes} bytes"


def _names(value: Any) -> Any:
    """A list where people write one name alone, or nothing."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_text)]
Size = Annotated[int, BeforeValidator(_size), Field(gt=0)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ToolSpec(Section):
    """A tool that the plugin serves, and the parameters it takes."""

    name: ToolType = Field(description="One of the seven tools")
    description: Text = Field("", description="One sentence for people")
    parameters: tuple[ParameterSpec, ...] = Field(
        (), description="In the order people see them", max_length=1000
    )

    references: int = Field(
        0, ge=0, le=16, description="The most reference pictures that it takes, as further inputs"
    )
    needs_portrait: bool = Field(
        False, description="Of speak2video: whether it cannot do without a portrait"
    )

    def parameter(self, name: str) -> ParameterSpec | None:
        """The parameter of that name."""
        return next((p for p in self.parameters if p.name == name), None)


class Requirements(Section):
    """What the plugin cannot work without; a requirements.txt beside the manifest counts as well."""

    python: Text = Field("", description='Versions of Python, such as ">=3.11"')
    packages: Names = Field((), description="As requirements.txt would have them")
    programs: Names = Field((), description="Programs that must be on PATH, such as ffmpeg")
    environment: Names = Field((), description="Variables that must be set; it sees them as well")


class Startup(Section):
    """How long the plugin may take until it is ready."""

    timeout: Seconds = Field(60.0, description="Seconds from its start to `ready`")
    health_check: bool = Field(False, description="Of the seed design; readiness is always awaited")


class Execution(Section):
    """How calls are run; what is None follows the settings."""

    timeout: Seconds | None = Field(None, description="Seconds a call may take")
    max_retries: int = Field(0, ge=0, le=100, description="Retries of a retryable error")
    concurrency: int = Field(1, ge=1, le=256, description="Calls at once")
    idle_timeout: Seconds | None = Field(None, description="Seconds unused until it is stopped")
    heartbeat_timeout: Seconds | None = Field(
        None, description="Seconds of silence allowed once it has sent a heartbeat in a call"
    )


class Gpu(Section):
    """That the plugin works on a graphics processor."""

    required: bool = Field(True, description="False: it works without one as well, only slower")
    memory: Size | None = Field(None, description="Bytes that its model takes there, if known")


def _gpu(value: Any) -> Any:
    """true, "optional", 6GiB, or {required, memory}."""
    if value is True or value == "optional":
        return {"required": value is True}
    if value in (None, False, 0, "none"):
        return None
    if isinstance(value, (int, str)):
        return {"memory": value}
    return value


class Resources(Section):
    """What of the machine the plugin needs, and may take; what is None follows the settings."""

    gpu: Annotated[Gpu | None, BeforeValidator(_gpu)] = Field(
        None, description='true, "optional", a size such as 6GiB, or both: {required, memory}'
    )
    memory: Size | None = Field(None, description="The most it may take; bytes, or such as 1GiB")
    processes: int | None = Field(None, ge=1, description="The most it may be, children included")
    open_files: int | None = Field(None, ge=16, description="The most it may hold open")
    output: Size | None = Field(None, description="The most that a call may leave, all files")


class Remote(Section):
    """That its calls are jobs at a provider, which go on there whatever happens here."""

    idempotency_key: bool = Field(
        False, description="Whether the provider takes one: the same key twice is one job"
    )


def _remote(value: Any) -> Any:
    """true, or {idempotency_key: true}; what other people's manifests mean by it is not this."""
    if isinstance(value, dict):
        return {"idempotency_key": value.get("idempotency_key") is True}
    return {} if value is True else None


class Manifest(Section):
    """A plugin.yaml that passed its check."""

    name: Annotated[str, Field(pattern=rf"^{NAME.pattern}$")] = Field(
        description="Letters, digits, '.', '_', '-'; at most 64"
    )
    version: Text = Field("0", description="Of the plugin")
    description: Text = Field("", description="One sentence for people")
    author: Text = Field("", description="Who made it")
    engine: Text = Field("", description="What does the work, such as a model's name")
    tools: tuple[ToolSpec, ...] = Field(description="What it serves", min_length=1, max_length=100)
    languages: Names = Field((), description='Of text2speak, BCP 47; "*" for all')
    requirements: Requirements = Field(default_factory=Requirements)
    startup: Startup = Field(default_factory=Startup)
    execution: Execution = Field(default_factory=Execution)
    resources: Resources = Field(default_factory=Resources)
    environment: Names = Field((), description="Variables that it may see")
    sandbox: bool | None = Field(
        None,
        description="true asks for the sandbox; by default all but the bundled plugins have it",
    )
    deterministic: bool = Field(True, description="Whether the same seed gives the same bytes")
    pricing: Any = Field(None, description="What a call costs; see `pricing`")
    remote: Annotated[Remote | None, BeforeValidator(_remote)] = Field(
        None, description="That calls are jobs at a provider; implied by `pricing`"
    )

    @property
    def is_remote(self) -> bool:
        """Whether a call may go on, and cost, where nobody here can see it."""
        return self.remote is not None or self.pricing is not None

    @property
    def takes_idempotency_key(self) -> bool:
        """Whether a job that is submitted twice under one key is one job."""
        return self.remote is not None and self.remote.idempotency_key

    def tool(self, name: str) -> ToolSpec | None:
        """The tool of that name."""
        return next((t for t in self.tools if t.name == name), None)


Source = Literal["FILMETO_PLUGINS", "project", "user", "bundled"]
