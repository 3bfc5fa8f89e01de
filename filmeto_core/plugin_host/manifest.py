"""plugin.yaml: what a plugin says of itself. Other people's manifests load unchanged.

Unknown keys are reported, not fatal; whatever else is wrong is a `Problem` with file, line, field.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from filmeto_core.errors import did_you_mean
from filmeto_core.types import ToolType

MANIFEST_NAME = "plugin.yaml"
MAX_BYTES = 1024 * 1024  # a manifest is a page of text
RESERVED_PARAMETERS = ("plugin", "profile", "take", "priority", "timeout_s")

ParameterType = Literal["string", "integer", "float", "boolean", "array", "object"]


class _Part(BaseModel):
    """A part of a manifest: frozen; unknown keys are left out here and reported elsewhere."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ParameterSpec(_Part):
    """One parameter of a tool."""

    name: str = Field(min_length=1, description="As callers write it")
    type: ParameterType = "string"
    required: bool = False
    default: Any = None
    min: float | None = Field(None, description="The least number, or length of a text or array")
    max: float | None = Field(None, description="The greatest number, or length")
    choices: tuple[Any, ...] | None = Field(None, description="The only values allowed")
    description: str = ""


class ToolSpec(_Part):
    """One tool that the plugin serves."""

    name: ToolType
    description: str = ""
    parameters: tuple[ParameterSpec, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters' names."""
        return tuple(parameter.name for parameter in self.parameters)

    def parameter(self, name: str) -> ParameterSpec:
        """The parameter of this name (KeyError if there is none)."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(name)


class Requirements(_Part):
    """What its environment needs."""

    python: str | None = Field(None, description="A version specifier such as >=3.11")
    packages: tuple[str, ...] = Field((), description="As pip writes them")


class Startup(_Part):
    """How it starts."""

    timeout: float = Field(60.0, gt=0, description="Seconds until it has to be ready")
    health_check: bool = True


class Execution(_Part):
    """How its calls run."""

    timeout: float | None = Field(None, gt=0, description="Seconds a call may take")
    max_retries: int = Field(0, ge=0, le=100, description="Retries of retryable errors")
    concurrency: int = Field(1, ge=1, le=1000, description="Calls at once")
    idle_timeout: float | None = Field(None, gt=0, description="Seconds unused until it is stopped")
    heartbeat_timeout: float | None = Field(None, gt=0, description="Seconds of silence allowed")


class Resources(_Part):
    """What it needs of the machine."""

    gpu: Any = None
    memory: Any = None


class Manifest(_Part):
    """A plugin.yaml, checked."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    version: str = "0.0.0"
    description: str = ""
    author: str = ""
    engine: str = ""
    tools: tuple[ToolSpec, ...] = Field(min_length=1)
    languages: tuple[str, ...] = Field(("*",), description='Of a text2speak plugin; "*" is all')
    requirements: Requirements = Requirements()
    startup: Startup = Startup()
    execution: Execution = Execution()
    resources: Resources = Resources()
    environment: tuple[str, ...] = Field((), description="Names of variables that it may see")
    pricing: Any = None

    @field_validator("version", mode="before")
    @classmethod
    def _version_as_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int | float) else value

    @property
    def tool_names(self) -> tuple[str, ...]:
        """The tools it serves, in the manifest's order."""
        return tuple(str(spec.name) for spec in self.tools)

    def tool(self, tool: ToolType | str) -> ToolSpec:
        """What it says of a tool (KeyError if it does not serve it)."""
        for spec in self.tools:
            if spec.name == tool:
                return spec
        raise KeyError(tool)


class Problem(BaseModel):
    """What is wrong with a manifest, and where."""

    model_config = ConfigDict(frozen=True)

    file: str
    line: int | None = None
    field: str = ""
    reason: str

    def __str__(self) -> str:
        line = f":{self.line}" if self.line else ""
        field = f"{self.field}: " if self.field else ""
        return f"{self.file}{line}: {field}{self.reason}"


class ManifestProblems(Exception):
    """A manifest that cannot be used."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def read_manifest(path: Path) -> tuple[Manifest, list[Problem]]:
    """The manifest, and what is odd but not fatal in it (unknown keys).

    Raises:
        ManifestProblems: It cannot be used; all reasons at once.
    """
    lines: dict[str, int] = {}
    data = _read(path, lines)
    found = _Finder(path, lines)
    fields = _as_tools(data, found)
    if found.problems:
        raise ManifestProblems(found.problems)
    try:
        manifest = Manifest.model_validate(fields)
    except ValidationError as error:
        for one in error.errors():
            found.add(_dotted(one["loc"]), f"{one['msg']}, got {one['input']!r:.60}")
        raise ManifestProblems(found.problems) from None
    from filmeto_core.plugin_host.parameters import spec_problems

    for i, spec in enumerate(manifest.tools):
        for where, reason in spec_problems(spec):
            found.add(f"tools[{i}].parameters[{where}]", reason)
    if found.problems:
        raise ManifestProblems(found.problems)
    odd = _Finder(path, lines)
    _report_unknown(data, odd)
    return manifest, odd.problems


class _Finder:
    """Collects problems of one file, each with the line of its field."""

    def __init__(self, path: Path, lines: Mapping[str, int]) -> None:
        self.path, self.lines = path, lines
        self.problems: list[Problem] = []

    def add(self, field: str, reason: str) -> None:
        self.problems.append(
            Problem(file=str(self.path), line=self._line(field), field=field, reason=reason)
        )

    def _line(self, field: str) -> int | None:
        while field and field not in self.lines:
            cut = max(field.rfind("."), field.rfind("["))
            field = field[:cut] if cut > 0 else ""
        return self.lines.get(field)


def _read(path: Path, lines: dict[str, int]) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ManifestProblems([Problem(file=str(path), reason="larger than 1 MiB")])
        text = path.read_text(encoding="utf-8-sig")
        node = yaml.compose(text, Loader=loader)
        data = yaml.load(text, Loader=loader)
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestProblems([Problem(file=str(path), reason=str(error))]) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error) or type(error).__name__
        line = mark.line + 1 if mark else None
        raise ManifestProblems([Problem(file=str(path), line=line, reason=reason)]) from None
    if not isinstance(data, dict):
        reason = "expected a mapping of name, version, tools ..."
        raise ManifestProblems([Problem(file=str(path), line=1, reason=reason)])
    _note_lines(node, "", lines)
    return data


def _note_lines(node: Any, field: str, lines: dict[str, int]) -> None:
    lines[field] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = f"{field}.{key.value}" if field else str(key.value)
            _note_lines(value, name, lines)
            lines[name] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            _note_lines(value, f"{field}[{i}]", lines)


def _as_tools(data: dict[str, Any], found: _Finder) -> dict[str, Any]:
    """The fields with the seed design's one tool as a list of one."""
    fields = {k: v for k, v in data.items() if v is not None}
    if "tools" in fields:
        _check_tools(fields["tools"], found)
        return fields
    tool = fields.pop("tool_type", None)
    if tool is None:
        found.add("", "it names no tool: give tool_type, or tools")
    elif tool not in list(ToolType):
        found.add("tool_type", _no_tool(tool))
    parameters = fields.pop("parameters", ())
    fields["tools"] = [{"name": tool, "parameters": _named(parameters)}]
    return fields


def _check_tools(tools: Any, found: _Finder) -> None:
    if not isinstance(tools, list):
        found.add("tools", f"expected a list, got {type(tools).__name__}")
        return
    seen: set[str] = set()
    for i, tool in enumerate(tools):
        name = tool.get("name") if isinstance(tool, dict) else None
        if name not in list(ToolType):
            found.add(f"tools[{i}].name", _no_tool(name))
        elif name in seen:
            found.add(f"tools[{i}].name", f"{name} stands here twice")
        seen.add(name)
        for j, parameter in enumerate(_list(tool, "parameters")):
            if isinstance(parameter, dict) and parameter.get("name") in RESERVED_PARAMETERS:
                reason = f"{parameter['name']} is a name that filmeto keeps for itself"
                found.add(f"tools[{i}].parameters[{j}].name", reason)


def _named(parameters: Any) -> Any:
    """Parameters as a list, also where a manifest maps names to them."""
    if isinstance(parameters, dict):
        return [{"name": k, **(v if isinstance(v, dict) else {})} for k, v in parameters.items()]
    return parameters


def _list(part: Any, key: str) -> list[Any]:
    value = part.get(key) if isinstance(part, dict) else None
    return value if isinstance(value, list) else []


def _no_tool(name: Any) -> str:
    meant = did_you_mean(str(name), list(ToolType))
    return f"{name!r} is none of the tools.{meant} There are {', '.join(ToolType)}"


_TOP = {*Manifest.model_fields, "tool_type", "parameters"}
_PARTS: dict[str, type[_Part]] = {
    "requirements": Requirements,
    "startup": Startup,
    "execution": Execution,
    "resources": Resources,
}


def _report_unknown(data: dict[str, Any], odd: _Finder) -> None:
    for key, value in data.items():
        if key not in _TOP:
            odd.add(str(key), f"unknown key, left out.{did_you_mean(str(key), sorted(_TOP))}")
        elif key in _PARTS and isinstance(value, dict):
            known = sorted(_PARTS[key].model_fields)
            for name in value:
                if name not in known:
                    meant = did_you_mean(str(name), known)
                    odd.add(f"{key}.{name}", f"unknown key, left out.{meant}")


def _dotted(location: tuple[Any, ...]) -> str:
    parts = [f"[{p}]" if isinstance(p, int) else f".{p}" for p in location]
    return "".join(parts).lstrip(".")
