"""A sound of any kind as mono samples, how loud it is, and where its voice lies.

Decoding is ffmpeg's; here is only what the mouth needs to know of a voice.
"""

import os
import select
import subprocess
import tempfile

import imageio_ffmpeg
import numpy as np

SAMPLE_RATE_HZ = 16_000  # speech holds nothing above 8 kHz that lips show
STEP_HZ = 100  # moments a second at which a voice is looked at
MAX_SOUND_S = 900.0  # 58 MB of samples: what the plugin's memory allows
_WINDOW_S = 0.025  # one or two periods of a low voice
_PATIENCE_S = 0.05
_READ_BYTES = 1 << 16
_FLOOR_DB = -70.0  # below this nobody hears a voice, whatever the loudest moment is
_QUIET_DB, _VOICED_DB = -36.0, -22.0  # against the loud parts of the same voice
# A room's noise: what the quietest moments hold, some more, and never as much as a voice.
_NOISE_PERCENTILE, _OVER_NOISE_DB, _NOISE_DB = 8, 5.0, -24.0
_LOUD_PERCENTILE = 95  # not the loudest moment: a click would make all else silence


class SoundFailed(ValueError):
    """The file holds no sound that can be decoded."""


def ffmpeg_path():
    """The ffmpeg to run: IMAGEIO_FFMPEG_EXE, else the one of the package."""
    return os.environ.get("IMAGEIO_FFMPEG_EXE") or imageio_ffmpeg.get_ffmpeg_exe()


def read_sound(path, check):
    """The samples of a sound file: float32, mono, -1 to 1, at SAMPLE_RATE_HZ.

    Args:
        path: A file of any format, rate and number of channels that ffmpeg decodes.
        check: Called often; raises to stop the work.

    Raises:
        SoundFailed: No sound in it, damaged, or longer than MAX_SOUND_S.
    """
    shape = ["-vn", "-ac", "1", "-ar", str(SAMPLE_RATE_HZ), "-t", str(MAX_SOUND_S + 1)]
    command = [ffmpeg_path(), "-nostdin", "-v", "error", "-i", path, *shape, "-f", "f32le", "-"]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log
        )
        try:
            raw = _drained(process.stdout, check)
            code = process.wait()
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
        samples = np.frombuffer(raw[: len(raw) // 4 * 4], np.float32)
        if code != 0 or not len(samples):
            log.seek(0)
            lines = log.read().decode("utf-8", "replace").strip().splitlines()[-3:]
            why = " ".join(lines) or "there is no sound in it"
            raise SoundFailed(f"cannot read the sound: {why}")
    if len(samples) > MAX_SOUND_S * SAMPLE_RATE_HZ:
        raise SoundFailed(
            f"the sound is longer than {MAX_SOUND_S:.0f} s; cut it into lines and call once for each"
        )
    return np.nan_to_num(samples).clip(-1, 1)


def _drained(pipe, check):
    pieces = bytearray()
    while True:
        check()
        if not select.select([pipe], [], [], _PATIENCE_S)[0]:
            continue
        piece = os.read(pipe.fileno(), _READ_BYTES)
        if not piece:
            return bytes(pieces)
        pieces += piece


def windows(samples, window_s=_WINDOW_S):
    """Overlapping windows centred on each step: float32 (steps, window samples)."""
    size = int(window_s * SAMPLE_RATE_HZ) // 2 * 2
    hop = SAMPLE_RATE_HZ // STEP_HZ
    padded = np.concatenate([np.zeros(size // 2, np.float32), samples, np.zeros(size, np.float32)])
    steps = len(samples) // hop + 1
    view = np.lib.stride_tricks.sliding_window_view(padded, size)
    return view[: steps * hop : hop]


def level_db(samples):
    """How loud the sound is at each step, in dB against full scale: float64 (steps,)."""
    power = np.array([np.square(w, dtype=np.float64).mean() for w in windows(samples)])
    return 10 * np.log10(power + 1e-12)


def presence(levels):
    """How much voice there is at each step: 0 in silence, 1 where somebody speaks.

    Args:
        levels: What `level_db` gave.
    """
    loud = float(np.percentile(levels, _LOUD_PERCENTILE))
    if loud < _FLOOR_DB + 10:
        return np.zeros_like(levels)
    noise = min(float(np.percentile(levels, _NOISE_PERCENTILE)) + _OVER_NOISE_DB, loud + _NOISE_DB)
    low = max(loud + _QUIET_DB, noise, _FLOOR_DB)
    high = max(loud + _VOICED_DB, low + 6)
    share = np.clip((levels - low) / (high - low), 0, 1)
    return share * share * (3 - 2 * share)


def loudness(levels):
    """How loud each step is among the voice's own: 0 to 1, 1 at its loud parts."""
    loud = float(np.percentile(levels, _LOUD_PERCENTILE))
    return np.clip((levels - (loud - 24)) / 24, 0, 1.1)
