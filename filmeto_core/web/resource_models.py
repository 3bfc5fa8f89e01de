"""How a tenant's files are told of."""

from pathlib import Path

from pydantic import Field

from filmeto_core.journal.owned import OwnedFile
from filmeto_core.resources.store import Store
from filmeto_core.signature import FORMATS
from filmeto_core.types import Model
from filmeto_core.web.own_resources import RESOURCES_URL

_TYPES = {ending: mime_type for mime_type, (ending, _) in FORMATS.items()}


class Resource(OwnedFile):
    """A file of the caller's."""

    url: str = Field(description="Where it is served; an input of a task may name it so")
    mime_type: str | None = Field(description="Told from its content; None: it is gone")

    @classmethod
    def of(cls, file: OwnedFile, store: Store) -> "Resource":
        """The file as it lies in the store."""
        path = store.path_of(file.digest)
        mime_type = None if path is None else media_type_of(path)
        return cls(**dict(file), url=f"{RESOURCES_URL}{file.digest}", mime_type=mime_type)


class ResourcePage(Model):
    """Some of a tenant's files, newest first."""

    resources: list[Resource]
    owned_bytes: int = Field(description="What all of the caller's files come to")
    next_cursor: str | None = Field(
        description="Give it as `cursor` to have the next; None: no more"
    )


def media_type_of(path: Path) -> str:
    """The MIME type of a file in the store, whose ending says what its content was found to be."""
    return _TYPES.get(path.suffix, "application/octet-stream")
