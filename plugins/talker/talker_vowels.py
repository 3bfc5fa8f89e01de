"""What a mouth does, heard from the sound alone: vowels by their formants, hisses by their noise.

The first formant tells how open the mouth is, the second whether the lips are spread or round.
Source: G. E. Peterson and H. L. Barney, "Control Methods Used in a Study of the Vowels" (1952), for
where the formants of vowels lie; linear prediction as in J. Makhoul, "Linear Prediction" (1975).
"""

import numpy as np
from talker_sound import SAMPLE_RATE_HZ, windows

_ORDER = 10  # two poles a formant for the four below 4 kHz, and two for the source's slope
_FORMANT_RATE_HZ = 8_000
_WIDEST_HZ = 500.0  # a broader resonance is no formant
_CHUNK = 512  # steps at once: bounds the memory of the eigenvalue problem
_CLOSED_F1_HZ, _OPEN_F1_HZ = 290.0, 720.0
_BACK_F2_HZ, _FRONT_F2_HZ = 850.0, 2150.0
_HISS_HZ = 3_500.0
# viseme → where its vowel lies: (openness by F1, frontness by F2)
_VOWELS = {"aa": (1.0, 0.4), "E": (0.6, 0.75), "I": (0.1, 1.0), "O": (0.55, 0.1), "U": (0.05, 0.05)}
_REACH = 0.34  # how near to a vowel's place a sound must be to look like it


def heard(samples, check=lambda: None):
    """The visemes that a sound lets guess, each step's weights summing to 1.

    Returns:
        A dict: viseme → float64 (steps,), for the vowels aa, E, I, O, U and for SS.
    """
    first, second, hiss = [], [], []
    frames = windows(samples)
    for start in range(0, len(frames), _CHUNK):
        check()
        some = frames[start : start + _CHUNK].astype(np.float64)
        f1, f2 = _formants(some)
        first.append(f1)
        second.append(f2)
        hiss.append(_hissing(some))
    opened = _steady((np.concatenate(first) - _CLOSED_F1_HZ) / (_OPEN_F1_HZ - _CLOSED_F1_HZ))
    front = _steady((np.concatenate(second) - _BACK_F2_HZ) / (_FRONT_F2_HZ - _BACK_F2_HZ))
    noise = np.concatenate(hiss)
    near = {
        name: np.exp(-((opened - o) ** 2 + (front - f) ** 2) / (2 * _REACH**2))
        for name, (o, f) in _VOWELS.items()
    }
    whole = sum(near.values()) + 1e-9
    weights = {name: (1 - noise) * value / whole for name, value in near.items()}
    return {**weights, "SS": noise}


def _formants(frames):
    """The two lowest resonances of each window, in Hz; NaN where there is none."""
    half = frames[:, ::2] + frames[:, 1::2]  # to 8 kHz
    half = np.diff(half, axis=1, prepend=half[:, :1]) * 0.94 + half * 0.06
    half = half * np.hamming(half.shape[1])
    lags = np.stack(
        [(half[:, : half.shape[1] - k] * half[:, k:]).sum(axis=1) for k in range(_ORDER + 1)], 1
    )
    lags[:, 0] = lags[:, 0] * 1.0001 + 1e-9
    predictor = _levinson(lags)
    companion = np.zeros((len(frames), _ORDER, _ORDER))
    companion[:, 0] = -predictor[:, 1:]
    companion[:, np.arange(1, _ORDER), np.arange(_ORDER - 1)] = 1
    roots = np.linalg.eigvals(companion)
    hz = np.angle(roots) * _FORMANT_RATE_HZ / (2 * np.pi)
    width = -np.log(np.abs(roots) + 1e-12) * _FORMANT_RATE_HZ / np.pi
    hz = np.where((hz > 180) & (hz < 3500) & (width < _WIDEST_HZ), hz, np.inf)
    hz = np.sort(hz, axis=1)[:, :2]
    hz[~np.isfinite(hz)] = np.nan
    return hz[:, 0], hz[:, 1]


def _levinson(lags):
    """Prediction coefficients from autocorrelations, all windows at once: (n, order + 1)."""
    n = len(lags)
    a = np.zeros((n, _ORDER + 1))
    a[:, 0] = 1
    error = lags[:, 0].copy()
    for i in range(1, _ORDER + 1):
        reach = (a[:, :i] * lags[:, i:0:-1]).sum(axis=1)
        k = -reach / np.maximum(error, 1e-12)
        a[:, 1 : i + 1] += k[:, None] * a[:, i - 1 :: -1][:, :i]
        error *= np.maximum(1 - k * k, 1e-6)
    return a


def _hissing(frames):
    """How much of each window is the noise of s and sh: 0 to 1."""
    power = np.abs(np.fft.rfft(frames * np.hanning(frames.shape[1]), axis=1)) ** 2
    split = int(_HISS_HZ / (SAMPLE_RATE_HZ / frames.shape[1]))
    share = power[:, split:].sum(axis=1) / (power.sum(axis=1) + 1e-12)
    return np.clip((share - 0.35) / 0.4, 0, 1)


def _steady(values):
    """0 to 1, gaps carried over from their neighbours, jumps of single steps taken out."""
    values = np.where(np.isfinite(values), values, np.nan)
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return np.full(len(values), 0.5)
    values = np.interp(np.arange(len(values)), known, values[known])
    padded = np.pad(values, 2, mode="edge")
    values = np.median([padded[i : i + len(values)] for i in range(5)], axis=0)
    return values.clip(0, 1)
