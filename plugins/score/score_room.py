"""The sound of the bus: the room around the players, the tone that leaves space for a voice,
loudness and the limiter. numpy only; every filter works on whole spectra.

Source: loudness after ITU-R BS.1770-5 (K-weighting, 400 ms blocks, both gates).
"""

import numpy as np

SAMPLE_RATE_HZ = 48_000
TARGET_LUFS = -16.0
CEILING = 10 ** (-1.5 / 20)  # full scale is 1; leaves room for what lies between the samples
MOST_LIMITING_DB = 5.0  # beyond that the limiter would be heard: the music stays softer instead
BLOCK = 240  # frames of one limiter step, 5 ms
LOUDNESS_STEP = 4_800  # frames, 100 ms; four make one block


def room_response(seconds, seed=7):
    """The impulse response of a hall: float32, (2, frames), unit energy a channel.

    Args:
        seconds: Time to fall by 60 dB in the middle of the spectrum.
        seed: Of its noise.
    """
    rng = np.random.default_rng(seed)
    frames = int(SAMPLE_RATE_HZ * min(seconds * 1.1, 3.2))
    time = np.arange(frames) / SAMPLE_RATE_HZ
    frequency = np.fft.rfftfreq(frames, 1 / SAMPLE_RATE_HZ)
    # Bands that overlap in a raised cosine over octaves; the highs die away first.
    centres = np.array([125.0, 250, 500, 1000, 2000, 4000, 8000])
    decay = seconds * np.array([1.05, 1.1, 1.05, 1.0, 0.85, 0.6, 0.35])
    level = np.array([0.35, 0.8, 1.0, 0.9, 0.7, 0.45, 0.2])
    response = np.zeros((2, frames))
    octave = np.log2(np.maximum(frequency, 1.0))
    for centre, fall, loud in zip(np.log2(centres), decay, level, strict=True):
        window = np.cos(np.clip(octave - centre, -1, 1) * np.pi / 2) ** 2
        for channel in (0, 1):
            noise = np.fft.rfft(rng.standard_normal(frames))
            response[channel] += (
                loud * np.fft.irfft(noise * window, frames) * 10 ** (-3 * time / fall)
            )
    late = np.clip((time - 0.018) / 0.035, 0, 1) ** 1.5  # the room answers after 18 ms, growing
    response *= late
    for delay_s, gain, channel in (
        (0.013, 0.5, 0),
        (0.019, 0.45, 1),
        (0.027, 0.35, 1),
        (0.031, 0.3, 0),
    ):
        response[channel, int(delay_s * SAMPLE_RATE_HZ)] += (
            gain * np.sqrt((response[channel] ** 2).sum()) * 0.35
        )
    response /= np.sqrt((response**2).sum(axis=1, keepdims=True))
    return response.astype(np.float32)


def tone(frames):
    """The bus equaliser's gain at the bins of an rfft of that many frames, float32.

    Rumble goes, the low middle loses its mud, and a shallow dip from 1 to 4 kHz leaves the words
    of a narration clear.
    """
    frequency = np.maximum(np.fft.rfftfreq(frames, 1 / SAMPLE_RATE_HZ), 1.0)
    rumble = 1 / np.sqrt(1 + (38 / frequency) ** 6)

    def bell(centre_hz, width_octaves, gain_db):
        return gain_db * np.exp(-0.5 * (np.log2(frequency / centre_hz) / width_octaves) ** 2)

    gain_db = (
        bell(60, 0.7, -2.0)
        + bell(280, 0.8, -1.5)
        + bell(650, 0.7, -1.5)
        + bell(2200, 0.9, -2.5)
        + bell(9500, 0.7, -1.0)
    )
    return (rumble * 10 ** (gain_db / 20)).astype(np.float32)


def k_weighting(frames):
    """The K-weighting's magnitude at the bins of an rfft of that many frames."""
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(frames))

    def biquad(b, a):
        return (b[0] + b[1] * z + b[2] * z * z) / (1 + a[0] * z + a[1] * z * z)

    head = biquad(
        (1.53512485958697, -2.69169618940638, 1.19839281085285),
        (-1.69065929318241, 0.73248077421585),
    )
    low = biquad((1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621))
    return np.abs(head * low).astype(np.float32)


def loudness_steps(sound):
    """K-weighted mean squares of each 100 ms of (frames, 2), summed over channels."""
    frames = len(sound)
    weighting = k_weighting(frames)
    power = np.zeros(max(1, frames // LOUDNESS_STEP))
    for channel in (0, 1):
        heard = np.fft.irfft(np.fft.rfft(sound[:, channel]) * weighting, frames)
        if frames < LOUDNESS_STEP:
            power[0] += np.mean(heard**2)
        else:
            used = heard[: len(power) * LOUDNESS_STEP].reshape(-1, LOUDNESS_STEP)
            power += (used**2).mean(axis=1)
    return power


def integrated_lufs(steps):
    """Integrated loudness of 100 ms mean squares, with the absolute and the relative gate."""
    steps = np.asarray(steps)
    width = min(4, len(steps))
    blocks = np.convolve(steps, np.ones(width) / width, mode="valid")
    heard = blocks[blocks > 10 ** ((-70 + 0.691) / 10)]
    if not len(heard):
        return -70.0
    kept = heard[heard > heard.mean() * 0.1]
    return float(-0.691 + 10 * np.log10(kept.mean()))


def make_up_gain(lufs, peak):
    """The factor that brings music to `TARGET_LUFS`, as far as the limiter may be asked to help."""
    gain = 10 ** ((TARGET_LUFS - lufs) / 20)
    return min(gain, CEILING / max(peak, 1e-9) * 10 ** (MOST_LIMITING_DB / 20))


def limiter_gains(block_peaks, gain):
    """Gain at the edges of the limiter's steps: peaks times it never pass `CEILING`.

    Args:
        block_peaks: Peak of each 5 ms.
        gain: Factor that is applied to the sound; the result includes it.

    Returns:
        One value more than there are steps; between edges it runs straight.
    """
    needed = np.minimum(1.0, CEILING / np.maximum(block_peaks * gain, 1e-9))
    edges = np.minimum(np.append(needed, 1.0), np.insert(needed, 0, 1.0))
    reach = 10  # steps: 50 ms before and after, so that the gain glides
    padded = np.pad(edges, 2 * reach, mode="edge")
    lowest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).min(axis=1)
    kernel = np.hanning(2 * reach + 3)[1:-1]
    smooth = np.convolve(lowest, kernel / kernel.sum(), mode="valid")
    return gain * np.minimum(smooth, edges)
