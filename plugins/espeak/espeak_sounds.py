"""From IPA to eSpeak's names of phonemes, as a language has them.

Each language of eSpeak has its own table of phonemes, and nothing lists it. So every name that may
fit a sound is tried: eSpeak is asked to say it, and tells which sound it made.
"""

import re

# IPA: eSpeak's names that may stand for it, the best first; a name is taken where eSpeak has it.
_NAMES = {
    "tʃ": "tS", "ʧ": "tS", "dʒ": "dZ", "ʤ": "dZ", "ts": "ts", "ʦ": "ts", "ʨ": "tS;", "tɕ": "tS;",
    "dʑ": "dZ; dZ", "ʥ": "dZ; dZ", "ʈʂ": "ts. tS", "aɪ": "aI ai a I", "aʊ": "aU au a U",
    "eɪ": "eI ei e I", "oʊ": "oU ou o U", "əʊ": "oU @U ou o U", "ɔɪ": "OI Oi oi", "ɪə": "i@ i3 i@",
    "eə": "e@ E@", "ʊə": "U@ u@", "iː": "i: i", "uː": "u: u", "ɑː": "A: A a: a", "ɔː": "O: O o: o",
    "ɜː": "3: 3 @ E", "eː": "e: e E", "oː": "o: o O", "aː": "a: a A", "yː": "y: y", "øː": "Y: Y W",
    "ɛː": "E: E e", "ɛ̃": "E~ e~", "ɑ̃": "A~", "ɔ̃": "O~", "œ̃": "W~ E~",
    "p": "p", "b": "b p", "t": "t", "d": "d t", "k": "k", "g": "g k", "ɡ": "g k", "f": "f",
    "v": "v f", "θ": "T s", "ð": "D z d", "s": "s", "z": "z s", "ʃ": "S s.", "ʒ": "Z Z; S",
    "ʂ": "s. S", "ʐ": "z. Z", "ɕ": "S; S", "ʑ": "Z; Z", "ç": "C x h", "x": "x X h", "χ": "X x h",
    "ɣ": "Q g", "ʁ": "r R Q", "h": "h X x", "ɦ": "h", "m": "m", "n": "n", "ɲ": "n^ n", "ŋ": "N n",
    "l": "l", "ɫ": "l", "ʎ": "l^ l", "r": "r R *", "ɹ": "r- r", "ɻ": "r. r- r", "ɾ": "* r t#",
    "w": "w u", "j": "j i", "ɥ": "u\" y", "ʔ": "?", "β": "B b v", "ʋ": "v# v", "c": "c k", "ɟ": "J g",
    "ɸ": "F f", "i": "i i: I", "ɪ": "I I2 i", "e": "e eI E", "ɛ": "E e", "æ": "a& a E", "a": "a A a#",
    "ɑ": "A A: a", "ɒ": "0 O A: A o", "ɔ": "O O: o", "o": "o oU O", "ʊ": "U U2 u", "u": "u u: U",
    "ʌ": "V A a @", "ə": "@ @2 E e", "ɐ": "a# 3 a @", "ɜ": "3: 3 @ E", "ɚ": "3 3: @", "ɝ": "3: 3 @",
    "y": "y y:", "ʏ": "Y y", "ø": "Y W @", "œ": "W Y @", "ɨ": "i\" I2 i", "ʉ": "u\" u", "ɯ": "u-", "ɤ": "o-",
    "ᵻ": "I2 I i", "ɵ": "@ o",
}  # fmt: skip
_VOWELS = frozenset("aeiouyæɐɑɒɔɘəɚɛɜɝɞɤɨɪɯɵøœʉʊʌʏᵻ")
_SILENT = ".‿͜͡ |‖ʲʰʷˠˤ"
_known = {}  # (voice, symbol): name


class UnheardError(ValueError):
    """A sound that the language has not."""

    def __init__(self, sound):
        super().__init__(sound)
        self.sound = sound


def phoneme_names(ipa, voice, engine):
    """What eSpeak reads for some IPA.

    Args:
        ipa: Such as "ˈbɛr.lɪn".
        voice: The identifier of the voice that will say it.
        engine: An Engine to try names with.

    Returns:
        Names of phonemes for [[...]], each stress before its vowel.

    Raises:
        UnheardError: If no name in the voice's language makes one of its sounds.
    """
    names, stress = [], ""
    for symbol in re.findall(_SYMBOL, ipa):
        if symbol in "ˈˌ":
            stress = {"ˈ": "'", "ˌ": ","}[symbol]
            continue
        if symbol in _SILENT or symbol in "ːˑ":
            continue
        name = _name(symbol, voice, engine)
        if stress and symbol[0] in _VOWELS:
            name, stress = stress + name, ""
        names.append(name)
    return "".join(names)


_SYMBOL = "|".join([*(re.escape(s) for s in sorted(_NAMES, key=len, reverse=True)), "."])


def _name(symbol, voice, engine):
    if (voice, symbol) not in _known:
        found = [n for n in _NAMES.get(symbol, "").split() if _says(n, voice, engine)]
        if not found and len(symbol) > 1:
            parts = [_name(s, voice, engine) for s in symbol if s not in "ːˑ\u0303"]
            found = ["".join(parts)]
        if not found:
            raise UnheardError(symbol)
        _known[voice, symbol] = found[0]
    return _known[voice, symbol]


def _says(name, voice, engine):
    """Whether the voice's language has a phoneme of this name: it is heard, and as one sound."""
    _, _, phonemes = engine.say(f"[[{name}]]", voice, with_phonemes=True)
    heard = [sound for sound, _ in phonemes if sound]
    return len(heard) == 1 and _complete(name, heard[0])


def _complete(name, heard):
    """eSpeak reads what it can of an unknown name: of "aI" only "a"."""
    pair = len(re.sub(r"[^A-Za-z@0-9]", "", name)) > 1 and not re.search(r"\d$", name)
    return not pair or len(heard) > 1
