"""Which reader opens a clip or sound: the one that its first bytes name, and never a guess.

libav's own guess weighs the content: samples that happen to look like another format win over a WAV's
header, and a playlist within a file would be followed.
"""

from pathlib import Path

from filmeto_core.signature import HEAD_BYTES, demuxer, sniff


def reader_of(path: Path) -> str | None:
    """libav's name of the reader; None where the first bytes tell none."""
    try:
        with open(path, "rb") as file:
            return demuxer(sniff(file.read(HEAD_BYTES)))
    except OSError:
        return None  # who opens it says so in words


def input_of(path: Path) -> list[str]:
    """ffmpeg's arguments that open the file."""
    reader = reader_of(path)
    return [*(["-f", reader] if reader else []), "-i", str(path)]
