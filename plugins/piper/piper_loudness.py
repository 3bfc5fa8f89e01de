"""How loud a voice is to the ear, measured as it is spoken, and the gain that makes it as loud as all.

Source: ITU-R BS.1770-4: the K weighting (as its two filters are at 48 kHz, by their frequency response
at any rate), blocks of 0.4 s that overlap by three quarters, and both gates.
"""

import numpy as np

LEVEL_LUFS = -20.0  # a single voice; the film's mix sets its own level later
_BLOCK_S, _STEP_S = 0.4, 0.1
_SHELF = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (1.0, -1.69065929318241, 0.73248077421585),
)
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))


class Loudness:
    """Measures sentence by sentence.

    Args:
        sample_rate_hz: Of the sound.
    """

    def __init__(self, sample_rate_hz):
        self._rate, self._blocks = sample_rate_hz, []

    def add(self, sound):
        """Take in a sentence: float32, mono, (samples,)."""
        size, step = int(_BLOCK_S * self._rate), int(_STEP_S * self._rate)
        padded = np.pad(np.asarray(sound, dtype=np.float64), (0, max(0, size - len(sound))))
        weighted = _weighted(padded, self._rate)
        power = np.concatenate([[0.0], np.cumsum(weighted**2)])
        starts = np.arange(0, len(padded) - size + 1, step)
        self._blocks.append((power[starts + size] - power[starts]) / size)

    def lufs(self):
        """The gated loudness of all that was added; None if it was silent."""
        blocks = np.concatenate(self._blocks) if self._blocks else np.zeros(0)
        blocks = blocks[_lufs(blocks) > -70]
        if not len(blocks):
            return None
        kept = blocks[_lufs(blocks) > _lufs(blocks.mean()) - 10]
        return float(_lufs(kept.mean()))

    def gain(self):
        """What the voice is to be multiplied with."""
        measured = self.lufs()
        return 1.0 if measured is None else 10 ** ((LEVEL_LUFS - measured) / 20)


def _lufs(power):
    return -0.691 + 10 * np.log10(np.maximum(power, 1e-12))


def _weighted(sound, sample_rate_hz):
    size = 1 << (len(sound) - 1).bit_length()
    hertz = np.fft.rfftfreq(size, 1 / sample_rate_hz)
    z = np.exp(-2j * np.pi * hertz / 48000)
    response = np.ones_like(z)
    for top, bottom in (_SHELF, _HIGH_PASS):
        response *= np.polyval(top[::-1], z) / np.polyval(bottom[::-1], z)
    return np.fft.irfft(np.fft.rfft(sound, size) * np.abs(response), size)[: len(sound)]
