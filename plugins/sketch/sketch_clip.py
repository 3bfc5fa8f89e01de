"""One clip from one prompt: the film, its frames drawn ahead, and the encoder, put together."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction

from sketch_encoder import ClipEncoder
from sketch_film import Film, Shot
from sketch_rate import frame_count, rate_text
from sketch_view import MOTIONS

_RENDERERS = 2  # threads that draw ahead
_AHEAD = 4  # frames drawn before the encoder asks for them
_SMALLEST_SIDE = 16
_SHEET_PERCENT = 12  # of the progress, until all layers are drawn


@dataclass(frozen=True)
class Clip:
    """What is asked for: a shot, and how often a second it is drawn."""

    shot: Shot
    rate: Fraction


def film_prompt(clip_path, clip, progress, check):
    """Write the clip and tell what it is.

    Args:
        clip_path: The MP4 to write.
        clip: What to do.
        progress: Called with (percent, message, frames written, frames in all).
        check: Called often; raises to stop the work.

    Returns:
        The clip's metadata: frames, fps (a text), duration_s, width, height, motion, seed,
        subjects, shot, time, weather.

    Raises:
        ValueError: The size or the motion cannot be used.
        EncoderFailed: ffmpeg broke.
    """
    check_size(*clip.shot.size)
    if clip.shot.motion not in MOTIONS:
        raise ValueError(f"motion is {clip.shot.motion!r}; expected one of {', '.join(MOTIONS)}")
    frames = frame_count(clip.shot.duration_s, clip.rate)
    shot = replace(clip.shot, duration_s=float(frames / clip.rate))

    def drawing(percent, message):
        check()
        progress(_SHEET_PERCENT * percent // 100, message, 0, frames)

    film = Film(shot, drawing)
    check()
    drawn = drawn_ahead(film, frames, clip.rate)
    # Closed at once when the work is stopped, so that nobody goes on drawing.
    with closing(drawn), ClipEncoder(clip_path, shot.size, clip.rate, check) as encoder:
        for written, planes in enumerate(drawn, start=1):
            encoder.write(planes)
            done = _SHEET_PERCENT + (99 - _SHEET_PERCENT) * written // frames
            progress(done, f"frame {written} of {frames}", written, frames)
        encoder.finish()
    return _about(film, shot, frames, clip.rate)


def check_size(width, height):
    """Raise ValueError for a size that no video has."""
    for name, value in (("width", width), ("height", height)):
        if value < _SMALLEST_SIDE:
            raise ValueError(f"{name} is {value}; expected at least {_SMALLEST_SIDE}")
        if value % 2:
            raise ValueError(f"{name} is {value}; video sizes are even: {value - 1} or {value + 1}")


def drawn_ahead(film, frames, rate):
    """The frames' planes in order, drawn by a few threads while the caller is busy with earlier ones."""
    with ThreadPoolExecutor(_RENDERERS, thread_name_prefix="draw") as pool:
        waiting = deque()
        try:
            for i in range(frames):
                waiting.append(pool.submit(film.planes, float(i / rate)))
                if len(waiting) > _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _about(film, shot, frames, rate):
    scene = film.scene
    return {
        "frames": frames,
        "fps": rate_text(rate),
        "duration_s": round(float(frames / rate), 6),
        "width": shot.size[0],
        "height": shot.size[1],
        "motion": shot.motion,
        "seed": shot.seed,
        "subjects": [s.name for s in scene.subjects],
        "shot": scene.shot,
        "time": scene.time,
        "weather": scene.weather,
    }
