"""How a receiver knows that a webhook is this server's: secrets, and signatures made with them.

The server has one secret; each tenant's is derived from it, so that none can sign as this server to
another's receivers.

Source: Standard Webhooks, the specification's "Webhook metadata" and "Signature scheme".
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from pathlib import Path

from filmeto_core.errors import ValidationError
from filmeto_core.resources.durable import first_written, store_errors

PREFIX = "whsec_"
FILE = "webhook-secret"
SECRET_BYTES = 32
_SHORTEST, _LONGEST = 24, 64  # bytes of a secret, as the specification has it


def read_secret(text: str, field: str) -> bytes:
    """The key that a secret's text stands for.

    Raises:
        ValidationError: It is not written as Standard Webhooks writes it.
    """
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if not text.startswith(PREFIX) or not _SHORTEST <= len(key) <= _LONGEST:
        raise ValidationError(
            f"{field}: expected {PREFIX} and base64 of {_SHORTEST} to {_LONGEST} bytes.",
            hint="Make one of random bytes, or leave it out: then it is the server's for your "
            "tenant, which GET /api/v1/webhooks/secret tells.",
            field=field,
        )
    return key


def shown_secret(key: bytes) -> str:
    """A key as receivers are given it."""
    return PREFIX + base64.b64encode(key).decode()


def tenant_key(folder: Path, tenant: str) -> bytes:
    """The key of a tenant; the server's own is made at first use.

    Args:
        folder: The server's, `Settings.serve_dir`.

    Raises:
        StoreError: It can be neither read nor made.
    """
    with store_errors(folder):
        server_key = _server_key(folder)
    return hmac.digest(server_key, b"filmeto webhooks of " + tenant.encode(), hashlib.sha256)


def signature(key: bytes, message_id: str, timestamp_s: int, body: bytes) -> str:
    """The value of `webhook-signature`."""
    signed = f"{message_id}.{timestamp_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def _server_key(folder: Path) -> bytes:
    folder.mkdir(parents=True, exist_ok=True)
    text = first_written(folder / FILE, lambda: shown_secret(secrets.token_bytes(SECRET_BYTES)))
    return base64.b64decode(text.removeprefix(PREFIX))
