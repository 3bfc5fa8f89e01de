"""Which network addresses may be fetched from, and a transport that connects to no other.

A name is resolved once; what it resolved to is checked, and connected to. So a name that answers
differently a moment later (DNS rebinding) gains nothing, and neither does a redirect. Through a proxy
it is the proxy that resolves and connects; then what can be known here is checked: addresses in
figures, names that are never public, and what a name means here, if it means anything here.
"""

import asyncio
import functools
import ipaddress
import socket
import ssl

import httpx

from filmeto_core.errors import ResourceFetchError
from filmeto_core.resources.proxies import Proxies, figures, is_local_name, shown_proxy

_MOST_ADDRESSES = 4  # of a name that are tried in turn
_LOOK_UP_S = 2.0  # for a name that a proxy will resolve: behind some proxies nothing answers
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
    """Sends each request to an address that was checked, or to the user's proxy.

    Args:
        allow_private: Allow loopback, private and link-local addresses too.
        proxies: The user's; a proxy may be anywhere.
    """

    def __init__(self, *, allow_private: bool, proxies: Proxies | None = None) -> None:
        self._allow_private = allow_private
        self._proxies = proxies or Proxies({})
        self._inner = httpx.AsyncHTTPTransport(verify=_tls())
        self._through: dict[httpx.URL, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Resolve, check, connect; the host's name still goes into TLS and the Host header."""
        proxy = self._proxies.proxy_for(request.url)
        if proxy is not None:
            return await self._send_through(proxy, request)
        host = request.url.raw_host.decode("ascii")  # a name of other letters as networks write it
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

    async def _send_through(self, proxy: httpx.URL, request: httpx.Request) -> httpx.Response:
        if not self._allow_private:
            await self._check_proxied(request.url.raw_host.decode("ascii"))
        if proxy not in self._through:
            self._through[proxy] = httpx.AsyncHTTPTransport(verify=_tls(), proxy=httpx.Proxy(proxy))
        try:
            return await self._through[proxy].handle_async_request(request)
        except httpx.ProxyError as error:
            passing = not str(error).startswith("4")
            raise ResourceFetchError(
                f"The proxy {shown_proxy(proxy)} refuses to connect to {request.url.host} "
                f"({error}).",
                hint="Check its user and password in HTTPS_PROXY, or set NO_PROXY to the host.",
                retryable=passing,
            ) from error
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            why = str(error) or type(error).__name__
            raise type(error)(f"the proxy {shown_proxy(proxy)} cannot be reached: {why}") from error

    async def _check_proxied(self, host: str) -> None:
        address = figures(host)
        if address is not None:
            self._check_public(host, [str(address)])
        elif is_local_name(host):
            raise _not_public(f"{host} is the name of a machine that is not public")
        else:
            self._check_public(host, await _looked_up(host))

    def _check_public(self, host: str, addresses: list[str]) -> None:
        private = [a for a in addresses if not is_public(a)]
        if private and not self._allow_private:
            raise _not_public(f"{host} is at {private[0]}, an address that is not public")

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in (self._inner, *self._through.values()):
            await transport.aclose()

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
        self._check_public(host, addresses)
        return addresses[:_MOST_ADDRESSES]


async def _looked_up(host: str) -> list[str]:
    """What a name means here; nothing where it means nothing here, or not soon."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_LOOK_UP_S):
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (TimeoutError, OSError, UnicodeError):
        return []
    return [str(info[4][0]) for info in found]


def _not_public(what: str) -> ResourceFetchError:
    return ResourceFetchError(
        f"{what}.",
        hint="To fetch from one's own network, set FILMETO_ALLOW_PRIVATE_URLS=true.",
        retryable=False,
    )


@functools.cache  # reading the certificates takes some 20 ms
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()
