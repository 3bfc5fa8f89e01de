"""Where the user's ComfyUI is and how to get in, from the environment alone."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from filmeto_plugin import PluginError

DEFAULT_URL = "http://127.0.0.1:8188"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Settings:
    """What COMFYUI_URL, COMFYUI_API_KEY, COMFYUI_HEADERS and COMFYUI_WORKFLOWS say.

    Args:
        url: The server's, without a slash at its end; may have a path, a user and a password.
        headers: Sent with every request; never shown, they may hold keys.
        workflows: The user's folder of workflows, or None.
    """

    url: str
    headers: dict = field(default_factory=dict, repr=False)
    workflows: Path | None = None

    @property
    def shown_url(self):
        """The URL without user and password, for people."""
        parts = urlsplit(self.url)
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))

    @property
    def login(self):
        """(user, password) of the URL, or None."""
        parts = urlsplit(self.url)
        if parts.username is None:
            return None
        return unquote(parts.username), unquote(parts.password or "")

    @property
    def is_loopback(self):
        """Whether the server is on this machine, so that no proxy may stand between."""
        return urlsplit(self.url).hostname in LOOPBACK

    @property
    def socket_url(self):
        """The WebSocket's, without user and password."""
        parts = urlsplit(self.shown_url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        return urlunsplit(parts._replace(scheme=scheme))


def read_settings(environment):
    """The settings of a mapping of environment variables.

    Raises:
        PluginError: "bad_settings": one of them is wrong; the message names it, never its secrets.
    """
    url = (environment.get("COMFYUI_URL") or DEFAULT_URL).strip().rstrip("/")
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        fits = False
    if not fits or parts.query or parts.fragment:
        raise _wrong("COMFYUI_URL", f"an address such as {DEFAULT_URL}")
    headers = _headers(environment.get("COMFYUI_HEADERS") or "")
    if key := (environment.get("COMFYUI_API_KEY") or "").strip():
        headers.setdefault("Authorization", f"Bearer {key}")
    folder = environment.get("COMFYUI_WORKFLOWS") or ""
    workflows = Path(folder).expanduser() if folder else None
    if workflows is not None and not workflows.is_dir():
        raise _wrong("COMFYUI_WORKFLOWS", f"a folder, and there is none at {workflows}")
    return Settings(url, headers, workflows)


def _headers(text):
    """Headers from a JSON object, or from lines of `Name: value`."""
    expected = 'a JSON object such as {"X-Key": "..."}, or lines of `Name: value`'
    text = text.strip()
    if text.startswith("{"):
        try:
            headers = json.loads(text)
        except ValueError:
            raise _wrong("COMFYUI_HEADERS", expected) from None
    else:
        pairs = [line.partition(":") for line in text.splitlines() if line.strip()]
        headers = {name.strip(): value.strip() for name, _, value in pairs}
    if not all(isinstance(value, str) and name and value for name, value in headers.items()):
        raise _wrong("COMFYUI_HEADERS", expected)
    return headers


def _wrong(name, expected):
    return PluginError(f"{name}: expected {expected}; set it and try again", code="bad_settings")
