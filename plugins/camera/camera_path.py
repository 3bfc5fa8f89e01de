"""Where the camera looks: the part of the picture that each frame shows, as exact numbers.

A path is a list of windows, one a frame, in picture pixels (floats; 0 is the left or top edge, so a
pixel's centre is at a half). Pure arithmetic: drawing is left to camera_planes.
"""

import math
from dataclasses import dataclass

MOTIONS = (
    "push-in",
    "pull-out",
    "pan-left",
    "pan-right",
    "tilt-up",
    "tilt-down",
    "parallax",
    "static",
)

_USUAL_S = 4.0  # the shot length at which the amounts below hold
_ZOOM = 0.11  # natural logarithm of the zoom over a usual shot at strength 0.5
_ZOOM_MAX = 0.4  # nearer than e**0.4 a picture gets soft
_TRAVEL = 0.10  # of the frame's width (height) over a usual shot at strength 0.5
_TRAVEL_MAX = 0.30  # travel is bought by zooming in, and that costs sharpness
_SPARE_TRAVEL_PER_S = 0.05  # where the picture is wider than the frame, travel costs nothing
_BREATH = 0.016  # zoom that makes room for the drift of a static shot, times the strength
_BREATH_S = (7.3, 9.7)  # periods of the drift; no common measure, so it never repeats in a shot

# Where in a frame that is cut from a tall picture the focus comes to lie: what is cut off should
# rather be feet than heads.
_FOCUS_HEIGHT = 0.48

_EASE = 0.3  # share of the shot over which the camera gathers, and loses, its speed
_EASE_FLOOR = 0.25  # speed at the very ends, of full speed: a cut never meets a frozen picture


@dataclass(frozen=True)
class Window:
    """A rectangle of the picture, in picture pixels."""

    left: float
    top: float
    width: float
    height: float


def eased(s):
    """How much of the way is done at the share `s` (0 to 1) of the time: smooth, never at rest."""
    gathered = _EASE_FLOOR * _EASE + (1 - _EASE_FLOOR) * _EASE / 2
    total = 2 * gathered + (1 - 2 * _EASE)
    if s > 0.5:
        return 1 - eased(1 - s)
    if s >= _EASE:
        return (gathered + (s - _EASE)) / total
    x = s / _EASE  # speed rises as the smoothstep 3x^2 - 2x^3; this is its integral
    return (_EASE_FLOOR * s + (1 - _EASE_FLOOR) * _EASE * (x**3 - x**4 / 2)) / total


def shares(frames):
    """The share of the shot, 0 to 1, at which each of its frames is taken."""
    if frames == 1:
        return [0.5]
    return [i / (frames - 1) for i in range(frames)]


def fill(picture_size, frame_size, focus):
    """The largest window with the frame's shape, as near to the focus as the picture allows.

    Args:
        picture_size, frame_size: (width, height) in pixels.
        focus: What the picture is about: (x, y), each 0 to 1.
    """
    (pw, ph), (fw, fh) = picture_size, frame_size
    scale = min(pw / fw, ph / fh)
    width, height = min(pw, fw * scale), min(ph, fh * scale)
    left, top = focus[0] * pw - width / 2, focus[1] * ph - _FOCUS_HEIGHT * height
    return _inside(left, top, width, height, picture_size)


def windows(motion, frames, duration_s, picture_size, frame_size, strength, focus):
    """The window of each frame.

    Args:
        motion: One of MOTIONS; for parallax, the still window that its planes move within.
        frames: How many.
        duration_s: Seconds that they last.
        picture_size, frame_size: (width, height) in pixels.
        strength: 0 (no movement) to 1.
        focus: What the picture is about: (x, y), each 0 to 1.

    Returns:
        A list of `frames` windows, all inside the picture.
    """
    base = fill(picture_size, frame_size, focus)
    amount = 2 * strength
    if motion in ("push-in", "pull-out"):
        zoom = min(_ZOOM_MAX, amount * _ZOOM * (duration_s / _USUAL_S) ** 0.6)
        path = [
            _zoomed(base, math.exp(zoom * eased(s)), picture_size, focus) for s in shares(frames)
        ]
        return path[::-1] if motion == "pull-out" else path
    if motion in ("pan-left", "pan-right"):
        return _travel(
            base,
            frames,
            duration_s,
            picture_size,
            amount,
            focus,
            1 if motion == "pan-right" else -1,
            0,
        )
    if motion in ("tilt-up", "tilt-down"):
        return _travel(
            base,
            frames,
            duration_s,
            picture_size,
            amount,
            focus,
            0,
            1 if motion == "tilt-down" else -1,
        )
    if motion == "static":
        return _breath(base, frames, duration_s, strength)
    return [base] * frames


def _inside(left, top, width, height, picture_size):
    left = min(max(0.0, left), picture_size[0] - width)
    top = min(max(0.0, top), picture_size[1] - height)
    return Window(left, top, width, height)


def _zoomed(base, zoom, picture_size, focus):
    """`base`, nearer by `zoom`; one point of the picture, near the focus, stays where it is."""
    x = _between((focus[0] * picture_size[0] - base.left) / base.width)
    y = _between((focus[1] * picture_size[1] - base.top) / base.height)
    width, height = base.width / zoom, base.height / zoom
    return Window(
        base.left + x * (base.width - width), base.top + y * (base.height - height), width, height
    )


def _between(share):
    # Half-way from the centre to the focus: a push-in that leans, not one that swerves.
    return 0.5 + 0.5 * (min(max(share, 0.2), 0.8) - 0.5)


def _travel(base, frames, duration_s, picture_size, amount, focus, dx, dy):
    """A pan (dx is 1 or -1) or a tilt (dy is): first through what the frame leaves over, then by
    coming nearer to make room."""
    across = bool(dx)
    size = base.width if across else base.height
    whole = picture_size[0] if across else picture_size[1]
    share = min(_TRAVEL_MAX, amount * _TRAVEL * (duration_s / _USUAL_S) ** 0.7)
    zoom = max(1.0, size * (1 + share) / whole)
    near = _zoomed(base, zoom, picture_size, focus)
    size = near.width if across else near.height
    spare = whole - size
    reach = min(spare, size * max(share, amount * _SPARE_TRAVEL_PER_S * duration_s))
    start = (near.left if across else near.top) - reach / 2
    start = min(max(0.0, start), spare - reach)
    path = []
    for s in shares(frames):
        at = start + reach * (eased(s) if dx + dy > 0 else 1 - eased(s))
        left, top = (at, near.top) if across else (near.left, at)
        path.append(_inside(left, top, near.width, near.height, picture_size))
    return path


def _breath(base, frames, duration_s, strength):
    """A drift along a slow loop: its speed never drops to nothing, and it never repeats."""
    zoom = 1 + _BREATH * strength
    width, height = base.width / zoom, base.height / zoom
    room_x, room_y = (base.width - width) / 2, (base.height - height) / 2
    path = []
    for s in shares(frames):
        t = 2 * math.pi * s * duration_s
        x = 0.9 * math.sin(t / _BREATH_S[0])
        y = 0.9 * math.cos(t / _BREATH_S[1])
        path.append(
            Window(
                base.left + room_x * (1 + x),
                base.top + room_y * (1 + y),
                width,
                height,
            )
        )
    return path
