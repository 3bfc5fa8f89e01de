"""Writes PNG files with the standard library.

Source: PNG specification, third edition, 5 (datastream structure), 11.2 (critical chunks).
"""

import struct
import zlib


def write_png(path, width, height, rows):
    """Write a picture: RGB, 8 bits, each row after a zero byte (no filter)."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 6)), (b"IEND", b""))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, data in chunks:
            body = kind + data
            file.write(struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body)))
