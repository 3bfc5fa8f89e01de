"""Pitch and size of a voice, changed after it has spoken: pitch by overlapping its own periods
again at another distance (TD-PSOLA), the size of its throat by resampling, which moves all formants.

Sound is float32, mono, shape (samples,), full scale 1.0.

Source: Moulines and Charpentier, Pitch-synchronous waveform processing techniques, Speech
Communication 9 (1990); Boersma, Accurate short-term analysis of the fundamental frequency, IFA
Proceedings 17 (1993), for the autocorrelation divided by the window's own
"""

import numpy as np

LOWEST_HZ, HIGHEST_HZ = 60.0, 400.0
_HOP_S, _WINDOW_S, _UNVOICED_S = 0.005, 0.045, 0.005
_VOICED = 0.5  # autocorrelation at the period, from which on a frame counts as voiced
_JUMP_COST = 0.2  # an octave away from the speaker's usual pitch costs this much autocorrelation


def resized(sound, ratio):
    """The sound with all frequencies times `ratio`, and its length divided by it."""
    count = round(len(sound) / ratio)
    if ratio == 1.0 or count < 2:
        return sound
    spectrum = np.fft.rfft(sound)
    out = np.zeros(count // 2 + 1, dtype=complex)
    kept = min(len(spectrum), len(out))
    out[:kept] = spectrum[:kept]
    return (np.fft.irfft(out, count) * (count / len(sound))).astype(np.float32)


def shifted(sound, sample_rate_hz, semitones):
    """The sound with its pitch moved, its length, formants and unvoiced parts as they were.

    Args:
        semitones: One number, or one for each sample.
    """
    semitones = np.broadcast_to(np.asarray(semitones, dtype=np.float64), sound.shape)
    if not len(sound) or not np.any(np.abs(semitones) > 0.01):
        return sound
    marks, periods, voiced = _marks(sound, sample_rate_hz)
    ratio = 2.0 ** (semitones / 12)
    out, weight = np.zeros(len(sound)), np.zeros(len(sound))
    at = float(marks[0])
    while at < len(sound):
        nearest = _nearest(marks, at)
        period = int(periods[nearest])
        _overlap(sound, marks[nearest], period, out, weight, round(at))
        step = period / ratio[min(int(at), len(sound) - 1)] if voiced[nearest] else period
        at += max(1.0, step)
    covered = weight > 0.2
    out[covered] /= weight[covered]
    return out.astype(np.float32)


def pitch_track(sound, sample_rate_hz):
    """(pitch_hz, hop): of each frame of `hop` samples, 0 where it is not voiced."""
    hop, size = round(_HOP_S * sample_rate_hz), round(_WINDOW_S * sample_rate_hz)
    padded = np.pad(np.asarray(sound, dtype=np.float64), (size // 2, size))
    count = max(1, len(sound) // hop)
    window = np.hanning(size)
    own = _autocorrelation(window[None])[0]
    first, last = int(sample_rate_hz / HIGHEST_HZ), int(sample_rate_hz / LOWEST_HZ)
    own_lags = own[first : last + 1] / own[0]
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop][:count]
    power = np.sqrt(np.mean(frames**2, axis=1))
    likely = np.zeros((count, last + 1 - first))
    for start in range(0, count, 512):  # bounded memory, however long the sentence
        correlated = _autocorrelation(frames[start : start + 512] * window)
        energy = np.maximum(correlated[:, :1], 1e-12)
        likely[start : start + 512] = correlated[:, first : last + 1] / energy / own_lags
    hertz = sample_rate_hz / np.arange(first, last + 1)
    loud = power > 0.03 * max(power.max(), 1e-9)
    best = likely - 0.02 * np.log2(HIGHEST_HZ / hertz)
    sure = loud & (likely.max(axis=1) > 0.7)
    if sure.any():
        usual = np.median(hertz[best[sure].argmax(axis=1)])
        best = likely - _JUMP_COST * np.abs(np.log2(hertz / usual)) ** 2
    index = best.argmax(axis=1)
    voiced = loud & (likely[np.arange(count), index] > _VOICED)
    return np.where(voiced, _medians(hertz[index], voiced), 0.0), hop


def _autocorrelation(frames):
    size = 1 << (2 * frames.shape[1] - 1).bit_length()
    return np.fft.irfft(np.abs(np.fft.rfft(frames, size)) ** 2, size)[:, : frames.shape[1]]


def _medians(pitch, voiced):
    """Each frame's pitch, the median of five: a single slip by an octave goes."""
    filled = np.where(voiced, pitch, np.nan)
    near = np.stack([np.roll(filled, k) for k in range(-2, 3)])
    near[:, ~voiced] = pitch[~voiced]
    return np.nanmedian(near, axis=0)


def _marks(sound, sample_rate_hz):
    """(marks, periods, voiced): a mark in each period of the voice, and every 5 ms elsewhere."""
    pitch, hop = pitch_track(sound, sample_rate_hz)
    signed = sound if np.sum(sound.astype(np.float64) ** 3) >= 0 else -sound
    rest = round(_UNVOICED_S * sample_rate_hz)
    marks, periods, voiced, at = [], [], [], 0
    while at < len(sound):
        hertz = pitch[min(at // hop, len(pitch) - 1)]
        if hertz <= 0:
            marks.append(at)
            periods.append(rest)
            voiced.append(False)
            at += rest
            continue
        period = round(sample_rate_hz / hertz)
        following = bool(voiced and voiced[-1])
        mark = _aligned(signed, at, marks[-1] if following else None, period)
        marks.append(mark)
        periods.append(period)
        voiced.append(True)
        at = max(mark + period, at + 1)
    return np.array(marks), np.array(periods), np.array(voiced)


def _aligned(sound, at, before, period):
    """The place near `at` that looks as the mark before it does; else the highest peak."""
    reach = max(1, period // 5 if before is not None else period // 2)
    low, high = max(0, at - reach), min(len(sound) - 1, at + reach)
    half = period // 2
    if before is None or before < half or low < half or high + half + 1 > len(sound):
        return low + int(np.argmax(sound[low : high + 1]))
    shape = sound[before - half : before + half + 1]
    around = sound[low - half : high + half + 1]
    return low + int(np.argmax(np.correlate(around, shape, "valid")))


def _nearest(marks, at):
    index = int(np.searchsorted(marks, at))
    if index == len(marks) or index and at - marks[index - 1] < marks[index] - at:
        return index - 1
    return index


def _overlap(sound, mark, period, out, weight, at):
    """Add two periods around `mark`, faded in and out, around `at`."""
    low = max(-period, -mark, -at)
    high = min(period, len(sound) - mark, len(sound) - at)
    if high <= low:
        return
    window = 0.5 + 0.5 * np.cos(np.pi * np.arange(low, high) / period)
    out[at + low : at + high] += sound[mark + low : mark + high] * window
    weight[at + low : at + high] += window
