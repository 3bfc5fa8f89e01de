"""One sentence as eSpeak is given it: commands for its manners, names for its ordered sounds.

eSpeak's commands stand in the text: a control character, a number and a letter. Each character of the
prompt knows which one of the sentence it stands for, so that events find their words.

Source: espeak-ng 1.52, src/libespeak-ng/translate.c, EmbeddedCommand; docs/markup.md
"""

from dataclasses import dataclass

from espeak_engine import NORMAL_RATE_WPM
from espeak_sounds import phoneme_names
from filmeto_plugin.ssml import PLAIN, SAID

_COMMAND = "\x01"
_SLOWEST_WPM, _FASTEST_WPM = 80, 450
_PITCH, _PITCH_AN_OCTAVE = 50, 50  # eSpeak's scale: 0 is an octave below, 100 one above


@dataclass(frozen=True)
class Prompt:
    """What is given to eSpeak.

    Args:
        text: With commands.
        places: For each of its characters the one of the sentence that it belongs to.
        with_phonemes: Whether it names phonemes.
    """

    text: str
    places: tuple
    with_phonemes: bool


def prompt_for(sentence, voice, speed, engine):
    """The Prompt for a SpokenSentence.

    Raises:
        espeak_sounds.UnheardError: If an ordered sound is not in the voice's language.
    """
    if not sentence.sounds and all(token.manner == PLAIN for token in sentence.tokens):
        return Prompt(sentence.text, tuple(range(len(sentence.text))), False)
    text, places, manner = [], [], PLAIN
    begins = {token.at[0]: token for token in sentence.tokens}
    for index, char in enumerate(sentence.text):
        if index in begins and begins[index].manner != manner:
            manner = begins[index].manner
            said = _commands(manner, speed)
            text.append(said)
            places += [index] * len(said)
        if char == SAID:
            char = f" [[{phoneme_names(sentence.sounds[index], voice, engine)}]] "
        text.append(char)
        places += [index] * len(char)
    return Prompt("".join(text), tuple(places), bool(sentence.sounds))


def _commands(manner, speed):
    rate = round(min(_FASTEST_WPM, max(_SLOWEST_WPM, NORMAL_RATE_WPM * speed * manner.rate)))
    pitch = round(min(99, max(0, _PITCH + _PITCH_AN_OCTAVE * manner.pitch_semitones / 12)))
    return f" {_COMMAND}{rate}S {_COMMAND}{pitch}P "
