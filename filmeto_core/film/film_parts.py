"""What a film is made of, besides its timeline: the files of its shots and of the whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class SoundEffect:
    """A sound that belongs to a shot.

    Args:
        start_s: Where it starts, seconds from the shot's start.
        gain_db: Louder or softer than the file is, in decibels.
    """

    path: Path
    start_s: float = 0.0
    gain_db: float = 0.0


@dataclass(frozen=True)
class FilmParts:
    """The files of a film, by shot id where they belong to a shot.

    Args:
        clips: Each shot's picture.
        voices: The voices of the shots that speak.
        sounds: Sound effects.
        score: The music.
        subtitles: An SRT file.
        language: The subtitles' and the voice's language, BCP 47.
        own_sound: The shots whose clip is heard although they have a voice. The clip of a shot
            without a voice is always heard; with one it is not, unless named here, because a clip
            that was made to speak carries that very voice.
        score_gain_db: Louder or softer than music is otherwise, in decibels.
    """

    clips: Mapping[str, Path]
    voices: Mapping[str, Path] = field(default_factory=dict)
    sounds: Mapping[str, SoundEffect] = field(default_factory=dict)
    score: Path | None = None
    subtitles: Path | None = None
    language: str | None = None
    title: str = ""
    own_sound: frozenset[str] = frozenset()
    score_gain_db: float = 0.0
