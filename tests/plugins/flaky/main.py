"""Appends a line to the counter file at each call; fails as often as it is told to."""

import struct
import time
import zlib

from filmeto_plugin import Output, PluginError, run


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def wait(call, seconds):
    """Sleep, but hear a cancellation within 50 ms."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        call.check_cancelled()
        time.sleep(min(left, 0.05))


def text2image(call):
    asked = call.parameters
    with open(asked["counter"], "a+") as counter:
        counter.write("call\n")
        counter.seek(0)
        calls = len(counter.readlines())
    call.progress(30, "counted", {"calls": calls})
    for step in range(asked["steps"]):
        wait(call, asked["wait_s"] / asked["steps"])
        if asked["steps"] > 1:
            call.progress(30 + 70 * (step + 1) / asked["steps"], f"step {step + 1}")
    if calls <= asked["fail_times"]:
        raise PluginError("busy, come back later", retryable=asked["retryable"], code="busy")
    path = call.output("dot.png")
    header = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
    colour = (asked["seed"] % 2**24).to_bytes(3, "big")  # no two calls of a test's are alike
    rows = (b"\0" + colour * 2) * 2
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    return Output(path, metadata={"calls": calls})


if __name__ == "__main__":
    run(text2image=text2image)
