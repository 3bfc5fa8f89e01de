"""Reports at a steady rate: a call whose events many can watch."""

import struct
import time
import zlib

from filmeto_plugin import run


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def text2image(call):
    asked = call.parameters
    started = time.monotonic()
    for i in range(asked["updates"]):
        time.sleep(max(0.0, started + i / asked["rate"] - time.monotonic()))
        call.check_cancelled()
        message = f"report {i} ".ljust(asked["letters"], ".")
        call.progress(100 * i / asked["updates"], message, {"i": i})
    path = call.output("dot.png")
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(b"\0" * 4)), chunk(b"IEND", b"")]
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    return path


if __name__ == "__main__":
    run(text2image=text2image)
