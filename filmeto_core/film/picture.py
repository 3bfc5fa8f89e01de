"""The film's picture: clips joined by copying packets, dissolves and fades encoded between them.

Holds no frame in memory: ffmpeg encodes the joints, and packets pass through one by one.
"""

import errno
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from filmeto_core import process
from filmeto_core.errors import AssemblyError
from filmeto_core.film.clip_index import (
    ClipFacts,
    ClipIndex,
    index_clip,
    is_turned,
    read_facts,
    unreadable,
)
from filmeto_core.film.encoder import (
    COLOURS_FILTER,
    EXACT_OPTIONS,
    JOINT_THREADS,
    timescale,
    video_options,
)
from filmeto_core.film.ffmpeg import Cancelled, disk_full, run_ffmpeg
from filmeto_core.film.joint import JointGraph
from filmeto_core.film.normalise import normalise_clip
from filmeto_core.film.picture_plan import Copy, Joint, plan_picture
from filmeto_core.film.reader import reader_of
from filmeto_core.film.shot_clip import ShotClip
from filmeto_core.film.timeline import Timeline

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Workshop:
    """What the making of one film's picture needs all along.

    Args:
        folder: Where intermediate files go.
        workers: How many ffmpegs run at once.
    """

    timeline: Timeline
    folder: Path
    cancelled: Cancelled
    workers: int

    @property
    def rate(self) -> Fraction:
        """Frames a second."""
        return self.timeline.frame_rate

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.timeline.width_px, self.timeline.height_px


def make_picture(
    workshop: Workshop, clips: Mapping[str, Path], out: Path, progress: Progress
) -> None:
    """Write the film's picture, an MP4 without sound.

    Args:
        clips: Each shot's clip.
        progress: Gets how much is done, 0 to 1, and what is being done.

    Raises:
        AssemblyError: A clip is missing or damaged, or the disk is full.
        process.Interrupted: It was cancelled.
    """
    headers = _own_headers(workshop)
    shots = workshop.timeline.clips
    progress(0.0, "looking at the clips")
    prepared = _in_parallel(
        workshop,
        [lambda shot=shot: _prepare(workshop, shot, clips, headers) for shot in shots],
        lambda done: progress(0.5 * done, "looking at the clips"),
    )
    indexes = {shot.shot_id: index for shot, index in zip(shots, prepared, strict=True)}
    pieces = plan_picture(workshop.timeline, indexes)
    joints = [(i, piece) for i, piece in enumerate(pieces) if isinstance(piece, Joint)]
    encoded = _in_parallel(
        workshop,
        [lambda i=i, j=joint: _encode_joint(workshop, i, j, indexes) for i, joint in joints],
        lambda done: progress(0.5 + 0.4 * done, "drawing dissolves and fades"),
    )
    files = {i: file for (i, _), file in zip(joints, encoded, strict=True)}
    progress(0.9, "joining the clips")
    _join(workshop, list(_packet_ranges(pieces, files, indexes)), out)
    progress(1.0, "joining the clips")


def _in_parallel(workshop: Workshop, jobs: list[Callable], progress: Callable[[float], None]):
    """The jobs' results in their order; the first failure stops the rest."""
    with ThreadPoolExecutor(workshop.workers) as pool:
        futures = [pool.submit(job) for job in jobs]
        try:
            for count, future in enumerate(as_completed(futures), 1):
                future.result()
                progress(count / len(jobs))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return [future.result() for future in futures]


def _own_headers(workshop: Workshop) -> bytes:
    """The stream headers that the film's encoder writes at this size and rate."""
    width, height = workshop.size
    probe = workshop.folder / "headers.mp4"
    run_ffmpeg(
        [
            *("-f", "lavfi", "-i", f"color=black:s={width}x{height}:r={workshop.rate}"),
            *("-vf", f"format=yuv420p,{COLOURS_FILTER}", "-frames:v", "1", *EXACT_OPTIONS),
            *video_options(workshop.rate, JOINT_THREADS),
            str(probe),
        ],
        task=f"start the encoder at {width}x{height} pixels",
        cancelled=workshop.cancelled,
    )
    return read_facts(probe).extradata


def _prepare(
    workshop: Workshop, shot: ShotClip, clips: Mapping[str, Path], headers: bytes
) -> ClipIndex:
    """The shot's clip as it is where the film can copy it, else brought to the film's form."""
    if workshop.cancelled.is_set():
        raise process.Interrupted("joining clips")
    path = clips.get(shot.shot_id)
    if path is None:
        raise AssemblyError(
            f"the shot {shot.shot_id} has no clip.", hint="Make the shot again.", shot=shot.shot_id
        )
    facts = read_facts(path, shot.shot_id)
    index = _index_if_alike(path, facts, headers, shot, workshop.rate)
    if index is not None:
        return index
    out = workshop.folder / f"clip-{shot.start_frame}.mp4"
    normalise_clip(
        path,
        facts,
        shot.clip_frames,
        workshop.size,
        workshop.rate,
        out,
        shot=shot.shot_id,
        cancelled=workshop.cancelled,
    )
    index = index_clip(out, workshop.rate, shot.clip_frames)
    if index is None:
        raise AssemblyError(
            f"the clip {path} gave fewer than the {shot.clip_frames} frames that the film needs.",
            hint="Check that it plays to its end; replace it, or make the shot again.",
            shot=shot.shot_id,
        )
    return index


def _index_if_alike(
    path: Path, facts: ClipFacts, headers: bytes, shot: ShotClip, rate: Fraction
) -> ClipIndex | None:
    if facts.codec != "h264" or facts.extradata != headers:
        return None
    try:
        return None if is_turned(path) else index_clip(path, rate, shot.clip_frames)
    except (av.FFmpegError, OSError) as error:
        raise unreadable(path, error, shot.shot_id) from error


def _encode_joint(
    workshop: Workshop, number: int, joint: Joint, indexes: Mapping[str, ClipIndex]
) -> ClipIndex:
    out = workshop.folder / f"joint-{number}.mp4"
    graph = JointGraph(workshop.rate, indexes)
    inputs, filters = graph.arguments(joint)
    shots = dict.fromkeys(graph.shots)
    run_ffmpeg(
        [
            *inputs,
            *("-filter_complex", filters, "-map", "[out]", *EXACT_OPTIONS),
            *video_options(workshop.rate, JOINT_THREADS),
            *("-frames:v", str(joint.frames), str(out)),
        ],
        task=f"draw the transition of {' and '.join(shots)}",
        shot=graph.shots[-1],
        files=[indexes[shot].path for shot in shots],
        cancelled=workshop.cancelled,
    )
    index = index_clip(out, workshop.rate, joint.frames)
    if index is None or index.frames != joint.frames:
        raise AssemblyError(
            f"the transition of {' and '.join(shots)} did not get its {joint.frames} frames.",
            hint="Check that their clips play to their ends, or make the shots again.",
            shot=graph.shots[-1],
        )
    return index


def _packet_ranges(
    pieces: list[Copy | Joint], encoded: Mapping[int, ClipIndex], indexes: Mapping[str, ClipIndex]
) -> Iterator[tuple[ClipIndex, int, int]]:
    for i, piece in enumerate(pieces):
        if isinstance(piece, Joint):
            yield encoded[i], 0, piece.frames
        else:
            yield indexes[piece.take.shot_id], piece.take.first, piece.take.end


def _join(workshop: Workshop, ranges: list[tuple[ClipIndex, int, int]], out: Path) -> None:
    """Copy the packets of all ranges into one file, numbered anew."""
    rate = workshop.rate
    options = {"video_track_timescale": str(timescale(rate)), "fflags": "+bitexact"}
    try:
        with av.open(str(out), "w", format="mp4", options=options) as film:
            with av.open(str(ranges[0][0].path), format=reader_of(ranges[0][0].path)) as first:
                stream = film.add_stream_from_template(first.streams.video[0])
                delay = first.streams.video[0].codec_context.reorder_depth
            position = 0
            for index, start, end in ranges:
                if workshop.cancelled.is_set():
                    raise process.Interrupted("joining clips")
                for packet in _packets(index, start, end, position, delay, rate):
                    packet.stream = stream
                    film.mux(packet)
                position += end - start
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full("join the clips") from error
        raise AssemblyError(
            f"could not join the clips: {error}.", hint="Make the film again."
        ) from error


def _packets(
    index: ClipIndex, start: int, end: int, position: int, delay: int, rate: Fraction
) -> Iterator[av.Packet]:
    """A range's packets, with the time stamps that they have from the film's frame `position` on.

    Packet n of the film is decoded at n - delay, so that each comes before it is shown.
    """
    ticks = Fraction(1) / rate
    with av.open(str(index.path), format=reader_of(index.path)) as container:
        stream = container.streams.video[0]
        count = -1
        for packet in container.demux(stream):
            if packet.pts is None:
                continue
            count += 1
            if count < start:
                continue
            if count >= end:
                return
            shown = int(packet.pts * packet.time_base * rate)
            packet.time_base = ticks
            packet.pts = position + shown - start
            packet.dts = position + count - start - delay
            packet.duration = 1
            yield packet
