"""Pronunciations: a user's list of words and how to say them, found in a text.

A key is a word or several; it stands for whole words, whatever their case, unless it has capitals
inside ("McKay", "NASA"). Where a script writes no spaces between words (Chinese, Japanese, Thai) it
stands for its characters wherever they are. A value is a respelling ("hayl"), or IPA between slashes
("/heɪl/").
"""

import re
import unicodedata

from filmeto_plugin._call import PluginError

# Letters of the IPA beyond a to z, its stress, length, tone and tie marks, and what may part them.
_IPA = set(
    "abcdefhijklmnopqrstuvwxyzæçðøħŋœǀǁǂǃɐɑɒɓɔɕɖɗɘəɚɛɜɝɞɟɠɡɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻɽɾʀʁʂʃʄʈʉ"
)
_IPA |= set("gʊʋʌʍʎʏʐʑʒʔʕʘʙʛʜʝʟʡʢβθχᵻⱱʣʤʥʦʧʨꭧɿʅ ˈˌː ˑʰʲʷˠˤⁿˡ˞ʼ|‖.‿͜͡˥˦˧˨˩ꜛꜜ↗↘ᵊᵝ")
_SIBILANT, _VOICELESS = "szʃʒʧʤɕʑʂʐ", "ptkfθ"
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
_LONGEST_IPA = 200
_WORD = r"[^\W_]"


def check_ipa(text):
    """What is wrong with IPA as it stands ("" if nothing is): the first sign that is none of it.

    >>> check_ipa("ˈbɛr.lɪn")
    ''
    >>> check_ipa("hei4")
    "'4' (character 4) is no IPA"
    """
    sounds = [c for c in text if c in _IPA and unicodedata.category(c)[0] == "L"]
    if not sounds:
        return "there is no sound in it"
    if len(text) > _LONGEST_IPA:
        return f"it has {len(text)} characters; expected at most {_LONGEST_IPA}"
    for index, char in enumerate(text):
        if char not in _IPA and unicodedata.category(char) != "Mn":
            return f"{char!r} (character {index + 1}) is no IPA"
    return ""


class Pronunciations:
    """A list of pronunciations, checked, to be found in texts.

    Args:
        given: {word: respelling or IPA between slashes}.

    Raises:
        PluginError: Of the code "bad_input": a key or a value is wrong; the message names it.
    """

    def __init__(self, given):
        if not isinstance(given, dict):
            _refuse("", f"expected an object, word to pronunciation, got {type(given).__name__}")
        self._known, exact, any_case = {}, [], []
        for key, said in given.items():
            word = self._checked(key, said)
            plain = word[1:] == word[1:].lower()
            (any_case if plain else exact).append(word)
            self._known[word.lower() if plain else word] = said.strip()
        self._exact, self._any_case = _pattern(exact), _pattern(any_case, re.I)

    def _checked(self, key, said):
        word = " ".join(key.split())
        if not re.search(_WORD, word):
            _refuse(key, f"the key {key!r} has no word in it")
        if not isinstance(said, str) or not said.strip():
            _refuse(key, f"{word!r}: expected a respelling or IPA between slashes, got {said!r}")
        said = said.strip()
        if said.startswith("/") or said.endswith("/"):
            if len(said) < 2 or said[0] != said[-1]:
                _refuse(key, f"{word!r}: IPA stands between two slashes, got {said!r}")
            if wrong := check_ipa(said[1:-1]):
                _refuse(key, f"{word!r}: {said!r}: {wrong}")
        return word

    def applied(self, text):
        """The text in pieces: (text, (start, end), IPA or None), of which an entry's word has the
        respelling as its text, or IPA, which says an English 's after it as well."""
        at = 0
        for start, end, said in self._found(text):
            if start > at:
                yield text[at:start], (at, start), None
            if said.startswith("/"):
                ipa, end = _possessive(said[1:-1].strip(), text, end)
                yield text[start:end], (start, end), ipa
            else:
                yield said, (start, end), None
            at = end
        if at < len(text):
            yield text[at:], (at, len(text)), None

    def _found(self, text):
        found = [
            (m.start(), m.end(), self._known[_key(m[0]) if pattern is self._exact else _low(m[0])])
            for pattern in (self._exact, self._any_case)
            if pattern
            for m in pattern.finditer(text)
        ]
        taken = 0
        for start, end, said in sorted(found, key=lambda f: (f[0], -f[1])):
            if start >= taken:
                yield start, end, said
                taken = end


def _refuse(key, reason):
    details = {"field": "pronunciations", "value": key}
    raise PluginError(f"pronunciations: {reason}", code="bad_input", details=details)


def _key(text):
    return " ".join(text.split())


def _low(text):
    return _key(text).lower()


def _pattern(words, flags=0):
    """One pattern for all the words, the longest first."""
    if not words:
        return None
    forms = []
    for word in sorted(words, key=len, reverse=True):
        before = "" if _unspaced(word[0]) else rf"(?<!{_WORD})"
        after = "" if _unspaced(word[-1]) else rf"(?!{_WORD})"
        forms.append(before + r"\s+".join(map(re.escape, word.split())) + after)
    return re.compile("|".join(forms), flags)


def _unspaced(char):
    return unicodedata.name(char, "").startswith(_UNSPACED)


def _possessive(ipa, text, end):
    """The IPA with an English 's that follows the word, and where that ends."""
    if not re.match(r"['’]s\b", text[end:]):
        return ipa, end
    last = ipa.rstrip(".ː")[-1:]
    tail = "ɪz" if last in _SIBILANT else "s" if last in _VOICELESS else "z"
    return ipa + tail, end + 2
