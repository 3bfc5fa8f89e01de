"""text2speak in English: wires the plugin SDK to the Piper engine beside it."""

from array import array

from filmeto_plugin import PluginError, run
from filmeto_plugin.speech_track import Track
from filmeto_plugin.ssml import read_speech
from piper_request import RefusedError, readable_lines
from piper_voices import pick_speaker, speakers

_LOADED = 2  # voices kept at once, some 150 MB each: two people may talk


class Piper:
    """One process, up to two loaded voices."""

    def load(self):
        from piper_engine import Voice

        self._speakers, self._voices, self._open = speakers(), {}, Voice
        self._voice(next(iter(self._speakers.values())))

    def _voice(self, speaker):
        """The loaded voice of a speaker, now the last one used."""
        voice = self._voices.pop(speaker.path, None) or self._open(speaker.path)
        while len(self._voices) >= _LOADED:
            self._voices.pop(next(iter(self._voices)))
        self._voices[speaker.path] = voice
        return voice

    def text2speak(self, call):
        """Speak `text` into voice.wav."""
        asked = call.parameters
        stretches = read_speech(asked["text"], asked.get("pronunciations"))
        try:
            lines = readable_lines(stretches, asked.get("language") or "")
            own = pick_speaker(asked.get("voice") or "", self._speakers)
            who = [pick_speaker(ln.stretch.voice, self._speakers, own.name) for ln in lines]
        except RefusedError as error:
            raise PluginError(str(error), code="bad_parameter", details=error.details) from None
        call.progress(2, f"voice {own.name}")
        speed, seed = float(asked.get("speed") or 1.0), int(asked.get("seed") or 0)
        rate_hz = self._voice(own).sample_rate_hz
        track = Track(asked["text"], rate_hz, speed)
        for done, (line, speaker) in enumerate(zip(lines, who, strict=True)):
            call.check_cancelled()
            if line.sentence.words:
                self._speak(track, line, speaker, speed, seed, call.check_cancelled)
            if line.pause_s is not None:
                track.pause(line.pause_s)
            call.progress(5 + 90 * (done + 1) / len(lines), f"{done + 1}/{len(lines)}")
        return track.finish(call.output("voice.wav"), language="en", voice=own.name)

    def _speak(self, track, line, speaker, speed, seed, check):
        import piper_sound  # here: a start without a call needs no numpy

        voice = self._voice(speaker)
        if voice.sample_rate_hz != track.sample_rate_hz:
            raise PluginError(
                f"voice: {speaker.name} speaks at {voice.sample_rate_hz} Hz, the call's own voice at "
                f"{track.sample_rate_hz} Hz; voices of one text must have the same rate",
                code="bad_parameter",
                details={"field": "voice", "value": speaker.name},
            )
        for word in line.sentence.words:
            if word.ipa and (unheard := voice.unheard(word.ipa)):
                raise PluginError(
                    f"/{word.ipa}/: the voice {speaker.name} has no sound {unheard[0]!r}",
                    code="bad_input",
                    details={"field": "pronunciations", "value": word.ipa},
                )
        spoken = voice.say(line.sentence, speaker, speed, seed, line.manners, check)
        samples = array("h", piper_sound.pcm(spoken.sound))
        words = line.words(spoken.words)
        track.add(samples, speaker.name, words, spoken.phonemes, line.text, line.sentence.pause_s)


if __name__ == "__main__":
    run(Piper())
