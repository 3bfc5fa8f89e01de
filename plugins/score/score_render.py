"""The recording: strokes become sound, stretch by stretch, and one mastered WAV file.

Each part is played alone by the soundfont player, placed and balanced, and all are heard in one
room. A stretch is 20 s with its ringing added to the next, so that memory does not grow with the
length of the piece.
"""

import importlib.util
import io
import tempfile
import wave
from pathlib import Path

import midirenderer
import numpy as np
from score_midi import midi_bytes
from score_perform import perform
from score_room import (
    BLOCK,
    SAMPLE_RATE_HZ,
    integrated_lufs,
    limiter_gains,
    loudness_steps,
    make_up_gain,
    room_response,
    tone,
)
from score_vocabulary import GENRES

STRETCH_S = 20
RELEASE_S = 2.5  # how long a let-go note may still sound
SILENCE_S = 0.06  # at the very end
_PREMIX_DB = -20.0
# Level of each role in the mix, and its place from left (-1) to right (1).
_LEVELS_DB = {
    "lead": 0.0,
    "counter": -5.0,
    "pad": -6.5,
    "figure": -3.5,
    "bass": -4.0,
    "colour": -8.0,
    "drums": -6.0,
}
_PLACES = {
    "lead": 0.06,
    "counter": 0.32,
    "pad": 0.0,
    "figure": -0.2,
    "bass": 0.04,
    "colour": 0.42,
    "drums": -0.06,
}
_ROOMS_S = {
    "jazz": 1.0,
    "folk": 1.2,
    "pop": 1.2,
    "electronic": 1.5,
    "ambient": 2.8,
    "lullaby": 1.8,
    "baroque": 1.8,
}


def soundfont():
    """The bytes of TimGM6mb, which the package pretty_midi carries."""
    found = importlib.util.find_spec("pretty_midi")
    return Path(found.submodule_search_locations[0], "TimGM6mb.sf2").read_bytes()


def play(font, strokes, program, length_s, swells):
    """The sound of strokes by themselves: float32, (frames, 2)."""
    data = midirenderer.render_wave_from(font, midi_bytes(strokes, program, length_s, swells))
    with wave.open(io.BytesIO(data)) as file:
        frames = file.readframes(file.getnframes())
    return np.frombuffer(frames, "<i2").reshape(-1, 2).astype(np.float32) / 32768


class _Player:
    """One part on its way into the mix: its strokes, gain, place and share of the room."""

    def __init__(self, part, form, seed, swing):
        self.strokes = perform(part, form, seed, swing)
        self.program = part.instrument.program
        self.swells = part.role in ("lead", "counter") and part.instrument.sustains
        self.name, self.space = part.instrument.name, part.instrument.space
        gain = 10 ** ((_PREMIX_DB + _LEVELS_DB[part.role] - part.instrument.level_db - 20) / 20)
        angle = (_PLACES[part.role] + 1) * np.pi / 4
        self.gains = np.float32(gain * 2**0.5) * np.array(
            [np.cos(angle), np.sin(angle)], np.float32
        )

    def between(self, start_s, end_s):
        return [s for s in self.strokes if start_s <= s.start_s < end_s]


def _fast_length(frames):
    """The next length whose only factors are 2, 3 and 5: transforms of it are quick."""
    best = 1 << (frames - 1).bit_length()
    for fives in (1, 5, 25, 125, 625):
        for threes in (1, 3, 9, 27, 81):
            size = fives * threes
            while size < frames:
                size *= 2
            best = min(best, size)
    return best


def mix_stretch(players, font, start_s, end_s, room, report):
    """The mix of the strokes that begin in a stretch, ringing included: float32, (2, frames)."""
    taken = [(player, player.between(start_s, end_s)) for player in players]
    taken = [(player, strokes) for player, strokes in taken if strokes]
    last_s = max([end_s, *(s.end_s for _, strokes in taken for s in strokes)])
    frames = int((last_s - start_s + RELEASE_S) * SAMPLE_RATE_HZ) + 64
    dry, sent = np.zeros((2, frames), np.float32), np.zeros((2, frames), np.float32)
    for at, (player, strokes) in enumerate(taken):
        report(at / len(taken), player.name)
        rows = [(s.start_s - start_s, s.end_s - start_s, s.pitch, s.velocity) for s in strokes]
        length_s = max(row[1] for row in rows) + RELEASE_S
        sound = play(font, rows, player.program, length_s, player.swells)[:frames].T
        sound = sound * player.gains[:, None]
        dry[:, : sound.shape[1]] += sound
        sent[:, : sound.shape[1]] += sound * np.float32(player.space)
    size = _fast_length(frames + room.shape[1])
    colour = tone(size)
    mixed = []
    for channel in (0, 1):
        spectrum = np.fft.rfft(dry[channel], size)
        spectrum += np.fft.rfft(sent[channel], size) * np.fft.rfft(room[channel], size)
        mixed.append(np.fft.irfft(spectrum * colour, size).astype(np.float32))
    return np.stack(mixed)[:, : frames + room.shape[1]]


def record(piece, path, seed=0, report=None):
    """Play a piece into a WAV file: 48 kHz, stereo, 16 bit, exactly as long as its form.

    Args:
        piece: A `score_arrange.Piece`.
        path: Where the file goes; its folder also holds a nameless scratch file meanwhile.
        seed: Of the players' unevenness.
        report: Called as report(share done 0 to 1, message); may raise to stop.

    Returns:
        {"lufs", "peak"}: integrated loudness and sample peak of what was written.
    """
    report = report or (lambda share, message: None)
    style = GENRES[piece.brief.genre]
    players = [_Player(part, piece.form, seed, style.swing) for part in piece.parts]
    frames = round(piece.form.duration_s * SAMPLE_RATE_HZ)
    with tempfile.TemporaryFile(dir=Path(path).parent) as scratch:
        steps, peaks = _mix(piece, players, frames, scratch, lambda s, m: report(0.85 * s, m))
        peaks = np.concatenate(peaks)
        gain = make_up_gain(integrated_lufs(np.concatenate(steps)), float(peaks.max()))
        scratch.seek(0)
        return _master(scratch, frames, limiter_gains(peaks, gain), path, report)


def _mix(piece, players, frames, scratch, report):
    """Write the unmastered mix to `scratch`; its loudness steps and 5 ms peaks are returned."""
    font, stretch = soundfont(), STRETCH_S * SAMPLE_RATE_HZ
    room = room_response(_ROOMS_S.get(piece.brief.genre, 2.1))
    carried = np.zeros((2, 0), np.float32)
    steps, peaks = [], []
    fade = _ending(piece.form, frames)
    for first in range(0, frames, stretch):
        count = min(stretch, frames - first)

        def told(share, name, first=first, count=count):
            report((first + share * count) / frames, f"playing {name}")

        # The last stretch takes in what begins on its very edge.
        end_s = (first + stretch) / SAMPLE_RATE_HZ
        mixed = mix_stretch(players, font, first / SAMPLE_RATE_HZ, end_s, room, told)
        if carried.shape[1] > mixed.shape[1]:
            mixed, carried = carried, mixed
        mixed[:, : carried.shape[1]] += carried
        sound, carried = mixed[:, :count].T.copy(), mixed[:, count:].copy()
        begin = frames - len(fade)
        if first + count > begin:
            place = np.arange(max(first, begin), first + count)
            sound[place - first] *= fade[place - begin, None]
        steps.append(loudness_steps(sound))
        peaks.append(_block_peaks(sound))
        scratch.write(np.ascontiguousarray(sound, "<f4").tobytes())
    return steps, peaks


def _ending(form, frames):
    """The last frames' gain: the final chord dies away, then silence."""
    silent = min(int(SILENCE_S * SAMPLE_RATE_HZ), frames // 4)
    ring = form.duration_s - form.time_at(form.end_beat)
    falling = int(min(2.6, ring * 0.75) * SAMPLE_RATE_HZ)
    place = np.linspace(0, 1, max(2, min(falling, frames - silent)), dtype=np.float32)
    fall = (0.5 + 0.5 * np.cos(np.pi * place)) ** 1.3
    return np.concatenate([fall, np.zeros(silent, np.float32)]).astype(np.float32)


def _block_peaks(sound):
    loud = np.abs(sound).max(axis=1)
    loud = np.pad(loud, (0, -len(loud) % BLOCK))
    return loud.reshape(-1, BLOCK).max(axis=1)


def _master(scratch, frames, gains, path, report):
    """Bring the mix to its loudness under the ceiling and write it."""
    stretch, steps, peak = STRETCH_S * SAMPLE_RATE_HZ, [], 0.0
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        for first in range(0, frames, stretch):
            report(0.85 + 0.15 * first / frames, "mastering")
            count = min(stretch, frames - first)
            sound = np.frombuffer(scratch.read(count * 8), "<f4").reshape(-1, 2)
            at = np.arange(first, first + count) / BLOCK
            gain = np.interp(at, np.arange(len(gains)), gains).astype(np.float32)
            sound = sound * gain[:, None]
            steps.append(loudness_steps(sound))
            peak = max(peak, float(np.abs(sound).max()))
            file.writeframes(np.rint(sound * 32767).astype("<i2").tobytes())
    return {"lufs": round(integrated_lufs(np.concatenate(steps)), 1), "peak": round(peak, 4)}
