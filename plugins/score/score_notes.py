"""The note, and the part that one instrument plays: what the composing modules hand to each other."""

from dataclasses import dataclass, field

from score_instruments import Instrument


@dataclass(frozen=True)
class Note:
    """One note: start and length in beats, MIDI pitch, weight 0 to 1.

    `roll` is its place in a spread chord: it is struck that many small steps later.
    """

    start: float
    length: float
    pitch: int
    weight: float = 0.6
    roll: int = 0

    @property
    def end(self):
        return self.start + self.length


@dataclass
class Part:
    """What one instrument plays in one role."""

    role: str
    instrument: Instrument
    notes: list = field(default_factory=list)


@dataclass(frozen=True)
class Span:
    """A stretch of one harmony: start and length in beats, the chord, the tonic it is heard in."""

    start: float
    beats: float
    chord: object
    tonic: int
    scale: tuple
    section: int

    @property
    def end(self):
        return self.start + self.beats
