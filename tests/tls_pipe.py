"""Puts TLS before a port of this machine: `python tls_pipe.py HOST PORT CERTIFICATE` prints its own port.

Source: RFC 8446; a reverse proxy that only ends TLS, such as stunnel.
"""

import asyncio
import contextlib
import ssl
import sys


async def main(host: str, port: int, certificate: str) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        both = piped(reader, inner_writer), piped(inner_reader, writer)
        await asyncio.gather(*both)

    server = await asyncio.start_server(passed_on, host, 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def piped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
