"""Measures, in the plugin's own environment, how truly a clip follows its ideal path.

The picture is a formula, so the ideal frame is known at every point of every frame exactly. What
the decoded frame is off by is solved for block by block (one step of least squares on the slopes of
the ideal frame) and given as JSON: rms and worst shift in pixels, over all blocks and frames.

Usage: python camera_tracking.py PLUGIN_FOLDER WORK_FOLDER MOTION...
"""

import json
import os
import subprocess
import sys
from fractions import Fraction

import imageio_ffmpeg
import numpy as np
from PIL import Image

PICTURE, FRAME = (1280, 720), (640, 360)
FRAMES, RATE = 36, Fraction(24000, 1001)
BLOCK = 40  # pixels; large enough to hold several waves


def formula(x, y):
    """Grey, 0 to 255, at picture pixels (continuous; a pixel's centre is at a half)."""
    grey = 128 + 34 * np.sin(x * 0.11 + 0.02 * y) + 30 * np.sin(y * 0.13 - 0.03 * x)
    return grey + 22 * np.sin(0.071 * (x + y) + 2 * np.sin(0.017 * x)) + 14 * np.sin(0.19 * y)


def picture_file(folder):
    x, y = np.meshgrid(np.arange(PICTURE[0]) + 0.5, np.arange(PICTURE[1]) + 0.5)
    path = os.path.join(folder, "waves.png")
    Image.fromarray(np.rint(formula(x, y)).astype(np.uint8)).save(path)
    return path


def luma_frames(clip):
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    command = [ffmpeg, "-v", "error", "-i", clip, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    w, h = FRAME
    frames = np.frombuffer(raw, np.uint8).reshape(-1, h * 3 // 2, w)[:, :h]
    return (frames.astype(np.float64) - 16) * 255 / 219


def shifts(seen, ideal):
    """What each block of `seen` is shifted by against `ideal`: (blocks, 2), in pixels."""
    dy, dx = np.gradient(ideal)
    off = seen - ideal
    found = []
    h, w = ideal.shape
    for top in range(BLOCK, h - 2 * BLOCK + 1, BLOCK):
        for left in range(BLOCK, w - 2 * BLOCK + 1, BLOCK):
            part = np.s_[top : top + BLOCK, left : left + BLOCK]
            slopes = np.stack([dx[part].ravel(), dy[part].ravel(), np.ones(BLOCK * BLOCK)], axis=1)
            found.append(np.linalg.lstsq(slopes, off[part].ravel(), rcond=None)[0][:2])
    return -np.array(found)


def ideal_points(motion, picture):
    """For each frame, the picture pixels that its pixels show."""
    import camera_clip
    import camera_parallax
    import camera_path
    import camera_picture

    w, h = FRAME
    seconds = float(FRAMES / RATE)
    focus = camera_picture.focus_of(picture)
    path = camera_path.windows(motion, FRAMES, seconds, PICTURE, FRAME, 0.5, focus)
    x, y = np.meshgrid((np.arange(w) + 0.5) / w, (np.arange(h) + 0.5) / h)
    if motion != "parallax":
        for at in path:
            yield at.left + x * at.width, at.top + y * at.height
        return
    scene = camera_parallax.Parallax(picture, path[0], FRAME, seconds, 0.5)
    points = (x - 0.5).astype(np.float32), (y - 0.5).astype(np.float32)
    for s in camera_clip.shares(FRAMES):
        yield scene.place(s, *points)


def measure(motion, folder):
    import camera_clip
    import camera_picture

    still = picture_file(folder)
    clip = os.path.join(folder, f"{motion}.mp4")
    move = camera_clip.Move(motion, float(FRAMES / RATE), RATE, *FRAME, 0.5)
    camera_clip.film_still(still, clip, move, lambda *_: None, lambda: None)
    picture = camera_picture.load_picture(still)
    frames = luma_frames(clip)
    found = [
        shifts(seen, formula(*points))
        for seen, points in zip(frames, ideal_points(motion, picture), strict=True)
    ]
    length = np.hypot(*np.moveaxis(np.array(found), 2, 0))
    return {"rms_px": float(np.sqrt((length**2).mean())), "worst_px": float(length.max())}


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    json.dump({motion: measure(motion, sys.argv[2]) for motion in sys.argv[3:]}, sys.stdout)
