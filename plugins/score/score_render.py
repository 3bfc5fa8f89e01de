"""The recording: strokes become sound, stretch by stretch, and one mastered WAV file.

The parts are balanced and placed, played by the soundfont player in two groups (those that sing,
those that keep time), and heard in one room, each group its own distance away. Two and not one for
each part, since the player spends most of its time on silence. A stretch is 30 s with its ringing added to the next, so that memory does not grow with the
length of the piece.
"""

import contextlib
import importlib.util
import io
import tempfile
import wave
from pathlib import Path

import midirenderer
import numpy as np
from score_genres import GENRES
from score_midi import Track, midi_bytes
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
from score_stems import STEMS

STRETCH_S = 30
RELEASE_S = 2.5  # how long a let-go note may still sound
SILENCE_S = 0.06  # at the very end
MOST_TRACKS = 15  # a MIDI channel each, one being the drum kit's
_PREMIX_DB = -20.0
# Level of each role in the mix, and its place from left (-1) to right (1).
_LEVELS_DB = {
    "lead": 0.0, "counter": -7.0, "pad": -12.5, "figure": -2.5, "bass": -5.0, "colour": -7.0,
    "drums": -6.0,
}  # fmt: skip
# What holds its tone has far more energy than what is struck and dies away.
_HELD_DB = {"bass": -4.0, "lead": -2.5}
_PLACES = {
    "lead": 0.06, "counter": 0.32, "pad": 0.0, "figure": -0.2, "bass": 0.04, "colour": 0.42,
    "drums": -0.06,
}  # fmt: skip
# The groups: which roles, and the share of their sound that is sent to the room.
_GROUPS = {
    "melody and harmony": (("lead", "colour", "pad", "counter"), 0.40),
    "accompaniment": (("figure", "bass", "drums"), 0.26),
}
_ARC_DB = 11.0  # how much softer the softest music is than the climax, beyond the players' touch
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


def play(font, tracks, length_s):
    """The sound of tracks by themselves: float32, (frames, 2)."""
    data = midirenderer.render_wave_from(font, midi_bytes(tracks, length_s))
    with wave.open(io.BytesIO(data)) as file:
        frames = file.readframes(file.getnframes())
    return np.frombuffer(frames, "<i2").reshape(-1, 2).astype(np.float32) / 32768


class _Player:
    """One part on its way into the mix: its strokes, gain and place."""

    def __init__(self, part, form, seed, swing):
        self.strokes = perform(part, form, seed, swing)
        self.role, self.instrument = part.role, part.instrument
        level_db = _PREMIX_DB + _LEVELS_DB[part.role] - part.instrument.level_db
        if part.instrument.sustains:
            level_db += _HELD_DB.get(part.role, 0.0)
        self.gain = 10 ** (level_db / 20)
        self.swells = part.role in ("lead", "counter") and part.instrument.sustains

    def track(self, start_s, end_s, loudest):
        """The strokes that begin in a stretch, counted from its start, or None."""
        rows = tuple(
            (s.start_s - start_s, s.end_s - start_s, s.pitch, s.velocity)
            for s in self.strokes
            if start_s <= s.start_s < end_s
        )
        if not rows:
            return None
        enters_s = self.strokes[0].start_s - start_s if self.role == "pad" else None
        gain, place = self.gain / loudest, _PLACES[self.role]
        return Track(rows, self.instrument.program, gain, place, self.swells, enters_s)


class _Group:
    """Players that are heard from the same distance.

    Args:
        gain: The gain of the loudest of all that are heard from there; theirs are relative to it.
    """

    def __init__(self, name, players, gain):
        self.name, self.players, self.gain = name, players, gain
        self.space = _GROUPS[name][1]

    def tracks(self, start_s, end_s):
        tracks = [player.track(start_s, end_s, self.gain) for player in self.players]
        return [track for track in tracks if track]


def _groups(piece, seed, stems):
    """For each stem, or for the whole where there are none, the groups that play it."""
    swing = GENRES[piece.brief.genre].swing
    players = [_Player(part, piece.form, seed, swing) for part in piece.parts]
    wholes = [STEMS[stem] for stem in stems] or [tuple({player.role for player in players})]
    return [_groups_of(players, whole) for whole in wholes]


def _groups_of(players, whole):
    groups = []
    for name, (roles, _) in _GROUPS.items():
        gains = [player.gain for player in players if player.role in roles]
        members = [p for p in players if p.role in roles and p.role in whole]
        if members:
            groups.append(_Group(name, members, max(gains)))
    return groups


def _batches(tracks):
    """Tracks in batches of as many as MIDI has channels for."""
    drums = [track for track in tracks if track.program < 0]
    tuned = [track for track in tracks if track.program >= 0]
    if len(tuned) <= MOST_TRACKS:
        return [tracks]
    halves = [tuned[i : i + MOST_TRACKS] for i in range(0, len(tuned), MOST_TRACKS)]
    return [[*halves[0], *drums], *halves[1:]]


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


def mix_stretch(groups, font, start_s, end_s, room, report):
    """The mix of the strokes that begin in a stretch, ringing included: float32, (2, frames)."""
    taken = [(group, group.tracks(start_s, end_s)) for group in groups]
    last_s = max([end_s - start_s, *(row[1] for _, ts in taken for t in ts for row in t.rows)])
    frames = int((last_s + RELEASE_S) * SAMPLE_RATE_HZ) + 64
    dry, sent = np.zeros((2, frames), np.float32), np.zeros((2, frames), np.float32)
    for at, (group, tracks) in enumerate(taken):
        report(at / len(taken), f"playing {group.name}")
        if not tracks:
            continue
        length_s = max(row[1] for track in tracks for row in track.rows) + RELEASE_S
        for batch in _batches(tracks):
            sound = play(font, batch, length_s)[:frames].T * np.float32(group.gain)
            dry[:, : sound.shape[1]] += sound
            sent[:, : sound.shape[1]] += sound * np.float32(group.space)
    size = _fast_length(frames + room.shape[1])
    colour = tone(size)
    mixed = []
    for channel in (0, 1):
        spectrum = np.fft.rfft(dry[channel], size)
        spectrum += np.fft.rfft(sent[channel], size) * np.fft.rfft(room[channel], size)
        mixed.append(np.fft.irfft(spectrum * colour, size).astype(np.float32))
    return np.stack(mixed)[:, : frames + room.shape[1]]


def record(piece, path, seed=0, report=None, stems=None):
    """Play a piece into a WAV file: 48 kHz, stereo, 16 bit, exactly as long as its form.

    Args:
        piece: A `score_arrange.Piece`.
        path: Where the file goes; its folder also holds nameless scratch files meanwhile.
        seed: Of the players' unevenness.
        report: Called as report(share done 0 to 1, message); may raise to stop.
        stems: Paths by names of `score_stems.STEMS`: each gets a file as long as the whole, and
            together they sum to it.

    Returns:
        {"lufs", "peak"}: integrated loudness and sample peak of what was written.
    """
    report, stems = report or (lambda share, message: None), stems or {}
    mixers = [_Mixer(groups) for groups in _groups(piece, seed, stems)]
    frames = round(piece.form.duration_s * SAMPLE_RATE_HZ)
    with contextlib.ExitStack() as opened:
        for mixer in mixers:
            mixer.scratch = opened.enter_context(tempfile.TemporaryFile(dir=Path(path).parent))
        steps, peaks = _mix(piece, mixers, frames, lambda s, m: report(0.85 * s, m))
        peaks = np.concatenate(peaks)
        gain = make_up_gain(integrated_lufs(np.concatenate(steps)), float(peaks.max()))
        for mixer in mixers:
            mixer.scratch.seek(0)
        return _master(mixers, frames, limiter_gains(peaks, gain), [path, *stems.values()], report)


class _Mixer:
    """The groups of one stem, or of the whole; what rings past a stretch is kept for the next."""

    def __init__(self, groups):
        self.groups, self.scratch = groups, None
        self.carried = np.zeros((2, 0), np.float32)

    def stretch(self, font, start_s, end_s, count, room, report):
        """The next `count` frames: float32, (frames, 2)."""
        mixed, carried = mix_stretch(self.groups, font, start_s, end_s, room, report), self.carried
        if carried.shape[1] > mixed.shape[1]:
            mixed, carried = carried, mixed
        mixed[:, : carried.shape[1]] += carried
        sound, self.carried = mixed[:, :count].T.copy(), mixed[:, count:].copy()
        return sound


def _mix(piece, mixers, frames, report):
    """Write each mixer's unmastered sound; loudness steps of the sum and 5 ms peaks are returned."""
    font, stretch = soundfont(), STRETCH_S * SAMPLE_RATE_HZ
    room = room_response(_ROOMS_S.get(piece.brief.genre, 2.1))
    steps, peaks = [], []
    fade = _ending(piece.form, frames)
    for first in range(0, frames, stretch):
        count = min(stretch, frames - first)
        # The last stretch takes in what begins on its very edge.
        start_s, end_s = first / SAMPLE_RATE_HZ, (first + stretch) / SAMPLE_RATE_HZ
        whole, loudest = None, None
        for at, mixer in enumerate(mixers):

            def told(share, message, at=at, first=first, count=count):
                report((first + (at + share) / len(mixers) * count) / frames, message)

            sound = mixer.stretch(font, start_s, end_s, count, room, told)
            begin = frames - len(fade)
            if first + count > begin:
                place = np.arange(max(first, begin), first + count)
                sound[place - first] *= fade[place - begin, None]
            sound *= _arc(piece.form, first, count)[:, None]
            mixer.scratch.write(np.ascontiguousarray(sound, "<f4").tobytes())
            own = _block_peaks(sound)
            whole = sound if whole is None else whole + sound
            loudest = own if loudest is None else np.maximum(loudest, own)
        steps.append(loudness_steps(whole))
        peaks.append(np.maximum(loudest, _block_peaks(whole)))
    return steps, peaks


def _arc(form, first, count):
    """The gain that the form's arc of strength asks for, frame by frame."""
    beats = np.array([start for start, _, _ in form.bars] + [form.end_beat])
    levels = np.array([form.level_at(beat) for beat in beats])
    if form.sections[0].theme == "intro" and not form.scenes:  # an opening is thin, not faint
        levels = np.where(beats < form.sections[0].end, levels.max(), levels)
    times = np.array([form.time_at(beat) for beat in beats])
    seconds = np.arange(first, first + count, dtype=np.float32) / SAMPLE_RATE_HZ
    level = np.interp(seconds, times, levels / max(levels.max(), 1e-6))
    return (10 ** (_ARC_DB * (level - 1) / 20)).astype(np.float32)


def _ending(form, frames):
    """The last frames' gain: the final chord dies away, then silence."""
    silent = min(int(SILENCE_S * SAMPLE_RATE_HZ), frames // 4)
    ring = form.duration_s - form.time_at(form.end_beat)
    falling = int(min(3.6, ring * 0.8) * SAMPLE_RATE_HZ)
    place = np.linspace(0, 1, max(2, min(falling, frames - silent)), dtype=np.float32)
    fall = (0.5 + 0.5 * np.cos(np.pi * place)) ** 1.3
    return np.concatenate([fall, np.zeros(silent, np.float32)]).astype(np.float32)


def _block_peaks(sound):
    loud = np.abs(sound).max(axis=1)
    loud = np.pad(loud, (0, -len(loud) % BLOCK))
    return loud.reshape(-1, BLOCK).max(axis=1)


def _master(mixers, frames, gains, paths, report):
    """Bring the mix, and its stems with it, to its loudness under the ceiling and write them."""
    stretch, steps, peak = STRETCH_S * SAMPLE_RATE_HZ, [], 0.0
    with contextlib.ExitStack() as opened:
        mix, *stems = [opened.enter_context(_wave_file(path)) for path in paths]
        for first in range(0, frames, stretch):
            report(0.85 + 0.15 * first / frames, "mastering")
            count = min(stretch, frames - first)
            at = np.arange(first, first + count) / BLOCK
            gain = np.interp(at, np.arange(len(gains)), gains).astype(np.float32)[:, None]
            whole = None
            for place, mixer in enumerate(mixers):
                sound = np.frombuffer(mixer.scratch.read(count * 8), "<f4").reshape(-1, 2) * gain
                if stems:
                    stems[place].writeframes(_samples(sound))
                whole = sound if whole is None else whole + sound
            steps.append(loudness_steps(whole))
            peak = max(peak, float(np.abs(whole).max()))
            mix.writeframes(_samples(whole))
    return {"lufs": round(integrated_lufs(np.concatenate(steps)), 1), "peak": round(peak, 4)}


@contextlib.contextmanager
def _wave_file(path):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        yield file


def _samples(sound):
    return np.rint(sound * 32767).astype("<i2").tobytes()
