"""Which URL goes through which proxy, by the variables that other programs heed too.

`HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in small letters or capitals; the small ones
count where both are set. This machine itself is never asked for through a proxy.
"""

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from filmeto_core.errors import ResourceFetchError

_SCHEMES = ("http", "https")
# Names that no public server has. Source: RFC 6761, 6762, 8375; ICANN's reservation of .internal.
_LOCAL_ENDINGS = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "test")


@dataclass(frozen=True)
class Proxies:
    """The proxies of an environment.

    Args:
        by_scheme: "http" and "https" to a proxy's URL.
        exceptions: Hosts that are asked for directly, as `NO_PROXY` lists them.
    """

    by_scheme: Mapping[str, str]
    exceptions: tuple[str, ...] = ()

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> "Proxies":
        """Those that these variables name."""

        def value(name: str) -> str:
            return (variables.get(name) or variables.get(name.upper()) or "").strip()

        found = {scheme: value(f"{scheme}_proxy") or value("all_proxy") for scheme in _SCHEMES}
        chosen = {scheme: proxy for scheme, proxy in found.items() if proxy}
        return cls(chosen, tuple(value("no_proxy").replace(",", " ").lower().split()))

    def proxy_for(self, url: httpx.URL) -> httpx.URL | None:
        """The proxy that fetches a URL, or None where it is fetched directly.

        Raises:
            ResourceFetchError: The proxy is none that can be used.
        """
        named = self.by_scheme.get(url.scheme)
        if not named or self._is_exempt(url):
            return None
        try:
            proxy = httpx.URL(named if "://" in named else f"http://{named}")
        except (httpx.InvalidURL, ValueError) as error:
            raise _unusable(f"the {url.scheme} proxy's address is malformed ({error})") from error
        if proxy.scheme not in _SCHEMES or not proxy.host:
            raise _unusable(f"{shown_proxy(proxy)} is no http or https proxy")
        return proxy

    def _is_exempt(self, url: httpx.URL) -> bool:
        host, port = url.host.rstrip("."), url.port or {"http": 80, "https": 443}[url.scheme]
        address = figures(host)
        if host == "localhost" or (address is not None and address.is_loopback):
            return True
        return any(_matches(rule, host, port, address) for rule in self.exceptions)


Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _matches(rule: str, host: str, port: int, address: Address | None) -> bool:
    if rule == "*":
        return True
    name, colon, wanted = rule.rpartition(":")
    if colon and wanted.isdigit() and (name.endswith("]") or ":" not in name):
        if int(wanted) != port:
            return False
        rule = name
    rule = rule.strip("[]")
    try:
        network = ipaddress.ip_network(rule, strict=False)
    except ValueError:
        domain = rule.removeprefix("*").strip(".")
        return bool(domain) and (host == domain or host.endswith(f".{domain}"))
    return address is not None and address in network


def figures(host: str) -> Address | None:
    """The address that a host's text writes, in any of the forms that systems take, or None.

    >>> str(figures("0x7f.1"))
    '127.0.0.1'

    Source: POSIX, inet_addr (one to four parts, octal and hexadecimal too).
    """
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host)) if host[:1].isdigit() else None
    except (OSError, UnicodeError):
        return None


def is_local_name(host: str) -> bool:
    """Whether a name can only mean a machine nearby."""
    name = host.rstrip(".").lower()
    return "." not in name or name.endswith(tuple(f".{ending}" for ending in _LOCAL_ENDINGS))


def shown_proxy(proxy: httpx.URL) -> str:
    """A proxy for messages, without its user and password."""
    return str(proxy.copy_with(username=None, password=None, path="/")).rstrip("/")


def _unusable(what: str) -> ResourceFetchError:
    return ResourceFetchError(
        f"{what[0].upper()}{what[1:]}.",
        hint="Set HTTPS_PROXY to one such as http://proxy.example:3128, or NO_PROXY to the host.",
        retryable=False,
    )
