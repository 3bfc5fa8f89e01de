"""Has a provider make pictures, clips, voices and music: submit, note the job, poll, download.

PAID_PROVIDER_URL is the provider's address. PAID_PROVIDER_KEYLESS says that it takes no idempotency
key; then a connection that breaks while a job is sent leaves nobody knowing whether it was taken.
"""

import base64
import os
import time
from contextlib import contextmanager

from filmeto_plugin import Output, PluginError, SubmissionUnknown, run
from provider_http import Lost, Refused, ask, fetch

ENDINGS = {"text2image": "png", "image2video": "mp4", "text2speak": "wav", "text2music": "wav"}
MIME_TYPES = {"png": "image/png", "mp4": "video/mp4", "wav": "audio/wav"}
KEYLESS = os.environ.get("PAID_PROVIDER_KEYLESS", "") not in ("", "0")


def serve(call):
    """Collect the job that was submitted before, or submit one and collect that."""
    job = call.resume_job or submit(call)
    call.progress(20, f"job {job}")
    told = wait_for(call, job)
    name = f"made.{ENDINGS[call.tool]}"
    with telling(job):
        fetch(f"/jobs/{job}/file", call.output(name), call.check_cancelled)
    call.charge(told["cost"], told["currency"])
    return Output(call.output(name), MIME_TYPES[ENDINGS[call.tool]], {"job": job})


def submit(call):
    """The id of a new job, once the host has it on disk."""
    wanted = {"tool": call.tool, "parameters": call.parameters, "inputs": []}
    for given in call.inputs:
        with open(given.path, "rb") as file:
            wanted["inputs"].append(base64.b64encode(file.read()).decode())
    headers = {} if KEYLESS else {"Idempotency-Key": call.idempotency_key}
    call.progress(5, "submitting")
    try:
        told = ask("POST", "/jobs", wanted, headers)
    except Refused as error:
        if error.status == 422:
            raise PluginError(
                f"the provider refuses this: {error}", code="prompt_refused", permanent=True
            ) from error
        raise _later(error) from error
    except Lost as error:
        if KEYLESS and error.was_sent:
            raise SubmissionUnknown(f"the connection broke as the job was sent: {error}") from error
        code = "lost" if error.was_sent else "unreachable"
        raise PluginError(f"no connection: {error}", retryable=True, code=code) from error
    call.submitted(told["id"], told["cost"], told["currency"])
    return told["id"]


def wait_for(call, job):
    """What the provider says of the job once it is done."""
    while True:
        call.check_cancelled()
        with telling(job):
            told = ask("GET", f"/jobs/{job}")
        if told["status"] == "done":
            return told
        if told["status"] == "failed":
            raise PluginError(f"job {job} failed: {told['error']}", code="job_failed")
        call.progress(50, f"job {job} is {told['status']}")
        time.sleep(told["wait_s"])


@contextmanager
def telling(job):
    """What goes wrong with a job that was taken, as the host is to know it."""
    try:
        yield
    except Refused as error:
        if error.status == 404:
            raise PluginError(f"the provider lost job {job}", code="job_lost") from error
        raise _later(error) from error
    except Lost as error:
        raise PluginError(f"no connection: {error}", retryable=True, code="lost") from error


def _later(error):
    return PluginError(
        f"the provider answered {error}",
        retryable=error.status == 429 or error.status >= 500,
        code="overloaded" if error.status in (429, 503) else "provider_busy",
        details={"status": error.status},
    )


if __name__ == "__main__":
    run(text2image=serve, image2video=serve, text2speak=serve, text2music=serve)
