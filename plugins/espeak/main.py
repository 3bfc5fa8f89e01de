"""text2speak in every language that eSpeak NG has: wires the plugin SDK to the engine beside it."""

from espeak_engine import Engine
from espeak_prompt import prompt_for
from espeak_sounds import UnheardError
from espeak_track import add_sentence
from espeak_voices import RefusedError, pick_language, pick_voice
from filmeto_plugin import PluginError, run
from filmeto_plugin.speech_track import Track
from filmeto_plugin.ssml import read_speech
from spoken_text import spoken_sentences
from told_language import told_language


class Espeak:
    """What eSpeak has is listed once; each sentence is spoken by a fresh eSpeak (see Engine)."""

    def load(self):
        with Engine() as engine:
            self._voices, self._variants = engine.voices(), engine.variants()

    def text2speak(self, call):
        """Speak `text` into voice.wav."""
        asked = call.parameters
        stretches = read_speech(asked["text"], asked.get("pronunciations"))
        try:
            language, voice, lines = self._understood(stretches, asked)
        except RefusedError as error:
            raise PluginError(str(error), code="bad_parameter", details=error.details) from None
        track = None
        for done, (sentence, own_voice, pause_s) in enumerate(lines):
            call.check_cancelled()
            with Engine() as engine:
                speed = float(asked.get("speed") or 1.0)
                track = track or Track(asked["text"], engine.sample_rate_hz, speed)
                if sentence:
                    _speak(track, engine, sentence, own_voice, speed)
            if pause_s is not None:
                track.pause(pause_s)
            percent = 5 + 90 * (done + 1) / len(lines)
            call.progress(percent, f"sentence {done + 1} of {len(lines)}")
        return track.finish(call.output("voice.wav"), language, voice)

    def _understood(self, stretches, asked):
        """(language, voice, [(sentence or None, voice, ordered pause or None)])."""
        text = "".join(stretch.text for stretch in stretches)
        tag = (asked.get("language") or "").strip() or told_language(_as_written(asked["text"]))
        language, identifier = pick_language(tag, self._voices)
        voice = self._voice(asked.get("voice") or "", language, identifier)
        lines = []
        for stretch in stretches:
            spoken, own = self._of_stretch(stretch, asked, language, voice)
            lines += [(sentence, own, None) for sentence in spoken]
            if stretch.pause_s is not None:
                last = lines.pop()[0] if spoken else None
                lines.append((last, own, stretch.pause_s))
        if not any(sentence for sentence, _, _ in lines):
            message = f"got {text[:40]!r}, in which nothing can be said"
            raise RefusedError("text", text[:40], message)
        return language, voice, lines

    def _of_stretch(self, stretch, asked, language, voice):
        """(sentences, voice) of a stretch in the language and voice that its markup names."""
        if stretch.language:
            language, identifier = pick_language(stretch.language, self._voices)
            voice = self._like(asked.get("voice") or "", language, identifier)
        if stretch.voice:
            _, identifier = pick_language(language, self._voices)
            voice = self._voice(stretch.voice, language, identifier)
        return spoken_sentences(stretch.text, language, stretch), voice

    def _voice(self, name, language, identifier):
        return pick_voice(name, language, identifier, self._voices, self._variants)

    def _like(self, name, language, identifier):
        """The call's speaker in another language; its own voice where the speaker is none there."""
        variant = name.partition("+")[2] or name
        try:
            picked = self._voice(variant, language, identifier)
        except RefusedError:
            return identifier
        return picked if picked.startswith(identifier) else identifier


def _as_written(text):
    """Without markup, and not yet respelled: pinyin for a Chinese name makes nothing English."""
    return "".join(stretch.text for stretch in read_speech(text))


def _speak(track, engine, sentence, voice, speed):
    try:
        prompt = prompt_for(sentence, voice, speed, engine)
    except UnheardError as error:
        sounds = ", ".join(f"/{ipa}/" for ipa in sentence.sounds.values())
        raise PluginError(
            f"{sounds}: {voice} has no sound {error.sound!r}",
            code="bad_input",
            details={"field": "pronunciations", "value": error.sound},
        ) from None
    if prompt.with_phonemes:  # names were tried with this eSpeak: it has said something before
        with Engine() as fresh:
            spoken = fresh.say(prompt.text, voice, speed, True)
    else:
        spoken = engine.say(prompt.text, voice, speed)
    add_sentence(track, sentence, voice, spoken, prompt.places)


if __name__ == "__main__":
    run(Espeak())
