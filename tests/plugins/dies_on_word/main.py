"""Writes a plain PNG by hand; its process ends without a word when the prompt says "die"."""

import os
import struct
import sys
import zlib

from filmeto_plugin import run


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(width, height, rgb):
    rows = b"".join(b"\0" + bytes(rgb) * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def text2image(call):
    prompt = call.parameters["prompt"]
    if "die" in prompt.split():
        sys.stderr.write("no more strength\n")
        sys.stderr.flush()
        os._exit(7)
    path = call.output("plain.png")
    shade = zlib.crc32(prompt.encode()) % 200
    with open(path, "wb") as file:
        file.write(png(call.parameters["width"], call.parameters["height"], (shade, 90, 120)))
    return path


if __name__ == "__main__":
    run(text2image=text2image)
