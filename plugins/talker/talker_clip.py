"""One clip of a talking head: the voice, the face, the frames, and the encoder, put together."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction

import cv2
import numpy as np
from talker_encoder import ClipEncoder
from talker_manner import manner
from talker_rate import frame_count, rate_text
from talker_sound import SAMPLE_RATE_HZ, read_sound
from talker_track import add_sound
from talker_visemes import poses

_RENDERERS = 2  # threads that draw ahead of the encoder
_AHEAD = 4  # frames drawn before the encoder asks for them


@dataclass(frozen=True)
class Line:
    """What is said, and when.

    Attributes:
        sound_path: The voice, a file that ffmpeg decodes.
        duration_s: Of the clip; None for as long as the sound ends.
        start_s: When in the clip the sound begins.
        phonemes, words, text, language: What is known of what is said; see `talker_visemes.poses`.
        with_sound: Whether the clip carries the voice.
    """

    sound_path: str
    rate: Fraction
    duration_s: float | None = None
    start_s: float = 0.0
    phonemes: list = field(default_factory=list)
    words: list = field(default_factory=list)
    text: str = ""
    language: str = ""
    with_sound: bool = False
    seed: int = 0


def speak(clip_path, line, make_puppet, size, progress, check):
    """Write the clip and tell what it is.

    Args:
        clip_path: The MP4 to write.
        line: A `Line`.
        make_puppet: Called once the sound is known to be good; gives a `Puppet`.
        size: (width, height), even.
        progress: Called with (percent, message, data).
        check: Called often; raises to stop the work.

    Returns:
        The clip's metadata: frames, fps (a text), duration_s, width, height, start_s, timing.

    Raises:
        SoundFailed: The sound cannot be decoded.
        EncoderFailed: ffmpeg broke.
    """
    progress(1, "listening to the voice", {})
    samples = read_sound(line.sound_path, check)
    sound_s = len(samples) / SAMPLE_RATE_HZ
    duration_s = line.duration_s or line.start_s + sound_s
    frames = frame_count(round(duration_s, 6), line.rate)
    # A frame is seen from its own moment to the next one's: it shows the middle of that time.
    times = (np.arange(frames) + 0.5) / float(line.rate)
    mouth, basis = poses(
        samples, times - line.start_s, line.phonemes, line.words, line.text, line.language, check
    )
    acting = manner(samples, times, line.start_s, line.seed)
    progress(4, "preparing the face", {})
    puppet = make_puppet()
    check()

    def draw(i):
        turn = (acting.angle[i], acting.right[i], acting.down[i])
        return puppet.frame(
            mouth[i], acting.closed[i], acting.lift[i], turn, acting.breath[i], acting.gaze[i]
        )

    with ClipEncoder(clip_path, size, line.rate, check) as encoder:
        for written, frame in enumerate(drawn_ahead(draw, frames), start=1):
            encoder.write(frame)
            told = {"frames": written, "frames_total": frames}
            progress(5 + 93 * written / frames, f"frame {written} of {frames}", told)
        encoder.finish()
    if line.with_sound:
        add_sound(clip_path, line.sound_path, line.start_s, frames / line.rate, check)
    return {
        "frames": frames,
        "fps": rate_text(line.rate),
        "duration_s": round(float(frames / line.rate), 6),
        "width": size[0],
        "height": size[1],
        "start_s": line.start_s,
        "timing": basis,
    }


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
