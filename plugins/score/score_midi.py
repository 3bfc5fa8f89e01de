"""Standard MIDI bytes for a stretch of some parts: what the soundfont player reads.

Source: Standard MIDI Files 1.0 (format 0, one track).
"""

import struct
from dataclasses import dataclass

TICKS_PER_S = 1000
_TEMPO_US = 480_000  # with 480 ticks a quarter note, a tick is one millisecond
_DRUM_CHANNEL = 9


@dataclass(frozen=True)
class Track:
    """One instrument's strokes.

    Args:
        rows: (start_s, end_s, pitch, velocity).
        program: 0 to 127, or -1 for the drum kit.
        gain: 0 to 1, of the part's full volume.
        place: -1 (left) to 1 (right).
        swells: True to let long notes grow and fade (for a part of one voice).
        enters_s: Where a part of several voices comes in; it grows for some seconds from there.
    """

    rows: tuple
    program: int
    gain: float = 1.0
    place: float = 0.0
    swells: bool = False
    enters_s: float | None = None


def midi_bytes(tracks, length_s):
    """A MIDI file of at most 15 tracks that ends at `length_s`; what sounds then is cut."""
    free = [channel for channel in range(16) if channel != _DRUM_CHANNEL]
    events = []
    for track in tracks:
        events += _events(track, _DRUM_CHANNEL if track.program < 0 else free.pop(0))
    return _file(sorted(events), round(length_s * TICKS_PER_S))


def _events(track, channel):
    # The player squares the volume. Expression is nearly full, reverb and chorus are off: the
    # room is ours.
    volume, place = round(127 * track.gain**0.5), round(64 + 63 * track.place)
    setup = ((7, volume), (10, place), (11, 118), (91, 0), (93, 0))
    events = [(0, 0, bytes((0xB0 | channel, number, value))) for number, value in setup]
    if track.program >= 0:
        events.append((0, 0, bytes((0xC0 | channel, track.program))))
    for start_s, end_s, pitch, velocity in track.rows:
        start, end = round(start_s * TICKS_PER_S), round(end_s * TICKS_PER_S)
        events.append((start, 2, bytes((0x90 | channel, pitch, velocity))))
        events.append((max(end, start + 1), 1, bytes((0x80 | channel, pitch, 0))))
        if track.swells:
            events += _swell(start, end, channel)
    if track.enters_s is not None:
        events += _entrance(track.enters_s, channel)
    return events


def _entrance(enters_s, channel):
    """Expression that grows from soft to full over three seconds."""
    events = []
    for i in range(13):
        tick = round((enters_s + i / 4) * TICKS_PER_S)
        if tick >= 0:
            events.append((tick, 1, bytes((0xB0 | channel, 11, 52 + round(5.5 * i)))))
    return events


def _swell(start, end, channel):
    """Expression over one note: it opens after its attack and falls off before its end."""
    length = end - start
    if length < 700:
        return [(start, 1, bytes((0xB0 | channel, 11, 114)))]
    events = []
    for i in range(9):
        place = i / 8
        value = 96 + 30 * min(place / 0.45, 1.0) - 26 * max(0.0, (place - 0.55) / 0.45)
        events.append(
            (start + round(length * place * 0.98), 1, bytes((0xB0 | channel, 11, round(value))))
        )
    return events


def _file(events, length):
    data = bytearray(b"\x00\xff\x51\x03" + _TEMPO_US.to_bytes(3, "big"))
    now = 0
    for tick, _, message in events:
        if tick >= length:
            break
        data += _variable(tick - now) + message
        now = tick
    data += _variable(max(0, length - now)) + b"\xff\x2f\x00"
    header = struct.pack(">4sIHHH", b"MThd", 6, 0, 1, 480)
    return header + struct.pack(">4sI", b"MTrk", len(data)) + bytes(data)


def _variable(number):
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(number & 0x7F | 0x80)
    return bytes(reversed(digits))
