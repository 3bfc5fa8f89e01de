"""Chords: what a roman numeral means in a key, which phrases a mood moves through, and how one
chord's voices lead to the next.

Numerals are counted on the major scale, so that bVI is the flat sixth in every mode; upper case is
a major third, lower case a minor one. "6" and "64" are the inversions, "V7/vi" a secondary dominant.
"""

import itertools
import re
from dataclasses import dataclass

SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "major pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
}

# Phrases of four chords: first theme, contrasting theme. A palette is for major or minor keys.
PHRASES = {
    "bright": (
        ("I V6 vi IV", "I IV vi V", "I iii IV V", "I vi IV V", "Iadd9 V6 IV6 V"),
        ("vi IV I6 V", "IV V iii vi", "ii V6 I IV", "IV I6 ii V"),
    ),
    "warm": (
        ("Iadd9 IVmaj7 I6 IV", "I iii vi IV", "I V6 vi IV", "Iadd9 vi7 IVmaj7 Vsus4"),
        ("vi iii IV I6", "ii7 V I vi", "IV I6 ii7 V", "vi7 ii7 IV Vsus4"),
    ),
    "romantic": (
        ("Imaj7 V7/vi vi7 IV", "I V6 vi7 iii7", "Imaj7 vi7 ii7 V7", "IVmaj7 V7 iii7 vi7"),
        ("vi7 V7/V ii7 V7", "IV iv I6 vi7", "ii7 V7 Imaj7 IVmaj7"),
    ),
    "nostalgic": (
        ("I iii IV iv", "I V7/vi vi IV", "I V6 vi7 IV", "Iadd9 vi7 IV iv6"),
        ("vi iii IV iv", "IV V iii7 vi", "ii7 V I6 IV"),
    ),
    "playful": (
        ("I V7/ii ii V7", "I IV I6 V7", "I ii V7 I", "I6 IV ii V7"),
        ("vi V7/V V7 I", "IV #iv° I64 V7", "ii V7 iii vi"),
    ),
    "heroic": (
        ("I bVII IV I", "I V6 vi IV", "I IV bVII V", "I V IV6 V"),
        ("vi IV I6 V", "bVI bVII I V", "IV V vi bVII"),
    ),
    "wonder": (
        ("I II I6 II", "I iii II vi", "I II vi II", "Iadd9 II iii II"),
        ("vi II I6 V", "bVI bVII I II", "iii II vi V"),
    ),
    "jazz": (
        ("Imaj7 vi7 ii7 V7", "iii7 V7/ii ii7 V7", "Imaj7 IV7 iii7 V7/ii", "ii7 V7 Imaj7 vi7"),
        ("IVmaj7 iv7 iii7 V7/ii", "vi7 V7/V ii7 V7", "ii7 V7 iii7 vi7"),
    ),
    "folk": (
        ("I IV I6 V", "I V IV I", "I vi IV V", "I bVII IV I"),
        ("vi IV I V", "IV I6 V vi", "ii IV I V"),
    ),
    "baroque": (
        ("I V6 vi iii", "I IV6 V I", "I vi6 ii V", "I ii7 V6 I"),
        ("IV I6 ii V", "vi ii V6 I", "iii vi ii6 V7"),
    ),
    "pentatonic": (
        ("Isus2 vi7 ii7 V", "I vi IVadd9 I6", "I Vsus4 vi7 IVadd9", "Iadd9 ii7 vi V"),
        ("vi7 IVadd9 I6 V", "ii7 vi7 IVadd9 Vsus4", "IVadd9 I6 ii7 vi"),
    ),
    "ambient": (
        ("Iadd9 IVmaj7 I6 IVmaj7", "Isus2 vi7 IVmaj7 Iadd9", "Imaj7 iii7 IVmaj7 vi7"),
        ("vi7 IVmaj7 Iadd9 Vsus4", "IVmaj7 iii7 vi7 Vsus4"),
    ),
    "minimal": (("I iii vi IV", "I V6 IV6 V", "I vi7 IVmaj7 V"), ("vi IV I6 V", "IV vi iii V")),
    "electronic": (("I V vi IV", "vi IV I V", "I iii vi IV"), ("IV V vi I6", "ii vi IV V")),
}
MINOR_PHRASES = {
    "wistful": (
        ("i bVI bIII bVII", "i bVII6 bVI V", "i iv bVI V", "iadd9 v6 bVI iv"),
        ("bVI bVII bIII iv", "bIII bVII iv V", "iv i6 bVI V7", "bVI bIII6 iv V"),
    ),
    "tense": (
        ("i bVI i6 bII", "i iv6 i V7", "i bVI iv V", "i bII6 i v6"),
        ("iv bVI bII V7", "bVI #iv°7 V7 i", "bVI bII6 iv V"),
    ),
    "mysterious": (
        ("i IV i6 IV", "i bVI i bvi", "iadd9 IV bVII i", "i bIII IV bVI"),
        ("bVI iv bII i6", "iv bVI i V", "bIII bvi bVI V"),
    ),
    "epic": (
        ("i bVI bIII bVII", "i bVI iv V", "i bIII bVII IV", "i bVII6 bVI bVII"),
        ("bVI bVII i bIII6", "iv bVI bVII V", "bVI bIII6 iv V"),
    ),
    "dark": (
        ("i bVI iio6 V", "i iv6 i bII", "i v6 bVI iv", "i bVII6 iv6 V"),
        ("bVI bII6 i V", "iv bVI bII V", "bvi i6 iv V7"),
    ),
    "playful": (("i iv V7 i", "i bVII6 bVI V7", "i V6 i V"), ("bVI iv V7 i", "bIII bVII iv V7")),
    "jazz": (
        ("i7 iv7 iiø7 V7", "i7 bVImaj7 iiø7 V7", "i7 bIIImaj7 bVImaj7 V7"),
        ("iv7 bVII7 bIIImaj7 bVImaj7", "bVImaj7 iv7 iiø7 V7"),
    ),
    "folk": (
        ("i bVII bVI bVII", "i IV bVII i", "i bIII bVII v"),
        ("bIII bVII i v", "bVI bVII bIII iv"),
    ),
    "baroque": (
        ("i V6 i6 iv", "i iv7 bVII bIII6", "i bVII6 bVI6 V"),
        ("iv7 bVII7 bIIImaj7 bVI", "bIII6 iv iiø7 V7", "bVI iv6 V i"),
    ),
    "pentatonic": (
        ("i bVII i6 v", "i bIII bVII i", "i iv bVII bIII6"),
        ("bIII bVII iv i6", "iv bIII6 bVII v"),
    ),
    "ambient": (
        ("iadd9 bVImaj7 i6 bVII", "i bVImaj7 bIII bVII"),
        ("iv7 bVImaj7 bIII v7", "bVImaj7 v7 iv7 bVII"),
    ),
    "minimal": (("i bVI bIII bVII", "iadd9 v6 bVI iv"), ("iv bVI i6 bVII", "bVI bVII iv V")),
    "electronic": (
        ("i bVI bIII bVII", "i bVII bVI bVII", "i v bVI iv"),
        ("bVI bVII i bIII6", "iv bVI v bVII"),
    ),
}
# What a palette becomes where the key is of the other kind.
_OTHER_KIND = {
    "bright": "epic", "warm": "wistful", "romantic": "wistful", "nostalgic": "wistful",
    "heroic": "epic", "wonder": "mysterious", "wistful": "nostalgic", "tense": "wonder",
    "mysterious": "wonder", "epic": "heroic", "dark": "ambient",
}  # fmt: skip
# The two chords before the final tonic.
_CADENCES = {
    "major": ("IV V7", "ii7 V7", "IV Vsus4", "ii6 V"),
    "minor": ("iv V7", "bVI V", "iio6 V7", "iv6 V"),
    "dorian": ("bVII IV", "iv V"),
    "phrygian": ("bVI bII", "iv bII6"),
    "lydian": ("vi II", "II V"),
    "mixolydian": ("IV bVII", "IV V"),
    "nostalgic": ("IV iv", "iv6 V7"),
    "pentatonic": ("IVadd9 V", "vi7 V", "ii7 Vsus4"),
    "minor pentatonic": ("iv bVII", "bIII v", "bVII v"),
    "jazz": ("ii7 V7", "V7/V V7"),
}

_DEGREES = {"i": 0, "ii": 2, "iii": 4, "iv": 5, "v": 7, "vi": 9, "vii": 11}
_NUMERAL = re.compile(r"([b#]?)(VII|VI|V|IV|III|II|I|vii|vi|v|iv|iii|ii|i)([^/]*)(?:/(.+))?$")
_SUFFIXES = {
    "add9": (0, 4, 7, 14), "maj7": (0, 4, 7, 11), "sus4": (0, 5, 7), "sus2": (0, 2, 7),
    "°7": (0, 3, 6, 9), "°": (0, 3, 6), "o": (0, 3, 6), "ø7": (0, 3, 6, 10), "7": (0, 4, 7, 10),
}  # fmt: skip


@dataclass(frozen=True)
class Chord:
    """Pitch classes that sound together: `root`, `tones` (root first) and `bass`."""

    numeral: str
    root: int
    tones: tuple
    bass: int


def chord_of(numeral, tonic):
    """The chord that a roman numeral names in the key of `tonic` (a pitch class).

    Example:
        >>> chord_of("V7/vi", 0).tones
        (4, 8, 11, 2)
    """
    sign, degree, suffix, of = _NUMERAL.match(numeral).groups()
    if of:
        tonic = chord_of(of, tonic).root
    root = (tonic + _DEGREES[degree.lower()] + {"b": -1, "#": 1, "": 0}[sign]) % 12
    inversion = 0
    if suffix.endswith("64"):
        suffix, inversion = suffix[:-2], 2
    elif suffix.endswith("6"):
        suffix, inversion = suffix[:-1], 1
    steps = _SUFFIXES.get(suffix, (0, 4, 7))
    if degree.islower() and suffix in ("", "7", "add9"):
        steps = (steps[0], 3, *steps[2:])
    tones = tuple((root + step) % 12 for step in steps)
    return Chord(numeral, root, tones, tones[inversion])


def phrases_of(palette, minor):
    """The phrases of a palette in a key of that kind: (first theme's, contrasting theme's)."""
    table = MINOR_PHRASES if minor else PHRASES
    if palette not in table:
        palette = _OTHER_KIND[palette]
    return table[palette]


def cadence_of(brief, draw):
    """Two numerals that lead to the final tonic."""
    kind = brief.mode
    if not brief.minor and brief.palette in ("nostalgic", "jazz"):
        kind = brief.palette
    if brief.pentatonic:
        kind = "minor pentatonic" if brief.minor else "pentatonic"
    return draw.choice(_CADENCES[kind]).split()


def tonic_numeral(brief):
    return "i" if brief.minor else "I"


def scale_at(brief, tonic, chord):
    """Pitch classes that a melody may use over a chord: the key's, bent to the chord's own tones.

    A tone of the chord that the scale lacks (the raised seventh over V in minor) replaces the
    scale's own neighbours, so that the two never rub against each other.
    """
    if brief.pentatonic:
        steps = SCALES[("minor" if brief.minor else "major") + " pentatonic"]
    else:
        steps = SCALES[brief.mode]
    scale = {(tonic + step) % 12 for step in steps}
    foreign = [tone for tone in chord.tones if tone not in scale]
    for tone in foreign:
        scale -= {(tone + 1) % 12, (tone - 1) % 12} - set(chord.tones)
    return tuple(sorted(scale | set(foreign)))


def voice_lead(chords, low, high, count=4):
    """Close voicings for a row of chords, each as near as can be to the one before.

    Args:
        chords: `Chord`s in order.
        low, high: Lowest and highest pitch allowed.
        count: Voices; with fewer tones in a chord one is doubled.

    Returns:
        A tuple of pitches, rising, for each chord.
    """
    voicings, before = [], None
    for chord in chords:
        candidates = _voicings(chord, low, high, count)
        centre = (low + high) / 2
        best = min(candidates, key=lambda v: (_cost(v, before, chord, centre), v))
        voicings.append(best)
        before = best
    return voicings


def _voicings(chord, low, high, count):
    pitches = [p for p in range(low, high + 1) if p % 12 in chord.tones]
    needed = set(chord.tones) if len(chord.tones) <= count else set(chord.tones) - {chord.tones[2]}
    found = []
    for size in (count, count - 1, len(pitches)):
        for voicing in itertools.combinations(pitches, size):
            wide = voicing[-1] - voicing[0] > 17
            close = any(b - a < 2 for a, b in itertools.pairwise(voicing))
            if not wide and not close and needed <= {p % 12 for p in voicing}:
                found.append(voicing)
        if found:
            return found
    return [tuple(pitches[:count])]


def _cost(voicing, before, chord, centre):
    drift = abs(sum(voicing) / len(voicing) - centre)
    muddy = sum(1 for a, b in itertools.pairwise(voicing) if b - a < 4 and a < 52)
    doubled = [p % 12 for p in voicing].count(chord.tones[1])
    cost = drift * 0.35 + muddy * 3 + max(0, doubled - 1) * 2
    if before is None:
        return cost
    if len(before) == len(voicing):
        moves = [b - a for a, b in zip(before, voicing, strict=True)]
        cost += sum(abs(m) for m in moves) + 0.5 * max(abs(m) for m in moves)
        cost += 4 * _parallels(before, voicing)
    else:
        cost += sum(min(abs(p - q) for q in before) for p in voicing)
    return cost


def _parallels(before, after):
    """How many pairs of voices move in parallel fifths or octaves."""
    count = 0
    for i, j in itertools.combinations(range(len(after)), 2):
        gap, moved = (after[j] - after[i]) % 12, after[i] != before[i]
        count += moved and gap in (0, 7) and (before[j] - before[i]) % 12 == gap
    return count
