"""The talker plugin: `speak2video`, a voice and a face become a talking head."""

from filmeto_plugin import Output, PluginError, run
from talker_clip import Line, speak
from talker_encoder import EncoderFailed
from talker_landmarks import FaceFinder
from talker_portrait import NoFace
from talker_rate import parse_rate
from talker_request import inputs_of, timed
from talker_stage import Stage


class Talker:
    """One process: the networks that find faces are loaded once."""

    def load(self):
        self._finder = FaceFinder()

    def speak2video(self, call):
        """A clip of who says the sound; see README.md for the parameters."""
        told_percent = 0

        def progress(percent, message, data):
            nonlocal told_percent
            call.check_cancelled()
            if int(percent) > told_percent:
                told_percent = int(percent)
                call.progress(told_percent, message, data)

        try:
            return self._spoken(call, progress)
        except NoFace as error:
            raise PluginError(str(error), code="no_face", permanent=True) from error
        except ValueError as error:
            raise PluginError(str(error), code="bad_input") from error
        except EncoderFailed as error:
            raise PluginError(str(error), code="encoder_failed") from error

    def _spoken(self, call, progress):
        given = call.parameters
        sound, portrait = inputs_of(call.inputs)
        line = Line(
            sound_path=sound,
            rate=parse_rate(given.get("fps", "24")),
            duration_s=given.get("duration_s") or None,
            start_s=given.get("start_s", 0.0),
            phonemes=timed(given.get("phonemes"), "phonemes", ("phoneme",)),
            words=timed(given.get("words"), "words", ("word", "text")),
            text=given.get("text", ""),
            language=given.get("language", ""),
            with_sound=given.get("with_sound", False),
            seed=given.get("seed", 0),
        )
        stage = Stage(self._finder, given, portrait, call.check_cancelled)
        clip = call.output("clip.mp4")
        about = speak(clip, line, stage.puppet, stage.size, progress, call.check_cancelled)
        return Output(clip, "video/mp4", {**about, **stage.about, "seed": line.seed})


if __name__ == "__main__":
    run(Talker())
