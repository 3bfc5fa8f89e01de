"""Clips of any make brought to the film's size, frame rate, length and colours, by encoding.

Fills the frame: what does not fit is cropped at the edges, evenly. A clip that is too short holds
its last frame; one that is too long is cut.
"""

from fractions import Fraction
from pathlib import Path

from filmeto_core.film.clip_index import ClipFacts
from filmeto_core.film.encoder import (
    CLIP_THREADS,
    COLOURS_FILTER,
    EXACT_OPTIONS,
    video_options,
)
from filmeto_core.film.ffmpeg import Cancelled, run_ffmpeg
from filmeto_core.film.reader import input_of

# Values of H.273 as ffmpeg numbers them.
_PQ, _HLG = 16, 18
_MATRIX_RGB, _MATRIX_UNKNOWN = 0, 2
_HD_HEIGHT_PX = 720  # players take untagged pictures from here on for bt709, below for bt601


def normalise_clip(
    path: Path,
    facts: ClipFacts,
    frames: int,
    size: tuple[int, int],
    rate: Fraction,
    out: Path,
    *,
    shot: str,
    cancelled: Cancelled,
) -> None:
    """Encode a clip anew, as the film needs it.

    Args:
        frames: How many frames the result has.
        size: Width and height in pixels.
        rate: Frames a second.
    """
    filters = normalising_filters(facts, frames, size, rate)
    run_ffmpeg(
        [
            *(*input_of(path), "-map", "0:v:0", "-vf", filters, *EXACT_OPTIONS),
            *video_options(rate, CLIP_THREADS),
            *("-an", "-sn", "-dn", "-frames:v", str(frames), str(out)),
        ],
        task="bring the clip to the film's size and frame rate",
        shot=shot,
        files=[path],
        cancelled=cancelled,
    )


def normalising_filters(
    facts: ClipFacts, frames: int, size: tuple[int, int], rate: Fraction
) -> str:
    """The chain of filters that makes a clip's frames the film's."""
    width, height = size
    chain = ["bwdif=deint=interlaced"] if facts.interlaced else []
    chain += [f"fps={rate}:start_time=0", "scale=w='max(1,round(iw*sar))':h=ih,setsar=1"]
    chain += _flattened(facts) + _to_standard_range(facts)
    chain += [
        f"scale={width}:{height}:force_original_aspect_ratio=increase:flags=bicubic"
        f":in_color_matrix={_input_matrix(facts)}:out_color_matrix=bt709:out_range=tv",
        f"crop={width}:{height},setsar=1",
        "format=yuv420p",
        f"tpad=stop=-1:stop_mode=clone,trim=end_frame={frames}",
        COLOURS_FILTER,
    ]
    return ",".join(chain)


def _flattened(facts: ClipFacts) -> list[str]:
    """Transparent pictures are laid on black."""
    transparent = "a" in facts.pixel_format.removeprefix("gray") and facts.pixel_format.startswith(
        ("rgba", "bgra", "argb", "abgr", "gbrap", "yuva", "ya8", "ya16", "pal8")
    )
    return ["format=rgba,premultiply=inplace=1,format=rgb24"] if transparent else []


def _to_standard_range(facts: ClipFacts) -> list[str]:
    """Pictures of high dynamic range (PQ, HLG) are brought down to what every screen shows.

    Source: ITU-R BT.2100 (PQ, HLG); BT.2408 (203 cd/m2 as reference white).
    """
    if facts.transfer not in (_PQ, _HLG):
        return []
    return [
        "zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709",
        "tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p",
    ]


def _input_matrix(facts: ClipFacts) -> str:
    if facts.transfer in (_PQ, _HLG):
        return "bt709"
    if facts.matrix != _MATRIX_UNKNOWN or facts.pixel_format.startswith(("rgb", "bgr", "gbr")):
        return "auto"
    return "bt709" if facts.height_px >= _HD_HEIGHT_PX else "bt601"
