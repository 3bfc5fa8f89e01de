"""What the paid provider makes: small real media, the same bytes for the same request."""

import colorsys
import hashlib
import io
import json
import math
import struct
import wave
import zlib
from fractions import Fraction
from typing import Any

import av
import numpy as np

SPEECH_HZ, MUSIC_HZ = 16_000, 16_000
SECONDS_A_LETTER = 0.02  # brisk, so that films of the proofs are short
MIME_TYPES = {
    "text2image": "image/png",
    "image2video": "video/mp4",
    "text2speak": "audio/wav",
    "text2music": "audio/wav",
}


def request_digest(tool: str, parameters: dict[str, Any], inputs: list[str]) -> str:
    """What tells a request from any other; `inputs` are digests."""
    told = json.dumps([tool, parameters, inputs], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(told.encode()).hexdigest()


def make(tool: str, parameters: dict[str, Any], request: str) -> bytes:
    """The file that answers a request."""
    colour = bytes.fromhex(request[:6])
    if tool == "text2image":
        return picture(parameters["width"], parameters["height"], colour)
    if tool == "image2video":
        rate = Fraction(str(parameters["fps"]))
        frames = max(1, round(parameters["duration_s"] * rate))
        return clip(parameters["width"], parameters["height"], rate, frames, colour)
    if tool == "text2speak":
        seconds = max(0.2, SECONDS_A_LETTER * len(parameters["text"]) / parameters["speed"])
        return tone(seconds, SPEECH_HZ, 120 + colour[0])
    return tone(parameters["duration_s"], MUSIC_HZ, 220 + colour[0])


def picture(width_px: int, height_px: int, colour: bytes) -> bytes:
    """A PNG of one colour that fades downwards."""
    rows = b"".join(
        b"\0" + bytes(c * (2 * height_px - y) // (2 * height_px) for c in colour) * width_px
        for y in range(height_px)
    )
    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def clip(width_px: int, height_px: int, rate: Fraction, frames: int, colour: bytes) -> bytes:
    """An MP4 (H.264) whose colour wanders; one thread, so that its bytes are always the same."""
    made = io.BytesIO()
    with av.open(made, "w", format="mp4", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width_px, height_px, "yuv420p"
        stream.codec_context.thread_count = 1
        stream.options = {"preset": "ultrafast", "crf": "28"}
        for number in range(frames):
            hue, saturation, value = colorsys.rgb_to_hsv(*(c / 255 for c in colour))
            turned = colorsys.hsv_to_rgb((hue + number / 40) % 1, saturation, value)
            shade = np.empty((height_px, width_px, 3), dtype=np.uint8)
            shade[:] = [round(255 * part) for part in turned]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(shade, format="rgb24")))
        container.mux(stream.encode())
    return made.getvalue()


def tone(seconds: float, rate_hz: int, pitch_hz: float) -> bytes:
    """A WAV (mono, 16 bit) of a soft tone."""
    samples = np.arange(round(seconds * rate_hz))
    wave_form = np.round(6000 * np.sin(2 * math.pi * pitch_hz / rate_hz * samples))
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(wave_form.astype("<i2").tobytes())
    return made.getvalue()
