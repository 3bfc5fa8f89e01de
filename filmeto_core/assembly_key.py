"""What an assembled film depends on, and so the key under which it is found again.

The assembly (tasks/assemble.py) makes films by it; a film's plan looks them up.
"""

from collections.abc import Mapping

from filmeto_core.film.storyboard_models import Storyboard
from filmeto_core.film.timeline import Timeline
from filmeto_core.languages import told_language
from filmeto_core.resources.calls import canonical_digest
from filmeto_core.types import ResourceOutput

ASSEMBLY = "assemble"
ASSEMBLY_VERSION = 2  # raise it when the same parts give another film, or other subtitles


def assembly_key(
    board: Storyboard,
    timeline: Timeline,
    *,
    clips: Mapping[str, str | None],
    voices: Mapping[str, ResourceOutput],
    sounds: Mapping[str, str | None],
    score: str | None,
) -> str:
    """The key of the film that these parts make.

    Args:
        clips, sounds, score: Digests, by shot where they belong to one.
        voices: By shot; when their words are spoken decides on the subtitles.
    """
    parts = {
        "tool": ASSEMBLY,
        "version": ASSEMBLY_VERSION,
        "title": board.title,
        "profile": board.profile,
        "language": film_language(board),
        "timeline": timeline.to_dict(),
        "clips": dict(clips),
        "voices": {shot: voice.digest for shot, voice in voices.items()},
        "words": {shot: voice.metadata.get("words") or [] for shot, voice in voices.items()},
        "sounds": dict(sounds),
        "sound_settings": {
            shot.id: shot.sound.model_dump(include={"start_s", "gain_db"})
            for shot in board.shots
            if shot.sound
        },
        "score": score,
        "music_gain_db": board.music.gain_db if board.music else 0.0,
    }
    return canonical_digest(parts)


def film_language(board: Storyboard) -> str:
    """The film's language: the storyboard's, or what the narrations are in."""
    said = " ".join(shot.spoken or "" for shot in board.shots)
    return board.voice.language or told_language(said)
