"""Where a page of a list ends, as a text that its reader gives back to have the next one."""

import base64
import binascii

from filmeto_core.errors import ValidationError, shown


def made_cursor(at: float, name: str) -> str:
    """The cursor behind an entry: its time (seconds since 1970), and its name."""
    return base64.urlsafe_b64encode(f"{at:.6f} {name}".encode()).decode().rstrip("=")


def read_cursor(cursor: str | None) -> tuple[float, str] | None:
    """What `made_cursor` told; None for the first page.

    Raises:
        ValidationError: It is none of ours.
    """
    if cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        stamp, _, name = text.partition(" ")
        return float(stamp), name
    except (ValueError, binascii.Error):
        raise ValidationError(
            f"cursor: {shown(cursor)} is none of ours.",
            hint="Give the `next_cursor` of the page before, or none for the first page.",
            field="cursor",
            value=cursor,
        ) from None
