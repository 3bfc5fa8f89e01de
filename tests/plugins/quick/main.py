"""Media that no other request makes, in a moment: what is asked is hashed into colours and samples.

A voice lasts 40 ms a character, so that another text mostly has another length.
"""

import hashlib
import json
import os
import struct
import time
import wave
import zlib
from fractions import Fraction

from filmeto_plugin import Output, PluginError, run

SAMPLE_RATE_HZ = 8000
CHARACTER_S = 0.04
REFUSED = "unspeakable"
GATE = "gate:"  # a prompt with "gate:PATH" is drawn once that file is there


def hashed(call):
    """Bytes told from the tool, its parameters and its inputs' contents."""
    digest = hashlib.sha256(json.dumps([call.tool, call.parameters], sort_keys=True).encode())
    for given in call.inputs:
        with open(given.path, "rb") as file:
            digest.update(file.read())
    return digest.digest()


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(width, height, colour):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + colour * width) * height
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows, 1)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def riff(kind, *parts):
    data = b"".join(parts)
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def avi(frame, frames, rate, width, height):
    """A clip of one PNG, again and again."""
    head = struct.pack("<14I", 0, 0, 0, 0x10, frames, 0, 1, len(frame), width, height, 0, 0, 0, 0)
    stream = b"vidsMPNG" + struct.pack(
        "<IHHIIIIIIII", 0, 0, 0, 0, rate.denominator, rate.numerator, 0, frames, len(frame), 0, 0
    )
    stream += struct.pack("<4h", 0, 0, width, height)
    shape = struct.pack("<IiiHH4sIiiII", 40, width, height, 1, 24, b"MPNG", len(frame), 0, 0, 0, 0)
    lists = riff(
        b"LIST",
        b"hdrl",
        riff(b"avih", head),
        riff(b"LIST", b"strl", riff(b"strh", stream), riff(b"strf", shape)),
    )
    piece = riff(b"00dc", frame)
    index = b"".join(
        struct.pack("<4sIII", b"00dc", 0x10, 4 + i * len(piece), len(frame)) for i in range(frames)
    )
    return riff(
        b"RIFF", b"AVI ", lists, riff(b"LIST", b"movi", piece * frames), riff(b"idx1", index)
    )


def kept(call, name, data, mime_type, **told):
    path = call.output(name)
    with open(path, "wb") as file:
        file.write(data)
    return Output(path, mime_type, told)


def wait_at(gate, call):
    while not os.path.exists(gate):
        call.progress(50, "waiting at the gate")
        call.check_cancelled()
        time.sleep(0.02)


def text2image(call):
    asked = call.parameters
    if REFUSED in asked["prompt"]:
        raise PluginError("nobody may draw this", code="refused", permanent=True)
    if GATE in asked["prompt"]:
        wait_at(asked["prompt"].partition(GATE)[2].split()[0], call)
    data = png(asked["width"], asked["height"], hashed(call)[:3])
    return kept(call, "made.png", data, "image/png")


def image2video(call):
    asked = call.parameters
    width, height, rate = asked["width"], asked["height"], Fraction(asked["fps"])
    frames = max(1, round(Fraction(str(asked["duration_s"])) * rate))
    data = avi(png(width, height, hashed(call)[:3]), frames, rate, width, height)
    return kept(call, "made.avi", data, "video/x-msvideo")


def sound(call, seconds):
    path = call.output("made.wav")
    pattern = b"".join(struct.pack("<h", 8 * byte) for byte in hashed(call))
    size = 2 * max(1, round(seconds * SAMPLE_RATE_HZ))
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes((pattern * (size // len(pattern) + 1))[:size])
    return Output(path, "audio/wav", {"duration_s": size / 2 / SAMPLE_RATE_HZ})


def text2speak(call):
    return sound(call, len(call.parameters["text"]) * CHARACTER_S / call.parameters["speed"])


def text2music(call):
    return sound(call, call.parameters["duration_s"])


if __name__ == "__main__":
    run(
        text2image=text2image, image2video=image2video, text2speak=text2speak, text2music=text2music
    )
