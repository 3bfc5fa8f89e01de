"""Spoken files as servers send them: their length, and headers of streams put right."""

import struct

WAV_HEAD = 12  # RIFF, size, WAVE


def mended_wav(body):
    """(a WAV whose sizes are true, its length in seconds).

    A server that streams does not know the length when it sends the header, and writes 0 or the
    largest number there.

    Raises:
        ValueError: It is no WAV, or says nothing.
    """
    if body[:4] != b"RIFF" or body[8:12] != b"WAVE":
        raise ValueError(f"expected a WAV, got {body[:16]!r}")
    at, bytes_per_s, frame_bytes = WAV_HEAD, 0, 1
    while at + 8 <= len(body):
        name, size = body[at : at + 4], struct.unpack("<I", body[at + 4 : at + 8])[0]
        if name == b"fmt " and at + 24 <= len(body):
            bytes_per_s, frame_bytes = struct.unpack("<IH", body[at + 16 : at + 22])
        if name == b"data":
            return _with_true_sizes(body, at, size, bytes_per_s, max(1, frame_bytes))
        at += 8 + size + size % 2
    raise ValueError("its WAV has no sound in it")


def _with_true_sizes(body, at, size, bytes_per_s, frame_bytes):
    there = len(body) - at - 8
    streamed = size == 0 or size >= 0x7FFFF000
    if size > there and not streamed:
        raise ValueError(f"its WAV says {size} bytes of sound, and has {there}")
    size = (there if streamed else size) // frame_bytes * frame_bytes
    if not size or not bytes_per_s:
        raise ValueError("its WAV is empty")
    sound = body[at + 8 : at + 8 + size]
    head = body[WAV_HEAD:at] + b"data" + struct.pack("<I", size)
    riff = b"RIFF" + struct.pack("<I", 4 + len(head) + size) + b"WAVE"
    return riff + head + sound, size / bytes_per_s


def flac_length_s(body):
    """The length in seconds that a FLAC tells, None where it tells none.

    Source: RFC 9639, section 8.2, "Streaminfo".

    Raises:
        ValueError: It is no FLAC.
    """
    if body[:4] != b"fLaC" or len(body) < 42:
        raise ValueError(f"expected a FLAC, got {body[:16]!r}")
    told = int.from_bytes(body[18:26], "big")
    rate_hz, samples = told >> 44, told & (1 << 36) - 1
    return samples / rate_hz if rate_hz and samples else None
