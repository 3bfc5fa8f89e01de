"""The voice laid under a finished clip, whose pictures are copied as they are."""

import os
import subprocess

from talker_encoder import EncoderFailed
from talker_sound import ffmpeg_path

_PATIENCE_S = 0.05
_SOUND_RATE_HZ = 48_000


def add_sound(clip_path, sound_path, start_s, duration_s, check):
    """Give the clip a sound track, AAC, exactly as long as its pictures.

    Args:
        clip_path: The MP4 without sound; replaced.
        start_s: When in the clip the sound begins.
        duration_s: Of the clip, a Fraction.
        check: Called often; raises to stop the work.

    Raises:
        EncoderFailed: ffmpeg broke.
    """
    made = f"{clip_path}.with-sound.mp4"
    filters = f"adelay={round(start_s * 1000)}:all=1,apad,atrim=duration={float(duration_s):.6f}"
    command = [
        *(ffmpeg_path(), "-nostdin", "-v", "error", "-y", "-i", clip_path, "-i", sound_path),
        *("-map", "0:v", "-map", "1:a:0", "-c:v", "copy", "-af", filters),
        *("-c:a", "aac", "-b:a", "160k", "-ar", str(_SOUND_RATE_HZ)),
        *("-fflags", "+bitexact", "-flags:a", "+bitexact", "-movflags", "+faststart", made),
    ]
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        try:
            code, told = _waited(process, check)
        finally:
            process.kill()
            process.wait()
            process.stderr.close()
        if code != 0:
            raise EncoderFailed(f"ffmpeg could not add the voice (exit code {code}): {told}")
        os.replace(made, clip_path)
    finally:
        if os.path.exists(made):
            os.unlink(made)


def _waited(process, check):
    while True:
        try:
            _, told = process.communicate(timeout=_PATIENCE_S)
            return process.returncode, told.decode("utf-8", "replace").strip()[-500:]
        except subprocess.TimeoutExpired:
            check()
