"""The assembly: clips, voices, effects, score and subtitles become film.mp4.

Picture and sound are made side by side; the film appears at its place whole, or not at all.
"""

import errno
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from pathlib import Path

from filmeto_core import process
from filmeto_core.errors import AssemblyError
from filmeto_core.film.clip_index import index_clip
from filmeto_core.film.encoder import EXACT_OPTIONS
from filmeto_core.film.ffmpeg import AnyOf, Cancelled, disk_full, run_ffmpeg
from filmeto_core.film.film_parts import FilmParts
from filmeto_core.film.language_code import three_letters
from filmeto_core.film.picture import Workshop, make_picture
from filmeto_core.film.sound import make_sound
from filmeto_core.film.timeline import Timeline

MOST_WORKERS = 4  # ffmpegs at once for picture, and for sound; each joint uses one core

Progress = Callable[[float, str], None]


def _unheard(_done: float, _message: str) -> None:
    pass


def render_film(
    timeline: Timeline,
    parts: FilmParts,
    out: Path,
    *,
    work_dir: Path,
    progress: Progress = _unheard,
    cancelled: threading.Event | None = None,
) -> None:
    """Write the film: H.264 and AAC in MP4, with a soft subtitle track.

    The same timeline and files give the same bytes.

    Args:
        out: The film's path; a file that is there is replaced when the new one is whole.
        work_dir: Where intermediate files go; nothing stays there unless the process is killed.
        progress: Gets how much is done, 0 to 1 and never falling, and what is being done; from
            other threads.
        cancelled: Once set, all work stops and nothing is left.

    Raises:
        AssemblyError: A file is missing, damaged or of the wrong kind, or the disk is full.
        process.Interrupted: `cancelled` was set.
    """
    _check_files(timeline, parts)
    try:
        work_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=work_dir, prefix="assembly-") as name:
            folder = Path(name)
            report = _Report(progress)
            picture, sound = _make_both(timeline, parts, folder, report, cancelled)
            report("film", 0.0, "putting picture and sound together")
            film = folder / "film.mp4"
            _put_together(parts, picture, sound, film, cancelled)
            _check_film(film, timeline)
            _publish(film, out)
            report("film", 1.0, "done")
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full("make the film") from error
        raise AssemblyError(
            f"could not make the film: {error}.",
            hint="Check that the output folder and FILMETO_HOME can be written to.",
        ) from error


class _Report:
    """One progress out of three parts that run side by side."""

    _SHARES = {"picture": 0.55, "sound": 0.35, "film": 0.1}

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._lock = threading.Lock()
        self._done = dict.fromkeys(self._SHARES, 0.0)

    def __call__(self, part: str, done: float, message: str) -> None:
        with self._lock:
            self._done[part] = max(done, self._done[part])
            total = sum(share * self._done[name] for name, share in self._SHARES.items())
            self._progress(min(1.0, total), message)


def _check_files(timeline: Timeline, parts: FilmParts) -> None:
    shots = [clip.shot_id for clip in timeline.clips]
    for shot in shots:
        if shot not in parts.clips:
            raise AssemblyError(
                f"the shot {shot} has no clip.", hint="Make the shot again.", shot=shot
            )
    wanted = [("clip", shot, parts.clips[shot]) for shot in shots]
    wanted += [("voice", shot, path) for shot, path in parts.voices.items()]
    wanted += [("sound effect", shot, effect.path) for shot, effect in parts.sounds.items()]
    wanted += [("score", None, parts.score), ("subtitles", None, parts.subtitles)]
    for kind, shot, path in wanted:
        if path is not None and not path.is_file():
            raise AssemblyError(
                f"the {kind} is missing: there is no file {path}.",
                hint="Run again: what is missing is made anew.",
                shot=shot,
            )


def _make_both(
    timeline: Timeline,
    parts: FilmParts,
    folder: Path,
    report: _Report,
    cancelled: threading.Event | None,
) -> tuple[Path, Path]:
    """Picture and sound, made at the same time; when one fails, the other is stopped."""
    picture, sound = folder / "picture.mp4", folder / "sound.m4a"
    failed = threading.Event()
    stop = AnyOf([failed] if cancelled is None else [failed, cancelled])
    workers = min(MOST_WORKERS, os.cpu_count() or 1)
    workshop = Workshop(timeline, folder, stop, workers)
    with ThreadPoolExecutor(2) as pool:
        jobs: list[Future[None]] = [
            pool.submit(
                make_picture,
                workshop,
                parts.clips,
                picture,
                lambda done, message: report("picture", done, message),
            ),
            pool.submit(
                make_sound,
                timeline,
                parts,
                folder,
                sound,
                workers=workers,
                cancelled=stop,
                progress=lambda done, message: report("sound", done, message),
            ),
        ]
        try:
            wait(jobs, return_when=FIRST_EXCEPTION)
        finally:
            if not all(job.done() and job.exception() is None for job in jobs):
                failed.set()
            wait(jobs)
    _raise_first(jobs)
    return picture, sound


def _raise_first(jobs: list[Future[None]]) -> None:
    """The cause comes before what was stopped because of it."""
    errors = [job.exception() for job in jobs]
    causes = [error for error in errors if error is not None]
    causes.sort(key=lambda error: isinstance(error, process.Interrupted))
    if causes:
        raise causes[0]


def _put_together(
    parts: FilmParts, picture: Path, sound: Path, out: Path, cancelled: Cancelled | None
) -> None:
    inputs = ["-i", str(picture), "-i", str(sound)]
    tracks = ["-map", "0:v:0", "-map", "1:a:0"]
    language = three_letters(parts.language)
    told = ["-metadata:s:a:0", f"language={language}"] if parts.voices else []
    if parts.subtitles is not None and parts.subtitles.read_bytes().strip():
        inputs += ["-f", "srt", "-i", str(parts.subtitles)]
        tracks += ["-map", "2:s:0", "-c:s", "mov_text"]
        told += ["-metadata:s:s:0", f"language={language}"]
    if title := parts.title.replace("\0", " ").strip():
        told += ["-metadata", f"title={title}"]
    run_ffmpeg(
        [
            *(*inputs, *tracks, "-c:v", "copy", "-c:a", "copy", *EXACT_OPTIONS, *told),
            *("-movflags", "+faststart", str(out)),
        ],
        task="put picture, sound and subtitles together",
        files=[parts.subtitles] if parts.subtitles else [],
        cancelled=cancelled,
    )


def _check_film(film: Path, timeline: Timeline) -> None:
    index = index_clip(film, timeline.frame_rate, timeline.frames)
    if index is None or index.frames != timeline.frames:
        raise AssemblyError(
            f"the film did not get its {timeline.frames} frames, one each 1/"
            f"{timeline.frame_rate} s.",
            hint="Make the film again; if it happens again, please report it.",
        )


def _publish(film: Path, out: Path) -> None:
    """Move the film to its place: there it is never half."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with film.open("rb") as written:
        os.fsync(written.fileno())
    try:
        film.replace(out)
        return
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    # Another disk: copied beside its place first.
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as name:
        copy = Path(name) / out.name
        shutil.copyfile(film, copy)
        with copy.open("rb") as written:
            os.fsync(written.fileno())
        copy.replace(out)
