"""A FastAPI endpoint that answers each POST with Server-Sent Events, and does nothing else.

    python bare_server.py      says its port; then reads the events of an answer, a JSON list a line

Each event is made into JSON as it is sent, as such an endpoint does, and goes out by itself.
"""

import asyncio
import json
import socket
import sys
import threading
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

app = FastAPI()
answer: list[dict[str, Any]] = []


class Asked(BaseModel):
    """What a task's request has."""

    tool_name: str
    plugin_name: str | None = None
    parameters: dict[str, Any] = {}
    metadata: dict[str, Any] = {}


async def told() -> AsyncIterator[str]:
    """The events."""
    for number, event in enumerate(answer, 1):
        yield f"id: 1-{number}\ndata: {json.dumps(event)}\n\n"


@app.post("/api/v1/tasks/execute")
async def execute(_asked: Asked) -> StreamingResponse:
    """The same events for everybody."""
    return StreamingResponse(told(), media_type="text/event-stream")


def learn() -> None:
    """Take new events from stdin; end with it."""
    for line in sys.stdin:
        answer[:] = json.loads(line)
        sys.stdout.write("learned\n")
        sys.stdout.flush()
    server.should_exit = True


if __name__ == "__main__":
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=2048,
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    threading.Thread(target=learn, daemon=True).start()
    asyncio.run(server.serve(sockets=[listening]))
