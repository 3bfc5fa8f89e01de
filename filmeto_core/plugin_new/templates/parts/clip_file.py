"""Writes clips: RGB frames in, an MP4 (H.264) out, by the ffmpeg that imageio-ffmpeg carries."""

import subprocess

import imageio_ffmpeg
from filmeto_plugin import PluginError

THREADS = 2  # fixed: x264 writes other bytes with another number of threads


class ClipFile:
    """A clip that is being written; use it in a `with` block, which ends ffmpeg in any case.

    Args:
        path: The file.
        width, height: Pixels, even numbers.
        fps: Frames a second, such as 24 or "24000/1001".
        sound: A file whose sound goes with it.
    """

    def __init__(self, path, width, height, fps, sound=None):
        self.size_bytes = width * height * 3
        frames = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(fps)]
        heard = ["-i", sound, "-map", "0:v", "-map", "1:a", "-c:a", "aac"] if sound else []
        picture = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p"]
        same = ["-threads", str(THREADS), "-map_metadata", "-1", "-flags", "+bitexact"]
        self.command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-y"]
        self.command += [*frames, "-i", "pipe:0", *heard, *picture, *same]
        self.command += ["-fflags", "+bitexact", "-movflags", "+faststart", path]

    def __enter__(self):
        self.ffmpeg = subprocess.Popen(self.command, stdin=subprocess.PIPE)  # its stderr is ours
        return self

    def add(self, frame):
        """Add a frame: RGB, 8 bits, row by row."""
        if len(frame) != self.size_bytes:
            raise ValueError(f"expected a frame of {self.size_bytes} bytes, got {len(frame)}")
        try:
            self.ffmpeg.stdin.write(frame)
        except BrokenPipeError:
            raise PluginError("ffmpeg ended early; the log tells why", code="encoder") from None

    def __exit__(self, kind, error, trace):
        if kind is not None:
            self.ffmpeg.kill()
        try:
            self.ffmpeg.stdin.close()
        except BrokenPipeError:
            pass
        if self.ffmpeg.wait() != 0 and kind is None:
            raise PluginError("ffmpeg failed; the log tells why", code="encoder")


def even(number):
    """The even number at or below; H.264 takes no other sizes."""
    return max(2, int(number) // 2 * 2)
