"""What S3 tells of an object's content, and whether that proves it to be what was sent.

Source: Amazon S3 User Guide, "Checking object integrity"; API Reference, "Object" (ETag).
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Sums:
    """What S3 tells of an object's content: its ETag and its sha256, in S3's own writing."""

    etag: str
    sha256: str

    @classmethod
    def of(cls, pieces: Iterable[bytes]) -> "Sums":
        """Of content that goes in one request."""
        md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
        for piece in pieces:
            md5.update(piece)
            sha256.update(piece)
        return cls(md5.hexdigest(), base64.b64encode(sha256.digest()).decode())

    @classmethod
    def of_parts(cls, parts: Sequence["Sums"]) -> "Sums":
        """Of content that went in parts: the sums of their sums, and how many they were."""
        etag = cls.of(bytes.fromhex(part.etag) for part in parts).etag
        sha256 = cls.of(base64.b64decode(part.sha256) for part in parts).sha256
        return cls(f"{etag}-{len(parts)}", f"{sha256}-{len(parts)}")


def is_right(answer: dict[str, Any], sums: Sums) -> bool:
    """Whether what S3 tells of an object proves that its content is the one of these sums.

    The ETag is the MD5 of what it holds, unless that is encrypted with a key of one's own; then
    its sha256, which the server held the content to as it came.
    """
    if etag_of(answer) == sums.etag:
        return True
    encrypted = str(answer.get("ServerSideEncryption", "")).startswith("aws:kms")
    return encrypted and answer.get("ChecksumSHA256") == sums.sha256


def etag_of(answer: dict[str, Any]) -> str:
    """The ETag of an answer, as bare text."""
    return str(answer.get("ETag", "")).strip('"')
