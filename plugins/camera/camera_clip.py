"""One clip from one still: the path, the frames, and the encoder, put together."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction

import cv2
from camera_encoder import ClipEncoder
from camera_parallax import Parallax
from camera_path import shares, windows
from camera_picture import clip_size, focus_of, load_picture
from camera_planes import Planes
from camera_rate import frame_count, rate_text

_RENDERERS = 2  # threads that draw ahead; the encoder, not they, is the slow part
_AHEAD = 4  # frames drawn before the encoder asks for them


@dataclass(frozen=True)
class Move:
    """How the camera moves over a still, and for how long."""

    motion: str
    duration_s: float
    rate: Fraction
    width_px: int = 0
    height_px: int = 0
    strength: float = 0.5


def film_still(picture_path, clip_path, move, progress, check):
    """Write the clip and tell what it is.

    Args:
        picture_path: A picture file.
        clip_path: The MP4 to write.
        move: What to do.
        progress: Called with (frames written, frames in all).
        check: Called often; raises to stop the work.

    Returns:
        The clip's metadata: frames, fps (a text), duration_s, width, height, motion.

    Raises:
        ValueError: The picture or the size cannot be used.
        EncoderFailed: ffmpeg broke.
    """
    picture = load_picture(picture_path)
    size = clip_size(picture.size, move.width_px, move.height_px)
    frames = frame_count(move.duration_s, move.rate)
    check()
    draw = frame_source(picture, size, frames, move)
    check()
    with ClipEncoder(clip_path, size, move.rate, check) as encoder:
        for written, frame in enumerate(drawn_ahead(draw, frames), start=1):
            encoder.write(frame)
            progress(written, frames)
        encoder.finish()
    return {
        "frames": frames,
        "fps": rate_text(move.rate),
        "duration_s": round(float(frames / move.rate), 6),
        "width": size[0],
        "height": size[1],
        "motion": move.motion,
    }


def frame_source(picture, size, frames, move):
    """A function that draws frame number i (from 0) as yuv420p bytes; safe to call from threads."""
    seconds = float(frames / move.rate)
    focus = focus_of(picture)
    path = windows(move.motion, frames, seconds, picture.size, size, move.strength, focus)
    if move.motion == "parallax":
        scene = Parallax(picture, path[0], size, seconds, move.strength)
        moments = shares(frames)
        return lambda i: scene.frame(moments[i])
    planes = Planes(picture, path, size)
    return lambda i: planes.frame(path[i])


def drawn_ahead(draw, frames):
    """The frames in order, drawn by a few threads while the caller is busy with earlier ones."""
    cv2.setNumThreads(1)  # the threads here are enough, and cheaper than OpenCV's
    with ThreadPoolExecutor(_RENDERERS, thread_name_prefix="draw") as pool:
        waiting = deque()
        for i in range(frames):
            waiting.append(pool.submit(draw, i))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
