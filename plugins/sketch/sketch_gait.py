"""How people walk and run: the joints at each moment of a step.

One unit is a grown person's height, y upwards, facing right, as in sketch_poses. A foot on the ground
moves back as fast as the body moves on, so that on the picture it stands.
"""

import math

from sketch_poses import STAND

_THIGH, _SHIN, _ANKLE = 0.245, 0.238, 0.033
# (share of the cycle that a foot stands, how far before the hip it lands, lift, hip's dip, lean)
_GAITS = {"walk": (0.60, 0.150, 0.075, 0.012, 0.025), "run": (0.36, 0.185, 0.20, 0.030, 0.085)}
# Units that the body moves on in one cycle of both feet.
PACE = {name: 2 * ahead / stance for name, (stance, ahead, *_) in _GAITS.items()}


def foot_at(gait, phase):
    """(x, y) of a foot from under the hip: it lands at phase 0."""
    stance, ahead, lift, _, _ = _GAITS[gait]
    phase %= 1.0
    if phase < stance:
        return ahead * (1 - 2 * phase / stance), _ANKLE
    u = (phase - stance) / (1 - stance)
    smooth = u * u * (3 - 2 * u)
    rise = math.sin(math.pi * u) ** 1.2
    kick = 0.35 * lift * math.sin(math.pi * u) * (1 - u)  # the heel comes up first
    return ahead * (2 * smooth - 1) - kick, _ANKLE + lift * rise * (0.55 + 0.45 * (1 - u))


def _knee(hip, foot):
    """The knee between hip and foot, bent forward."""
    dx, dy = foot[0] - hip[0], foot[1] - hip[1]
    reach = min(math.hypot(dx, dy), (_THIGH + _SHIN) * 0.999)
    along = math.atan2(dy, dx)
    bend = math.acos(max(-1, min(1, (reach**2 + _THIGH**2 - _SHIN**2) / (2 * reach * _THIGH))))
    return hip[0] + _THIGH * math.cos(along + bend), hip[1] + _THIGH * math.sin(along + bend)


def _arm(shoulder, swing, bent):
    """Shoulder, elbow and hand at an angle from hanging, forward positive."""
    elbow = (shoulder[0] + 0.15 * math.sin(swing), shoulder[1] - 0.15 * math.cos(swing))
    lower = swing + bent
    return shoulder, elbow, (elbow[0] + 0.14 * math.sin(lower), elbow[1] - 0.14 * math.cos(lower))


def joints(gait, phase, stride=1.0):
    """All joints of a person at a phase of a gait.

    Args:
        gait: "walk" or "run".
        phase: 0 to 1; the near foot lands at 0, the far one at 0.5.
        stride: A share of the usual stride.
    """
    _, _, _, dip, lean = _GAITS[gait]
    beat = math.cos(4 * math.pi * (phase - 0.06))
    hip_y = STAND["hip"][1] - dip - dip * beat
    turn = math.sin(2 * math.pi * (phase + 0.25))  # 1 where the near foot is foremost
    neck = (lean, hip_y + 0.33)
    made = {"hip": (0.0, hip_y), "neck": neck}
    for name, side, at in (("nl", -0.012, phase), ("fl", 0.012, phase + 0.5)):
        x, y = foot_at(gait, at)
        hip, foot = (side * 1.4, hip_y), (x * stride + side, y)
        made[name] = (hip, _knee(hip, foot), foot)
    swing, bent = (0.50, 0.28) if gait == "walk" else (0.85, 1.25)
    made["na"] = _arm((neck[0] - 0.07, neck[1] - 0.04), -swing * stride * turn, bent)
    made["fa"] = _arm((neck[0] + 0.07, neck[1] - 0.04), swing * stride * turn, bent)
    return made


JOINTS = {
    "walk": lambda phase, stride=1.0: joints("walk", phase, stride),
    "run": lambda phase, stride=1.0: joints("run", phase, stride),
}
