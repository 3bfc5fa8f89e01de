"""The values that cross filmeto's borders: tools, resources, tasks, progress, results.

All are pydantic models with `to_dict` and `from_dict`; their JSON names are the seed design's.
A `FilmetoTask` may be made wrong and asked about with `validate()`; running it raises.
"""

import uuid
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field


class ToolType(StrEnum):
    """The seven tools."""

    TEXT2IMAGE = "text2image"
    IMAGE2IMAGE = "image2image"
    IMAGE2VIDEO = "image2video"
    TEXT2VIDEO = "text2video"
    SPEAK2VIDEO = "speak2video"
    TEXT2SPEAK = "text2speak"
    TEXT2MUSIC = "text2music"

    @property
    def display_name(self) -> str:
        """The name as people read it, such as "Text to image"."""
        return _DISPLAY_NAMES[self]

    @property
    def makes(self) -> str:
        """The kind of its first output: "image", "video" or "audio"."""
        return _MAKES[self]


_DISPLAY_NAMES = {
    ToolType.TEXT2IMAGE: "Text to image",
    ToolType.IMAGE2IMAGE: "Image to image",
    ToolType.IMAGE2VIDEO: "Image to video",
    ToolType.TEXT2VIDEO: "Text to video",
    ToolType.SPEAK2VIDEO: "Speech to video",
    ToolType.TEXT2SPEAK: "Text to speech",
    ToolType.TEXT2MUSIC: "Text to music",
}
_MAKES = {
    ToolType.TEXT2IMAGE: "image",
    ToolType.IMAGE2IMAGE: "image",
    ToolType.IMAGE2VIDEO: "video",
    ToolType.TEXT2VIDEO: "video",
    ToolType.SPEAK2VIDEO: "video",
    ToolType.TEXT2SPEAK: "audio",
    ToolType.TEXT2MUSIC: "audio",
}

# What a tool cannot do without, whatever the plugin: parameters, and kinds of input.
REQUIRED_PARAMETERS: dict[ToolType, tuple[str, ...]] = {
    ToolType.TEXT2IMAGE: ("prompt",),
    ToolType.IMAGE2IMAGE: ("prompt",),
    ToolType.TEXT2VIDEO: ("prompt",),
    ToolType.TEXT2MUSIC: ("prompt",),
    ToolType.TEXT2SPEAK: ("text",),
}
REQUIRED_INPUTS: dict[ToolType, str] = {
    ToolType.IMAGE2IMAGE: "image",
    ToolType.IMAGE2VIDEO: "image",
    ToolType.SPEAK2VIDEO: "audio",
}


class ResourceType(StrEnum):
    """How an input is given."""

    LOCAL_PATH = "local_path"
    REMOTE_URL = "remote_url"
    BASE64 = "base64"


class ProgressType(StrEnum):
    """What a progress update tells."""

    STARTED = "started"
    PROGRESS = "progress"
    HEARTBEAT = "heartbeat"
    COMPLETED = "completed"
    FAILED = "failed"


def utc_now() -> datetime:
    """The time now, with its zone (UTC)."""
    return datetime.now(UTC)


class Model(BaseModel):
    """What all of filmeto's own models share: frozen, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON-able values; times as ISO 8601."""
        return self.model_dump(mode="json")

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The model of these fields; unknown ones are left out (they come from elsewhere)."""
        return cls.model_validate({k: v for k, v in data.items() if k in cls.model_fields})


class ResourceInput(Model):
    """An input of a task: a local path, a URL, or base64 (with or without a data: prefix)."""

    type: ResourceType = Field(description="How `data` is to be read")
    data: str = Field(description="A path, a URL, or base64 text")
    mime_type: str | None = Field(None, description="What it claims to be; checked by content")
    metadata: dict[str, Any] = Field(default_factory=dict, description="Small JSON of the caller's")


class ResourceOutput(Model):
    """A file that a tool made, in the content-addressed store."""

    type: Literal["image", "video", "audio"] = Field(description="Its kind")
    path: str = Field(description="Absolute path, with the right ending")
    mime_type: str = Field("application/octet-stream", description="Told from its content")
    size: int = Field(0, description="Bytes")
    url: str | None = Field(None, description="Where a web API serves it")
    metadata: dict[str, Any] = Field(
        default_factory=dict, description="digest (sha256:HEX) and what the plugin tells of it"
    )
    others: tuple["ResourceOutput", ...] = Field((), description="The call's further outputs")

    @property
    def digest(self) -> str | None:
        """ "sha256:HEX" of the content, where it is known."""
        return self.metadata.get("digest")

    def to_dict(self) -> dict[str, Any]:
        """The seed design's fields; `others` only where there are any."""
        leave_out = set() if self.others else {"others"}
        return self.model_dump(mode="json", exclude=leave_out)


class TaskProgress(Model):
    """One update of a running task."""

    task_id: str
    type: ProgressType = ProgressType.PROGRESS
    percent: float = Field(0.0, description="0 to 100, of the whole call, never falling")
    message: str = ""
    timestamp: datetime = Field(default_factory=utc_now)
    data: dict[str, Any] = Field(default_factory=dict)


class TaskResult(Model):
    """How a task ended."""

    task_id: str
    status: Literal["success", "error"]
    output_files: list[str] = Field(default_factory=list, description="Absolute paths")
    output_resources: list[ResourceOutput] = Field(default_factory=list)
    error_message: str = ""
    execution_time: float = Field(0.0, description="Seconds")
    metadata: dict[str, Any] = Field(
        default_factory=dict,
        description="plugin, plugin_version, parameters, cached; after a failure `error`",
    )

    def _first(self, kind: str) -> str | None:
        return next((o.path for o in self.output_resources if o.type == kind), None)

    def get_image_path(self) -> str | None:
        """The first picture's path, or None."""
        return self._first("image")

    def get_video_path(self) -> str | None:
        """The first clip's path, or None."""
        return self._first("video")

    def get_audio_path(self) -> str | None:
        """The first sound's path, or None."""
        return self._first("audio")


class FilmetoTask(Model):
    """One call of one tool.

    Its fields take anything, so that a wrong task can be made and asked about; `validate()` tells
    what is wrong with it alone, `FilmetoApi.validate_task` also what its plugin says.
    """

    tool_name: Any = Field(description="A ToolType or its name")
    plugin_name: Any = Field(None, description="A plugin's name; None: the profile chooses")
    parameters: Any = Field(default_factory=dict)
    task_id: Any = Field(default_factory=lambda: str(uuid.uuid4()))
    resources: Any = Field(default_factory=list, description="ResourceInput, in the tool's order")
    created_at: datetime = Field(default_factory=utc_now)
    timeout: Any = Field(None, description="Seconds; None: the manifest's, else 300")
    metadata: Any = Field(default_factory=dict, description="cache, priority, take, profile, ...")

    def model_post_init(self, _context: Any) -> None:
        try:
            tool = ToolType(self.tool_name)
        except ValueError:
            tool = self.tool_name
        object.__setattr__(self, "tool_name", tool)
        if isinstance(self.resources, (list, tuple)):
            read = [_as_resource(r) for r in self.resources]
            object.__setattr__(self, "resources", read)

    def validate(self) -> tuple[bool, str | None]:  # type: ignore[override]
        """(True, None), or (False, what is wrong, which field, and what is allowed)."""
        wrong = next(_problems(self), None)
        return (wrong is None, wrong)


def _as_resource(value: Any) -> Any:
    if isinstance(value, dict):
        try:
            return ResourceInput.from_dict(value)
        except ValueError:
            return value
    return value


def _problems(task: FilmetoTask):
    if not isinstance(task.tool_name, ToolType):
        yield f"tool_name: {task.tool_name!r} is none of the tools: {', '.join(ToolType)}"
        return
    if task.plugin_name is not None and not isinstance(task.plugin_name, str):
        yield f"plugin_name: expected a name or nothing, got {task.plugin_name!r}"
    if not isinstance(task.task_id, str) or not _safe_id(task.task_id):
        yield (
            f"task_id: {task.task_id!r} is not usable: 1 to 128 letters, digits, '.', '_', '-', "
            "not starting with '.'"
        )
    if not isinstance(task.parameters, dict):
        yield f"parameters: expected a dict, got {type(task.parameters).__name__}"
        return
    if not isinstance(task.metadata, dict):
        yield f"metadata: expected a dict, got {type(task.metadata).__name__}"
    for name in REQUIRED_PARAMETERS.get(task.tool_name, ()):
        value = task.parameters.get(name)
        if not isinstance(value, str) or not value.strip():
            yield f"parameters.{name}: {task.tool_name} needs a text, got {value!r}"
    yield from _resource_problems(task)
    timeout = task.timeout
    if timeout is not None:
        number = isinstance(timeout, (int, float)) and not isinstance(timeout, bool)
        if not number or not 0 < timeout < float("inf"):
            yield f"timeout: expected seconds above 0, got {timeout!r}"


def _resource_problems(task: FilmetoTask):
    if not isinstance(task.resources, list):
        yield f"resources: expected a list, got {type(task.resources).__name__}"
        return
    for i, resource in enumerate(task.resources):
        if not isinstance(resource, ResourceInput):
            yield (
                f"resources[{i}]: expected a ResourceInput (type local_path, remote_url or base64; "
                f"data), got {resource!r:.100}"
            )
        elif not resource.data.strip():
            yield f"resources[{i}].data: expected a path, a URL or base64, got an empty text"
    kind = REQUIRED_INPUTS.get(task.tool_name)
    if kind and not task.resources:
        yield f"resources: {task.tool_name} needs {_ARTICLES[kind]}, got none"


_ARTICLES = {"image": "a picture", "audio": "a sound", "video": "a clip"}


def _safe_id(text: str) -> bool:
    letters = text.replace(".", "").replace("_", "").replace("-", "")
    plain = not letters or letters.isalnum()
    return plain and 0 < len(text) <= 128 and not text.startswith(".")
