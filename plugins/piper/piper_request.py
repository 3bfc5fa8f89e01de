"""Whether this plugin can speak what it is asked to; if not, an error that says what it can."""

import difflib

from spoken_english import foreign_letters, spoken_sentences


class RefusedError(ValueError):
    """A parameter that cannot be served: which one, what it was, what is allowed."""

    def __init__(self, field, value, message, allowed=()):
        super().__init__(f"{field}: {message}")
        self.details = {"field": field, "value": value, "allowed": list(allowed)}


def readable_text(text, language=""):
    """The sentences to be spoken.

    Raises:
        RefusedError: If the text or its language is not English, or nothing in it can be said.
    """
    family = language.replace("_", "-").split("-")[0].lower()
    if family not in ("", "en", "eng"):
        message = f"got {language!r}, but this voice speaks English only (en); espeak speaks others"
        raise RefusedError("language", language, message, ["en"])
    foreign = foreign_letters(text)
    if foreign:
        message = (
            f"{', '.join(map(repr, foreign))} is not English, and this voice speaks English only; "
            "use the plugin espeak for other languages"
        )
        raise RefusedError("text", foreign[0], message)
    sentences = spoken_sentences(text)
    if not sentences:
        raise RefusedError("text", text[:40], f"got {text[:40]!r}, in which nothing can be said")
    return sentences


def pick_voice(asked, voices):
    """The full name of a voice: "" is the first; "joe" and "en-us-joe" are en_US-joe-medium.

    Raises:
        RefusedError: If there is none of that name.
    """
    plain = {name.lower().replace("_", "-"): name for name in voices}
    wanted = asked.lower().replace("_", "-")
    if not wanted:
        return next(iter(voices))
    if wanted in plain:
        return plain[wanted]
    parts = [name for short, name in plain.items() if f"-{wanted}-" in f"-{short}-"]
    if parts:
        return parts[0]
    close = difflib.get_close_matches(wanted, plain, n=5, cutoff=0.3) or list(plain)
    allowed = [plain[c] for c in close]
    raise RefusedError("voice", asked, f"got {asked!r}; there is {', '.join(allowed)}", allowed)
