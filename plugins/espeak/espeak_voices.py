"""From BCP 47 and a voice's name to what eSpeak calls them; errors that name what there is."""

import difflib

_ALIASES = {
    "zh": "cmn",
    "zh-hk": "yue",
    "zh-mo": "yue",
    "zh-yue": "yue",
    "zh-hant-hk": "yue",
    "en": "en-us",
    "no": "nb",
    "nn": "nb",
    "iw": "he",
    "in": "id",
    "sh": "hr",
    "tl": "id",
    "es-us": "es-419",
    "es-ar": "es-419",
    "es-co": "es-419",
    "es-cl": "es-419",
    "es-pe": "es-419",
    "en-uk": "en-gb",
}
# Plain wishes, by what each variant's pitch is in English: f3 214 Hz, m3 106, Annie 245, m8 87.
_PEOPLE = {"female": "f3", "woman": "f3", "male": "m3", "man": "m3", "child": "Annie"}
_PEOPLE |= {"girl": "Annie", "boy": "Annie", "old": "grandpa", "deep": "m8", "low": "m8"}
_PEOPLE |= {"young": "f5", "high": "f5"}


class RefusedError(ValueError):
    """A parameter that cannot be served: which one, what it was, what is allowed."""

    def __init__(self, field, value, message, allowed=()):
        super().__init__(f"{field}: {message}")
        self.details = {"field": field, "value": value, "allowed": list(allowed)}


def pick_language(asked, voices):
    """(language, identifier of its voice) for a BCP 47 tag: de-AT is de where there is no de-AT.

    Args:
        asked: Such as "zh", "zh-HK", "pt_BR".
        voices: InstalledVoice list.

    Raises:
        RefusedError: If eSpeak does not speak it.
    """
    known = _by_language(voices)
    tag = asked.strip().lower().replace("_", "-")
    while tag:
        language = _ALIASES.get(tag, tag)
        if language in known:
            return language, known[language]
        tag = tag.rpartition("-")[0]
    named = {v.name.lower(): next(iter(v.languages)) for v in voices} | {n: n for n in known}
    nearest = difflib.get_close_matches(asked.lower(), named, n=6, cutoff=0.5)
    close = list(dict.fromkeys(named[n] for n in nearest)) or ["en", "zh", "de", "fr", "es", "ja"]
    message = f"got {asked!r}, which eSpeak does not speak; nearest: {', '.join(close)}"
    raise RefusedError("language", asked, f"{message} ({len(known)} languages in all)", close)


def pick_voice(asked, language, identifier, voices, variants):
    """The full name of a voice: "" is the language's own; "f3", "female" or "Annie" another
    speaker of it; "en-gb-scotland" or "gmw/en-GB-scotland" another voice of that language.

    Raises:
        RefusedError: If there is none of that name.
    """
    if not asked:
        return identifier
    base, _, variant = asked.partition("+")
    own = {name: v.identifier for v in voices for name in _names(v)}
    people = {**{v.lower(): v for v in variants}, **_PEOPLE}
    if not variant and base.lower() in people:
        return f"{identifier}+{people[base.lower()]}"
    if base.lower() in own and (not variant or variant.lower() in people):
        return own[base.lower()] + (f"+{people[variant.lower()]}" if variant else "")
    family = language.split("-")[0]
    local = {n for v in voices for n in v.languages if n.split("-")[0] == family}
    wanted, choice = (variant or base).lower(), [*people, *sorted(local)]
    close = [name for name in choice if wanted in name]
    close += difflib.get_close_matches(wanted, choice, n=6, cutoff=0.5)
    close = list(dict.fromkeys(close))[:6]
    allowed = close or ["female", "male", *sorted(variants)[:8]]
    meant = f' Did you mean "{close[0]}"?' if close else ""
    wishes = ", ".join(sorted(_PEOPLE))
    message = (
        f"there is no voice {asked!r}.{meant} Nearest: {', '.join(allowed)}; or one of {wishes}"
    )
    raise RefusedError(
        "voice", asked, f"{message}; or a variant: {', '.join(sorted(variants))}", allowed
    )


def _names(voice):
    return (voice.identifier.lower(), voice.name.lower(), *voice.languages)


def _by_language(voices):
    """{language: identifier}, each language with the voice that puts it first."""
    best = {}
    for voice in voices:
        for language, priority in voice.languages.items():
            if language not in best or priority < best[language][0]:
                best[language] = (priority, voice.identifier)
    return {language: identifier for language, (_, identifier) in best.items()}
