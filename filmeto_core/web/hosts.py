"""Which names a server answers to, and which pages may call it.

A page of anybody's can have a browser call 127.0.0.1, and can give a name of its own to that address
(DNS rebinding). So a request is served under known names only, and one that a page sends only if the
page is the server's own, or of an origin that was allowed.

Source: WHATWG Fetch, "Origin header" and "CORS protocol"; W3C Fetch Metadata Request Headers.
"""

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from filmeto_core.errors import ForbiddenError, ValidationError, shown
from filmeto_core.web.options import LOCAL_HOSTS, ServeOptions

_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?")
_PORTS = {"http": ":80", "https": ":443"}
# Files, which have names that nobody guesses. A person may follow a link to one from any page, and a page
# of this machine may show a picture of one; neither lets the page itself read it.
_FILES = re.compile(r"/api/v1/(resources/sha256:[0-9a-f]{64}|films/[^/]+/files/.+)")
_FOREIGN = ("cross-site", "same-site")  # another port of this machine is the same site


class Hosts:
    """The names and origins of one server.

    Args:
        options: As it was asked to serve.

    Raises:
        ValidationError: A name or an origin is none.
    """

    def __init__(self, options: ServeOptions) -> None:
        own = [] if options.host in ("0.0.0.0", "::") else [_host_text(options.host)]
        allowed = [_read_host(name) for name in options.allow_hosts]
        self._names = frozenset([*LOCAL_HOSTS, *own, *allowed])
        self._origins = frozenset(_read_origin(origin) for origin in options.allow_origins)

    def check_host(self, host: str, address: str | None) -> None:
        """Refuse a request under a foreign name.

        Args:
            host: The Host header.
            address: Of this machine, at which the request came in: no name can be made up for that.

        Raises:
            ForbiddenError: The name is none of the server's.
        """
        name = without_port(host.lower())
        if name in self._names or (address is not None and name == _host_text(address)):
            return
        raise ForbiddenError(
            f"this server does not answer to the Host {shown(host)}.",
            hint="Call it by its address, or serve that name with --allow-host.",
            field="Host",
            value=host[:200],
        )

    def is_allowed(self, origin: str) -> bool:
        """Whether CORS lets pages of that origin in."""
        return origin in self._origins

    def check_origin(self, origin: str | None, site: str | None, host: str) -> None:
        """Refuse what a foreign page has a browser send.

        Args:
            origin: The Origin header, which browsers send with all but plain reads.
            site: Sec-Fetch-Site, which current browsers send with everything.
            host: The Host header, which was checked.

        Raises:
            ForbiddenError: It comes from a page that is not the server's, nor allowed.
        """
        if origin is None:
            foreign = site in _FOREIGN
        else:
            foreign = not self.is_allowed(origin) and not _is_of(origin, host)
        if not foreign:
            return
        where = f"the origin {shown(origin)}" if origin is not None else f"another site ({site})"
        raise ForbiddenError(
            f"a page of {where} may not call this server.",
            hint="Allow its origin with --allow-origin, or use the server's own page.",
            field="Origin",
            value=(origin or site or "")[:200],
        )


def opens_file(path: str, headers: Mapping[bytes, bytes]) -> bool:
    """Whether a browser asks for a file as people look at one, whatever page it is on.

    Either somebody followed a link, or a page of another port of this machine shows a picture.

    Source: W3C Fetch Metadata Request Headers, "Sec-Fetch-Dest", "-Mode", "-Site", "-User".
    """
    site, mode, target, user = (
        headers.get(f"sec-fetch-{name}".encode()) for name in ("site", "mode", "dest", "user")
    )
    followed = (mode, target, user) == (b"navigate", b"document", b"?1")
    shown_near = (site, mode, target) == (b"same-site", b"no-cors", b"image")
    return (followed or shown_near) and _FILES.fullmatch(path) is not None


def without_port(host: str) -> str:
    """The name or address of a Host header; an IPv6 address keeps its brackets."""
    if host.startswith("["):
        return host[: host.find("]") + 1]
    return host.partition(":")[0]


def _is_of(origin: str, host: str) -> bool:
    """Whether a page of this origin was served under this Host; TLS may end at a proxy before us."""
    scheme, _, place = origin.partition("://")
    port = _PORTS.get(scheme)
    if port is None:
        return False
    return place.lower().removesuffix(port) == host.lower().removesuffix(port)


def _host_text(address: str) -> str:
    return f"[{address.lower()}]" if ":" in address else address.lower()


def _read_host(text: str) -> str:
    name = text.strip().lower()
    try:
        return _host_text(str(ipaddress.ip_address(name.strip("[]"))))
    except ValueError:
        pass
    if not _NAME.fullmatch(name):
        raise ValidationError(
            f"--allow-host: expected a host's name without a port, got {shown(text)}.",
            hint="Such as films.example.org.",
            field="allow_hosts",
            value=text[:200],
        )
    return name


def _read_origin(text: str) -> str:
    told = text.strip().lower().rstrip("/")
    parts = urlsplit(told)
    if parts.scheme not in _PORTS or not parts.netloc or told != f"{parts.scheme}://{parts.netloc}":
        raise ValidationError(
            f"--allow-origin: expected SCHEME://HOST or SCHEME://HOST:PORT, got {shown(text)}.",
            hint="Such as https://films.example.org; each origin by itself, `*` is not taken.",
            field="allow_origins",
            value=text[:200],
        )
    return told.removesuffix(_PORTS[parts.scheme])
