"""The one list of encoder settings: pictures and sound of clips and films.

The bundled camera plugin encodes its clips with the same settings, so that they are joined into a
film without being encoded again. Change them in both places together, or not at all.
"""

from fractions import Fraction

SAMPLE_RATE_HZ = 48_000
SOUND_BIT_RATE = "192k"  # transparent for speech over music in stereo AAC

# Fixed, not the machine's cores: the thread count changes what x264 writes, and the same inputs
# must give the same film everywhere.
JOINT_THREADS = 1  # a joint has a dozen frames; several joints are encoded at once
CLIP_THREADS = 4  # a whole clip

# The last filter before the encoder. ffmpeg takes the colours from the frames, and its options alone
# leave primaries and transfer unknown. Square pixels are left unsaid, as they are by an encoder that
# is fed raw frames: the headers must not differ in that.
COLOURS_FILTER = (
    "setsar=0,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
)

# No times, versions or machine-dependent code paths in what is written.
EXACT_OPTIONS = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags", "+bitexact"]

_MIN_TIMESCALE = 10_000  # ffmpeg's own floor for MP4 video tracks


def key_interval(rate: Fraction) -> int:
    """Frames from one key frame to the next: half a second, so that joints re-encode little."""
    return max(1, round(rate / 2))


def timescale(rate: Fraction) -> int:
    """Ticks a second of an MP4 track in which each frame lasts a whole number of them."""
    ticks = rate.numerator
    while ticks < _MIN_TIMESCALE:
        ticks *= 2
    return ticks


def video_options(rate: Fraction, threads: int) -> list[str]:
    """ffmpeg's output options for H.264 in closed groups of pictures.

    `stitchable` keeps the headers free of what the pictures hold, so that groups from different
    encodings share one set of them.

    Args:
        rate: Frames a second.
        threads: x264's threads; part of what is written, see above.
    """
    gop = str(key_interval(rate))
    return [
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "17", "-profile:v", "high"),
        *("-pix_fmt", "yuv420p", "-g", gop, "-keyint_min", gop, "-sc_threshold", "0", "-bf", "2"),
        *("-x264-params", "open-gop=0:force-cfr=1:stitchable=1", "-threads", str(threads)),
        *("-color_primaries", "bt709", "-color_trc", "bt709"),
        *("-colorspace", "bt709", "-color_range", "tv"),
        *("-r", str(rate), "-fps_mode", "cfr", "-video_track_timescale", str(timescale(rate))),
    ]


def sound_options() -> list[str]:
    """ffmpeg's output options for AAC at 48 kHz in stereo."""
    return ["-c:a", "aac", "-b:a", SOUND_BIT_RATE, "-ar", str(SAMPLE_RATE_HZ), "-ac", "2"]
