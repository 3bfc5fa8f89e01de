"""What is kept of an upload, and what its caller gives and gets: tus's headers, read and written.

Source: tus resumable upload protocol 1.0.0, tus.io/protocols/resumable-upload.
"""

import base64
import binascii
import re
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from filmeto_core.errors import ValidationError, shown
from filmeto_core.types import Model
from filmeto_core.web.resource_models import Resource

UPLOADS_URL = "/api/v1/uploads/"
UPLOAD_ID = re.compile(r"[0-9a-f]{32}")
_LONGEST_NAME = 200  # characters of a file's name that are kept


class Upload(Model):
    """An upload, as it is kept beside its bytes."""

    id: str
    tenant: str
    size_bytes: int = Field(description="Of the whole file")
    metadata: str = Field("", description="Upload-Metadata as it came")
    name: str = Field("", description="Of the file, for messages")
    mime_type: str | None = Field(None, description="What it claims to be; checked by content")
    created_at: datetime
    digest: str | None = Field(None, description="Of the file in the store, once it is there")
    error: dict[str, Any] | None = Field(None, description="Why the whole file was refused")

    @property
    def is_over(self) -> bool:
        """Whether it takes no more bytes: its file is in the store, or was refused."""
        return self.digest is not None or self.error is not None

    @property
    def called(self) -> str:
        """What messages call its file."""
        return self.name or "the upload"


class UploadStatus(Model):
    """How an upload stands."""

    id: str
    url: str
    state: Literal["open", "done", "refused"]
    offset: int = Field(description="Bytes that are there")
    size_bytes: int = Field(description="Bytes of the whole file")
    name: str
    expires_at: datetime = Field(description="It is given up then, unless something comes before")
    resource: Resource | None = Field(None, description="The file, once it is done")
    error: dict[str, Any] | None = Field(
        None, description="Why it was refused: code, message, hint"
    )


def read_metadata(header: str | None) -> dict[str, str]:
    """The pairs of an Upload-Metadata header.

    Raises:
        ValidationError: It is not written as tus writes it.
    """
    pairs = {}
    for part in (header or "").split(","):
        if not part.strip():
            continue
        key, _, value = part.strip().partition(" ")
        try:
            pairs[key] = base64.b64decode(value.strip(), validate=True).decode()
        except (ValueError, binascii.Error):
            raise ValidationError(
                f"Upload-Metadata: the value of {shown(key)} is no base64 of a text.",
                hint="Write `filename BASE64,filetype BASE64`.",
                field="Upload-Metadata",
            ) from None
    return pairs


def plain_name(name: str) -> str:
    """A file's name without its folders and what cannot be shown."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(c for c in last if c.isprintable())[:_LONGEST_NAME]
