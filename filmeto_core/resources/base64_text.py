"""Base64, with or without a data: prefix, read strictly and measured before it is decoded."""

import base64
import binascii
import re
from dataclasses import dataclass
from urllib.parse import unquote

from filmeto_core.errors import ResourceProcessingError

_HINT = "Give the standard base64 of a file, or data:image/png;base64,..."


@dataclass(frozen=True)
class Base64Text:
    """Base64 that was not decoded yet.

    Args:
        body: Of the standard alphabet, without white space, padded.
        mime_type: What a data: prefix declares.
    """

    body: str
    mime_type: str | None

    @classmethod
    def read(cls, text: str) -> "Base64Text":
        """Take text apart: a data: prefix, white space, either alphabet, padding left out, and in
        a data URI what is percent-encoded.

        Raises:
            ResourceProcessingError: It is no base64; says where not.

        Source: RFC 4648, 4 and 5; RFC 2397 (data:); RFC 3986, 2.1 (percent-encoding).
        """
        mime_type = None
        body = text.strip()
        if body[:5].lower() == "data:":
            head, comma, body = body[5:].partition(",")
            if not comma:
                raise _wrong("a data URI without a comma.")
            mime_type, *parameters = [part.strip() for part in head.split(";")]
            if not any(p.lower() == "base64" for p in parameters):
                raise _wrong(
                    "a data URI that is not base64: ';base64' is missing before its comma."
                )
            if "%" in body:  # as a part of a URI is written where + and / mean something else
                body = unquote(body, errors="replace")
        body = re.sub(r"\s+", "", body)
        if re.search("[-_]", body) and not re.search("[+/]", body):
            body = body.replace("-", "+").replace("_", "/")
        bare = body.rstrip("=")
        if not bare:
            raise _wrong("base64 of nothing: it is empty.")
        if wrong := re.search("[^A-Za-z0-9+/]", bare):
            raise _wrong(f"bad base64: {wrong[0]!r} at character {wrong.start() + 1}.")
        padding = len(body) - len(bare)
        if len(bare) % 4 == 1 or (padding and len(body) % 4) or padding > 2:
            raise _wrong(f"bad base64: it is cut off after {len(body)} characters.")
        return cls(bare + "=" * (-len(bare) % 4), mime_type or None)

    @property
    def size_bytes(self) -> int:
        """How long it is decoded."""
        return len(self.body) // 4 * 3 - self.body[-2:].count("=")

    def decode(self) -> bytes:
        """The bytes."""
        try:
            return base64.b64decode(self.body, validate=True)
        except binascii.Error as error:
            raise _wrong(f"bad base64 ({error}).") from error


def _wrong(message: str) -> ResourceProcessingError:
    return ResourceProcessingError(message, hint=_HINT)
