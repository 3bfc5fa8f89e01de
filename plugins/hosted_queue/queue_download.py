"""What the provider made, on its way here: streamed, gone on with after a cut, its size checked."""

import base64
import binascii
import mimetypes
import os
import re
import urllib.parse

from filmeto_plugin import Output, PluginError
from queue_template import at

LARGEST_BYTES = 4 * 1024**3
ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/quicktime": "mov",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/mpeg": "mp3",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
}
KINDS = {"image": "png", "video": "mp4"}  # where neither the address nor the server says


def made(result, paths):
    """[(address, size in bytes or None)] of what a result names at the first path that has any."""
    for path in paths:
        found = at(result, path)
        found = found if isinstance(found, list) else [found]
        files = [file for file in map(_file, found) if file]
        if files:
            return files
    return []


def fetch(line, call, files, tell):
    """Outputs, one for each file; `tell` gets (bytes so far, bytes in all or None)."""
    return [_fetch(line, call, index, *file, tell) for index, file in enumerate(files)]


def _file(told):
    url, size = told, None
    if isinstance(told, dict):
        url, size = told.get("url"), told.get("file_size")
    if not isinstance(url, str) or not url.startswith(("https://", "http://", "data:")):
        return None
    return url, size if isinstance(size, int) and size > 0 else None


def _fetch(line, call, index, url, size, tell):
    part = call.output(f"made-{index + 1}.part")
    if url.startswith("data:"):
        mime = _from_text(url, part)
    else:
        mime = line.again(lambda: _append(line, url, part, size, tell))
    got = os.path.getsize(part)
    if size is not None and got != size:
        told = f"expected a file of {size} bytes from {line.provider.name}, got {got}"
        raise PluginError(told, retryable=True, code="bad_answer")
    path = call.output(f"made-{index + 1}.{_ending(call.tool, url, mime)}")
    os.replace(part, path)
    return Output(path)


def _from_text(url, part):
    head, _, text = url.partition(",")
    try:
        body = (
            base64.b64decode(text)
            if head.endswith(";base64")
            else urllib.parse.unquote_to_bytes(text)
        )
    except binascii.Error as error:
        raise PluginError(f"what was made cannot be read: {error}", code="job_failed") from error
    with open(part, "wb") as file:
        file.write(body)
    return head.removeprefix("data:").partition(";")[0]


def _append(line, url, part, size, tell):
    """Fetch what is not there yet of a file; its MIME type."""
    have = os.path.getsize(part) if os.path.exists(part) else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    headers["Accept-Encoding"] = "identity"  # sizes and ranges are of the file itself
    with line.stream(url, headers) as answer:
        if have and answer.status_code == 416:  # it is all here, or not the same file any more
            os.unlink(part)
            raise line.unreachable(ValueError("the file changed while it was fetched"))
        if answer.status_code not in (200, 206):
            answer.read()
            raise line.words.of_answer(answer.status_code, answer.headers, answer.content)
        begins = _begins(answer) if answer.status_code == 206 else 0
        if begins != have:
            have = 0
            if begins:
                os.unlink(part)
                raise line.unreachable(ValueError("the server sent another part of the file"))
        with open(part, "ab" if have else "wb") as file:
            _write(line, answer, file, size, tell)
        return answer.headers.get("content-type", "").partition(";")[0].strip().lower()


def _write(line, answer, file, size, tell):
    left = answer.headers.get("content-length")
    end = file.tell() + int(left) if left and left.isdigit() else size
    for piece in answer.iter_raw():
        line.call.check_cancelled()
        file.write(piece)
        if file.tell() > LARGEST_BYTES:
            raise PluginError("what was made is beyond 4 GiB", code="job_failed")
        tell(file.tell(), end)
    if end is not None and file.tell() < end:
        raise line.unreachable(ValueError(f"the file ends after {file.tell()} of {end} bytes"))


def _begins(answer):
    match = re.match(r"bytes (\d+)-", answer.headers.get("content-range", ""))
    return int(match[1]) if match else -1


def _ending(tool, url, mime):
    """How the file's name ends: by the server's word, the address, the tool's kind."""
    if mime in ENDINGS:
        return ENDINGS[mime]
    path = urllib.parse.urlsplit(url).path if not url.startswith("data:") else ""
    ending = os.path.splitext(path)[1].lstrip(".").lower()
    if ending in ENDINGS.values() or mimetypes.guess_type(f"a.{ending}")[0]:
        return ending
    return KINDS.get(tool.partition("2")[2], "wav")
