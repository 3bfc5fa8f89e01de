"""Files that shots keep: found in the store, of the kind that their tool makes."""

from pathlib import Path

from filmeto_core.errors import ResourceProcessingError
from filmeto_core.film.storyboard_models import Shot
from filmeto_core.resources.store import Store
from filmeto_core.types import ResourceOutput, ToolType

WHERE = "`filmeto store ls` and film.json tell the digests that are there"


def full_digest(store: Store, digest: str) -> str | None:
    """The digest that begins so, if the store has exactly one file of it.

    Args:
        digest: "sha256:" and 12 to 64 hexadecimal digits.
    """
    digits = digest.removeprefix("sha256:")
    if len(digits) == 64:
        return digest if store.has(digest) else None
    found = {path.stem for path in (store.folder / "objects" / digits[:2]).glob(f"{digits}*")}
    return f"sha256:{found.pop()}" if len(found) == 1 else None


def pinned_output(store: Store, shot: Shot, tool: ToolType) -> ResourceOutput:
    """The file that the shot keeps for the tool.

    Raises:
        ResourceProcessingError: It is not in the store, is damaged, or is of another kind.
    """
    asked, field = shot.pinned[tool], f"pinned.{tool}"
    digest = full_digest(store, asked)
    if digest is None or not store.verify(digest):
        raise ResourceProcessingError(
            f"{field}: there is no whole file {asked} in the store.",
            hint=f"{WHERE}; without the pin it is made anew.",
            field=field,
            value=asked,
            shot=shot.id,
        )
    stored = store.get(digest)
    if stored.kind != tool.makes:
        raise ResourceProcessingError(
            f"{field}: {asked} is {stored.mime_type}, and {tool} makes {tool.makes}.",
            hint=f"{WHERE}.",
            field=field,
            value=asked,
            shot=shot.id,
        )
    told = {"digest": digest, "duration_s": stored.info.duration_s}
    return ResourceOutput(
        type=stored.kind,
        path=str(Path(stored.path)),
        mime_type=stored.mime_type,
        size=stored.size,
        metadata={name: value for name, value in told.items() if value is not None},
    )
