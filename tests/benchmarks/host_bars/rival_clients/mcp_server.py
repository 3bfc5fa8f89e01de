"""A tool that tells of its progress, on the official MCP Python SDK over stdio."""

from mcp.server.mcpserver import Context, MCPServer

server = MCPServer("rival", log_level="ERROR")


@server.tool()
async def text2image(prompt: str, count: int, ctx: Context) -> str:
    """Tell `count` times."""
    for i in range(count):
        await ctx.report_progress(i, count, f"step {i}")
    return "made"


if __name__ == "__main__":
    server.run("stdio")
