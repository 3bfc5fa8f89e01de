"""text2speak in English: wires the plugin SDK to the Piper engine beside it."""

from filmeto_plugin import PluginError, run
from piper_request import RefusedError, pick_voice, readable_text
from piper_track import Track


class Piper:
    """One process, one loaded voice at a time."""

    def load(self):
        from piper_engine import Voice, voice_files

        self._files, self._voices, self._open = voice_files(), {}, Voice
        self._voice(next(iter(self._files)))

    def _voice(self, name):
        if name not in self._voices:
            self._voices.clear()  # a voice takes some 150 MB
            self._voices[name] = self._open(self._files[name])
        return self._voices[name]

    def text2speak(self, call):
        """Speak `text` into voice.wav."""
        asked = call.parameters
        try:
            sentences = readable_text(asked["text"], asked.get("language") or "")
            name = pick_voice(asked.get("voice") or "", self._files)
        except RefusedError as error:
            raise PluginError(str(error), code="bad_parameter", details=error.details) from None
        call.progress(2, f"voice {name}")
        voice, speed = self._voice(name), float(asked.get("speed") or 1.0)
        track = Track(asked["text"], voice.sample_rate_hz, speed)
        for done, sentence in enumerate(sentences):
            call.check_cancelled()
            track.add(sentence, *voice.say(sentence, speed, int(asked.get("seed") or 0)))
            call.progress(5 + 90 * (done + 1) / len(sentences), f"{done + 1}/{len(sentences)}")
        return track.finish(call.output("voice.wav"), language="en", voice=name)


if __name__ == "__main__":
    run(Piper())
