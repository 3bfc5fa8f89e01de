"""A call over HTTP on loopback with its progress as server-sent events: FastAPI, uvicorn, httpx."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from turns import NOTIFICATIONS, PROMPT, serve_turns

START_S = 20


def serve(port: int) -> None:
    """The server's process."""
    import uvicorn
    from fastapi import FastAPI
    from fastapi.responses import StreamingResponse

    app = FastAPI()

    @app.post("/text2image")
    async def text2image(params: dict) -> StreamingResponse:
        async def events() -> AsyncIterator[str]:
            for i in range(params["count"]):
                told = {"task_id": "t", "type": "progress", "percent": i, "message": f"step {i}"}
                yield f"data: {json.dumps({**told, 'data': {'i': i}})}\n\n"
            yield f"data: {json.dumps({'status': 'success', 'output_files': ['made']})}\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", access_log=False)


async def main() -> None:
    """Serve turns."""
    import httpx

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, __file__, str(port)])
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await _answering(client)

            async def call() -> int:
                heard = -1  # the result is none of them
                params = {"prompt": PROMPT, "count": NOTIFICATIONS}
                async with client.stream("POST", "/text2image", json=params) as response:
                    async for line in response.aiter_lines():
                        if line.startswith("data: "):
                            json.loads(line[6:])
                            heard += 1
                return heard

            await serve_turns(call)
    finally:
        server.kill()
        server.wait()


async def _answering(client) -> None:
    import httpx

    for _ in range(START_S * 20):
        try:
            await client.get("/")
            return
        except httpx.TransportError:
            await asyncio.sleep(0.05)
    raise RuntimeError("the server does not answer")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        serve(int(sys.argv[1]))
    else:
        asyncio.run(main())
