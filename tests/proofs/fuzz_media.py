"""Damaged pictures, clips and sounds of every format: each is told for what it is, or refused.

    python tests/proofs/fuzz_media.py [--cases 20000] [--seed 1]

Small valid files of each format are changed: bytes and numbers in them, pieces cut out, doubled,
moved and put in from other files. Whatever comes, `probe` gives what it is or a
ResourceProcessingError that says what to do, in bounded time and memory. The work is done in a
process of its own, so that a crash of a decoder is seen too. Exits 1 if not, with the file kept.
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "resources")]

import odd_pictures as pictures  # noqa: E402
import odd_streams as streams  # noqa: E402

from filmeto_core.errors import ResourceProcessingError  # noqa: E402
from filmeto_core.media import probe  # noqa: E402

SLOW_S = 2.0  # of this process's own time, so that a busy machine is no failure
MAX_PIXELS = 4_000_000  # what is larger is refused; so a changed size alone takes no second
MOST_MB = 900.0  # of the process, decoders and all

NUMBERS = (
    *(b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x80\0\0\0"),
    *(b"\0\0\0\1", b"\1\0\0\0", b"\0\0", b"\xff\xff", b"\0\1", b"\0\0\xff\xff", b"\x40\0\0\0"),
)
SAVED = (
    ("PNG", {}),
    ("JPEG", {}),
    ("JPEG", {"progressive": True}),
    ("GIF", {}),
    ("WEBP", {}),
    ("WEBP", {"lossless": True}),
    ("BMP", {}),
    ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("TIFF", {"compression": "jpeg"}),
    ("AVIF", {}),
)
CLIPS = (
    ("a.mp4", (*streams.H264, "-c:a", "aac")),
    ("b.mp4", (*streams.H264, "-movflags", "frag_keyframe+empty_moov")),
    ("a.mov", ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le")),
    ("a.mkv", (*streams.H264, "-c:a", "flac")),
    ("a.webm", ("-c:v", "libvpx-vp9", "-cpu-used", "8", "-c:a", "libopus")),
    ("a.avi", ("-c:v", "mpeg4", "-c:a", "libmp3lame")),
)
SOUNDS = (*("a.wav", "a.mp3", "a.flac", "a.opus", "a.aac", "a.aiff", "a.m4a", "a.ogg"),)


@dataclass
class Outcome:
    """What a run found."""

    cases: int = 0
    used: int = 0
    slowest_s: float = 0.0
    slowest: str = ""
    formats: set[str] = field(default_factory=set)


class Generator:
    """Damaged files, the same ones for the same seed."""

    def __init__(self, seed: int, folder: Path) -> None:
        self._random = random.Random(seed)
        self._whole = [pictures.saved(pictures.noisy((24, 18)), k, **o) for k, o in SAVED]
        self._whole += [pictures.animated(kind) for kind in ("GIF", "WEBP", "PNG")]
        self._whole += [pictures.turned(6), pictures.sixteen_bit_rgb(), pictures.with_profile()]
        self._whole += [pictures.palette_with_alpha(), pictures.with_text("words")]
        self._whole.append(pictures.saved(pictures.scene().convert("CMYK"), "JPEG"))
        tiny = ("-f", "lavfi", "-i", "testsrc2=s=48x32:r=12:d=1")
        tone = ("-f", "lavfi", "-i", "sine=duration=1:sample_rate=24000")
        for name, options in CLIPS:
            streams.ffmpeg(*tiny, *tone, *options, folder / name)
            self._whole.append((folder / name).read_bytes())
        for name in SOUNDS:
            streams.ffmpeg(*tone, folder / name)
            self._whole.append((folder / name).read_bytes())

    def next(self) -> bytes:
        """One file's bytes."""
        data = bytearray(self._random.choice(self._whole))
        for _ in range(self._random.choice((1, 1, 1, 2, 3, 6))):
            self._change(data)
        return bytes(data)

    def _change(self, data: bytearray) -> None:
        if not data:
            return
        draw = self._random
        at = self._place(data)
        length = draw.choice((1, 2, 4, 8, 64, 512))
        way = draw.randrange(8)
        if way <= 1:
            data[at] = draw.randrange(256)
        elif way == 2:
            number = draw.choice(NUMBERS)
            data[at : at + len(number)] = number
        elif way == 3:
            del data[at : at + length]
        elif way == 4:
            data[at:at] = data[at : at + length]
        elif way == 5:
            data[at : at + length] = draw.randbytes(length)
        elif way == 6:
            other = draw.choice(self._whole)
            start = draw.randrange(len(other))
            data[at : at + length] = other[start : start + length]
        else:
            del data[at:]

    def _place(self, data: bytearray) -> int:
        """Mostly near the start, where a file says what it is."""
        near = min(len(data), 400) if self._random.random() < 0.6 else len(data)
        return self._random.randrange(near)


def fuzz(cases: int, seed: int, folder: Path) -> Outcome:
    """Probe so many.

    Raises:
        AssertionError: One raised something else, or took too long; it is in `folder`.
    """
    generator, outcome, path = Generator(seed, folder), Outcome(), folder / "case"
    for number in range(cases):
        path.write_bytes(generator.next())
        started = time.process_time()
        try:
            info = probe(path, max_pixels=MAX_PIXELS)
            outcome.used += 1
            outcome.formats.add(info.mime_type)
        except ResourceProcessingError as refused:
            assert refused.hint and str(path) in str(refused), f"case {number}: {refused}"
        except Exception as error:
            raise AssertionError(f"case {number} raised {error!r:.200}; see {path}") from error
        seconds = time.process_time() - started
        assert seconds < SLOW_S, f"case {number} took {seconds:.1f} s; see {path}"
        if seconds > outcome.slowest_s:
            outcome.slowest_s, outcome.slowest = seconds, f"case {number}"
        outcome.cases += 1
    return outcome


def work(cases: int, seed: int, folder: Path) -> int:
    """In the process of its own: run, and tell."""
    started = time.monotonic()
    try:
        outcome = fuzz(cases, seed, folder)
    except AssertionError as error:
        print(f"FAILED: {error}")
        return 1
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{outcome.cases:,} files in {time.monotonic() - started:.0f} s, {outcome.used:,} of them "
        f"usable, of {len(outcome.formats)} formats; the slowest took {outcome.slowest_s:.2f} s "
        f"({outcome.slowest}); {megabytes:.0f} MB at most: none broke"
    )
    return int(megabytes > MOST_MB)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        return work(asked.cases, asked.seed, asked.inside)
    folder = Path(tempfile.mkdtemp(prefix="fuzz-media-"))
    options = ["--cases", str(asked.cases), "--seed", str(asked.seed), "--inside", str(folder)]
    ended = subprocess.run([sys.executable, __file__, *options])
    if ended.returncode:
        died = f" by signal {-ended.returncode}" if ended.returncode < 0 else ""
        print(f"FAILED: the process ended{died}; the last file is {folder / 'case'}")
        return 1
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    return 0


if __name__ == "__main__":
    sys.exit(main())
