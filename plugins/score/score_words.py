"""Reads a prompt: which words it knows, which of them are wished away, and what music they ask for.

English words match as whole words, Chinese ones anywhere; longer terms win over the shorter ones
inside them. Words that it does not know change nothing.
"""

import random
import re
from dataclasses import dataclass, field

from score_genres import GENRES
from score_instruments import INSTRUMENT_WORDS
from score_moods import MOODS, TEMPOS

PITCH_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MODES = ("major", "minor", "dorian", "phrygian", "lydian", "mixolydian")
METRES = {"2/4": (2, 2), "3/4": (3, 2), "4/4": (4, 2), "6/8": (2, 3)}  # beats a bar, parts a beat
BPM_RANGE = (30.0, 220.0)

_MODE_WORDS = {"maj": "major", "min": "minor", "aeolian": "minor", "ionian": "major"}
_CJK = re.compile(r"[\u3400-\u9fff]")
_NO_BEFORE = re.compile(
    r"(?:\b(?:no|not|without|never|non|minus|except|avoid|exclude|excluding|omit)[\s-]+"
    r"(?:any|a|an|the|too|much|use of|be|very|overly)?\s*"
    r"|(?:不要|没有|不用|别用|去掉|不含|不带|不需要|不加|禁用|除去|勿用|不是|别|无|没|不)(?:有|任何|太|用|加|是)?)$",
    re.IGNORECASE,
)
_NO_CHAIN = re.compile(
    r"^\s*(?:,?\s*(?:or|nor)\s+(?:any\s+)?|和|或|或者|、|及|与|也不要)\s*$", re.IGNORECASE
)
_ALONE = re.compile(r"\b(?:solo|only|unaccompanied|alone on)\b|独奏|纯", re.IGNORECASE)

# A mood's natural ensemble where the prompt names no genre.
_MOOD_GENRE = {
    "epic": "orchestral", "heroic": "orchestral", "wonder": "orchestral", "playful": "orchestral",
    "tense": "suspense", "angry": "suspense",
}  # fmt: skip
_INSTRUMENT_GENRE = {
    "erhu": "chinese traditional", "guzheng": "chinese traditional", "pipa": "chinese traditional",
    "dizi": "chinese traditional", "koto": "japanese", "shakuhachi": "japanese",
    "synth lead": "electronic", "arpeggiator": "electronic", "saxophone": "jazz",
    "fiddle": "folk", "banjo": "folk", "bagpipe": "folk", "harpsichord": "baroque",
    "synth pad": "ambient",
}  # fmt: skip


@dataclass(frozen=True)
class Brief:
    """What a prompt asks for, every open question settled by the seed.

    Args:
        moods: Names in `MOODS`, the leading one first.
        genre: A name in `GENRES`.
        tonic: Pitch class, 0 is C.
        mode: One of `MODES`.
        bpm: Wished tempo; `bpm_asked` is True if the prompt gave the figure itself.
        metre: A name in `METRES`.
        energy: 0 to 1.
        palette: A name in `score_harmony.PHRASES`.
        wanted: Instruments that the prompt names, in its order.
        banned: Instruments that it does not want.
        alone: True if nothing but the wanted ones may play.
        pentatonic: True if melodies keep to five notes.
    """

    moods: tuple
    genre: str
    tonic: int
    mode: str
    bpm: float
    bpm_asked: bool
    metre: str
    energy: float
    palette: str
    wanted: tuple = ()
    banned: frozenset = frozenset()
    alone: bool = False
    pentatonic: bool = False

    @property
    def key(self):
        """The key's name, such as "D minor"."""
        return f"{PITCH_NAMES[self.tonic]} {self.mode}" + (" pentatonic" if self.pentatonic else "")

    @property
    def minor(self):
        return self.mode in ("minor", "dorian", "phrygian")


@dataclass
class _Found:
    moods: list = field(default_factory=list)
    genres: list = field(default_factory=list)
    tempos: list = field(default_factory=list)
    instruments: list = field(default_factory=list)
    banned: set = field(default_factory=set)


def _terms():
    """Every known term with what it names, longest first."""
    pairs = []
    tables = [("mood", {n: m.words for n, m in MOODS.items()})]
    tables += [("genre", {n: g.words for n, g in GENRES.items()}), ("instrument", INSTRUMENT_WORDS)]
    tables += [("tempo", {bpm: words for bpm, words in TEMPOS})]
    for kind, table in tables:
        for name, words in table.items():
            pairs += [(word.strip(), kind, name) for word in words.split(",")]
    return sorted(pairs, key=lambda p: (-len(p[0]), p[0]))


def word_pattern(word):
    """The regular expression that finds a term: whole English words, Chinese signs anywhere."""
    if _CJK.search(word):
        return re.escape(word)
    return rf"\b{re.escape(word)}(?:s|es)?\b"


_TERMS = _terms()
_ALL = re.compile("|".join(f"({word_pattern(word)})" for word, _, _ in _TERMS), re.IGNORECASE)


def negated_before(text):
    """True if what follows the text is wished away: it ends with "no", "without", 不要 ..."""
    return bool(_NO_BEFORE.search(text))


def find_terms(prompt):
    """The known terms of a prompt, wanted and banned.

    Returns:
        An object with the lists `moods`, `genres`, `tempos`, `instruments` (names, in the
        prompt's order, each once) and the set `banned` (instrument names).
    """
    found, end_of_last, last_negated = _Found(), 0, False
    for match in _ALL.finditer(prompt):
        _, kind, name = _TERMS[match.lastindex - 1]
        between = prompt[end_of_last : match.start()]
        negated = negated_before(prompt[: match.start()])
        negated = negated or (last_negated and bool(_NO_CHAIN.match(between)))
        end_of_last, last_negated = match.end(), negated
        if negated:
            if kind == "instrument":
                found.banned.add(name)
            continue
        held = getattr(found, kind + "s")
        if name not in held:
            held.append(name)
    if "drums" in found.banned:
        found.banned |= {"taiko", "timpani"}
    found.instruments = [name for name in found.instruments if name not in found.banned]
    return found


def find_key(prompt):
    """The key that a prompt names: (tonic pitch class or None, mode or None)."""
    modes = "major|minor|maj|min|dorian|phrygian|lydian|mixolydian|aeolian|ionian"
    text = re.sub(r"\bin (?:a|an) (minor|major) (?=key|mode|mood|scale|tone|feel)", r"\1 ", prompt)
    named = re.search(
        rf"(?:\b(?P<lead>in|key of|key:?)\s+)?\b(?P<name>[A-Ga-g])(?P<sign>[#♯b♭]|[\s-]?(?:sharp|flat))?"
        rf"[\s-]*(?P<mode>{modes})\b",
        text,
        re.IGNORECASE,
    )
    if named and (named["name"].isupper() or named["lead"]):
        mode = named["mode"].lower()
        return _pitch_class(named["name"], named["sign"]), _MODE_WORDS.get(mode, mode)
    chinese = re.search(
        r"(?P<sign>[升降]?)\s*(?P<name>[A-Ga-g])\s*(?P<after>[#♯b♭]?)\s*(?P<mode>大调|小调)", text
    )
    if chinese:
        sign = {"升": "#", "降": "b"}.get(chinese["sign"], chinese["after"])
        return _pitch_class(chinese["name"], sign), _chinese_mode(chinese["mode"])
    bare = re.search(
        r"\bkey of (?P<name>[A-Ga-g])(?P<sign>[#♯b♭]|[\s-]?(?:sharp|flat))?(?![a-z])", text
    )
    tonic = _pitch_class(bare["name"], bare["sign"]) if bare else None
    mode = re.search(
        r"\b(major|minor|dorian|phrygian|lydian|mixolydian)\b|(大调|小调|羽调|宫调)",
        text,
        re.IGNORECASE,
    )
    if not mode:
        return tonic, None
    return tonic, mode[1].lower() if mode[1] else _chinese_mode(mode[2])


def _pitch_class(name, sign):
    step = (sign or "").strip(" -").lower()
    shift = 1 if step in ("#", "♯", "sharp") else -1 if step in ("b", "♭", "flat") else 0
    return ({"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[name.upper()] + shift) % 12


def _chinese_mode(word):
    return "minor" if word in ("小调", "羽调") else "major"


def find_bpm(prompt):
    """The tempo that a prompt gives as a figure, within what can be played, or None."""
    number = r"(\d{2,3}(?:\.\d+)?)"
    match = re.search(
        rf"{number}\s*-?\s*(?:bpm|beats? (?:per|a) minute|拍)|(?:bpm|tempo|每分钟|速度|♩)\s*[:=]?\s*{number}",
        prompt,
        re.IGNORECASE,
    )
    if not match:
        return None
    return min(max(float(match[1] or match[2]), BPM_RANGE[0]), BPM_RANGE[1])


def find_metre(prompt):
    """The metre that a prompt names, or ""."""
    match = re.search(r"(?<!\d)([2346])\s*/\s*([48])(?!\d)", prompt)
    if match and f"{match[1]}/{match[2]}" in METRES:
        return f"{match[1]}/{match[2]}"
    for word, metre in (("三拍", "3/4"), ("四拍", "4/4"), ("二拍", "2/4"), ("八六拍", "6/8")):
        if word in prompt:
            return metre
    return ""


def read_prompt(prompt, seed=0):
    """What a prompt asks for.

    Args:
        prompt: Words in English or Chinese, or both.
        seed: Settles what the prompt leaves open (key, mode).

    Example:
        >>> read_prompt("slow, hopeful piano in D major").key
        'D major'
    """
    found, (tonic, mode) = find_terms(prompt), find_key(prompt)
    moods = found.moods or ["neutral"]
    genre = _genre_of(found)
    draw = random.Random(f"{seed}:{moods}:{genre}")
    style, mood = GENRES[genre], MOODS[moods[0]]
    drawn = draw.choice(mood.modes if found.moods or not style.mode else (style.mode,))
    mode = mode or drawn
    drawn = draw.choice(
        (9, 2, 4, 7, 0, 5) if mode in ("minor", "dorian", "phrygian") else (0, 2, 3, 5, 7, 10)
    )
    asked = find_bpm(prompt)
    return Brief(
        moods=tuple(moods),
        genre=genre,
        tonic=drawn if tonic is None else tonic,
        mode=mode,
        bpm=asked or _bpm_of(found, moods, style),
        bpm_asked=asked is not None,
        metre=find_metre(prompt) or style.metre or "4/4",
        energy=_energy_of(found, moods),
        palette=style.palette if style.palette and (found.genres or style.scale) else mood.palette,
        wanted=tuple(found.instruments),
        banned=frozenset(found.banned),
        alone=bool(found.instruments) and bool(_ALONE.search(prompt)),
        pentatonic=bool(style.scale) or bool(re.search(r"pentatonic|五声", prompt, re.IGNORECASE)),
    )


def _genre_of(found):
    if found.genres:
        return found.genres[0]
    for name in found.instruments:
        if name in _INSTRUMENT_GENRE:
            return _INSTRUMENT_GENRE[name]
    return _MOOD_GENRE.get(found.moods[0], "cinematic") if found.moods else "cinematic"


def _bpm_of(found, moods, style):
    """The tempo word decides; else genre and mood meet, the mood as far as it was named."""
    if found.tempos:
        bpm = sum(found.tempos) / len(found.tempos)
        return bpm * (0.6 if style.metre == "6/8" else 1.25 if style.metre == "3/4" else 1.0)
    mood_bpm = (2 * MOODS[moods[0]].bpm + sum(MOODS[m].bpm for m in moods)) / (2 + len(moods))
    if not style.bpm:
        return mood_bpm
    return style.bpm * (mood_bpm / 80) ** 0.4 if found.moods else style.bpm


def _energy_of(found, moods):
    energy = (MOODS[moods[0]].energy + sum(MOODS[m].energy for m in moods)) / (1 + len(moods))
    if found.tempos:
        energy += (sum(found.tempos) / len(found.tempos) - 90) / 400
    return min(max(energy, 0.15), 1.0)
