"""The files that a job made: which ones count, and how they come here whole."""

import os
import time

from comfy_server import Unreachable
from filmeto_plugin import Output, PluginError

KINDS = {
    "image": {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp", ".gif": "gif"},
    "video": {".mp4": "mp4", ".webm": "webm", ".mov": "quicktime", ".mkv": "x-matroska"},
    "audio": {".flac": "flac", ".mp3": "mpeg", ".wav": "wav", ".ogg": "ogg", ".opus": "ogg"},
}
NAMES = {"image": "picture", "video": "clip", "audio": "sound"}
TRIES, PAUSE_S = 4, 0.3


def collect(call, server, prepared, outcome):
    """Fetch what a job made, those of the tool's kind first.

    Raises:
        PluginError: "no_output": it made nothing of the tool's kind.
        Unreachable: A file did not come whole, several times.
    """
    files = _of_kind(call.tool, prepared.workflow, made_files(prepared.workflow, outcome))
    about, outputs, counts = _about(call, prepared), [], {}
    for at, (kind, ending, file) in enumerate(files):
        counts[kind] = counts.get(kind, 0) + 1
        number = f"_{counts[kind]}" if counts[kind] > 1 else ""
        path = call.output(f"{NAMES[kind]}{number}{ending}")
        call.progress(95 + 4 * at / len(files), f"fetching {file['filename']}")
        _fetch(call, server, file, path)
        outputs.append(Output(path, f"{kind}/{KINDS[kind][ending]}", about))
    return outputs


def made_files(workflow, outcome):
    """Every file that the history tells of, in the order of the workflow's nodes.

    Nodes put them under `images`, `gifs`, `videos`, `audio`, whatever they are; those that are kept
    (type "output") hide the previews (type "temp").
    """
    made, wanted = outcome.get("outputs") or {}, workflow.about.get("outputs")
    numbers = [str(n) for n in wanted] if wanted else [n for n in workflow.graph if n in made]
    files = []
    for number in numbers:
        for told in (made.get(number) or {}).values():
            files += [f for f in told if _is_file(f)] if isinstance(told, list) else []
    kept = [file for file in files if file.get("type") != "temp"]
    return kept or files


def _is_file(told):
    return isinstance(told, dict) and isinstance(told.get("filename"), str)


def _of_kind(tool, workflow, files):
    """(kind, ending, file) of each, the tool's kind first; its own kind must be among them."""
    wanted, known = tool.partition("2")[2], []
    for file in files:
        ending = os.path.splitext(file["filename"])[1].lower()
        known += [(kind, ending, file) for kind, endings in KINDS.items() if ending in endings]
    of_kind = [found for found in known if found[0] == wanted]
    if not of_kind:
        has = ", ".join(file["filename"] for file in files[:5]) or "no file at all"
        told = f"workflow {workflow.name}: {tool} needs a {wanted}, and it made {has}. "
        if wanted == "video":
            told += "End it with Save Video, or with Video Combine set to video/h264-mp4"
        else:
            told += "End it with Save Image"
        raise PluginError(told, code="no_output")
    return of_kind + [found for found in known if found[0] != wanted]


def _about(call, prepared):
    about = {"workflow": prepared.workflow.name, "seed": prepared.values.get("seed")}
    if prepared.model:
        about["model"] = prepared.model
    if "fps" in prepared.values and "fps" not in prepared.unused:
        about["fps"] = str(prepared.values["fps"])
    if prepared.unused:
        about["unused"] = prepared.unused
        call.logger.info("the workflow has no input for: %s", ", ".join(prepared.unused))
    return about


def _fetch(call, server, file, path):
    """Stream a file to disk; what breaks is fetched again, and nothing half is left."""
    for left in reversed(range(TRIES)):
        try:
            return _stream(call, server, file, path)
        except Unreachable:
            if not left:
                raise
            call.check_cancelled()
            time.sleep(PAUSE_S)


def _stream(call, server, file, path):
    got, part = 0, f"{path}.part"
    try:
        with server.download(file) as (chunks, total), open(part, "wb") as target:
            for chunk in chunks:
                call.check_cancelled()
                got += len(chunk)
                target.write(chunk)
        if not got or (total is not None and got < total):
            told = f"{server.where} sent {got} of {total} bytes of {file['filename']}"
            raise Unreachable(told, code="truncated", details={"got": got, "expected": total})
        os.replace(part, path)
    finally:
        if os.path.exists(part):
            os.unlink(part)
