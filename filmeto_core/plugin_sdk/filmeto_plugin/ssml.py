"""Speech markup: a text, plain or SSML, as stretches that a speaking plugin says one after the other.

    from filmeto_plugin import ssml

    for stretch in ssml.read_speech(call.parameters["text"], call.parameters["pronunciations"]):
        speak(stretch.text, stretch.voice, stretch.language)    # in which ssml.SAID is one Special
        wait(stretch.pause_s)

A text that begins with `<speak` is read as a subset of SSML 1.1; any other text is one plain stretch.
What is wrong raises a PluginError of the code "bad_input" that names line and column. How a language
says dates and numbers is the plugin's own: `say_as` gives it their values, not their words.

Source: Speech Synthesis Markup Language (SSML) Version 1.1, W3C Recommendation 7 September 2010
"""

import re
from dataclasses import dataclass, field, replace

from filmeto_plugin import say_as
from filmeto_plugin._call import PluginError
from filmeto_plugin._ssml_values import PLAIN, Manner, WrongValueError, manner_within, pause_s
from filmeto_plugin.pronounce import Pronunciations, check_ipa

__all__ = ["ELEMENTS", "PLAIN", "SAID", "Manner", "Special", "Stretch", "is_ssml", "read_speech"]

SAID = "\ufdd0"  # stands in a stretch's text for a Special; no character, so that no text has it
ELEMENTS = {  # each with the attributes that it may have; xml:lang where a language may begin
    "speak": ("version", "xml:lang", "xmlns", "xmlns:xsi", "xsi:schemaLocation"),
    "p": ("xml:lang",),
    "s": ("xml:lang",),
    "break": ("time", "strength"),
    "prosody": ("rate", "pitch", "volume"),
    "emphasis": ("level",),
    "say-as": ("interpret-as", "format"),
    "sub": ("alias",),
    "phoneme": ("alphabet", "ph"),
    "voice": ("name", "gender", "xml:lang"),
    "lang": ("xml:lang",),
}
_TEXT_ONLY = {"say-as": "interpret-as", "sub": "alias", "phoneme": "ph"}  # and what each must have
# It may stand after an XML declaration, comments, and (to be refused) a DOCTYPE.
_SSML = re.compile(r"\s*(?:(?:<\?xml\b|<!--|<!DOCTYPE\b).*)?<speak(?![\w-])", re.S)
_NOT_SPOKEN = {
    "audio": "a sound is no speech: give it to the shot as its `sound`",
    "mark": "the words' times tell where a word is",
    "lexicon": "give `pronunciations` instead",
}


@dataclass(frozen=True)
class Special:
    """What is not read as it is written.

    Args:
        written: The text between the tags.
        ipa: How it sounds, in IPA; "" for a value.
        value: What `say_as.read_value` made of it; None for IPA.
    """

    written: str
    ipa: str = ""
    value: object = None


@dataclass(frozen=True)
class Stretch:
    """What one voice says in one language without an ordered pause.

    Args:
        text: To be read; each SAID in it is the Special of that index.
        places: For each of its characters the range in the text as given, (start, end).
        manners: For each of its characters how it is said.
        specials: {index in `text`: Special}.
        voice, language: As the markup names them, "" where it does not.
        end: What ends with it: "paragraph", "sentence", or "" (the sentence may go on).
        pause_s: The silence after it, in seconds; None: as its last mark makes it.
    """

    text: str = ""
    places: tuple = ()
    manners: tuple = ()
    specials: dict = field(default_factory=dict)
    voice: str = ""
    language: str = ""
    end: str = ""
    pause_s: float | None = None

    def written(self, start, end):
        """The range in the text as given that text[start:end] stands for."""
        return self.places[start][0], self.places[end - 1][1]


def is_ssml(text):
    """Whether a text is to be read as SSML."""
    return bool(_SSML.match(text))


def read_speech(text, pronunciations=None):
    """Read a text.

    Args:
        text: Plain, or SSML if it begins with `<speak`.
        pronunciations: {word: how to say it}, a respelling or IPA between slashes.

    Returns:
        A list of Stretch, in order; none where there is nothing but space.

    Raises:
        PluginError: Of the code "bad_input": the markup or a pronunciation is wrong.

    >>> [(s.text, s.pause_s) for s in read_speech("<speak>No.<break time='1s'/> Yes.</speak>")]
    [('No.', 1.0), (' Yes.', None)]
    """
    known, script = Pronunciations(pronunciations or {}), _Script()
    if is_ssml(text):
        _Reader(text, script, known).read()
    else:
        plain = text.replace(SAID, " ")
        script.say(known, plain, [(i, i + 1) for i in range(len(plain))], _Context())
    return script.finish()


def written_text(text, start, end):
    """The words at a range of a text as given, without its markup.

    >>> written_text("<speak>salt &amp; <s>oil</s></speak>", 7, 24)
    'salt & oil'
    """
    piece = text[start:end]
    if not is_ssml(text) or not re.search("[<&]", piece):
        return piece
    from html import unescape

    return unescape(re.sub(r"<[^<>]*>|<!--.*?-->", "", piece))


@dataclass(frozen=True)
class _Context:
    tag: str = ""
    manner: Manner = PLAIN
    voice: str = ""
    language: str = ""


class _Script:
    """Collects what is said into stretches."""

    def __init__(self):
        self._done, self._open = [], None

    def say(self, pronunciations, text, places, context):
        """Text of one context, its pronunciations applied."""
        for piece, at, ipa in pronunciations.applied(text):
            if ipa is not None:
                whole = (places[at[0]][0], places[at[1] - 1][1])
                special = Special(text[at[0] : at[1]], ipa=ipa)
                self._add(SAID, [whole], context, special)
            elif at[1] - at[0] == len(piece) and text[at[0] : at[1]] == piece:
                self._add(piece, places[at[0] : at[1]], context)
            else:
                whole = (places[at[0]][0], places[at[1] - 1][1])
                self._add(piece, [whole] * len(piece), context)

    def say_special(self, special, place, context):
        self._add(SAID, [place], context, special)

    def say_alias(self, alias, place, context):
        self._add(alias.replace(SAID, " "), [place] * len(alias), context)

    def pause(self, seconds):
        self.close("")
        if not self._done:
            self._done.append(Stretch(pause_s=0.0))
        last = self._done[-1]
        self._done[-1] = replace(last, pause_s=(last.pause_s or 0.0) + seconds)

    def close(self, end):
        """End the stretch; where nothing has been said since, what ended before ends so too."""
        parts, self._open = self._open, None
        if parts and (parts.text.strip() or parts.specials):
            self._done.append(replace(parts, end=end))
        elif self._done and end and self._done[-1].end != "paragraph":
            self._done[-1] = replace(self._done[-1], end=end)

    def finish(self):
        self.close("sentence")
        return [_frozen(stretch) for stretch in self._done]

    def _add(self, text, places, context, special=None):
        now = self._open
        if now and (now.voice, now.language) != (context.voice, context.language):
            self.close("")
            now = None
        if now is None:
            now = self._open = Stretch(
                "", [], [], {}, voice=context.voice, language=context.language
            )
        if special:
            now.specials[len(now.text)] = special
        now.places.extend(places)
        now.manners.extend([context.manner] * len(text))
        self._open = replace(now, text=now.text + text)


def _frozen(stretch):
    return replace(stretch, places=tuple(stretch.places), manners=tuple(stretch.manners))


class _Reader:
    """An SSML document, by expat: no entity but XML's own five, nothing from outside."""

    def __init__(self, text, script, pronunciations):
        self._raw = text.encode("utf-8", "replace")
        self._script, self._known = script, pronunciations
        self._offset = _Offsets(self._raw)
        self._contexts, self._inside = [_Context()], None

    def read(self):
        from xml.parsers import expat

        self._parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = False
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            parser.Parse(self._raw, True)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            self._refuse(f"it is no well-formed XML ({reason})", error.lineno, error.offset)

    def _start(self, tag, given):
        parent = self._contexts[-1]
        self._check(tag, given, parent)
        self._element, self._place = tag, None
        try:
            context = self._entered(tag, given, parent)
        except (WrongValueError, say_as.WrongValueError) as error:
            self._refuse(f"<{tag}> {error}")
        self._contexts.append(context)

    def _check(self, tag, given, parent):
        known = ", ".join(ELEMENTS)
        if tag not in ELEMENTS:
            why = f" ({_NOT_SPOKEN[tag]})" if tag in _NOT_SPOKEN else ""
            self._refuse(f"<{tag}> is not known{why}; known: {known}")
        if (tag == "speak") != (len(self._contexts) == 1):
            self._refuse("<speak> stands around all, once")
        if parent.tag in _TEXT_ONLY or parent.tag == "break":
            self._refuse(f"<{tag}> in <{parent.tag}>, which takes no element")
        for name in given:
            if name not in ELEMENTS[tag]:
                takes = ", ".join(ELEMENTS[tag])
                self._refuse(f"<{tag}> has no attribute {name!r}; it takes {takes}")
        needed = _TEXT_ONLY.get(tag) or {"lang": "xml:lang"}.get(tag)
        if needed and not given.get(needed, "").strip():
            self._refuse(f"<{tag}> needs the attribute {needed}")

    def _entered(self, tag, given, parent):
        """What holds within the element that begins here."""
        context = replace(parent, tag=tag, language=given.get("xml:lang", parent.language))
        if tag in ("p", "s"):
            self._script.close("paragraph" if tag == "p" else "sentence")
        elif tag == "break":
            if seconds := pause_s(given):
                self._script.pause(seconds)
        elif tag in ("prosody", "emphasis"):
            context = replace(context, manner=manner_within(parent.manner, tag, given))
        elif tag == "voice":
            voice = given.get("name") or given.get("gender") or ""
            if not voice and "xml:lang" not in given:
                raise WrongValueError("needs a name, a gender or an xml:lang")
            context = replace(context, voice=voice or parent.voice)
        elif tag in _TEXT_ONLY:
            self._inside, self._place = (tag, given, []), None
            if tag == "phoneme":
                _check_phoneme(given)
        return context

    def _text(self, data):
        start = self._parser.CurrentByteIndex
        size = len(data.encode("utf-8"))
        if self._raw[start : start + size] == data.encode("utf-8"):
            places = self._offset.characters(start, data)
        else:  # one of XML's entities, or a line's end
            stop = self._raw.find(b";", start) + 1 if self._raw[start : start + 1] == b"&" else 0
            stop = stop or start + size
            places = [(self._offset(start), self._offset(stop))] * len(data)
        data = re.sub(rf"[\s{SAID}]", " ", data)
        context = self._contexts[-1]
        if context.tag == "break" and data.strip():
            self._refuse("<break> takes no text")
        if self._inside:
            self._inside[2].append((data, places))
        else:
            self._script.say(self._known, data, places, context)

    def _end(self, tag):
        context = self._contexts.pop()
        if tag in ("p", "s"):
            self._script.close("paragraph" if tag == "p" else "sentence")
        if tag in _TEXT_ONLY:
            (tag, given, pieces), self._inside = self._inside, None
            text = "".join(piece for piece, _ in pieces)
            if not text.strip():
                self._refuse(f"<{tag}> needs the written text between its tags")
            place = (pieces[0][1][0][0], pieces[-1][1][-1][1])
            self._said(tag, given, text, place, context)

    def _said(self, tag, given, text, place, context):
        if tag == "sub":
            self._script.say_alias(given["alias"], place, context)
            return
        if tag == "phoneme":
            self._script.say_special(Special(text, ipa=given["ph"].strip()), place, context)
            return
        try:
            value = say_as.read_value(given["interpret-as"], text, given.get("format", ""))
        except say_as.WrongValueError as error:
            self._refuse(f"<say-as> {error}")
        self._script.say_special(Special(text, value=value), place, context)

    def _doctype(self, *_):
        self._refuse("a document type and its entities are not taken; leave <!DOCTYPE> out")

    def _refuse(self, reason, line=None, column=None):
        line = self._parser.CurrentLineNumber if line is None else line
        column = self._parser.CurrentColumnNumber if column is None else column
        details = {"field": "text", "line": line, "column": column + 1}
        message = f"text: SSML, line {line}, column {column + 1}: {reason}"
        raise PluginError(message, code="bad_input", details=details)


def _check_phoneme(given):
    alphabet = given.get("alphabet", "ipa")
    if alphabet != "ipa":
        raise WrongValueError(f"knows the alphabet ipa alone, got {alphabet!r}")
    if wrong := check_ipa(given["ph"]):
        raise WrongValueError(f"ph={given['ph']!r}: {wrong}")


class _Offsets:
    """From bytes of UTF-8 to characters, for positions that only grow."""

    def __init__(self, raw):
        self._raw, self._byte, self._character = raw, 0, 0

    def __call__(self, byte):
        if byte < self._byte:
            self._byte = self._character = 0
        self._character += len(self._raw[self._byte : byte].decode("utf-8", "ignore"))
        self._byte = byte
        return self._character

    def characters(self, byte, text):
        first = self(byte)
        return [(first + i, first + i + 1) for i in range(len(text))]
