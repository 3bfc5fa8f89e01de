"""Makes a picture that no other prompt makes, and notes what it is about to say before it says it.

The journal is outputs/journal.jsonl in its own folder, one line a call, each written at once.
"""

import hashlib
import json
import os
import signal
import struct
import subprocess
import sys
import time
import zlib

from filmeto_plugin import Output, PluginError, run


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def picture(prompt):
    """Four pixels, told from the prompt."""
    pixels = hashlib.sha256(prompt.encode()).digest()[:12]
    header = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
    rows = b"\0" + pixels[:6] + b"\0" + pixels[6:]
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def note(entry):
    """One line, whole: an appended write of less than a page is never cut in two."""
    os.makedirs("outputs", exist_ok=True)
    journal = os.open("outputs/journal.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(journal, json.dumps(entry).encode() + b"\n")
    finally:
        os.close(journal)


def misbehave(call, how):
    """The faults that an SDK's plugin can have."""
    if how == "raise":
        raise ValueError("wrong colour")
    if how == "fail":
        raise PluginError("the studio is busy", code="busy")
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "exit":
        os._exit(3)
    if how == "flood":
        for _ in range(32):
            os.write(2, b"e" * 65535 + b"\n")
    if how == "hang":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            time.sleep(1)
    if how == "wait":
        while True:
            call.check_cancelled()
            time.sleep(0.005)
    if how == "children":
        for apart in (False, True):
            child = subprocess.Popen(
                [sys.executable, "-S", "-c", "import time; time.sleep(600)"],
                start_new_session=apart,
            )
            call.progress(5, "a child", {"child": child.pid, "apart": apart})
    if how == "prints":
        print("a line amid the work")


def text2image(call):
    prompt = call.parameters["prompt"]
    call.progress(1, "begun", {"pid": os.getpid()})
    misbehave(call, call.parameters["how"])
    steps = call.parameters["steps"]
    for step in range(steps):
        time.sleep(call.parameters["pause_s"])
        call.progress(100 * (step + 1) / steps, f"step {step + 1}")
    data = picture(prompt)
    path = call.output("made.png")
    with open(path, "wb") as file:
        file.write(data)
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    note({"task_id": call.task_id, "digest": digest, "pid": os.getpid()})
    return Output(path, "image/png", {"pid": os.getpid()})


if __name__ == "__main__":
    run(text2image=text2image)
