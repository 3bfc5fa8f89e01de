"""plugin.yaml: read, checked, and told of by file, line and field.

Other people's manifests load unchanged: what is not known is reported and left out. Which folders
hold plugins is `discovery`'s; what a call's parameters must be is `parameters`'.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydantic
from pydantic import BaseModel

from filmeto_core.errors import ValidationError, did_you_mean, shown
from filmeto_core.plugin_host.manifest_lines import Lines, load_yaml
from filmeto_core.plugin_host.manifest_model import (
    Execution,
    Gpu,
    Manifest,
    Remote,
    Requirements,
    Resources,
    Startup,
    ToolSpec,
)
from filmeto_core.plugin_host.parameters import RESERVED, ParameterSpec, check_value
from filmeto_core.plugin_host.pricing import readable
from filmeto_core.types import ToolType

MANIFEST_NAME = "plugin.yaml"
MANIFEST_MAX_BYTES = 1024 * 1024  # a manifest is read by people; more is a mistake
MAX_PROBLEMS = 100  # told of one manifest; nobody reads more, and each costs a search for its line


@dataclass(frozen=True)
class Problem:
    """Something wrong in a manifest, or on the way to it.

    Args:
        file: The file or folder.
        line: Counted from 1; None where it is the whole file.
        field: Such as "tools[0].parameters[2].default"; empty for the whole file.
        reason: What was expected and what stands there.
        fatal: Whether the plugin is left out for it.
    """

    file: Path
    line: int | None
    field: str
    reason: str
    fatal: bool = True

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else str(self.file)
        return f"{where}: {self.field}: {self.reason}" if self.field else f"{where}: {self.reason}"


_SEED_KEYS = ("tool_type", "parameters")


def read_manifest(path: Path) -> tuple[Manifest | None, list[Problem]]:
    """The manifest in a file, None if it cannot be used, and all that is wrong with it."""
    try:
        if path.stat().st_size > MANIFEST_MAX_BYTES:
            return None, [Problem(path, None, "", "larger than 1 MiB; a manifest is a page")]
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        return None, [Problem(path, None, "", f"cannot be read: {error}")]
    data, broken = load_yaml(text)
    if broken is not None:
        return None, [Problem(path, broken.line, "", broken.reason)]
    if not isinstance(data, dict):
        found = "nothing" if data is None else type(data).__name__
        return None, [Problem(path, 1, "", f"expected `name:`, `tools:` and so on, got {found}")]
    return _Check(path, text, data).run()


class _Check:
    """One manifest's check: every problem is collected, none ends it early."""

    def __init__(self, path: Path, text: str, data: dict[Any, Any]) -> None:
        self.path, self.data = path, data
        self.lines = Lines(text)
        self.problems: list[Problem] = []
        self.usable = True
        self.seed_shape = "tools" not in data

    def run(self) -> tuple[Manifest | None, list[Problem]]:
        """The manifest, unless a problem is fatal, and the problems."""
        fields = {key: value for key, value in self.data.items() if isinstance(key, str)}
        for key in ("requirements", "startup", "execution", "resources"):
            if key in fields:
                fields[key] = {} if fields[key] is None else fields[key]
        if isinstance(fields.get("requirements"), list):  # as people abbreviate it
            fields["requirements"] = {"packages": fields["requirements"]}
        if self.seed_shape and "tool_type" in fields:
            tool = {"name": fields["tool_type"], "parameters": fields.get("parameters") or []}
            fields["tools"] = [tool]
        fields["tools"] = _without_nulls(fields.get("tools"))
        manifest = self._validate(fields)
        if manifest is not None:
            self._check_tools(manifest)
            self._report_unknown(Manifest, fields, ())
            wrong = readable(manifest.pricing, tuple(str(tool.name) for tool in manifest.tools))
            if wrong is not None:
                self._add(("pricing",), f"{wrong}, got {shown(manifest.pricing)}", fatal=False)
        return (manifest if self.usable else None), self.problems

    def _validate(self, fields: dict[str, Any]) -> Manifest | None:
        try:
            return Manifest.model_validate(fields)
        except pydantic.ValidationError as error:
            wrongs = error.errors(include_url=False)
            inside = any(len(wrong["loc"]) > 1 and wrong["loc"][0] == "tools" for wrong in wrongs)
            for wrong in wrongs:
                if not (inside and wrong["loc"] == ("tools",)):  # "too few", as one failed
                    self._add(wrong["loc"], _reason(wrong))
            return None

    def _check_tools(self, manifest: Manifest) -> None:
        seen: set[str] = set()
        for i, tool in enumerate(manifest.tools):
            if tool.name in seen:
                self._add(("tools", i, "name"), f"{tool.name} stands here twice")
            seen.add(tool.name)
            names: set[str] = set()
            for j, parameter in enumerate(tool.parameters):
                loc = ("tools", i, "parameters", j)
                if parameter.name in names:
                    self._add((*loc, "name"), f"{parameter.name} stands here twice")
                names.add(parameter.name)
                if parameter.name in RESERVED:
                    # Kept for filmeto's own keywords; an older manifest still loads.
                    reason = f"{parameter.name!r} is reserved ({', '.join(RESERVED)})"
                    self._add((*loc, "name"), reason, fatal=not self.seed_shape)
                if parameter.default is not None:
                    self._check_default(parameter, (*loc, "default"))

    def _check_default(self, parameter: ParameterSpec, loc: tuple) -> None:
        try:
            check_value(parameter, parameter.default)
        except ValidationError as error:
            self._add(loc, error.message)

    def _report_unknown(self, model: type[BaseModel], value: Any, loc: tuple) -> None:
        """Warn of every key that is not ours, wherever it stands."""
        if not isinstance(value, dict):
            return
        own = [*model.model_fields, *(_SEED_KEYS if not loc else ())]
        for key, inner in value.items():
            if len(self.problems) >= MAX_PROBLEMS:
                return
            if key not in own:
                key = key if isinstance(key, str) else shown(key)
                reason = f"not known, and left out.{did_you_mean(key[:100], own)}"
                self._add((*loc, key), reason, fatal=False)
                continue
            section = _SECTIONS.get((model, key))
            if section is None:
                continue
            for i, item in enumerate(inner) if isinstance(inner, list) else [(None, inner)]:
                self._report_unknown(section, item, (*loc, key, *(() if i is None else (i,))))

    def _add(self, loc: tuple, reason: str, fatal: bool = True) -> None:
        self.usable = self.usable and not fatal
        if len(self.problems) >= MAX_PROBLEMS:
            return
        if self.seed_shape and loc[:2] == ("tools", 0):
            loc = ("tool_type",) if loc[2:3] == ("name",) else loc[2:]
        elif self.seed_shape and loc == ("tools",):
            reason = "expected `tool_type:` or `tools:`, one of the seven tools, got neither"
        line = self.lines.of(loc)
        self.problems.append(Problem(self.path, line, _field(loc), reason, fatal))


_SECTIONS: dict[tuple[type[BaseModel], str], type[BaseModel]] = {
    (Manifest, "tools"): ToolSpec,
    (Manifest, "requirements"): Requirements,
    (Manifest, "startup"): Startup,
    (Manifest, "execution"): Execution,
    (Manifest, "remote"): Remote,
    (Manifest, "resources"): Resources,
    (Resources, "gpu"): Gpu,
    (ToolSpec, "parameters"): ParameterSpec,
}


def _without_nulls(tools: Any) -> Any:
    """`parameters:` with nothing under it means none."""
    if not isinstance(tools, list):
        return tools
    return [
        {**t, "parameters": t["parameters"] or []}
        if isinstance(t, dict) and "parameters" in t
        else t
        for t in tools
    ]


def _field(loc: tuple) -> str:
    return "".join(_steps(loc)).lstrip(".")


def _steps(loc: tuple) -> Iterator[str]:
    for step in loc:
        yield f"[{step}]" if isinstance(step, int) else f".{step:.100}"


def _reason(wrong: Any) -> str:
    kind, value = wrong["type"], wrong["input"]
    if kind == "missing":
        return "is missing"
    got = f", got {shown(value, 80)}"
    if kind == "enum":
        near = did_you_mean(str(value), list(ToolType)) if isinstance(value, str) else ""
        return f"expected one of {wrong['ctx']['expected']}{got}.{near}"
    if kind == "string_pattern_mismatch":
        return f"expected 1 to 64 letters, digits, '.', '_', '-', not starting with a mark{got}"
    return f"{wrong['msg'].removeprefix('Value error, ')}{got}"
