"""text2speak in every language that eSpeak NG has: wires the plugin SDK to the engine beside it."""

from espeak_engine import Engine
from espeak_track import Track
from espeak_voices import RefusedError, pick_language, pick_voice
from filmeto_plugin import PluginError, run
from spoken_text import spoken_sentences
from told_language import told_language


class Espeak:
    """What eSpeak has is listed once; each sentence is spoken by a fresh eSpeak (see Engine)."""

    def load(self):
        with Engine() as engine:
            self._voices, self._variants = engine.voices(), engine.variants()

    def text2speak(self, call):
        """Speak `text` into voice.wav."""
        text, speed = call.parameters["text"], float(call.parameters.get("speed") or 1.0)
        try:
            language, voice, sentences = self._understood(call.parameters)
        except RefusedError as error:
            raise PluginError(str(error), code="bad_parameter", details=error.details) from None
        track = None
        for done, sentence in enumerate(sentences):
            call.check_cancelled()
            with Engine() as engine:
                track = track or Track(text, engine.sample_rate_hz, speed)
                track.add(sentence, *engine.say(sentence.text, voice, speed))
            percent = 5 + 90 * (done + 1) / len(sentences)
            call.progress(percent, f"sentence {done + 1} of {len(sentences)}")
        return track.finish(call.output("voice.wav"), language, voice)

    def _understood(self, asked):
        text = asked["text"]
        tag = (asked.get("language") or "").strip() or told_language(text)
        language, identifier = pick_language(tag, self._voices)
        voice = pick_voice(
            asked.get("voice") or "", language, identifier, self._voices, self._variants
        )
        sentences = spoken_sentences(text, language)
        if not sentences:
            message = f"got {text[:40]!r}, in which nothing can be said"
            raise RefusedError("text", text[:40], message)
        return language, voice, sentences


if __name__ == "__main__":
    run(Espeak())
