"""The camera's time against the bare encoder's, in one interleaved run.

Both write the same frames with the same settings: the camera from the picture file to the finished
clip, the encoder from a file of raw frames. Prints one line of JSON for each motion; the bar is a
ratio of 2.5.

Usage: python tests/benchmarks/bench_camera.py [--seconds 5] [--size 1280x720] [--rounds 5]
It makes an environment with the plugin's requirements in a temporary folder and runs itself there.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "plugins" / "camera"
INSIDE = "FILMETO_BENCH_CAMERA_INSIDE"
BAR = 2.5


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--motions", default="push-in,pan-right,parallax")
    return parser.parse_args()


def in_environment():
    """Run this file again in an environment that has the plugin's packages."""
    from uv import find_uv_bin

    with tempfile.TemporaryDirectory() as folder:
        uv, python = find_uv_bin(), Path(folder) / "bin" / "python"
        subprocess.run(
            [uv, "venv", "-q", "--clear", "--python", sys.executable, folder], check=True
        )
        wanted = ["-q", "--python", python, "-r", FOLDER / "requirements.txt"]
        subprocess.run([uv, "pip", "install", *wanted], check=True)
        again = [python, __file__, *sys.argv[1:]]
        return subprocess.run(again, env={**os.environ, INSIDE: "1"}).returncode


def picture_file(folder):
    """A drawn scene with grain, which costs the encoder what a storyboard frame does."""
    import numpy as np
    from PIL import Image, ImageDraw

    picture = Image.linear_gradient("L").resize((1600, 900)).convert("RGB")
    pen = ImageDraw.Draw(picture)
    chance = np.random.default_rng(1)
    for _ in range(60):
        x, y, r = chance.uniform((0, 300, 10), (1600, 900, 90))
        colour = tuple(int(c) for c in chance.integers(40, 220, 3))
        pen.ellipse((x - r, y - r, x + r, y + r), fill=colour, outline="black", width=4)
    grain = chance.normal(0, 5, (900, 1600, 1))
    path = os.path.join(folder, "still.png")
    Image.fromarray((np.asarray(picture) + grain).clip(0, 255).astype(np.uint8)).save(path)
    return path


def measure(motion, options, folder):
    import imageio_ffmpeg
    from camera_clip import Move, film_still, frame_source
    from camera_encoder import encoder_command
    from camera_picture import load_picture

    size = tuple(int(n) for n in options.size.split("x"))
    rate = Fraction(24)
    move = Move(motion, options.seconds, rate, *size)
    still, raw = picture_file(folder), os.path.join(folder, "frames.yuv")
    frames = round(options.seconds * rate)
    draw = frame_source(load_picture(still), size, frames, move)
    with open(raw, "wb") as file:
        for i in range(frames):
            file.write(draw(i))
    bare = os.path.join(folder, "bare.mp4")
    command = encoder_command(imageio_ffmpeg.get_ffmpeg_exe(), raw, size, rate, bare)
    clip = os.path.join(folder, "clip.mp4")
    camera_s, encoder_s = [], []
    for _ in range(options.rounds):
        started = time.perf_counter()
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        between = time.perf_counter()
        film_still(still, clip, move, lambda *_: None, lambda: None)
        encoder_s.append(between - started)
        camera_s.append(time.perf_counter() - between)
    ratio = statistics.median(camera_s) / statistics.median(encoder_s)
    same = Path(clip).read_bytes() == Path(bare).read_bytes()
    return {
        "motion": motion,
        "frames": frames,
        "camera_s": round(statistics.median(camera_s), 3),
        "encoder_s": round(statistics.median(encoder_s), 3),
        "ratio": round(ratio, 2),
        "bar": BAR,
        "same_bytes": same,
    }


def main():
    options = arguments()
    if INSIDE not in os.environ:
        return in_environment()
    sys.path.insert(0, str(FOLDER))
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        for motion in options.motions.split(","):
            result = measure(motion, options, folder)
            missed += result["ratio"] > BAR
            sys.stdout.write(json.dumps(result) + "\n")
            sys.stdout.flush()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
