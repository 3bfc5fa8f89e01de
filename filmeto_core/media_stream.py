"""Clips and sounds, read by PyAV: what they are, and whether they can be decoded whole."""

from fractions import Fraction
from pathlib import Path
from typing import Any

from filmeto_core.media_decode import Seen, Unfolding, decode_whole
from filmeto_core.media_info import MediaInfo
from filmeto_core.media_refusal import UNREADABLE, USABLE, damaged, refused, too_large
from filmeto_core.signature import FORMATS, SOUND_ONLY

_MOST_STREAMS = 64  # a file with more was made to hurt; each costs memory
_LONGEST_S = 24 * 3600
_LOST_END_S = 1.0  # writers round the length that they state


def probe_stream(
    path: Path, mime_type: str, *, decode: bool, trusted: bool, max_pixels: int
) -> MediaInfo:
    """What the clip or sound in a file is.

    Args:
        decode: Decode all of it; False trusts the headers.
        trusted: Read all of it, and decode a clip's key frames alone.
        max_pixels: The largest frame that is decoded.

    Raises:
        ResourceProcessingError: It is damaged, too large, or holds neither picture nor sound.
    """
    import av  # here: most of filmeto's commands open no clip

    try:
        # Opening decodes a little already: of what is too large not even that.
        limits = {"max_pixels": str(max_pixels)}
        demuxer = FORMATS[mime_type][1]
        with av.open(f"file:{path.absolute()}", format=demuxer, options=limits) as container:
            if len(container.streams) > _MOST_STREAMS:
                found = f"has {len(container.streams)} tracks, more than {_MOST_STREAMS}"
                raise refused(path, found, "Keep one of pictures and one of sound.")
            clip = next((s for s in container.streams.video if not _is_cover(s)), None)
            sound = next(iter(container.streams.audio), None)
            if clip is None and sound is None:
                raise refused(path, f"is {mime_type} without picture or sound", f"Use {USABLE}.")
            if clip is not None and clip.width * clip.height > max_pixels:
                raise too_large(path, clip.width, clip.height, max_pixels)
            seen, heard = {}, []
            if decode:
                heard = [sound] if sound is not None and not trusted else []
                shown = [clip] if clip is not None else []
                seen = decode_whole(container, shown + heard, max_pixels, keys_only=trusted)
            if heard:
                _check_samples(path, mime_type, sound, seen)
            _check_end(path, mime_type, container, seen)
            info = _describe(mime_type, container, clip, sound, seen)
    except Unfolding as error:
        found = "unfolds to far more than a real clip or sound of its size holds"
        raise refused(path, found, "Encode it again, shorter or smaller.") from error
    except (av.FFmpegError, *UNREADABLE) as error:
        raise damaged(path, mime_type, error) from error
    if (info.duration_s or 0) > _LONGEST_S:
        found = f"lasts {info.duration_s:,.0f} s, more than a day"
        raise refused(path, found, "Cut it to the part that is wanted.")
    return info


def _is_cover(stream: Any) -> bool:
    from av.stream import Disposition

    return bool(stream.disposition & Disposition.attached_pic)


def _check_samples(path: Path, mime_type: str, sound: Any, seen: dict[int, Seen]) -> None:
    """Frames that fell out of a FLAC go unsaid: only counting the samples tells."""
    if mime_type != "audio/flac" or not sound.duration:
        return
    stated = round(sound.duration * sound.time_base * sound.rate)
    missing = stated - seen[sound.index].samples
    if missing > 0:
        raise damaged(path, mime_type, f"{missing:,} samples are missing at its end")


def _check_end(path: Path, mime_type: str, container: Any, seen: dict[int, Seen]) -> None:
    """Behind damage in a Matroska file its reader finds no more, and says nothing."""
    if FORMATS[mime_type][1] != "matroska" or not seen or not container.duration:
        return
    ends = [s.end * container.streams[i].time_base for i, s in seen.items() if s.end is not None]
    missing = container.duration / 1_000_000 - float(max(ends, default=0))
    if missing > _LOST_END_S:
        raise damaged(path, mime_type, f"its last {missing:.1f} s cannot be read")


def _describe(
    mime_type: str, container: Any, clip: Any, sound: Any, seen: dict[int, Seen]
) -> MediaInfo:
    heard = {"has_audio": sound is not None}
    if sound is not None:
        heard |= {"sample_rate_hz": sound.rate, "channels": sound.channels}
    if clip is None:
        return MediaInfo(
            kind="audio",
            mime_type=SOUND_ONLY.get(mime_type, mime_type),
            duration_s=_duration_s(container, sound, seen.get(sound.index)),
            **heard,
        )
    counted = seen.get(clip.index)
    turn = -(counted.rotation_deg if counted else _rotation_deg(container, clip)) % 360
    width, height = (clip.width, clip.height) if turn in (0, 180) else (clip.height, clip.width)
    return MediaInfo(
        kind="video",
        mime_type=mime_type,
        width_px=width,
        height_px=height,
        rotation_deg=turn,
        frame_rate=_frame_rate(clip),
        frames=(counted.packets if counted else clip.frames) or None,
        duration_s=_duration_s(container, clip, counted),
        **heard,
    )


def _frame_rate(clip: Any) -> Fraction | None:
    return clip.average_rate or clip.guessed_rate or clip.base_rate or None


def _duration_s(container: Any, stream: Any, seen: Seen | None) -> float | None:
    if seen is not None and seen.end is not None:
        return float((seen.end - seen.start) * stream.time_base)
    if stream.duration is not None:
        return float(stream.duration * stream.time_base)
    return None if container.duration is None else container.duration / 1_000_000


def _rotation_deg(container: Any, clip: Any) -> int:
    """The counter-clockwise turn that the clip's display matrix tells, on its first frame."""
    container.seek(0)
    clip.codec_context.flush_buffers()
    frame = next(container.decode(clip), None)
    return 0 if frame is None else int(frame.rotation)
