"""The voices, by name and by wish."""

import difflib

from filmeto_plugin import PluginError

VOICES = ("jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro", "jm_kumo")
# By their pitch: see the README.
_WISHES = {
    "female": "jf_alpha", "woman": "jf_alpha", "male": "jm_kumo", "man": "jm_kumo",
    "deep": "jm_kumo", "low": "jm_kumo", "child": "jf_nezumi", "girl": "jf_nezumi",
    "boy": "jf_nezumi", "young": "jf_nezumi", "high": "jf_nezumi", "old": "jf_gongitsune",
}  # fmt: skip


def pick_voice(asked, default=VOICES[0]):
    """The full name of a voice: "" is the default, "kumo" is jm_kumo, "male" the nearest man.

    Raises:
        PluginError: If there is none of that name; the message names those that there are.
    """
    wanted = asked.strip().lower().replace("-", "_")
    if not wanted:
        return default
    short = {voice.partition("_")[2]: voice for voice in VOICES}
    known = {**_WISHES, **short, **{voice: voice for voice in VOICES}}
    if wanted in known:
        return known[wanted]
    close = difflib.get_close_matches(wanted, known, n=1, cutoff=0.6)
    meant = f' Did you mean "{close[0]}"?' if close else ""
    names = ", ".join(VOICES)
    raise PluginError(
        f"voice: there is no voice {asked!r}.{meant} Voices: {names} (or {', '.join(short)}); or one "
        f"of {', '.join(sorted(_WISHES))}",
        code="bad_parameter",
        details={"field": "voice", "value": asked, "allowed": [*VOICES, *sorted(_WISHES)]},
    )
