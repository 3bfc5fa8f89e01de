"""text2video and image2video: jobs of POST /videos, which go on at the provider whatever happens.

Source: OpenAI API reference, "Videos".
"""

import math
import urllib.parse

import openai_picture as pictures
import openai_settings as settings
from filmeto_plugin import Output, PluginError
from openai_errors import REFUSED, plainly, retry_after_s
from openai_http import Server, read_json
from openai_words import Asked

MODEL = "sora-2"  # where neither the call nor the user names one
FIRST_PAUSE_S, GROWTH, LONGEST_PAUSE_S = 1.0, 1.3, 15.0
WAITING = ("queued", "in_progress", "processing", "pending", "running")
DONE = ("completed", "succeeded")
FAILED = ("failed", "cancelled", "canceled", "error")


def text2video(call):
    """A clip from words."""
    return _clip(call, None)


def image2video(call):
    """A clip that begins with a picture."""
    return _clip(call, pictures.given(call))


def _clip(call, picture):
    with Server(call) as server:
        job, about = call.resume_job, {"resumed": True}
        if job is None:
            job, about = _order(server, call, picture)
        told = _finished(server, call, job)
        call.progress(90, "downloading the clip")
        path = call.output("clip.mp4")
        with _lost_where_gone(server, call, job):
            server.download(f"{_address(job)}/content", path)
    about |= {key: told[key] for key in ("model", "seconds", "size") if told.get(key)}
    return Output(path, "video/mp4", {**about, "job": job})


def _order(server, call, picture):
    """(the job's id, what is to be told of it) of a new job, once the host has it on disk."""
    wanted = call.parameters
    model = wanted.get("model") or MODEL
    asked = Asked(wanted, settings.taken())
    width, height = wanted.get("width", 0), wanted.get("height", 0)
    if picture is not None and not (width and height):
        width, height = picture.size
    size = pictures.nearest(settings.clip_sizes(model), width, height)
    fields = {
        "model": model,
        "prompt": asked.prompt,
        "seconds": str(_seconds(wanted["duration_s"])),
    }
    fields["size"] = f"{size[0]}x{size[1]}"
    fields |= {name: str(value) for name, value in asked.fields.items()}
    fields |= {name: str(value) for name, value in wanted.get("extra", {}).items()}
    parts = {name: (None, value) for name, value in fields.items()}
    if picture is not None:  # of exactly the clip's size, or it is refused
        sent = pictures.as_png(pictures.filled(picture, *size))
        parts["input_reference"] = ("picture.png", sent, "image/png")
    call.progress(2, "sending the job")
    answer = server.order("/videos", "waiting for the job to be taken", files=parts)
    try:
        job = read_json(answer.body)["id"]
        if not isinstance(job, str) or not job:
            raise ValueError("id")
    except (ValueError, LookupError) as error:
        got = answer.body[:80]
        raise server.paid_and_lost(f"expected a job with its id, got {got!r}") from error
    cost = _cost(server, call) or {}
    call.submitted(job, cost.get("amount"), cost.get("currency"))
    return job, {"model": model, "told": asked.how}


def _cost(server, call):
    """The price of the length that is made, not of the asked one."""
    wanted = call.parameters
    return server.price.of({**wanted, "duration_s": _seconds(wanted["duration_s"])})


def _seconds(duration_s):
    """The shortest length in whole seconds that the model makes and that holds the asked one."""
    lengths = settings.clip_seconds()
    if lengths == settings.ANY:
        return math.ceil(duration_s)
    for length in lengths:
        if length >= duration_s - 1e-6:
            return length
    raise PluginError(
        f"duration_s: the model makes at most {lengths[-1]} s, and {duration_s:g} s are asked",
        code="beyond_limits",
        details={"limit": {"duration_s": lengths[-1]}},
    )


def _finished(server, call, job):
    """What the provider says of the job once its clip is there."""
    pause_s = FIRST_PAUSE_S
    while True:
        with _lost_where_gone(server, call, job):
            told, headers = server.ask(_address(job))
        status = told.get("status")
        if status in DONE:
            return told
        if status in FAILED:
            raise _failure(job, told)
        if status not in WAITING:
            words = f"job {job} is {status!r}: expected one of {', '.join(WAITING + DONE + FAILED)}"
            raise PluginError(words, retryable=True, code="bad_answer")
        percent = told.get("progress")
        percent = percent if isinstance(percent, (int, float)) and 0 <= percent <= 100 else 0
        call.progress(5 + 0.8 * percent, f"job {job} is {status}, {percent:g} %")
        server.pause(_asked_pause_s(headers) or pause_s)
        pause_s = min(LONGEST_PAUSE_S, pause_s * GROWTH)


def _asked_pause_s(headers):
    """The seconds that the server asks to wait until the next look, None where it asks nothing."""
    told = headers.get("openai-poll-after-ms", "")
    if told.isascii() and told.isdigit():
        return min(LONGEST_PAUSE_S, max(0.01, int(told) / 1000))
    return retry_after_s(headers)


def _failure(job, told):
    about = told.get("error") if isinstance(told.get("error"), dict) else {}
    code, message = str(about.get("code") or ""), plainly(str(about.get("message") or ""))
    details = {"cost": {"amount": "0"}, "provider_code": code}  # failed ones are not charged
    words = f"job {job} failed at the provider: {message or code or 'it does not say why'}"
    if code in REFUSED or "moderation" in code:
        told = f"{words}. Change the prompt."
        return PluginError(told, code="refused", permanent=True, details=details)
    return PluginError(words, code="job_failed", details=details)


class _lost_where_gone:
    """Tells a job that the provider does not know any more as such."""

    def __init__(self, server, call, job):
        self._server, self._call, self._job = server, call, job

    def __enter__(self):
        return self

    def __exit__(self, _kind, error, _trace):
        if isinstance(error, PluginError) and error.details.get("status") in (404, 410):
            cost = _cost(self._server, self._call)
            told = f"the provider does not know job {self._job} any more ({error})"
            details = {"cost": cost} if cost else {}
            raise PluginError(told, code="job_lost", details=details) from error


def _address(job):
    return "/videos/" + urllib.parse.quote(job, safe="")
