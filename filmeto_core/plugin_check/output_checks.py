"""The check of what a call made: there, decoded, of the tool's kind, where it may be."""

import hashlib
from pathlib import Path
from typing import Any

from filmeto_core.errors import FilmetoError
from filmeto_core.media import MediaInfo, ending, probe
from filmeto_core.plugin_check.report import State
from filmeto_core.plugin_check.session import Trace
from filmeto_core.plugin_host.calls import PluginOutput, read_outputs
from filmeto_core.plugin_host.manifest_model import ToolSpec
from filmeto_core.plugin_host.outputs import check_outputs
from filmeto_core.plugin_host.plugin import Plugin


def check_files(tool: ToolSpec, trace: Trace, plugin: Plugin) -> tuple[State, str, str]:
    """The verdict on a call's outputs, in words, and what to do."""
    try:
        outputs = check_outputs(
            read_outputs(trace.result, plugin.folder), (trace.call.output_dir, plugin.folder)
        )
    except FilmetoError as error:
        return "failed", error.message, error.hint
    told, doubts = [], []
    for output in outputs:
        try:
            info = probe(output.path)
        except FilmetoError as error:
            return "failed", error.message.replace(str(output.path), output.path.name), ""
        told.append(f"{output.path.name}: {describe(info)}")
        if len(told) == 1 and info.kind != tool.name.makes:
            found = f"expected {_an(tool.name.makes)} first, got {told[0]}"
            return "failed", found, "The first output is the tool's own kind."
        if _kind(output.mime_type) not in (None, info.kind):
            return "failed", f"{told[-1]}, told as {output.mime_type}", "Tell what it is."
        doubts += _doubts(output, info, trace)
    state = "note" if doubts else "ok"
    return state, "; ".join([*told, *dict.fromkeys(doubts)]), ""


def digests(result: dict[str, Any], plugin: Plugin) -> list[str]:
    """sha256 (hex) of each file that the result names; "" for one that cannot be read."""
    return [_digest(output.path) for output in read_outputs(result, plugin.folder)]


def describe(info: MediaInfo) -> str:
    """A picture, clip or sound in a few words."""
    parts = [info.mime_type]
    if info.width_px:
        parts.append(f"{info.width_px}x{info.height_px}")
    if info.duration_s is not None:
        parts.append(f"{info.duration_s:.2f} s")
    return " ".join(parts)


def _doubts(output: PluginOutput, info: MediaInfo, trace: Trace) -> list[str]:
    found = []
    if output.mime_type and output.mime_type != info.mime_type:
        found.append(f"told as {output.mime_type}")
    if output.path.suffix.lower() not in (f".{ending(info.mime_type).lstrip('.')}", ".jpeg"):
        found.append(f"its name ends in {output.path.suffix or 'nothing'}")
    if not output.path.is_relative_to(Path(trace.call.output_dir).resolve()):
        found.append("it lies in the plugin's own folder, where nobody removes it")
    return found


def _kind(mime_type: str | None) -> str | None:
    return mime_type.partition("/")[0] if mime_type else None


def _an(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _digest(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
