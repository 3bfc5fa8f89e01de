"""The eSpeak NG library through ctypes: text in, samples, word events and phoneme events out.

One process has one eSpeak, with one voice set at a time. `espeakng_loader` brings the library and
its data; it is imported when the engine is opened.

Source: espeak-ng 1.52, src/include/espeak-ng/speak_lib.h
"""

import _ctypes
import ctypes
import os
import re
from array import array
from dataclasses import dataclass

_SYNCHRONOUS, _UTF8, _BY_CHARACTER, _DONT_EXIT = 2, 1, 1, 0x8000
_PHONEMES_IN_TEXT, _PHONEME_EVENTS_IN_IPA = 0x100, 3
_END_OF_LIST, _WORD, _PHONEME = 0, 1, 7
_RATE = 1
_PATH_BYTES = 140  # of the 160 that eSpeak has; the rest is for what it puts after it
_WITHOUT_DICTIONARY = frozenset(["gmq/fo", "trk/kaa", "art/xex"])  # in espeakng_loader 0.2.4
NORMAL_RATE_WPM = 158  # eSpeak's own 175 hurries a narration


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("unused", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True)
class InstalledVoice:
    """A voice of eSpeak: its name, its file, its languages {BCP 47, lower case: priority}, in
    which the lowest number fits best."""

    name: str
    identifier: str
    languages: dict


_opened = {}  # folder -> descriptor, held open as long as the process lives


def _short(folder):
    """The folder under a name that eSpeak has room for: one byte more, and it finds nothing.

    Source: espeak-ng 1.52, src/libespeak-ng/speech.h, N_PATH_HOME; proc_pid_fd(5).
    """
    if len(os.fsencode(folder)) < _PATH_BYTES or not os.path.isdir("/proc/self/fd"):
        return folder
    if folder not in _opened:
        _opened[folder] = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    return f"/proc/self/fd/{_opened[folder]}"


class Engine:
    """eSpeak NG, opened. `sample_rate_hz` is that of everything it says.

    eSpeak lets the pitch waver by what it has said before, and starting it again does not undo
    that; only loading the library anew does, in under a millisecond. So an engine is opened for
    each stretch that must always sound the same, and closed after it.
    """

    def __init__(self):
        import espeakng_loader

        library = espeakng_loader.get_library_path()
        self._lib = ctypes.CDLL(library)
        self._lib.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        data = _short(espeakng_loader.get_data_path()).encode()
        options = _DONT_EXIT | _PHONEME_EVENTS_IN_IPA
        self.sample_rate_hz = self._lib.espeak_Initialize(_SYNCHRONOUS, 0, data, options)
        if self.sample_rate_hz <= 0:
            raise RuntimeError(f"eSpeak NG did not start with {library}")
        self._samples, self._words, self._phonemes = array("h"), [], []
        self._callback = _Callback(self._collect)  # kept: the library holds it only by address
        self._lib.espeak_SetSynthCallback(self._callback)
        self._voice = None

    def close(self):
        """Unload the library, and with it all that it remembers."""
        self._lib.espeak_Terminate()
        _ctypes.dlclose(self._lib._handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def voices(self):
        """Every InstalledVoice whose dictionary is there."""
        found, listed, index = [], self._lib.espeak_ListVoices(None), 0
        while listed[index]:
            voice = listed[index].contents
            found.append(
                InstalledVoice(
                    voice.name.decode().strip(),
                    voice.identifier.decode(),
                    _languages(voice.languages),
                )
            )
            index += 1
        return [voice for voice in found if voice.identifier not in _WITHOUT_DICTIONARY]

    def variants(self):
        """Names of the variants (other speakers) that go with every language."""
        listed, found, index = self._lib.espeak_ListVoices(ctypes.byref(_variant_spec())), [], 0
        while listed[index]:
            found.append(listed[index].contents.identifier.decode().removeprefix("!v/"))
            index += 1
        return found

    def say(self, text, voice, speed=1.0, with_phonemes=False):
        """Speak one stretch of text.

        Args:
            text: Without markup; `espeak_prompt` puts commands of eSpeak's own into it.
            voice: An identifier, with "+variant" if one is wanted.
            speed: 1.0 is NORMAL_RATE_WPM.
            with_phonemes: [[...]] in the text are eSpeak's names of phonemes.

        Returns:
            (samples, words, phonemes): array("h"), mono; a list of (character, sample): where in
            the text a word (or a part of a number) begins, and at which sample; a list of
            (IPA, sample), in which "" is a pause.

        Raises:
            RuntimeError: If eSpeak does not know the voice or refuses the text.
        """
        if voice != self._voice:
            if self._lib.espeak_SetVoiceByName(voice.encode()) != 0:
                raise RuntimeError(f"eSpeak NG has no voice {voice!r}")
            self._voice = voice
        self._lib.espeak_SetParameter(_RATE, round(NORMAL_RATE_WPM * speed), 0)
        self._samples, self._words, self._phonemes = array("h"), [], []
        raw = text.encode("utf-8", "ignore") + b"\0"
        flags = _UTF8 | (_PHONEMES_IN_TEXT if with_phonemes else 0)
        failed = self._lib.espeak_Synth(raw, len(raw), 0, _BY_CHARACTER, 0, flags, None, None)
        if failed:
            raise RuntimeError(f"eSpeak NG refused the text (error {failed})")
        return self._samples, self._words, self._phonemes

    def _collect(self, samples, count, events):
        if samples and count > 0:
            self._samples.frombytes(ctypes.string_at(samples, 2 * count))
        index = 0
        while events[index].type != _END_OF_LIST:
            event = events[index]
            if event.type == _WORD:
                self._words.append((event.text_position - 1, event.sample))
            elif event.type == _PHONEME:
                self._phonemes.append((plain_ipa(event.id.string), event.sample))
            index += 1
        return 0


# What eSpeak's own IPA writes otherwise (its Chinese above all), as IPA has it.
_IPA = (
    (r"\(.*?\)|[ˈˌ̩]|\d", ""),
    (r"(?<=[ptkɕs.])h", "ʰ"),
    (r"ts\.", "ʈʂ"),
    (r"s\.", "ʂ"),
    (r"onɡ", "ʊŋ"),
    (r"nɡ", "ŋ"),
    (r"ər", "ɚ"),
    (r"o-", "ɤ"),
    (r"i\.", "ɨ"),
)


def plain_ipa(name):
    """A phoneme event's name (UTF-8, cut at eight bytes) without stress, tone and language."""
    text = name.decode("utf-8", "ignore").strip()
    for pattern, said in _IPA:
        text = re.sub(pattern, said, text)
    return text.strip()


def _variant_spec():
    spec = _Voice()
    spec.languages = ctypes.cast(ctypes.c_char_p(b"variant"), ctypes.c_void_p)
    return spec


def _languages(address):
    """The pairs of a priority byte and a C string, as {string: priority}."""
    found = {}
    while address and (priority := ctypes.string_at(address, 1)[0]):
        language = ctypes.string_at(address + 1)
        found[language.decode().lower()] = priority
        address += 2 + len(language)
    return found
