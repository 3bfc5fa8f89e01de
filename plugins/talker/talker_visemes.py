"""From a voice and what is known of its words to the pose of the mouth in each frame.

The sound alone decides when the mouth is open; the words, where they are known, decide its shape.
So the lips stay with the sound even where the words' times are wrong.
"""

import numpy as np
from openfacefx import CoartParams, build_viseme_curves
from openfacefx.visemes import VISEMES
from talker_phones import from_phonemes, from_text, from_words
from talker_sound import STEP_HZ, level_db, loudness, presence
from talker_vowels import heard

POSE = ("open", "wide", "raise", "tuck", "tongue", "teeth")
# How far the jaw is down, the lips spread (+) or round (-), the upper lip up, the lower lip under
# the teeth, the tongue's tip up, the rows of teeth together: 0 to 1, `wide` -1 to 1.
SHAPES = {
    "sil": (0.00, 0.00, 0.00, 0.0, 0.0, 0.0), "PP": (0.00, -0.10, 0.00, 0.0, 0.0, 0.0),
    "FF": (0.16, 0.05, 0.45, 1.0, 0.0, 0.0), "TH": (0.30, 0.10, 0.20, 0.0, 0.9, 0.2),
    "DD": (0.34, 0.15, 0.25, 0.0, 0.7, 0.4), "kk": (0.38, 0.05, 0.20, 0.0, 0.1, 0.2),
    "CH": (0.30, -0.60, 0.45, 0.0, 0.0, 0.9), "SS": (0.20, 0.35, 0.35, 0.0, 0.1, 1.0),
    "nn": (0.28, 0.10, 0.15, 0.0, 0.7, 0.2), "RR": (0.36, -0.45, 0.20, 0.0, 0.4, 0.1),
    "aa": (1.00, 0.10, 0.35, 0.0, 0.0, 0.0), "E": (0.66, 0.45, 0.35, 0.0, 0.1, 0.1),
    "I": (0.40, 0.85, 0.40, 0.0, 0.1, 0.4), "O": (0.74, -0.65, 0.25, 0.0, 0.0, 0.0),
    "U": (0.34, -1.00, 0.30, 0.0, 0.0, 0.0),
}  # fmt: skip
# How far the words are trusted over what is heard, by how exactly their times are known.
_TRUST = {"phonemes": 0.9, "words": 0.6, "text": 0.35, "sound": 0.0}
_READ = ("en", "zh", "cmn")  # languages whose words are read as they are said
_FOREIGN = 0.6  # of that trust, for words of another one
_STRETCH = 40  # phones: about three seconds
_SMOOTH_S = 0.028  # of a pose's course: lips have weight
# How far p, b and m shut the lips: wholly where their times are known, less where they are guessed.
_SEALS = {"phonemes": 1.0, "words": 0.5}
_SEAL_S = 0.03  # closed lips close within this of the phone's middle
_LEAD = CoartParams(
    lead={"basic": (0.1, 0.1), "jaw": (0.1, 0.1), "lips": (0.09, 0.09), "tongue": (0.07, 0.07)},
    short_silence=0.05,
)


def poses(samples, times_s, phonemes=None, words=None, text="", language="", check=lambda: None):
    """The mouth at each moment.

    Args:
        samples: What `talker_sound.read_sound` gave.
        times_s: Moments on the sound's own time, (n,), before its start and after its end too.
        phonemes: A list of (IPA, start_s, end_s), if known.
        words: A list of (word, start_s, end_s), if known.
        text: What is said, if known.
        language: Its BCP 47 tag; letters are read as English ones are, and Chinese characters as
            Mandarin, so that words of another language count for less against what is heard.

    Returns:
        (poses, basis): float32 (n, len(POSE)), and what the shapes were taken from: "phonemes",
        "words", "text" or "sound".
    """
    levels = level_db(samples)
    present, loud = presence(levels), loudness(levels)
    check()
    course = _shaped(heard(samples, check), len(levels))
    basis, phones = _phones(phonemes, words, text, present)
    if phones:
        tag = language.lower().split("-")[0]
        foreign = basis != "phonemes" and tag and tag not in _READ
        trust = _TRUST[basis] * (_FOREIGN if foreign else 1.0)
        course = (1 - trust) * course + trust * _articulated(phones, len(levels), check)
    # Loud vowels are opened wider, and silence shuts the mouth whatever the words say.
    course[:, 0] *= (0.55 + 0.45 * loud) * present
    course[:, 1:] *= present[:, None]
    course = _soft(course)
    if basis in _SEALS:
        _seal(course, phones, _SEALS[basis])
    return _sampled(course, times_s), basis


def _phones(phonemes, words, text, present):
    """("phonemes", their phones), or the next best of what is known."""
    for basis, made in (
        ("phonemes", lambda: from_phonemes(phonemes or [])),
        ("words", lambda: from_words(words or [])),
        ("text", lambda: from_text(text or "", present)),
    ):
        phones = made()
        if any(p.phoneme != "sil" for p in phones):
            return basis, phones
    return "sound", []


def _shaped(weights, steps):
    """Poses of viseme weights: a dict of (steps,) → (steps, len(POSE))."""
    course = np.zeros((steps, len(POSE)))
    for name, weight in weights.items():
        course += weight[:steps, None] * np.array(SHAPES[name])
    return course


def _articulated(phones, steps, check):
    """Poses of phones with their coarticulation: (steps, len(POSE))."""
    course = np.zeros((steps, len(POSE)))
    shapes = np.array([SHAPES[name] for name in VISEMES])
    for some in _stretches(phones):
        check()
        times, matrix = build_viseme_curves(some, fps=float(STEP_HZ), params=_LEAD)
        first, last = (min(steps, round(t * STEP_HZ)) for t in (some[0].start, some[-1].end))
        at = np.arange(first, last) / STEP_HZ
        for column, made in zip(course.T, (matrix @ shapes).T, strict=True):
            column[first:last] = np.interp(at, times, made)
    return course


def _stretches(phones):
    """The phones in stretches that begin after a pause: each phone weighs on all others in one."""
    some = []
    for phone in phones:
        some.append(phone)
        paused = phone.phoneme == "sil" and len(some) > _STRETCH
        if paused or len(some) > 5 * _STRETCH:
            yield some
            some = []
    if some:
        yield some


def _soft(course):
    reach = int(4 * _SMOOTH_S * STEP_HZ)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (_SMOOTH_S * STEP_HZ)) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(course, ((reach, reach), (0, 0)))
    return np.stack([np.convolve(c, kernel, "valid") for c in padded.T], axis=1)


def _seal(course, phones, strength):
    """Shut the lips in the middle of each p, b and m, after all smoothing.

    Args:
        strength: 1 shuts them wholly, less leaves them a little apart.
    """
    at = np.arange(len(course)) / STEP_HZ
    for phone in phones:
        if phone.phoneme in ("P", "B", "M"):
            middle = (phone.start + phone.end) / 2
            reach = max(_SEAL_S, (phone.end - phone.start) / 2)
            course[:, 0] *= 1 - strength * np.exp(-(((at - middle) / reach) ** 4))


def _sampled(course, times_s):
    """The course at each moment; the mouth is shut before and after the sound."""
    at = np.asarray(times_s, np.float64) * STEP_HZ
    steps = np.arange(len(course))
    columns = [np.interp(at, steps, c, left=0.0, right=0.0) for c in course.T]
    return np.stack(columns, axis=1).astype(np.float32)
