"""The film's sound: voices, effects and score mixed, brought to the programme's loudness, in AAC.

Sounds pass through files and ffmpeg; Python holds no samples but the gain curves' second at hand.
Levels: see sound_plan.py. The film as a whole is brought to PROGRAMME_LUFS unless it is nearly
silent, and its true peak is checked after the AAC coding.
"""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from filmeto_core import process
from filmeto_core.errors import AssemblyError
from filmeto_core.film.clip_index import has_sound, read_facts
from filmeto_core.film.encoder import EXACT_OPTIONS, SAMPLE_RATE_HZ, sound_options
from filmeto_core.film.envelope import RATE_HZ, write_envelope
from filmeto_core.film.ffmpeg import Cancelled, run_ffmpeg
from filmeto_core.film.film_parts import FilmParts
from filmeto_core.film.loudness import Loudness, listening_filter, read_notes, read_summary
from filmeto_core.film.reader import input_of
from filmeto_core.film.sound_plan import (
    Placed,
    Sound,
    Track,
    plan_sounds,
    plan_tracks,
    samples,
)
from filmeto_core.film.timeline import Timeline

PROGRAMME_LUFS = -16.0
TOLERANCE_LU = 0.3  # of the 1 LU that is promised
PEAK_DBTP = -1.1  # measured to a tenth; promised is under -1
CEILING_DB = -2.0  # of the samples, to begin with: between them, and by AAC, peaks grow
NEARLY_SILENT_LUFS = -50.0  # a film below this stays as it is: raising it would raise noise
MOST_TRIES = 6  # each brings what the limiter took nearer

_SAMPLE_BYTES = 8  # stereo, 32-bit float
_RAW = ["-f", "f32le", "-ar", str(SAMPLE_RATE_HZ), "-ac", "2"]
_STEREO = f"aformat=sample_fmts=flt:sample_rates={SAMPLE_RATE_HZ}:channel_layouts=stereo"
_HEAR = "ebur128=framelog=quiet"
_HEAR_PEAKS = f"{_HEAR}:peak=true"
_EDGE_SAMPLES = SAMPLE_RATE_HZ // 100  # against clicks at the film's ends
_SHORTEST_SAMPLES = SAMPLE_RATE_HZ // 2  # loudness is not defined for less than 400 ms

Progress = Callable[[float, str], None]


def make_sound(
    timeline: Timeline,
    parts: FilmParts,
    folder: Path,
    out: Path,
    *,
    workers: int,
    cancelled: Cancelled,
    progress: Progress,
) -> None:
    """Write the film's sound, an M4A as long as its picture.

    Args:
        folder: Where intermediate files go.
        workers: How many ffmpegs run at once.

    Raises:
        AssemblyError: A sound is missing or damaged, or the disk is full.
        process.Interrupted: It was cancelled.
    """
    length = samples(timeline.frames, timeline.frame_rate)
    progress(0.0, "listening to voices and score")
    with_sound = frozenset(s for s, p in parts.clips.items() if read_facts(p, s).has_sound)
    sounds = plan_sounds(timeline, parts, with_sound)
    with ThreadPoolExecutor(workers) as pool:
        jobs = [
            pool.submit(_listen, sound, folder / f"sound-{i}.f32", cancelled)
            for i, sound in enumerate(sounds)
        ]
        try:
            placed = [job.result() for job in jobs]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    progress(0.4, "mixing the sound")
    mix = folder / "mix.f32"
    loudness = _mix(plan_tracks(timeline, placed), length, folder, mix, cancelled)
    progress(0.7, "bringing the sound to its loudness")
    _master(mix, loudness, out, cancelled)
    progress(1.0, "bringing the sound to its loudness")


def _listen(sound: Sound, raw: Path, cancelled: Cancelled) -> Placed:
    """Decode a sound to raw samples, and take its measure."""
    if cancelled.is_set():
        raise process.Interrupted("mixing")
    if not has_sound(sound.path, sound.shot):
        raise AssemblyError(
            f"the {sound.kind} {sound.path} holds no sound.",
            hint="Give a sound file, or make it again.",
            shot=sound.shot,
        )
    notes = raw.with_suffix(".txt")
    longest = round(sound.longest_s * SAMPLE_RATE_HZ)
    # async fills gaps in the time stamps, first_pts a late start: the sound stays with the picture.
    filters = f"aresample={SAMPLE_RATE_HZ}:async=1:first_pts=0,{_STEREO},atrim=end_sample={longest}"
    filters += f",apad=whole_len={min(longest, _SHORTEST_SAMPLES)},{listening_filter(notes)}"
    run_ffmpeg(
        [*input_of(sound.path), "-map", "0:a:0", "-af", filters, *_RAW, str(raw)],
        task=f"read the {sound.kind}",
        shot=sound.shot,
        files=[sound.path],
        cancelled=cancelled,
    )
    duration_s = raw.stat().st_size / _SAMPLE_BYTES / SAMPLE_RATE_HZ
    return Placed(sound, raw, duration_s, read_notes(notes))


def _mix(
    tracks: list[Track], length: int, folder: Path, out: Path, cancelled: Cancelled
) -> Loudness:
    """Write the tracks' sum as raw samples, and tell how loud it is."""
    inputs: list[str] = []
    chains: list[str] = []
    for i, track in enumerate(tracks):
        lane, gains = folder / f"track-{i}.f32", folder / f"gains-{i}.f32"
        _lay(track, length, lane)
        write_envelope(list(track.envelopes), length / SAMPLE_RATE_HZ, gains)
        inputs += [*_RAW, "-i", str(lane)]
        inputs += ["-f", "f32le", "-ar", str(RATE_HZ), "-ac", "1", "-i", str(gains)]
        chains.append(
            f"[{2 * i + 1}:a]aresample={SAMPLE_RATE_HZ},pan=stereo|c0=c0|c1=c0[g{i}];"
            f"[{2 * i}:a][g{i}]amultiply[t{i}]"
        )
    if not tracks:
        inputs += ["-f", "lavfi", "-i", f"anullsrc=r={SAMPLE_RATE_HZ}:cl=stereo"]
        chains.append("[0:a]anull[t0]")
    labels = "".join(f"[t{i}]" for i in range(max(1, len(tracks))))
    fade = min(_EDGE_SAMPLES, length // 4)
    chains.append(
        f"{labels}amix=inputs={max(1, len(tracks))}:normalize=0,apad,atrim=end_sample={length},"
        f"afade=t=out:start_sample={length - fade}:nb_samples={fade},{_STEREO},"
        f"{_HEAR}[out]"
    )
    said = run_ffmpeg(
        [*inputs, "-filter_complex", ";".join(chains), "-map", "[out]", *_RAW, str(out)],
        task="mix the sound",
        cancelled=cancelled,
        log_level="info",
    )
    return read_summary(said)


def _lay(track: Track, length: int, out: Path) -> None:
    """Write a track's sounds at their places into one file; where nothing is, the file is empty."""
    with out.open("wb") as file:
        for placed in track.sounds:
            file.seek(round(placed.sound.start_s * SAMPLE_RATE_HZ) * _SAMPLE_BYTES)
            with placed.raw.open("rb") as raw:
                shutil.copyfileobj(raw, file, 1 << 20)
            placed.raw.unlink()
        file.truncate(length * _SAMPLE_BYTES)


def _master(mix: Path, loudness: Loudness, out: Path, cancelled: Cancelled) -> None:
    """Encode the mix at the programme's loudness, under the highest peak that is allowed.

    What the limiter takes from the loudness, and AAC adds to the peaks, is heard only afterwards;
    so both are measured, and done again until they are right.
    """
    quiet = loudness.integrated < NEARLY_SILENT_LUFS
    gain_db = 0.0 if quiet else PROGRAMME_LUFS - loudness.integrated
    ceiling_db = CEILING_DB
    for _ in range(MOST_TRIES):
        if not quiet:
            gain_db = _gain_through_limiter(mix, gain_db, ceiling_db, cancelled)
        run_ffmpeg(
            [
                *(*_RAW, "-i", str(mix), "-af", _limiting(gain_db, ceiling_db)),
                *(*EXACT_OPTIONS, *sound_options(), str(out)),
            ],
            task="encode the sound",
            cancelled=cancelled,
        )
        excess_db = _measure(["-i", str(out)], _HEAR_PEAKS, cancelled).peak - PEAK_DBTP
        if excess_db <= 0:
            return
        ceiling_db -= excess_db + 0.1


def _gain_through_limiter(
    mix: Path, gain_db: float, ceiling_db: float, cancelled: Cancelled
) -> float:
    """The gain with which the limited mix has the programme's loudness."""
    for _ in range(MOST_TRIES):
        filters = f"{_limiting(gain_db, ceiling_db)},{_HEAR}"
        missing_db = (
            PROGRAMME_LUFS - _measure([*_RAW, "-i", str(mix)], filters, cancelled).integrated
        )
        if abs(missing_db) <= TOLERANCE_LU:
            break
        # A limiter gives back less than it is given.
        gain_db += missing_db * (1.5 if missing_db > 0 else 1.0)
    return gain_db


def _limiting(gain_db: float, ceiling_db: float) -> str:
    limit = 10 ** (ceiling_db / 20)
    return (
        f"volume={gain_db:.3f}dB:precision=float,"
        f"alimiter=limit={limit:.6f}:attack=5:release=80:level=0:latency=1,{_STEREO}"
    )


def _measure(inputs: list[str], filters: str, cancelled: Cancelled) -> Loudness:
    said = run_ffmpeg(
        [*inputs, "-af", filters, "-f", "null", "-"],
        task="measure the sound",
        cancelled=cancelled,
        log_level="info",
    )
    return read_summary(said)
