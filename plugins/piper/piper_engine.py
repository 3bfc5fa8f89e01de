"""The Piper voice: sentences in, sound and the time of every word and phoneme out.

`SpokenSentence`s come from `spoken_english`, other speakers and pitches are made by `piper_pitch`, and
what happens to the sound afterwards is `piper_track`'s. The heavy packages are imported when a voice
is loaded.
"""

import concurrent.futures
import json
import zlib
from dataclasses import dataclass
from math import log2
from pathlib import Path

import numpy as np
import piper_sound
from filmeto_plugin.ssml import PLAIN, SAID
from filmeto_plugin.waiting import result_of
from piper_align import place_words
from piper_graph import DURATIONS, seeded_graph
from piper_pitch import resized, shifted

_MARKS = frozenset(".,;:!?")
_STRESS, _LENGTH = "ˈˌ", "ːˑ"
_NOISE_FRAMES = 1024  # 12 s; a longer sentence reads the table again from its start


@dataclass
class Spoken:
    """A sentence as it sounds.

    Args:
        sound: float32, (samples,), trimmed.
        words: For each of the sentence's words (start_s, end_s) in it, None for a silent one.
        phonemes: [(IPA, start_s, end_s)] in order.
    """

    sound: object
    words: list
    phonemes: list


class Voice:
    """One loaded voice.

    Args:
        model_path: Its .onnx file; the .json lies beside it.
    """

    def __init__(self, model_path):
        import onnxruntime
        from piper.phonemize_espeak import EspeakPhonemizer

        config = json.loads(Path(f"{model_path}.json").read_text(encoding="utf-8"))
        self.sample_rate_hz = config["audio"]["sample_rate"]
        self._ids, self._espeak_voice = config["phoneme_id_map"], config["espeak"]["voice"]
        self._scales = config.get("inference", {})
        self._hop = config.get("hop_length", 256)
        self._speakers = config.get("num_speakers", 1)
        model, self._noise = seeded_graph(model_path)
        options = onnxruntime.SessionOptions()
        self._session = onnxruntime.InferenceSession(
            model, sess_options=options, providers=["CPUExecutionProvider"]
        )
        self._options = onnxruntime.RunOptions
        self._thread = concurrent.futures.ThreadPoolExecutor(1, "piper")
        self._phonemizer = EspeakPhonemizer()
        self._alone = {}

    def say(self, sentence, speaker, speed=1.0, seed=0, manners=None, check=lambda: None):
        """Speak one sentence.

        Args:
            sentence: A SpokenSentence.
            speaker: The piper_voices.Speaker, one of this voice's file.
            speed: 2.0 is twice as fast.
            seed: Another seed is another reading of the same words.
            manners: For each of its words the Manner in which it is said.
            check: Called often; raises to stop the work.

        Returns:
            A Spoken.
        """
        manners = manners or [PLAIN] * len(sentence.words)
        phonemes = self._phonemes(sentence)
        ids, owners = self._to_ids(phonemes)
        groups = _groups(phonemes, set(owners))
        alone = [word.ipa or self._say_alone(word.spoken) for word in sentence.words]
        spans = place_words(alone, ["".join(phonemes[i] for i in g) for g in groups])
        words = _owners(groups, spans, len(phonemes))
        rates = np.array([manners[words[max(0, o)]].rate if words else 1.0 for o in owners])
        pace = rates * (speed / speaker.size)
        noise_seed = zlib.crc32(sentence.text.encode()) ^ seed
        sound, frames = self._infer(ids, pace, speaker.speaker, noise_seed, check)
        sound, cut = piper_sound.trim(resized(sound, speaker.size), self.sample_rate_hz)
        edges = np.concatenate([[0], np.cumsum(frames)]) * (self._hop / speaker.size) - cut
        edges = np.clip(edges, 0, len(sound))
        starts = [edges[owners.index(g[0])] for g in groups]
        ends = [edges[len(owners) - owners[::-1].index(g[-1])] for g in groups]
        times = [_times(span, starts, ends) if groups else None for span in spans]
        higher = speaker.semitones - 12 * log2(speaker.size)
        bent = _pitch_curve(times, manners, len(sound), self.sample_rate_hz)
        sound = shifted(sound, self.sample_rate_hz, bent + higher)
        rate = self.sample_rate_hz
        return Spoken(
            sound,
            [time and (time[0] / rate, time[1] / rate) for time in times],
            [(p, a / rate, b / rate) for p, a, b in _heard(phonemes, owners, edges)],
        )

    def unheard(self, ipa):
        """The sounds of some IPA that this voice has not."""
        return [c for c in ipa if c not in self._ids and c not in ". |‿͜͡"]

    def _phonemes(self, sentence):
        """The sentence's phonemes, those that are ordered in the place of their words."""
        ordered = iter(word.ipa for word in sentence.words if word.ipa)
        phonemes = []
        for index, part in enumerate(sentence.text.split(SAID)):
            if index:
                phonemes += [" ", *(p for p in next(ordered) if p in self._ids and p != ".")]
            said = [p for clause in self._phonemise(part) for p in clause] if part.strip() else []
            joined = index and said and said[0] not in _MARKS
            phonemes += [" ", *said] if joined else said
        return phonemes

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

    def _infer(self, ids, pace, speaker, seed, check):
        scales = [
            self._scales.get("noise_scale", 0.667),
            self._scales.get("length_scale", 1.0),
            self._scales.get("noise_w", 0.8),
        ]
        feeds = {
            "input": np.array([ids], dtype=np.int64),
            "input_lengths": np.array([len(ids)], dtype=np.int64),
            "scales": np.array(scales, dtype=np.float32),
            "pace": pace.reshape(1, 1, -1).astype(np.float32),
        }
        if self._speakers > 1:
            feeds["sid"] = np.array([speaker], dtype=np.int64)
        draw = np.random.RandomState(
            seed & 0xFFFFFFFF
        )  # its stream is frozen across numpy versions
        for name, channels in self._noise.items():
            noise = draw.standard_normal((1, channels, _NOISE_FRAMES))
            feeds[name] = noise.astype(np.float32)
        sound, frames = self._run(["output", DURATIONS], feeds, check)
        return sound.reshape(-1), frames.reshape(-1)

    def _run(self, wanted, feeds, check):
        """The model's outputs; a long sentence takes seconds, and is given up within one."""
        options = self._options()
        # Else the longest sentence's memory stays; without an arena malloc keeps twice as much.
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

        def stop():
            options.terminate = True

        work = self._thread.submit(self._session.run, wanted, feeds, options)
        return result_of(work, check, stop)


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


def _owners(groups, spans, count):
    """For each phoneme the index of the word that it belongs to; a space or mark is the last's."""
    owners = [None] * count
    for number, group in enumerate(groups):
        for k, index in enumerate(group):
            at = number + (k + 0.5) / len(group)
            within = [w for w, (start, end) in enumerate(spans) if start <= at < end]
            owners[index] = within[0] if within else None
    known = next((o for o in owners if o is not None), 0)
    for index, owner in enumerate(owners):
        known = owners[index] = known if owner is None else owner
    return owners if spans else []


def _times(span, starts, ends):
    """(start, end) in samples of a stretch given in units of groups; None if it is empty."""
    if span[1] <= span[0]:
        return None

    def at(position, edge):
        index = min(len(starts) - 1, int(position) - (edge == "end" and position == int(position)))
        return starts[index] + (position - index) * (ends[index] - starts[index])

    start, end = at(span[0], "start"), at(span[1], "end")
    return float(start), float(max(start, end))


def _heard(phonemes, owners, edges):
    """(IPA, start, end) in samples: marks of length are their phoneme's, those of stress nobody's."""
    heard, first = [], {}
    for position, owner in enumerate(owners):
        first.setdefault(owner, position)
    last = {owner: position for position, owner in enumerate(owners)}
    for index, phoneme in enumerate(phonemes):
        if index not in first or phoneme == " " or phoneme in _MARKS or phoneme in _STRESS:
            continue
        start, end = float(edges[first[index]]), float(edges[last[index] + 1])
        if heard and (phoneme in _LENGTH or not phoneme.isalpha()):
            heard[-1] = (heard[-1][0] + phoneme, heard[-1][1], end)
        elif phoneme.isalpha():
            heard.append((phoneme, start, end))
    return heard


def _pitch_curve(times, manners, count, sample_rate_hz):
    """Semitones for each sample, eased between words; 0.0 where all is plain."""
    if all(manner.pitch_semitones == 0 for manner in manners):
        return 0.0
    semitones = np.zeros(count)
    known = [(time, manner) for time, manner in zip(times, manners, strict=True) if time]
    for number, ((start, _), manner) in enumerate(known):
        semitones[0 if number == 0 else int(start) :] = manner.pitch_semitones
    ease = np.hanning(round(0.03 * sample_rate_hz) | 1)
    padded = np.pad(semitones, len(ease) // 2, mode="edge")
    return np.convolve(padded, ease / ease.sum(), "valid")
