"""The server's sockets."""

import asyncio
import socket

from filmeto_core.web.server import _tcp


def test_an_event_does_not_wait_until_the_one_before_it_is_acknowledged():
    async def main() -> int:
        told = asyncio.get_running_loop().create_future()

        class Accepted(asyncio.Protocol):
            def connection_made(self, transport):
                made = transport.get_extra_info("socket")
                told.set_result(made.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
                transport.close()

        listening = _tcp("127.0.0.1", 0)
        server = await asyncio.get_running_loop().create_server(Accepted, sock=listening)
        async with server:
            _, writer = await asyncio.open_connection(*listening.getsockname())
            writer.close()
            return await asyncio.wait_for(told, 20)

    assert asyncio.run(main()) == 1
