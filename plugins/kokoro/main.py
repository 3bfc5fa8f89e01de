"""text2speak in Japanese: wires the plugin SDK to Kokoro beside it."""

from filmeto_plugin import PluginError, run
from filmeto_plugin.speech_track import Track, Word
from filmeto_plugin.ssml import read_speech
from kokoro_voices import pick_voice

# Kokoro's signs for what IPA writes otherwise.
_IPA = {"ʨ": "tɕ", "ʥ": "dʑ", "ʦ": "ts", "ʣ": "dz", "β": "w"}
_MODIFIERS = frozenset("ːʲᵝʰ\u0303")


class Kokoro:
    """One process, the model and its five voices loaded."""

    def load(self):
        from kokoro_engine import Engine

        self._engine = Engine()

    def text2speak(self, call):
        """Speak `text` into voice.wav."""
        from kokoro_engine import SAMPLE_RATE_HZ

        asked = call.parameters
        stretches = read_speech(asked["text"], asked.get("pronunciations"))
        voice = pick_voice(asked.get("voice") or "")
        lines = _lines(stretches, asked.get("language") or "", voice)
        call.progress(2, f"voice {voice}")
        speed = float(asked.get("speed") or 1.0)
        track = Track(asked["text"], SAMPLE_RATE_HZ, speed)
        for done, (sentence, own_voice, stretch, pause_s) in enumerate(lines):
            call.check_cancelled()
            if sentence:
                self._speak(track, sentence, own_voice, stretch, speed, call.check_cancelled)
            if pause_s is not None:
                track.pause(pause_s)
            percent = 5 + 90 * (done + 1) / len(lines)
            call.progress(percent, f"sentence {done + 1} of {len(lines)}")
        return track.finish(call.output("voice.wav"), language="ja", voice=voice)

    def _speak(self, track, sentence, voice, stretch, speed, check):
        import kokoro_sound
        from kokoro_engine import LONGEST

        phonemes, owners = self._phonemes(sentence)
        phonemes, owners = phonemes[:LONGEST], owners[:LONGEST]
        manners = [sentence.words[owner].manner for owner in owners]
        spoken = self._engine.say(phonemes, voice, speed, manners, check)
        heard = [(p, o, t) for p, o, t in zip(phonemes, owners, spoken.times, strict=True) if t]
        words = [
            Word(
                *stretch.written(word.start, word.end),
                word.said,
                min(t[0] for t in times),
                max(t[1] for t in times),
                word.manner.volume_db,
            )
            for index, word in enumerate(sentence.words)
            if (times := [t for p, o, t in heard if o == index and p.isalpha()])
        ]
        samples = kokoro_sound.pcm(spoken.sound)
        track.add(samples, voice, words, _told(heard), sentence.text, sentence.pause_s)

    def _phonemes(self, sentence):
        """The sentence's phonemes, spaces and marks, and for each the index of its word."""
        from kokoro_engine import UnheardError

        phonemes, owners = [], []
        for index, word in enumerate(sentence.words):
            try:
                said = self._engine.phonemes(word.ipa) if word.ipa else word.phonemes
            except UnheardError as error:
                raise PluginError(
                    f"/{word.ipa}/: the voices have no sound {error.sound!r}",
                    code="bad_input",
                    details={"field": "pronunciations", "value": word.ipa},
                ) from None
            said = [*said, *sentence.marks.get(index, ""), " "]
            phonemes += said
            owners += [index] * len(said)
        return phonemes[:-1], owners[:-1]


def _lines(stretches, language, voice):
    """[(sentence or None, its voice, its stretch, ordered pause or None)]."""
    from spoken_japanese import spoken_sentences

    _check_language(language)
    lines = []
    for stretch in stretches:
        _check_language(stretch.language)
        own = pick_voice(stretch.voice, voice)
        spoken = spoken_sentences(stretch)
        lines += [(sentence, own, stretch, None) for sentence in spoken]
        if stretch.pause_s is not None:
            last = lines.pop()[0] if spoken else None
            lines.append((last, own, stretch, stretch.pause_s))
    if not any(sentence for sentence, *_ in lines):
        text = "".join(stretch.text for stretch in stretches)[:40]
        raise _refused("text", text, f"got {text!r}, in which nothing can be said")
    return lines


def _check_language(language):
    if language.replace("_", "-").split("-")[0].lower() not in ("", "ja", "jpn"):
        message = (
            f"got {language!r}, but these voices speak Japanese only (ja); espeak speaks others"
        )
        raise _refused("language", language, message)


def _refused(field, value, message):
    details = {"field": field, "value": value}
    return PluginError(f"{field}: {message}", code="bad_parameter", details=details)


def _told(heard):
    """[(IPA, start_s, end_s)]: a mark of length or softening is its phoneme's."""
    told = []
    for phoneme, _, (start_s, end_s) in heard:
        if phoneme in _MODIFIERS and told:
            told[-1] = (told[-1][0] + phoneme, told[-1][1], end_s)
        elif phoneme.isalpha():
            told.append((_IPA.get(phoneme, phoneme), start_s, end_s))
    return told


if __name__ == "__main__":
    run(Kokoro())
