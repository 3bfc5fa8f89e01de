"""The call's files on their way to the provider: inlined as data URIs, or uploaded first."""

import base64
import json
import mimetypes
import os

from filmeto_plugin import PluginError
from queue_template import address, at, filled


def add_files(line, call, model, values):
    """Add what the templates call picture, pictures, sound and portrait, as far as they use it."""
    given = _by_name(call)
    for name in model.needs:
        if name not in given:
            told = f"model {model.name} needs a {name}, and the call has none"
            raise PluginError(told, code="bad_input")
    sent = {}

    def send(source):
        if source.path not in sent:
            sent[source.path] = _sent(line, source)
        return sent[source.path]

    used = json.dumps(model.input)
    for name, source in given.items():
        if f"{{{name}}}" not in used:
            continue
        values[name] = [send(s) for s in source] if isinstance(source, list) else send(source)


def _by_name(call):
    """The inputs by the names that templates use."""
    inputs, named = call.inputs, {}
    if call.tool == "speak2video":
        if not inputs:
            raise PluginError("speak2video needs a sound, got no input", code="bad_input")
        named["sound"] = inputs[0]
        if len(inputs) > 1:
            named["portrait"] = named["picture"] = inputs[1]
        return named
    if call.tool in ("image2image", "image2video") and not inputs:
        raise PluginError(f"{call.tool} needs a picture, got no input", code="bad_input")
    return {"picture": inputs[0], "pictures": list(inputs)} if inputs else {}


def _sent(line, source):
    """An address that the provider can read: a data URI, or where it was uploaded to."""
    size = os.path.getsize(source.path)
    mime = source.mime_type or mimetypes.guess_type(source.path)[0] or "application/octet-stream"
    provider = line.provider
    if size <= provider.inline_bytes:
        with open(source.path, "rb") as file:
            return f"data:{mime};base64,{base64.b64encode(file.read()).decode()}"
    if provider.upload is None:
        told = f"a file of {size} bytes is beyond the {provider.inline_bytes} that {provider.name} takes"
        limit = {"file_bytes": provider.inline_bytes}
        raise PluginError(told, code="beyond_limits", details={"limit": limit})
    line.call.progress(1, f"uploading {size} bytes")
    return line.again(lambda: _uploaded(line, source, mime))


def _uploaded(line, source, mime):
    """Where the file lies; a second try leaves a file that nobody uses, and costs nothing."""
    told, names = line.provider.upload, {"base_url": line.provider.base_url}
    url, name = address(told["url"], names), os.path.basename(source.path)
    if told["form"]:
        with open(source.path, "rb") as file:
            files = {told["form"]: (name, file, mime)}
            answer = _read(line, *line.send("POST", url, files=files))
    else:
        about = filled(told["json"] or {}, {"name": name, "mime": mime})
        answer = _read(line, *line.send("POST", url, json=about))
        with open(source.path, "rb") as file:
            put = line.send(
                "PUT", _text(answer, told["put"]), content=file, headers={"Content-Type": mime}
            )
        if not 200 <= put[0] < 300:
            raise line.words.of_answer(*put)
    return _text(answer, told["address"])


def _read(line, status, headers, body):
    if not 200 <= status < 300:
        raise line.words.of_answer(status, headers, body)
    try:
        return json.loads(body)
    except ValueError as error:
        told = f"expected JSON in the answer to an upload: {error}"
        raise PluginError(told, retryable=True, code="bad_answer") from error


def _text(answer, path):
    found = at(answer, path)
    if not isinstance(found, str):
        told = f"expected a text at {path} in the answer to an upload, got {found!r}"
        raise PluginError(told, code="bad_answer")
    return found
