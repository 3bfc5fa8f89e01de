"""Which language a text is in, from its script and, among Latin scripts, from its small words."""

import re
import unicodedata
from collections import Counter

# First word of a letter's Unicode name: language.
_SCRIPTS = {
    "HANGUL": "ko",
    "HEBREW": "he",
    "DEVANAGARI": "hi",
    "BENGALI": "bn",
    "GREEK": "el",
    "THAI": "th",
    "TAMIL": "ta",
    "TELUGU": "te",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "KANNADA": "kn",
    "MALAYALAM": "ml",
    "SINHALA": "si",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
    "ETHIOPIC": "am",
    "MYANMAR": "my",
    "ORIYA": "or",
    "CHEROKEE": "chr",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "cmn",
    "CYRILLIC": "ru",
    "ARABIC": "ar",
}
# Letters that tell one language of a script from the usual one.
_TELLING = (
    ("cmn", "yue", "嘅喺咗唔佢哋冇嚟啲嗰咁"),
    ("ru", "uk", "іїєґ"),
    ("ru", "be", "ў"),
    ("ru", "sr", "ђјљњћџ"),
    ("ru", "mk", "ѓќѕ"),
    ("ar", "ur", "ٹڈڑےں"),
    ("ar", "fa", "پچژگ"),
)
_SMALL_WORDS = {
    "en": "the and of to in is was he she it that his her with for on at from they you not are be",
    "de": "der die das und ist nicht ein eine zu den mit von auf im er sie es dem war sich auch",
    "fr": "le la les et est un une des du dans il elle que qui pas sur avec pour au ce était",
    "es": "el la los las y es un una de en que no por con para se su del al era como más",
    "it": "il lo la gli e è un una di che non per con si del della nel sono era anche più",
    "pt": "o a os as e é um uma de em que não por com para se do da no na era mais",
    "nl": "de het een en van is dat niet in op te zijn met voor hij zij aan er maar was",
    "pl": "i w nie na z się do to jest że jak po ale był od za przez",
    "sv": "och det att en ett som är på i av för med den inte han hon var till",
    "da": "og det at en et som er på i af for med den ikke han hun var til der",
    "nb": "og det å en et som er på i av for med den ikke han hun var til",
    "fi": "ja on ei se hän oli että kun mutta niin ovat joka mitä hänen",
    "cs": "a je v se na že to s z do jako ale byl po která jeho",
    "ro": "și este în un o pe de la cu nu care din că era mai",
    "hu": "a az és nem egy hogy is volt de ez mint már csak",
    "tr": "ve bir bu da de için ile ne çok ama gibi daha değil",
    "id": "dan yang di itu dengan untuk tidak dari ini ke dia adalah pada",
    "vi": "và của là không có một những được cho người này trong",
}
_LETTERS = {
    "de": "ß",
    "es": "ñ¿¡",
    "pt": "ãõ",
    "pl": "łąęśźż",
    "tr": "ğşı",
    "hu": "őű",
    "cs": "řěů",
    "ro": "țăș",
    "vi": "đơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
    "da": "ø",
    "sv": "å",
}


def told_language(text):
    """The language of a text as eSpeak calls it; "en" if nothing tells.

    >>> told_language("他每天早上爬两百级台阶。")
    'cmn'
    >>> told_language("Jeden Morgen stieg er die Stufen und sah auf das Meer.")
    'de'
    """
    text = unicodedata.normalize("NFC", text)
    scripts = Counter(
        unicodedata.name(char, "?").split()[0].removesuffix("-") for char in text if char.isalpha()
    )
    known = {script: count for script, count in scripts.items() if script in _SCRIPTS}
    # A Han character says as much as three letters: names in Latin letters stand amid Chinese.
    if sum(known.values()) * 3 <= scripts.get("LATIN", 0):
        return _latin(text.lower())
    if "HIRAGANA" in known or "KATAKANA" in known:
        return "ja"
    if not known:
        return "en"
    language = _SCRIPTS[max(known, key=known.get)]
    for usual, other, letters in _TELLING:
        if language == usual and any(letter in text.lower() for letter in letters):
            return other
    return language


def _latin(text):
    words = Counter(re.findall(r"[^\W\d_]+", text))
    scores = {
        language: sum(words[word] for word in small.split())
        + 2 * sum(text.count(letter) for letter in _LETTERS.get(language, ""))
        for language, small in _SMALL_WORDS.items()
    }
    return max(scores, key=scores.get)  # the first of equals: English
