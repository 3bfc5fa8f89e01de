"""What is asked of a writer, and what it hands back."""

from dataclasses import dataclass

from filmeto_core.errors import ValidationError
from filmeto_core.film.storyboard_values import read_language
from filmeto_core.languages import primary, told_language

MOST_SHOTS = 100
LONGEST_LOGLINE = 2000  # characters; a logline is a sentence or two


@dataclass(frozen=True)
class Request:
    """A film that somebody wants written.

    Args:
        logline: What it is about, a sentence or a few, on one line.
        shots: How many.
        language: Of narration and prompts, a BCP 47 tag.
        profile: For the storyboard, or "" for its default.
        style: Of the pictures, or "".
        seed: Another one gives another film of the same logline.
    """

    logline: str
    shots: int
    language: str
    profile: str = ""
    style: str = ""
    seed: int = 0


@dataclass(frozen=True)
class Written:
    """A storyboard as data, and what is to be said about it.

    Args:
        board: What `load_storyboard` takes; keys in the order in which they are written.
        head: Lines of the comment at its top.
        acts: Shot id to the comment before it.
        notes: Lines for stderr.
    """

    board: dict
    head: tuple[str, ...] = ()
    acts: dict | None = None
    notes: tuple[str, ...] = ()


def read_request(
    logline: str,
    shots: int,
    language: str | None = None,
    profile: str | None = None,
    style: str | None = None,
    seed: int = 0,
) -> Request:
    """The request, checked.

    Raises:
        ValidationError: Something is wrong with it.
    """
    plain = " ".join("".join(c if c.isprintable() else " " for c in logline).split())
    if not any(sign.isalpha() for sign in plain):
        raise ValidationError(
            "the logline says nothing: expected a sentence on what the film is about.",
            hint='Such as: filmeto write "An old lighthouse keeper finds a letter in a bottle."',
            field="logline",
        )
    if len(plain) > LONGEST_LOGLINE:
        raise ValidationError(
            f"the logline has {len(plain)} characters; at most {LONGEST_LOGLINE} are read.",
            hint="A logline is a sentence or two. For a whole text write the storyboard itself.",
            field="logline",
        )
    if not 1 <= shots <= MOST_SHOTS:
        raise ValidationError(
            f"--shots: expected 1 to {MOST_SHOTS}, got {shots}.", field="shots", value=shots
        )
    return Request(
        plain, shots, _language(language, plain), profile or "", (style or "").strip(), seed
    )


def _language(asked: str | None, logline: str) -> str:
    if asked is None:
        return told_language(logline)
    try:
        return read_language(asked)
    except ValueError as error:
        raise ValidationError(
            f"--language: {error}.".replace("..", "."), field="language", value=asked
        ) from None


def is_chinese(language: str) -> bool:
    """Whether a language is written as Chinese is."""
    return primary(language) in ("zh", "yue", "cmn")
