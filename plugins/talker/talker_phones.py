"""What is said as phones on the sound's time: from phonemes, from timed words, or from a text.

Phones are ARPAbet symbols, as openfacefx takes them; any language's IPA is brought to the one that
the lips cannot tell from it.
"""

import re
import unicodedata

import numpy as np
from openfacefx import G2P, NaiveAligner, PhonemeSegment
from talker_mandarin import is_chinese, mandarin
from talker_sound import STEP_HZ

_SILENCE = "sil"
_SPEAKING = 0.5  # of `presence`: more is speech, less is a pause
_PAUSE_S = 0.12  # shorter silences are the closures of stops, not pauses
_MAX_PHONES = 20_000  # a text longer than any sound that is taken
# IPA letter → ARPAbet; two letters first. Rounded front vowels look like their back neighbours.
_IPA = {
    "aɪ": "AY", "aʊ": "AW", "eɪ": "EY", "oʊ": "OW", "əʊ": "OW", "ɔɪ": "OY", "tʃ": "CH", "dʒ": "JH",
    "ts": "S", "dz": "Z", "tɕ": "CH", "ʈʂ": "CH", "dʑ": "JH",
    **dict.fromkeys("aɑæɐʌɶ", "AA"), **dict.fromkeys("eɛəɜɘɪᵻᵊ", "EH"), "ɚ": "ER", "ɝ": "ER",
    **dict.fromkeys("iɨ", "IY"), **dict.fromkeys("oɔɒɤœøɵɞ", "AO"), **dict.fromkeys("uʊɯʉyʏ", "UW"),
    **dict.fromkeys("pbmɓʙ", "P"), **dict.fromkeys("fvɸβʋɱ", "F"), **dict.fromkeys("θð", "TH"),
    **dict.fromkeys("tdlɾɭʈɖɫɬɮ", "T"), **dict.fromkeys("nŋɲɳɴ", "N"),
    **dict.fromkeys("kɡgxɣhɦçqɢχħʔʕ", "K"), **dict.fromkeys("ʃʒɕʑʂʐ", "SH"),
    **dict.fromkeys("sz", "S"), **dict.fromkeys("ɹrʀʁɻɽ", "R"), "w": "W", "ʍ": "W", "ɥ": "W",
    "j": "Y", "ʎ": "Y",
}  # fmt: skip
_KANA_VOWELS = dict(zip("AIUEO", ("AA", "IY", "UW", "EH", "AO"), strict=True))


def from_phonemes(phonemes):
    """Phones of a list of (IPA, start_s, end_s); what is no speech sound is a pause."""
    made = []
    for ipa, start, end in phonemes:
        symbols = arpabet_of(ipa) or [_SILENCE]
        edges = np.linspace(start, max(end, start), len(symbols) + 1)
        for symbol, a, b in zip(symbols, edges, edges[1:], strict=False):
            made.append(PhonemeSegment(symbol, float(a), float(b)))
    return _whole(made)


def arpabet_of(ipa):
    """The ARPAbet symbols of a piece of IPA, such as ["HH", "AY"]; stress and length are left out."""
    symbols, at = [], 0
    while at < len(ipa):
        for size in (2, 1):
            found = _IPA.get(ipa[at : at + size])
            if found:
                symbols.append(found)
                at += size
                break
        else:
            at += 1
    return symbols


def from_words(words):
    """Phones of a list of (word, start_s, end_s), spread over each word's own time."""
    g2p, aligner, made = G2P(), NaiveAligner(), []
    for word, start, end in words:
        phones = spoken(word, g2p)
        if phones and end > start:
            made += aligner.align(phones, end - start, start)
    return _whole(made)


def from_text(text, present):
    """Phones of a text, spread over the parts of the sound in which somebody speaks.

    Args:
        text: What is said.
        present: What `talker_sound.presence` gave.
    """
    g2p, plain = G2P(), re.sub(r"<[^>]*>", " ", text[:_MAX_PHONES])  # SSML's tags are not said
    phones = [p for word in re.findall(r"\w[\w'’]*", plain) for p in spoken(word, g2p)]
    spans = speaking(present)
    if not phones or not spans:
        return []
    whole, made, taken = sum(b - a for a, b in spans), [], 0.0
    for a, b in spans:
        first = round(len(phones) * taken / whole)
        taken += b - a
        made += NaiveAligner().align(phones[first : round(len(phones) * taken / whole)], b - a, a)
    return _whole(made)


def speaking(present):
    """The (start, end) in seconds of each stretch of speech; closures of stops do not end one."""
    on = np.flatnonzero(np.asarray(present) > _SPEAKING)
    if not len(on):
        return []
    breaks = np.flatnonzero(np.diff(on) > _PAUSE_S * STEP_HZ)
    starts, ends = on[np.r_[0, breaks + 1]], on[np.r_[breaks, len(on) - 1]]
    return [(a / STEP_HZ, (b + 1) / STEP_HZ) for a, b in zip(starts, ends, strict=True)]


def spoken(word, g2p):
    """A word's phones, by its script; none for scripts that are not read here."""
    if is_chinese(word):
        return mandarin(word)
    phones = []
    for letter in word:
        name = unicodedata.name(letter, "")
        if name.startswith(("HIRAGANA", "KATAKANA")):
            phones += _kana(name.rsplit(" ", 1)[-1])
    if phones:
        return phones
    plain = unicodedata.normalize("NFKD", word.lower().replace("ß", "ss"))
    plain = re.sub(r"[^a-z']", "", plain)
    return g2p.word(plain) if plain else []


def _kana(syllable):
    """The phones of a kana by its Unicode name: "MA" is M and AA."""
    *consonants, vowel = syllable
    if vowel not in _KANA_VOWELS:
        return ["N"] if syllable == "N" else []
    lead = {
        "M": "M",
        "B": "B",
        "P": "P",
        "S": "S",
        "Z": "Z",
        "N": "N",
        "R": "T",
        "W": "W",
        "Y": "Y",
    }
    first = lead.get(consonants[0], "T" if consonants[0] in "TD" else "K") if consonants else None
    return [*([first] if first else []), _KANA_VOWELS[vowel]]


def _whole(segments):
    """In order, without overlaps, the gaps between them filled with silence."""
    made, at = [], 0.0
    for segment in sorted(segments, key=lambda s: s.start):
        start, end = max(segment.start, at), segment.end
        if end <= start:
            continue
        if start - at > 1e-6:
            made.append(PhonemeSegment(_SILENCE, at, start))
        made.append(PhonemeSegment(segment.phoneme, start, end))
        at = end
    return made
