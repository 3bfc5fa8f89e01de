"""image2video: a window that moves over the picture, with a soft start and end."""

from fractions import Fraction

from clip_file import ClipFile, even
from filmeto_plugin import Output, PluginError
from PIL import Image, ImageOps, UnidentifiedImageError

LONGEST_PX = 1280  # of the clip's longer side
NEAR = 1.25  # how much closer the camera is at its closest

# Where the camera starts and ends: how close, and how far right and down of the middle (-1 to 1).
MOTIONS = {
    "push-in": ((1, 0, 0), (NEAR, 0, 0)),
    "pull-out": ((NEAR, 0, 0), (1, 0, 0)),
    "pan-left": ((NEAR, 1, 0), (NEAR, -1, 0)),
    "pan-right": ((NEAR, -1, 0), (NEAR, 1, 0)),
    "tilt-up": ((NEAR, 0, 1), (NEAR, 0, -1)),
    "tilt-down": ((NEAR, 0, -1), (NEAR, 0, 1)),
    "parallax": ((1.1, -1, 0), (NEAR, 1, 0)),
    "static": ((1, 0, 0), (1, 0, 0)),
}


def image2video(call):
    """Film the first input; `call.inputs` are local files, to be read only."""
    wanted = call.parameters
    if not call.inputs:
        raise PluginError("there is no picture; give one as the first input", code="no_picture")
    picture, rate = opened(call.inputs[0].path), frame_rate(wanted["fps"])
    scale = min(1, LONGEST_PX / max(picture.size))
    width, height = (even(side * scale) for side in picture.size)
    frames = max(1, round(Fraction(wanted["duration_s"]) * rate))
    path = call.output("clip.mp4")
    with ClipFile(path, width, height, rate) as clip:
        for i in range(frames):
            call.check_cancelled()  # ends the call, and ffmpeg with it, if its caller gave up
            box = window(MOTIONS[wanted["motion"]], ease(i / max(1, frames - 1)), picture.size)
            frame = picture.resize((width, height), Image.Resampling.BICUBIC, box=box)
            clip.add(frame.tobytes())
            call.progress(98 * (i + 1) / frames, f"frame {i + 1} of {frames}")
    about = {"width": width, "height": height, "fps": str(rate), "frames": frames}
    return Output(path, "video/mp4", about)


def opened(path):
    """The picture, upright, RGB."""
    try:
        with Image.open(path) as file:
            return ImageOps.exif_transpose(file).convert("RGB")
    except (UnidentifiedImageError, OSError) as error:
        raise PluginError(f"the picture cannot be read: {error}", code="bad_picture") from error


def frame_rate(text):
    """24, 29.97 or 24000/1001, exactly."""
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 1 <= rate <= 120:
        raise PluginError(f"fps: expected 1 to 120, such as 24, got {text!r}", code="bad_parameter")
    return rate


def ease(t):
    """0 to 1 with a soft start and end."""
    return t * t * (3 - 2 * t)


def window(motion, t, size):
    """The part of the picture that is seen: left, top, right, bottom."""
    close, right, down = (a + (b - a) * t for a, b in zip(*motion, strict=True))
    seen = [side / close for side in size]
    left = (size[0] - seen[0]) / 2 * (1 + right)
    top = (size[1] - seen[1]) / 2 * (1 + down)
    return left, top, left + seen[0], top + seen[1]
