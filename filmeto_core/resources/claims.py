"""What an input claims to be and is wanted for, against what it is: kind, type and size."""

from filmeto_core.errors import ResourceProcessingError
from filmeto_core.media import Kind
from filmeto_core.resources.store import Stored
from filmeto_core.settings import Settings
from filmeto_core.signature import SOUND_ONLY, describe, sniff

WORDS = {"image": "a picture", "video": "a clip", "audio": "a sound"}
# Names for the same format that are about; the right one is what `sniff` says.
_ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/apng": "image/png",
    "image/x-ms-bmp": "image/bmp",
    "image/heic": "image/heif",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/mp3": "audio/mpeg",
    "audio/x-mp3": "audio/mpeg",
    "audio/x-flac": "audio/flac",
    "audio/x-aac": "audio/aac",
    "audio/aacp": "audio/aac",
    "audio/x-aiff": "audio/aiff",
    "audio/m4a": "audio/mp4",
    "audio/x-m4a": "audio/mp4",
    "audio/opus": "audio/ogg",
    "application/ogg": "audio/ogg",
    "video/x-m4v": "video/mp4",
    "video/mov": "video/quicktime",
    "video/avi": "video/x-msvideo",
    "video/msvideo": "video/x-msvideo",
    "video/matroska": "video/x-matroska",
}


def says_something(mime_type: str | None) -> bool:
    """Whether a declared type says anything that the content could contradict."""
    main, _, sub = (mime_type or "").lower().partition("/")
    return main in WORDS and sub not in ("", "*")


def check_head(
    head: bytes,
    size_bytes: int,
    name: str,
    declared: str | None,
    settings: Settings,
    kinds: set[str] | None,
) -> int:
    """Judge a file by its first bytes and size; gives the largest size of its kind."""
    if not head:
        raise unusable(f"{name} is empty (0 bytes).", "Make or fetch it again.")
    found = sniff(head)
    if found is None:
        raise unusable(
            f"{name} is no picture, clip or sound: it holds {describe(head)}.",
            "Use PNG, JPEG, WebP, MP4, MOV, WebM, WAV, MP3 or FLAC.",
        )
    kind = found.partition("/")[0]
    # Of a container, only its streams tell whether it is a clip or a sound: see check_stored.
    possible = {kind, "audio"} if found in SOUND_ONLY else {kind}
    if kinds and not possible & kinds:
        raise _other_kind(name, found, kinds)
    if says_something(declared) and _family(declared) != _family(found):
        what = f"{name} is declared as {declared}, but its content is {found}."
        raise unusable(what, "Leave the type out, or name the right one.")
    limit = size_limit(kind, settings)
    if size_bytes > limit:
        raise unusable(
            f"{name} has {size_bytes:,} bytes, more than the {limit:,} allowed for {WORDS[kind]}.",
            f"Use a smaller file, or raise FILMETO_MAX_{kind.upper()}_BYTES.",
        )
    return limit


def check_stored(stored: Stored, name: str, settings: Settings, kinds: set[str] | None) -> None:
    """Judge a file once its streams are known: a container may hold a clip or a sound alone."""
    if kinds and stored.kind not in kinds:
        raise _other_kind(name, stored.mime_type, kinds)
    limit = size_limit(stored.kind, settings)
    if stored.size > limit:
        raise unusable(
            f"{name} has {stored.size:,} bytes, more than the {limit:,} allowed for "
            f"{WORDS[stored.kind]}.",
            f"Use a smaller file, or raise FILMETO_MAX_{stored.kind.upper()}_BYTES.",
        )


def _other_kind(name: str, found: str, kinds: set[str]) -> ResourceProcessingError:
    expected = " or ".join(WORDS[kind] for kind in sorted(kinds))
    got = WORDS[found.partition("/")[0]]
    return unusable(f"expected {expected}, but {name} is {got} ({found}).", f"Give {expected}.")


def _family(mime_type: str) -> str:
    plain = mime_type.partition(";")[0].strip().lower()
    plain = _ALIASES.get(plain, plain)
    return SOUND_ONLY.get(plain, plain)


def size_limit(kind: Kind | str, settings: Settings) -> int:
    """The most bytes that a file of this kind may have."""
    return {
        "image": settings.max_image_bytes,
        "video": settings.max_video_bytes,
        "audio": settings.max_audio_bytes,
    }[kind]


def unusable(message: str, hint: str, **details: str) -> ResourceProcessingError:
    """The error for an input that is of no use."""
    return ResourceProcessingError(message, hint=hint, **details)
