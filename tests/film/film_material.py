"""Small clips and sounds for the film's tests, made by ffmpeg, and ways to look into a film."""

import re
import subprocess
from fractions import Fraction
from pathlib import Path

from filmeto_core.film.encoder import (
    COLOURS_FILTER,
    JOINT_THREADS,
    video_options,
)
from filmeto_core.film.ffmpeg import ffmpeg_path
from filmeto_core.film.shot_clip import ShotClip, Transition
from filmeto_core.film.timeline import Timeline

SIZE = (320, 180)
FRAME_BYTES = SIZE[0] * SIZE[1] * 3 // 2


def ffmpeg(*arguments: str | Path) -> bytes:
    command = [ffmpeg_path(), "-hide_banner", "-nostdin", "-v", "error", "-y", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout


def make_clip(
    path: Path,
    frames: int,
    rate: Fraction = Fraction(24),
    *,
    size: tuple[int, int] = SIZE,
    hue: int = 0,
    source: str | None = None,
) -> Path:
    """A moving picture in the film's own encoding."""
    seconds = float((frames + 2) / rate)
    source = source or f"testsrc2=s={size[0]}x{size[1]}:r={rate}:d={seconds},hue=h={hue}"
    ffmpeg(
        *("-f", "lavfi", "-i", source, "-vf", f"format=yuv420p,{COLOURS_FILTER}"),
        *video_options(rate, JOINT_THREADS),
        *("-frames:v", str(frames), path),
    )
    return path


def make_tone(path: Path, pitch_hz: int, duration_s: float, level_db: float) -> Path:
    """A sine whose peaks are at `level_db`."""
    wave = f"aevalsrc='{10 ** (level_db / 20):.6f}*sin(2*PI*{pitch_hz}*t)':s=48000"
    ffmpeg("-f", "lavfi", "-i", wave, "-t", str(duration_s), path)
    return path


def make_speech(path: Path, duration_s: float, *, level_lufs: float = -22) -> Path:
    """Noise in the band of a voice, in syllables, four a second."""
    syllables = "aeval='val(0)*(0.1+0.9*pow(sin(2*PI*2*t),2))':c=same"
    # As it comes out of these filters it is 26 LU quieter than the gain says.
    noise = "anoisesrc=c=pink:seed=7:a=0.9:r=48000"
    band = f"bandpass=f=900:width_type=o:w=2,{syllables},volume={level_lufs + 26}dB"
    ffmpeg("-f", "lavfi", "-i", noise, "-af", band, "-t", str(duration_s), path)
    return path


def make_timeline(
    *shots: tuple[int, str, int],
    rate: Fraction = Fraction(24),
    ending: int = 0,
    size: tuple[int, int] = SIZE,
    voices: dict[str, tuple[float, float]] | None = None,
) -> Timeline:
    """Shots named a, b, c ... of (visible frames, kind of transition, its frames)."""
    clips, start = [], 0
    for i, (frames, kind, length) in enumerate(shots):
        following = shots[i + 1] if i + 1 < len(shots) else (0, "cut", 0)
        shot_id = chr(ord("a") + i) if len(shots) <= 26 else f"shot-{i}"
        voice = (voices or {}).get(shot_id, (None, None))
        clips.append(
            ShotClip(
                shot_id=shot_id,
                start_frame=start,
                frames=frames,
                tail_frames=following[2] if following[1] == "dissolve" else 0,
                transition=Transition(kind=kind, frames=length),
                voice_start_s=voice[0],
                voice_duration_s=voice[1],
            )
        )
        start += frames
    return Timeline(
        width_px=size[0],
        height_px=size[1],
        frame_rate=rate,
        clips=tuple(clips),
        ending_frames=ending,
    )


def frames_of(path: Path) -> list[bytes]:
    """Each frame of a film of SIZE as yuv420p."""
    raw = ffmpeg(
        *("-i", path, "-map", "0:v:0", "-fps_mode", "passthrough"),
        *("-f", "rawvideo", "-pix_fmt", "yuv420p", "-"),
    )
    return [raw[i : i + FRAME_BYTES] for i in range(0, len(raw), FRAME_BYTES)]


def loudness_of(path: Path) -> tuple[float, float]:
    """Integrated loudness (LUFS) and true peak (dBTP) of a film's decoded sound."""
    command = [ffmpeg_path(), "-hide_banner", "-nostdin", "-nostats", "-i", str(path), "-map"]
    command += ["0:a:0", "-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-"]
    said = subprocess.run(command, check=True, capture_output=True, timeout=60).stderr.decode()
    integrated = re.findall(r"I:\s+(-?[\d.]+|-inf|nan) LUFS", said)[-1]
    peak = re.findall(r"Peak:\s+(-?[\d.]+|-inf|nan) dBFS", said)[-1]
    return float(integrated), float(peak)
