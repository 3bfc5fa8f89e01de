"""Answers at once with a picture of one dot: what a call costs here is what calling costs."""

import struct
import zlib

from filmeto_plugin import run


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def dot(colour):
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(b"\0" + colour, 1))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


BLACK = dot(b"\0\0\0")


def text2image(call):
    asked = call.parameters
    for i in range(asked["updates"]):
        call.progress(100 * i / asked["updates"], f"step {i}", {"i": i})
    path = call.output("dot.png")
    colour = struct.pack(">I", zlib.crc32(asked["prompt"].encode()))[:3]
    with open(path, "wb") as file:
        file.write(dot(colour) if asked["own"] else BLACK)
    return path


if __name__ == "__main__":
    run(text2image=text2image)
