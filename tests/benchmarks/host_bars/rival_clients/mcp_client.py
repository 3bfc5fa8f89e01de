"""The client of mcp_server.py, on the official MCP Python SDK over stdio."""

import asyncio
import sys
from pathlib import Path

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

sys.path.insert(0, str(Path(__file__).parent))
from turns import NOTIFICATIONS, PROMPT, serve_turns


async def main() -> None:
    """Serve turns."""
    server = StdioServerParameters(
        command=sys.executable, args=[str(Path(__file__).with_name("mcp_server.py"))]
    )
    async with stdio_client(server) as pipes, ClientSession(*pipes) as session:
        await session.initialize()

        async def call() -> int:
            heard = 0

            async def hear(progress: float, total: float | None, message: str | None) -> None:
                nonlocal heard
                heard += 1

            arguments = {"prompt": PROMPT, "count": NOTIFICATIONS}
            await session.call_tool("text2image", arguments, progress_callback=hear)
            return heard

        await serve_turns(call)


asyncio.run(main())
