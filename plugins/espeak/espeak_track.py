"""What eSpeak said, made fit for the track: trimmed, faded, and its events placed on the words.

Sound is 16-bit mono in an array("h"). Standard library only: the plugin's environment stays small.
"""

from filmeto_plugin.speech_track import Word
from filmeto_plugin.ssml import SAID

_QUIET = 180  # of 32767: eSpeak's silences are digital zeros, its weakest consonants above this
_KEEP_S, _FADE_S = 0.015, 0.004


def add_sentence(track, sentence, voice, said, places=None):
    """Append to a track a SpokenSentence and what Engine.say made of it.

    Args:
        track: A filmeto_plugin.speech_track.Track.
        said: (samples, words, phonemes).
        places: Of a prompt with commands: the sentence's character for each of the prompt's.
    """
    samples, events, sounds = said
    rate = track.sample_rate_hz
    start, end = _heard(samples, round(_KEEP_S * rate))
    if end <= start:
        return
    if places:
        events = [(places[c], s) for c, s in events if 0 <= c < len(places)]

    def seconds(sample):
        return min(max(sample - start, 0), end - start) / rate

    words = [
        Word(
            *token.written,
            sentence.text[slice(*token.at)].replace(SAID, ""),
            seconds(first),
            seconds(last),
            token.manner.volume_db,
        )
        for token, first, last in _placed(sentence.tokens, events, samples, end)
    ]
    phonemes = [
        (sound, seconds(first), seconds(last))
        for (sound, first), (_, last) in zip(sounds, [*sounds[1:], ("", end)], strict=True)
        if sound
    ]
    heard = _faded(samples[start:end], round(_FADE_S * rate))
    track.add(heard, voice, words, phonemes, _readable(sentence), sentence.pause_s)


def _readable(sentence):
    """The sentence's text, ordered sounds as IPA between slashes."""
    if not sentence.sounds:
        return sentence.text
    return "".join(
        f"/{sentence.sounds[i]}/" if i in sentence.sounds else char
        for i, char in enumerate(sentence.text)
    )


def _heard(samples, keep):
    """First and last sample that is heard, with a little around them."""
    first = next((i for i, s in enumerate(samples) if abs(s) > _QUIET), None)
    if first is None:
        return 0, 0
    last = next(i for i in range(len(samples) - 1, -1, -1) if abs(samples[i]) > _QUIET)
    return max(0, first - keep), min(len(samples), last + 1 + 2 * keep)


def _faded(samples, fade):
    fade = min(fade, len(samples) // 2)
    for i in range(fade):
        gain = i / fade
        samples[i] = int(samples[i] * gain)
        samples[-1 - i] = int(samples[-1 - i] * gain)
    return samples


def _placed(tokens, events, samples, end):
    """(token, first sample, last sample) of every token.

    A token without an event (eSpeak says "of the" as one word) shares the time of the one before it
    by its letters; a word ends where its sound does, at the latest where the next one starts.
    """
    starts = {}
    for character, sample in events:
        index = next((i for i, t in enumerate(tokens) if t.at[0] <= character < t.at[1]), None)
        if index is not None and index not in starts:
            starts[index] = sample
    if tokens:
        starts.setdefault(0, 0)
    known = sorted(starts)
    known = [
        i
        for i, before in zip(known, [-1, *known], strict=False)
        if before < 0 or starts[i] >= starts[before]
    ]
    placed = []
    for index, after in zip(known, [*known[1:], len(tokens)], strict=True):
        limit = starts[after] if after < len(tokens) else end
        last = _sound_end(samples, starts[index], min(limit, len(samples)))
        group = tokens[index:after]
        letters, at = sum(t.at[1] - t.at[0] for t in group), starts[index]
        for token in group:
            upto = at + (last - starts[index]) * (token.at[1] - token.at[0]) / letters
            placed.append((token, round(at), round(upto)))
            at = upto
    return placed


def _sound_end(samples, first, last):
    while last > first and abs(samples[last - 1]) <= _QUIET:
        last -= 1
    return last
