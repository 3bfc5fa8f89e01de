"""ffmpeg as a sink for raw frames: started, fed, watched, and ended whatever happens.

The settings are the product's: clips that were encoded alike are joined into a film without being
encoded again. Change them in every plugin that makes clips and in the film's render, or not at all.
"""

import fcntl
import os
import select
import subprocess
import tempfile

import imageio_ffmpeg
from diffusers_rate import key_interval, rate_text, timescale

_PATIENCE_S = 0.05  # how long a full pipe is waited for before asking again whether to stop
_PIPE_BYTES = 1 << 20  # what an unprivileged process may have on Linux: most of a 720p frame
_LAST_WORDS_S = 2.0  # for an ffmpeg that no longer reads to say why and go
_STDERR_LINES = 8
# Fixed, not the machine's cores: x264 writes other bytes with another thread count.
_THREADS = 4


class EncoderFailed(RuntimeError):
    """ffmpeg could not be started, or ended before the clip was whole."""


def encoder_options(rate):
    """The product's video settings for one frame rate, as ffmpeg's output options.

    The filter names the colours, because ffmpeg takes them from the frames and the options alone
    leave primaries and transfer unknown. `stitchable` keeps the headers free of what the pictures
    hold; key frames come each half second and nowhere else.

    Args:
        rate: Frames a second, a Fraction.
    """
    gop = str(key_interval(rate))
    colours = "range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
    return [
        *("-vf", f"setparams={colours}"),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "17", "-profile:v", "high"),
        *("-pix_fmt", "yuv420p", "-g", gop, "-keyint_min", gop, "-sc_threshold", "0", "-bf", "2"),
        *("-x264-params", "open-gop=0:force-cfr=1:stitchable=1"),
        *("-threads", str(_THREADS)),
        *("-color_primaries", "bt709", "-color_trc", "bt709"),
        *("-colorspace", "bt709", "-color_range", "tv"),
        *("-r", rate_text(rate), "-fps_mode", "cfr"),
        *("-video_track_timescale", str(timescale(rate)), "-movflags", "+faststart"),
    ]


def encoder_command(ffmpeg, source, size, rate, path):
    """The whole command line: raw yuv420p frames from `source` to the MP4 at `path`."""
    raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-video_size", f"{size[0]}x{size[1]}"]
    head = [ffmpeg, "-nostdin", "-hide_banner", "-loglevel", "warning", "-y"]
    given = [*raw, "-framerate", rate_text(rate), "-i", source]
    return [*head, *given, "-an", *encoder_options(rate), path]


class ClipEncoder:
    """One clip being encoded; leaving its `with` block by an exception ends ffmpeg at once.

    Args:
        path: The MP4 to write; it is removed if the clip does not get whole.
        size: (width, height) in pixels, both even.
        rate: Frames a second, a Fraction.
        check: Called often; raises to stop the work.
    """

    def __init__(self, path, size, rate, check):
        self._path, self._check = path, check
        self._log = tempfile.TemporaryFile()
        ffmpeg = os.environ.get("IMAGEIO_FFMPEG_EXE") or imageio_ffmpeg.get_ffmpeg_exe()
        command = encoder_command(ffmpeg, "pipe:0", size, rate, path)
        try:
            # In the plugin's own process group, so that whoever kills that group gets ffmpeg too.
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=self._log
            )
        except OSError as error:
            self._log.close()
            raise EncoderFailed(f"cannot start ffmpeg ({ffmpeg}): {error}") from error
        self._pipe = self._process.stdin.fileno()
        os.set_blocking(self._pipe, False)
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        try:
            if kind is not None:
                self._abandon()
        finally:
            self._process.stdin.close()
            self._log.close()

    def write(self, frame):
        """Hand one frame over: planar yuv420p bytes, anything with the buffer protocol."""
        left = memoryview(frame).cast("B")
        try:
            while left:
                self._check()
                if select.select([], [self._pipe], [], _PATIENCE_S)[1]:
                    left = left[os.write(self._pipe, left) :]
        except BrokenPipeError:
            raise self._failure("ffmpeg ended before it had all frames") from None

    def finish(self):
        """Wait until the clip is whole on disk."""
        self._process.stdin.close()
        while True:
            try:
                code = self._process.wait(_PATIENCE_S)
                break
            except subprocess.TimeoutExpired:
                self._check()
        if code != 0 or not os.path.exists(self._path):
            raise self._failure("ffmpeg failed")

    def _failure(self, what):
        try:
            code = self._process.wait(_LAST_WORDS_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, self._log.tell() - 8192))
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        told = "\n".join(lines[-_STDERR_LINES:]) or "it said nothing"
        return EncoderFailed(f"{what} (exit code {code}): {told}")

    def _abandon(self):
        self._process.kill()
        self._process.wait()
        if os.path.exists(self._path):
            os.unlink(self._path)
