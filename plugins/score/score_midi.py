"""Standard MIDI bytes for a stretch of one part: what the soundfont player reads.

Source: Standard MIDI Files 1.0 (format 0, one track).
"""

import struct

TICKS_PER_S = 1000
_TEMPO_US = 480_000  # with 480 ticks a quarter note, a tick is one millisecond
_DRUM_CHANNEL = 9


def midi_bytes(strokes, program, length_s, swells=False):
    """A MIDI file of strokes.

    Args:
        strokes: (start_s, end_s, pitch, velocity) rows.
        program: 0 to 127, or -1 for the drum kit.
        length_s: Where the file ends; what sounds then is cut.
        swells: True to let long notes grow and fade (for a part of one voice).
    """
    channel = _DRUM_CHANNEL if program < 0 else 0
    events = [(0, 0, bytes((0xB0 | channel, number, value))) for number, value in _SETUP]
    if program >= 0:
        events.append((0, 0, bytes((0xC0, program))))
    for start_s, end_s, pitch, velocity in strokes:
        start, end = round(start_s * TICKS_PER_S), round(end_s * TICKS_PER_S)
        events.append((start, 2, bytes((0x90 | channel, pitch, velocity))))
        events.append((max(end, start + 1), 1, bytes((0x80 | channel, pitch, 0))))
        if swells:
            events += _swell(start, end, channel)
    return _file(sorted(events), round(length_s * TICKS_PER_S))


# Volume and expression full; no reverb, no chorus: the room is ours.
_SETUP = ((7, 127), (11, 118), (91, 0), (93, 0), (10, 64))


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
