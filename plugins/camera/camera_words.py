"""What a prompt says of the camera's pace: "a slow, quiet morning", "急速".

Only words that speak of tempo count; a prompt without any changes nothing.
"""

import re

_SLOWER, _FASTER = 0.6, 1.5  # factors on the strength of the movement
_CALM = re.compile(
    r"\b(slow(ly)?|gentl[ey]|subtle|subtly|calm(ly)?|quiet(ly)?|peaceful|still|serene)\b"
    r"|缓慢|慢慢|缓缓|轻柔|平静|宁静|安静|静谧"
)
_URGENT = re.compile(
    r"\b(fast|quick(ly)?|rapid(ly)?|sudden(ly)?|dramatic(ally)?|frantic|urgent(ly)?|racing)\b"
    r"|快速|迅速|急速|急促|突然|激烈|紧张|戏剧性"
)


def pace_of(prompt):
    """The factor, 0.6 to 1.5, that a prompt puts on the strength of the movement."""
    text = prompt.lower()
    calm, urgent = bool(_CALM.search(text)), bool(_URGENT.search(text))
    if calm == urgent:
        return 1.0
    return _SLOWER if calm else _FASTER
