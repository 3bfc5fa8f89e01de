"""How loud a voice is to the ear, and the gain that makes it as loud as all others.

Source: ITU-R BS.1770-4: the K weighting, blocks of 0.4 s that overlap by three quarters, both gates.
The filters' analogue prototypes as De Man, Evaluation of implementations of the EBU R128 loudness
measurement, AES 145 (2018), tells them.
"""

import math

LEVEL_LUFS = -20.0  # a single voice; the film's mix sets its own level later
_ENOUGH_S = 6.0  # of a voice: its loudness hardly changes after that, and Python is slow
_BLOCK_S, _STEP_S = 0.4, 0.1
_FULL = 32768.0


class Loudness:
    """Measures the first seconds of a voice.

    Args:
        sample_rate_hz: Of the sound.
    """

    def __init__(self, sample_rate_hz):
        self._rate, self._blocks, self._measured = sample_rate_hz, [], 0
        self._filters = _shelf(sample_rate_hz), _high_pass(sample_rate_hz)

    def add(self, samples):
        """Take in a sentence: array("h"), mono."""
        if self._measured >= _ENOUGH_S * self._rate:
            return
        samples = samples[: int(_ENOUGH_S * self._rate)]
        self._measured += len(samples)
        weighted = samples
        for coefficients in self._filters:
            weighted = _filtered(weighted, coefficients)
        step = int(_STEP_S * self._rate)
        powers = [
            sum(v * v for v in weighted[i : i + step]) / step / _FULL**2
            for i in range(0, max(1, len(weighted) - step + 1), step)
        ]
        powers += [0.0] * (round(_BLOCK_S / _STEP_S) - len(powers))
        self._blocks += [sum(powers[i : i + 4]) / 4 for i in range(len(powers) - 3)]

    def lufs(self):
        """The gated loudness of what was measured; None if it was silent."""
        heard = [power for power in self._blocks if _lufs(power) > -70]
        if not heard:
            return None
        gate = _lufs(sum(heard) / len(heard)) - 10
        kept = [power for power in heard if _lufs(power) > gate]
        return _lufs(sum(kept) / len(kept))

    def gain(self):
        """What the voice is to be multiplied with."""
        measured = self.lufs()
        return 1.0 if measured is None else 10 ** ((LEVEL_LUFS - measured) / 20)


def _lufs(power):
    return -0.691 + 10 * math.log10(max(power, 1e-12))


def _filtered(samples, coefficients):
    b0, b1, b2, a1, a2 = coefficients
    x1 = x2 = y1 = y2 = 0.0
    out = []
    for x in samples:
        y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
        x2, x1, y2, y1 = x1, x, y1, y
        out.append(y)
    return out


def _shelf(rate):
    k = math.tan(math.pi * 1681.974450955533 / rate)
    q, high = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    band, a0 = high**0.4996667741545416, 1 + k / q + k * k
    return (
        (high + band * k / q + k * k) / a0,
        2 * (k * k - high) / a0,
        (high - band * k / q + k * k) / a0,
        2 * (k * k - 1) / a0,
        (1 - k / q + k * k) / a0,
    )


def _high_pass(rate):
    k = math.tan(math.pi * 38.13547087602444 / rate)
    q = 0.5003270373238773
    a0 = 1 + k / q + k * k
    return (1.0, -2.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0)
