"""A clip in several pieces, for a plugin that makes only short ones: each goes on from the last frame
of the one before, and they are joined into one.

The first frame of a later piece is the picture that it was made from, which was seen already; it is left
out when the pieces are joined, and so each later piece is asked for with one frame more.
"""

import io
import math
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av

from filmeto_core.film.clip_index import read_facts, unreadable
from filmeto_core.film.encoder import CLIP_THREADS, EXACT_OPTIONS, video_options
from filmeto_core.film.ffmpeg import Cancelled, run_ffmpeg
from filmeto_core.film.normalise import normalising_filters
from filmeto_core.film.reader import input_of, reader_of

PNG_LEVEL = (
    6  # of compression; a part of what is written, and so of what later pieces are made from
)


def piece_frames(frames: int, longest_s: float, rate: Fraction) -> tuple[int, ...]:
    """How many frames each piece is asked for, so that none is longer than the plugin makes.

    The pieces are of nearly the same length: a rest of a few frames would hardly move.

    Args:
        frames: Of the whole clip.
        longest_s: Of one piece.
        rate: Frames a second.
    """
    most = max(2, math.floor(Fraction(str(longest_s)) * rate))
    if frames <= most:
        return (frames,)
    count = math.ceil((frames - 1) / (most - 1))
    share, rest = divmod(frames - 1, count)
    return tuple(share + 1 + (i < rest) for i in range(count))


def last_picture(clip: Path, shot: str) -> bytes:
    """The last frame of a clip as a PNG file, RGB.

    Raises:
        AssemblyError: The clip cannot be read.
    """
    last = None
    try:
        with av.open(str(clip), format=reader_of(clip)) as container:
            for frame in container.decode(video=0):
                last = frame
    except av.FFmpegError as error:
        raise unreadable(clip, error, shot) from error
    png = io.BytesIO()
    last.to_image().save(png, "PNG", compress_level=PNG_LEVEL)
    return png.getvalue()


def join_pieces(
    pieces: Sequence[Path],
    frames: Sequence[int],
    size: tuple[int, int],
    rate: Fraction,
    out: Path,
    *,
    shot: str,
    cancelled: Cancelled,
) -> None:
    """Encode the pieces as one clip, as the film needs it.

    Args:
        frames: As `piece_frames` told of each.
        size: Width and height in pixels.
        rate: Frames a second.

    Raises:
        AssemblyError: A piece cannot be read, or ffmpeg failed.
    """
    chains, names = [], ""
    for i, (path, count) in enumerate(zip(pieces, frames, strict=True)):
        chain = normalising_filters(read_facts(path, shot), count, size, rate)
        seen = f",trim=start_frame={1 if i else 0},setpts=PTS-STARTPTS"
        chains.append(f"[{i}:v:0]{chain}{seen}[p{i}]")
        names += f"[p{i}]"
    graph = ";".join([*chains, f"{names}concat=n={len(chains)}:v=1:a=0[joined]"])
    run_ffmpeg(
        [
            *(word for path in pieces for word in input_of(path)),
            *("-filter_complex", graph, "-map", "[joined]", *EXACT_OPTIONS),
            *video_options(rate, CLIP_THREADS),
            *("-an", "-sn", "-dn", str(out)),
        ],
        task="join the pieces of the clip",
        shot=shot,
        files=list(pieces),
        cancelled=cancelled,
    )
