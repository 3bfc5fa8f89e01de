"""Odd clips and sounds: valid ones that are easily read wrong, and bad ones, made in small."""

import struct
import subprocess
import wave
from pathlib import Path

import imageio_ffmpeg
import numpy

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
PICTURES = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=24:d=2")
TONE = ("-f", "lavfi", "-i", "sine=frequency=440:duration=2:sample_rate=48000")


def ffmpeg(*arguments: str | Path) -> None:
    exe = imageio_ffmpeg.get_ffmpeg_exe()
    command = [exe, "-hide_banner", "-nostdin", "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def clip(path: Path, *options: str, sound: bool = False) -> Path:
    """Two seconds of 96x64 at 24 frames a second, H.264 unless told otherwise."""
    ffmpeg(*PICTURES, *(TONE if sound else ()), *H264, *options, path)
    return path


def turned(path: Path, degrees: int) -> Path:
    flat = clip(path.with_name(f"flat-{path.name}"))
    ffmpeg("-display_rotation", str(degrees), "-i", flat, "-c", "copy", path)
    return path


def copied(path: Path, *options: str, before: tuple[str, ...] = (), sound: bool = True) -> Path:
    """The packets of a clip with long groups, copied into another file."""
    whole = clip(path.with_name(f"whole-{path.name}"), "-g", "48", "-bf", "2", sound=sound)
    ffmpeg(*before, "-i", whole, "-c", "copy", *options, path)
    return path


def uneven(path: Path) -> Path:
    """Frames whose distances differ: a fast first second, a slow second one."""
    times = "setpts='if(lt(N,24),N/24,1+(N-24)/8)/TB'"
    source = "testsrc2=s=96x64:r=24:d=1.3333"
    ffmpeg("-f", "lavfi", "-i", source, "-vf", times, "-fps_mode", "vfr", *H264, path)
    return path


def sound(path: Path, *options: str, seconds: float = 1, source: str = "") -> Path:
    tone = source or f"sine=frequency=440:duration={seconds}:sample_rate=48000"
    ffmpeg("-f", "lavfi", "-i", tone, *options, path)
    return path


def samples(path: Path, count: int, *, rate: int = 48_000, channels: int = 1) -> Path:
    """A WAV of so many samples."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        tone = 9000 * numpy.sin(numpy.arange(count) * 2 * numpy.pi * 440 / rate)
        file.writeframes(numpy.repeat(tone.astype("<i2"), channels).tobytes())
    return path


def with_cover(path: Path, cover: bytes) -> Path:
    """A sound that carries a picture of its record."""
    art, tone = path.with_name("cover.png"), sound(path.with_name(f"bare-{path.name}"))
    art.write_bytes(cover)
    ffmpeg(
        *("-i", tone, "-i", art, "-map", "0", "-map", "1", "-c", "copy"),
        *("-disposition:v:0", "attached_pic", path),
    )
    return path


def tagged(path: Path) -> Path:
    """A sound with an ID3 tag of 5,000 bytes before it."""
    content = sound(path).read_bytes()
    path.write_bytes(b"ID3\4\0\0" + bytes((0, 0, 5000 >> 7, 5000 & 127)) + bytes(5000) + content)
    return path


def cut(path: Path, keep: float) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    return path


def spoilt(path: Path, at: float, size: int = 4096) -> Path:
    """A sector of the file is other than it was."""
    data = bytearray(path.read_bytes())
    start = int(len(data) * at)
    data[start : start + size] = bytes(b ^ 0xA5 for b in data[start : start + size])
    path.write_bytes(data)
    return path


def noisy(path: Path, *options: str) -> Path:
    """A clip that fills its file with pictures, so that a part of it is a part of them."""
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x96:r=24:d=2,noise=alls=40:allf=t", *options, path)
    return path


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def without_index(path: Path) -> Path:
    """An MP4 whose recording was never finished: pictures, and no list of them."""
    clip(path)
    data = path.read_bytes()
    at = data.index(b"moov") - 4
    path.write_bytes(data[:at])
    return path
