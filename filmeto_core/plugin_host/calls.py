"""What goes into a plugin call and what comes out, as the host's callers see it."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filmeto_core.errors import PluginProtocolError, ValidationError, shown

TASK_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True)
class PluginCall:
    """One tool call for a plugin.

    Args:
        task_id: 1 to 128 letters, digits, '.', '_', '-'.
        tool_name: One of the plugin's tools.
        parameters: Checked, with their defaults.
        resources: The inputs as the wire tells them: type, data, mime_type, metadata.
        processed_resources: Their local paths, one for each.
        output_dir: A folder for what is made; it must exist.
        timeout_s: Seconds from the plugin's start on it; None: the manifest's, else the settings'.
        metadata: Small JSON; `priority` (an integer, higher first) orders waiting calls.
        idempotency_key: Stable for this call, for providers that take one.
        resume_job: The provider's id of a job that was submitted for this call before.
        begin: Called in a thread right before the plugin gets the call; what it raises ends the
            call, which then never began.
        submitted: Called in a thread when the plugin says that it submitted a job: its id, and
            what it costs, as the plugin tells it. It returns when that is on disk.
    """

    task_id: str
    tool_name: str
    parameters: dict[str, Any]
    output_dir: Path
    resources: list[dict[str, Any]] = field(default_factory=list)
    processed_resources: list[str] = field(default_factory=list)
    timeout_s: float | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    idempotency_key: str | None = None
    resume_job: str | None = None
    begin: Callable[[], None] | None = None
    submitted: Callable[[str, Any], None] | None = None

    def check(self) -> None:
        """Refuse what must not reach a plugin.

        Raises:
            ValidationError: The task's id could leave its folder.
        """
        if not isinstance(self.task_id, str) or not TASK_ID.fullmatch(self.task_id):
            raise ValidationError(
                f"task_id: expected 1 to 128 letters, digits, '.', '_', '-', got {self.task_id!r}.",
                field="task_id",
                value=str(self.task_id)[:200],
            )

    @property
    def priority(self) -> int:
        """Higher goes first."""
        value = self.metadata.get("priority", 0)
        return value if isinstance(value, int) else 0

    def params(self, plugin_name: str, timeout_s: float) -> dict[str, Any]:
        """The params of `execute_task`."""
        params = {
            "task_id": self.task_id,
            "tool_name": str(self.tool_name),
            "plugin_name": plugin_name,
            "parameters": self.parameters,
            "resources": self.resources,
            "created_at": datetime.now(UTC).isoformat(),
            "timeout": timeout_s,
            "metadata": {**self.metadata, "processed_resources": self.processed_resources},
            "output_dir": str(self.output_dir),
        }
        if self.idempotency_key is not None:
            params["idempotency_key"] = self.idempotency_key
        if self.resume_job is not None:
            params["resume_job"] = self.resume_job
        return params


@dataclass(frozen=True)
class PluginOutput:
    """A file that a plugin made: absolute path, and what the plugin says of it."""

    path: Path
    mime_type: str | None = None
    type: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PluginAnswer:
    """How a call ended well; `execution_time_s` is measured here, not told by the plugin."""

    outputs: list[PluginOutput]
    metadata: dict[str, Any]
    execution_time_s: float


def read_outputs(result: dict[str, Any], folder: Path) -> list[PluginOutput]:
    """The outputs that a result names, each file once; relative paths start at `folder`.

    Raises:
        PluginProtocolError: They are not told as paths.
    """
    spelled: dict[str, PluginOutput] = {}
    for told in _list(result, "output_resources"):
        if not isinstance(told, dict):
            raise _unreadable("output_resources", "objects with a `path`", told)
        path, metadata = told.get("path"), told.get("metadata")
        located = _path(path, folder, "output_resources")
        spelled[path] = PluginOutput(
            located,
            _text(told.get("mime_type")),
            _text(told.get("type")),
            metadata if isinstance(metadata, dict) else {},
        )
    for told in _list(result, "output_files"):
        if not isinstance(told, str) or told not in spelled:
            located = _path(told, folder, "output_files")
            spelled[told] = PluginOutput(located)
    if len(spelled) < 2:  # a path's hash costs more than all of the above
        return list(spelled.values())
    outputs: dict[Path, PluginOutput] = {}
    for output in spelled.values():
        outputs.setdefault(output.path, output)
    return list(outputs.values())


def _list(result: dict[str, Any], field_name: str) -> list[Any]:
    value = result.get(field_name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise _unreadable(field_name, "a list", value)
    return value


def _path(value: Any, folder: Path, field_name: str) -> Path:
    if not isinstance(value, str) or not value or not _can_name_a_file(value):
        raise _unreadable(field_name, "paths", value)
    return Path(value) if value[0] == "/" else folder / value


def _can_name_a_file(value: str) -> bool:
    """No zero byte, no lone surrogate but those that stand for a byte of a name."""
    try:
        return b"\0" not in os.fsencode(value)
    except UnicodeEncodeError:
        return False


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _unreadable(field_name: str, wanted: str, got: Any) -> PluginProtocolError:
    return PluginProtocolError(
        f"expected {wanted} in its result's {field_name}, got {shown(got)}.",
        hint="Compare the plugin with docs/plugin-protocol.md.",
        field=field_name,
    )
