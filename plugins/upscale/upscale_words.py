"""By how much a prompt asks to enlarge: "2x", "four times", "两倍"."""

import re

FACTORS = (2, 4)
_WORDS = {
    2: r"\b2 ?x\b|\bx ?2\b|\btwice\b|\bdouble\b|\btwo times\b|[2两二] ?倍",
    4: r"\b4 ?x\b|\bx ?4\b|\bfour times\b|\bquadruple\b|[4四] ?倍",
}


def factor_of(prompt, scale=0):
    """The factor: 2 or 4.

    Args:
        prompt: Any text; may name a factor.
        scale: 2 or 4, which counts before the prompt, or 0.

    Raises:
        ValueError: `scale` is neither, or the prompt names both.
    """
    if scale:
        if scale not in FACTORS:
            raise ValueError(f"scale is {scale}; expected 2, 4, or 0 to go by the prompt")
        return scale
    named = [f for f, words in _WORDS.items() if re.search(words, prompt.lower().replace("×", "x"))]
    if len(named) > 1:
        raise ValueError(f"the prompt names 2x and 4x: {prompt[:80]!r}; name one, or give scale")
    return named[0] if named else 2
