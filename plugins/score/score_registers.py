"""Registers: in which octave a tone is played, on which instrument."""


def lead_window(player):
    """The pitches of a melody on an instrument: its singing range, out of the voice's way."""
    low, high = max(player.low, 55), min(player.high, 81)
    if player.low >= 67:
        low, high = player.low, player.low + 19
    elif player.high < 76:
        low, high = max(player.low + 9, player.high - 22), player.high
    if high - low < 14:
        low, high = max(player.low, high - 16), player.high
    return low, high


def moved(low, high, semitones, player):
    """A window moved by semitones as far as the instrument goes; it keeps an octave and a third."""
    low, high = max(player.low, low + semitones), min(player.high, high + semitones)
    if high - low >= 16:
        return low, high
    return (
        (max(player.low, high - 16), high) if semitones > 0 else (low, min(player.high, low + 16))
    )


def near(tone, low, high):
    """The lowest pitch of a pitch class from `low` up (within an octave `high` is kept too)."""
    pitch = low + (tone - low) % 12
    return pitch if pitch <= high else pitch - 12


def tones_of(chord, player):
    return [p for p in range(player.low, player.high + 1) if p % 12 in chord.tones]


def fitted(voicing, player):
    """A voicing moved by octaves into an instrument's range."""
    shift = 0
    while voicing[0] + shift < player.low:
        shift += 12
    while voicing[-1] + shift > player.high and voicing[0] + shift - 12 >= player.low:
        shift -= 12
    return tuple(p + shift for p in voicing)
