"""A plugin whose jobs are lines of a file: each submission is one, under the key that it was given.

It is outputs/JOBBER_LEDGER, in its own folder. A key that stands there already is the same job again.
"""

import json
import os
import signal
import struct
import time
import zlib

from filmeto_plugin import Output, PluginError, SubmissionUnknown, run

LEDGER = os.path.join("outputs", os.environ.get("JOBBER_LEDGER", "ledger"))


def ledger():
    os.makedirs("outputs", exist_ok=True)
    with open(LEDGER, "a+") as file:
        file.seek(0)
        return [json.loads(line) for line in file]


def submit(call):
    """The job's id, as a provider that honours the key gives it."""
    for entry in ledger():
        if call.idempotency_key and entry["key"] == call.idempotency_key:
            return entry["job"]
    job = f"job-{len(ledger()) + 1}"
    with open(LEDGER, "a") as file:
        file.write(json.dumps({"job": job, "key": call.idempotency_key}) + "\n")
    return job


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def picture(path, prompt):
    """One pixel, of a colour that the prompt tells."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    colour = zlib.crc32(prompt.encode()).to_bytes(4, "big")[:3]
    parts = [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header)]
    parts += [chunk(b"IDAT", zlib.compress(b"\0" + colour)), chunk(b"IEND", b"")]
    with open(path, "wb") as file:
        file.write(b"".join(parts))
    return path


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def once(name):
    """Whether this is the first time that anybody asks so."""
    os.makedirs("outputs", exist_ok=True)
    path = f"{LEDGER}.{name}"
    if os.path.exists(path):
        return False
    open(path, "w").close()
    return True


def text2image(call):
    how, kept, job = call.parameters["how"], None, call.resume_job
    call.progress(1, "begun")
    if how == "refuse":
        raise PluginError("the prompt is refused", code="refused", permanent=True)
    if how == "busy" and once("busy"):
        raise PluginError("the provider is busy", code="overloaded", retryable=True)
    if how == "lost" and once("lost"):
        raise PluginError("the connection was lost", code="lost", retryable=True)
    if job is None:
        if how == "die first" and once("die"):
            die()
        if how == "fail first":
            raise PluginError("the provider said no")
        job = submit(call)
        if how == "die before telling" and once("die"):
            die()
        if how == "cannot tell" and once("doubt"):
            raise SubmissionUnknown("the connection broke while the job was sent")
        kept = call.submitted(job, 0.5)
        if how == "die after telling" and once("die"):
            die()
        if how == "break after telling" and once("break"):
            raise PluginError("the connection broke", retryable=True)
        if how == "bug after telling" and once("bug"):
            raise ValueError("wrong colour")
        if how == "job fails" and once("fails"):
            raise PluginError("the provider's machine failed", code="job_failed")
    if how == "wait":
        while True:
            call.check_cancelled()
            time.sleep(0.005)
    if how == "charge":
        call.charge("0.25")
    told = {"kept": kept, "job": job, "resumed": call.resume_job, "key": call.idempotency_key}
    return Output(picture(call.output("made.png"), call.parameters["prompt"]), "image/png", told)


if __name__ == "__main__":
    run(text2image=text2image)
