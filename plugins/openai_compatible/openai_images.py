"""text2image and image2image: POST /images/generations and /images/edits.

Source: OpenAI API reference, "Images".
"""

import base64
import binascii
import json
import os
import re

import openai_kept as kept
import openai_picture as pictures
import openai_settings as settings
from filmeto_plugin import Output, PluginError
from openai_http import Server, read_json
from openai_words import Asked

URL = "url:"  # before a job's id: the picture lies at that address
URL_ENDING = ".url"  # of one that is kept, since it is too long for an id
MODEL = "gpt-image-1"  # where neither the call nor the user names one
LONGEST_ID = 512  # characters of a job's id that a host keeps
MOST_PICTURES = 16  # in one edit


def text2image(call):
    """A picture from words, and from reference pictures where there are some."""
    wanted = call.parameters
    size = (wanted["width"], wanted["height"])
    references = [pictures.given(call, i) for i in range(len(call.inputs))]
    return _made(call, size, references, strength=False)


def image2image(call):
    """Another picture from a picture."""
    wanted, picture = call.parameters, pictures.given(call)
    width, height = _size_by(picture, wanted.get("width", 0), wanted.get("height", 0))
    if wanted.get("strength") == 0 and call.resume_job is None:
        path = call.output("picture.png")
        pictures.filled(picture, width, height).save(path)
        call.charge("0")
        return Output(
            path, "image/png", {"strength": "0: the picture as it was, nothing was asked"}
        )
    more = [pictures.given(call, i) for i in range(1, len(call.inputs))]
    return _made(call, (width, height), [picture, *more], strength=True)


def _made(call, size, given, strength):
    if len(given) > MOST_PICTURES:
        told = f"expected at most {MOST_PICTURES} pictures, got {len(given)}"
        raise PluginError(
            told, code="beyond_limits", details={"limit": {"pictures": MOST_PICTURES}}
        )
    with Server(call) as server:
        about = {}
        if call.resume_job is None:
            call.progress(5, "asking for the picture")
            job, body, about = _order(server, call, size, given, strength)
        else:
            job, body = call.resume_job, None
            about["resumed"] = True
        if body is None and not job.startswith(URL):
            body = kept.collect(call, server.price)
        if body is None or job.endswith(URL_ENDING):
            url = job.removeprefix(URL) if body is None else body.decode()
            body = _fetched(server, call, url, job != URL_ENDING)
        call.progress(90, "fitting it")
        return _fitted(server, call, body, size, about)


def _order(server, call, size, given, strength):
    model = call.parameters.get("model") or MODEL
    asked = Asked(call.parameters, settings.taken())
    if strength:
        asked.strength()
    made = pictures.nearest(settings.picture_sizes(model), *size)
    fields = {"model": model, "prompt": asked.prompt, "n": 1, "size": f"{made[0]}x{made[1]}"}
    if call.parameters.get("quality"):
        fields["quality"] = call.parameters["quality"]
    if not model.rpartition("/")[2].startswith(("gpt-image", "chatgpt-image")):
        fields["response_format"] = "b64_json"  # those give nothing else, and refuse the field
    fields |= {**asked.fields, **call.parameters.get("extra", {})}
    answer = _post(server, fields, given)
    about = {"model": model, "asked_px": fields["size"], "told": asked.how}
    try:
        told = read_json(answer.body)
        picture = told["data"][0]
        about |= {key: told[key] for key in ("usage",) if key in told}
        if picture.get("revised_prompt"):
            about["revised_prompt"] = picture["revised_prompt"]
        return *_received(call, picture), about
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        got = answer.body[:80]
        raise server.paid_and_lost(
            f"expected data[0].b64_json or .url in the server's answer, got {got!r}"
        ) from error


def _post(server, fields, given):
    doing = "waiting for the picture"
    if not given:
        return server.order("/images/generations", doing, json=fields)
    name = "image" if len(given) == 1 else "image[]"
    files = [
        (name, (f"picture-{i + 1}.png", pictures.as_png(picture), "image/png"))
        for i, picture in enumerate(given)
    ]
    texts = {name: _form_text(value) for name, value in fields.items()}
    return server.order("/images/edits", doing, data=texts, files=files)


def _received(call, picture):
    """(the job's id, the picture's or the address's bytes, or None), safe from a crash if it can be.

    An id that is only an ending says that nothing could be kept.
    """
    inline, url = picture.get("b64_json"), picture.get("url") or ""
    if not inline and url.startswith("data:"):
        inline = url.partition(",")[2]
    if inline:
        try:
            body = base64.b64decode(inline, validate=True)
        except binascii.Error as error:
            raise ValueError(str(error)) from error
        return kept.keep(call, body, "img") or "", body
    if not re.match(r"https?://[^/\s]+/\S*$", url):
        raise ValueError("no picture")
    if len(URL + url) <= LONGEST_ID:
        call.submitted(URL + url)
        return URL + url, None
    return kept.keep(call, url.encode(), URL_ENDING[1:]) or URL_ENDING, url.encode()


def _fetched(server, call, url, is_known):
    call.progress(85, "downloading it")
    path = call.output("answered.part")
    try:
        server.download(url, path)
        with open(path, "rb") as file:
            return file.read()
    except PluginError as error:
        if error.details.get("status") in (403, 404, 410):
            cost = server.price.of(call.parameters)
            told = f"the picture is not at the address any more that the server answered: {error}"
            details = {"cost": cost} if cost else {}
            raise PluginError(told, code="job_lost", details=details) from error
        if not is_known:
            raise server.paid_and_lost(f"the picture could not be fetched: {error}") from error
        raise
    finally:
        if os.path.exists(path):
            os.unlink(path)


def _fitted(server, call, body, size, about):
    try:
        picture = pictures.opened(body)
    except ValueError as error:
        lost = server.paid_and_lost(f"what the server made is no picture: {error}")
        lost.code = "job_failed"  # the host has it as a job: another try is another one
        raise lost from error
    about |= {"made_px": f"{picture.width}x{picture.height}", "width": size[0], "height": size[1]}
    if picture.size != size:
        about["fitted"] = "cropped around its middle and resized to the asked size"
    path = call.output("picture.png")
    pictures.filled(picture, *size).save(path)
    return Output(path, "image/png", about)


def _size_by(picture, width, height):
    """The asked size; a side that is 0 goes by the picture."""
    if width and height:
        return width, height
    if width:
        return width, max(1, round(picture.height * width / picture.width))
    if height:
        return max(1, round(picture.width * height / picture.height)), height
    return picture.size


def _form_text(value):
    return value if isinstance(value, str) else json.dumps(value)
