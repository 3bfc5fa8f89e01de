"""Which network addresses may be fetched from, and a transport that connects to no other.

A name is resolved once; what it resolved to is checked, and connected to. So a name that answers
differently a moment later (DNS rebinding) gains nothing, and neither does a redirect.
"""

import asyncio
import functools
import ipaddress
import socket
import ssl

import httpx

from filmeto_core.errors import ResourceFetchError

_MOST_ADDRESSES = 4  # of a name that are tried in turn
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last 32 bits


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet's.

    Args:
        address: IPv4 or IPv6, in figures.

    Source: the IANA registries of special-purpose addresses, through `ipaddress`.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1]
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


class CheckedTransport(httpx.AsyncBaseTransport):
    """Sends each request to an address that was checked.

    Args:
        allow_private: Allow loopback, private and link-local addresses too.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._inner = httpx.AsyncHTTPTransport(verify=_tls())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Resolve, check, connect; the host's name still goes into TLS and the Host header."""
        host = request.url.host
        failed: httpx.TransportError | None = None
        for address in await self._addresses(host, request):
            pinned = httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return await self._inner.handle_async_request(pinned)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failed = error
        raise failed or httpx.ConnectError(f"{host} has no address")

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()

    async def _addresses(self, host: str, request: httpx.Request) -> list[str]:
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        loop = asyncio.get_running_loop()
        limit_s = request.extensions.get("timeout", {}).get("connect")
        try:
            async with asyncio.timeout(limit_s):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except TimeoutError:
            raise httpx.ConnectTimeout(f"{host} was not resolved in {limit_s} s") from None
        except (socket.gaierror, UnicodeError) as error:
            unknown = not isinstance(error, socket.gaierror) or error.errno == socket.EAI_NONAME
            raise ResourceFetchError(
                f"The host {host} cannot be found ({error}).",
                hint="Check the URL's spelling and the network.",
                retryable=not unknown,
            ) from error
        addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
        private = [a for a in addresses if not is_public(a)]
        if private and not self._allow_private:
            raise ResourceFetchError(
                f"{host} is at {private[0]}, an address that is not public.",
                hint="To fetch from one's own network, set FILMETO_ALLOW_PRIVATE_URLS=true.",
                retryable=False,
            )
        return addresses[:_MOST_ADDRESSES]


@functools.cache  # reading the certificates takes some 20 ms
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()
