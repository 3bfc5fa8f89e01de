"""Whether this plugin can speak what it is asked to; if not, an error that says what it can."""

from dataclasses import dataclass

from filmeto_plugin.speech_track import Word
from filmeto_plugin.ssml import PLAIN, SAID, Stretch
from spoken_english import SpokenSentence, foreign_letters, spoken_sentences


class RefusedError(ValueError):
    """A parameter that cannot be served: which one, what it was, what is allowed."""

    def __init__(self, field, value, message, allowed=()):
        super().__init__(f"{field}: {message}")
        self.details = {"field": field, "value": value, "allowed": list(allowed)}


@dataclass(frozen=True)
class Line:
    """One breath: what is said in it, by whom, and how.

    Args:
        sentence: The SpokenSentence.
        stretch: The Stretch that it is a part of.
        pause_s: Silence ordered after it; None: the sentence's own.
    """

    sentence: SpokenSentence
    stretch: Stretch
    pause_s: float | None = None

    @property
    def manners(self):
        """How each of its words is said."""
        return [self.stretch.manners[word.start] for word in self.sentence.words]

    def words(self, times):
        """Its words for the track, of (start_s, end_s) or None (unheard) for each of them."""
        return [
            Word(
                *self.stretch.written(word.start, word.end),
                "" if word.ipa else word.spoken,
                *time,
                manner.volume_db,
            )
            for word, manner, time in zip(self.sentence.words, self.manners, times, strict=True)
            if time
        ]

    @property
    def text(self):
        """What is read, with ordered sounds as IPA between slashes."""
        sounds = iter(word.ipa for word in self.sentence.words if word.ipa)
        parts = self.sentence.text.split(SAID)
        return parts[0] + "".join(f"/{next(sounds)}/{part}" for part in parts[1:])


def readable_lines(stretches, language=""):
    """What is to be spoken, as a list of Line; a stretch that is only a pause has no words.

    Raises:
        RefusedError: If the text or its language is not English, or nothing in it can be said.
    """
    _check_language(language)
    lines = []
    for stretch in stretches:
        _check_language(stretch.language)
        _check_letters(stretch.text)
        spoken = spoken_sentences(stretch.text, stretch.specials, stretch.end)
        lines += [Line(sentence, stretch) for sentence in spoken]
        if stretch.pause_s is not None:
            last = lines.pop() if spoken else Line(SpokenSentence(), Stretch(manners=(PLAIN,)))
            lines.append(Line(last.sentence, last.stretch, stretch.pause_s))
    if not any(line.sentence.words for line in lines):
        text = "".join(stretch.text for stretch in stretches)[:40]
        raise RefusedError("text", text, f"got {text!r}, in which nothing can be said")
    return lines


def _check_language(language):
    family = language.replace("_", "-").split("-")[0].lower()
    if family not in ("", "en", "eng"):
        message = f"got {language!r}, but this voice speaks English only (en); espeak speaks others"
        raise RefusedError("language", language, message, ["en"])


def _check_letters(text):
    foreign = foreign_letters(text)
    if foreign:
        message = (
            f"{', '.join(map(repr, foreign))} is not English, and this voice speaks English only; "
            "use the plugin espeak for other languages"
        )
        raise RefusedError("text", foreign[0], message)
