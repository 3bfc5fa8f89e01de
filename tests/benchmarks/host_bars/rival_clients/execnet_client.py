"""A call by execnet: one channel a call, over the pipes of a process that execnet started."""

import asyncio
import sys
from pathlib import Path

import execnet

sys.path.insert(0, str(Path(__file__).parent))
from turns import NOTIFICATIONS, PROMPT, serve_turns

SERVER = """
while True:
    params = channel.receive()
    if params is None:
        break
    for i in range(params["count"]):
        told = {"task_id": "t", "type": "progress", "percent": i, "message": "step %d" % i}
        channel.send(told)
    channel.send({"status": "success", "output_files": ["made"]})
"""


async def main() -> None:
    """Serve turns."""
    gateway = execnet.makegateway("popen")
    channel = gateway.remote_exec(SERVER)

    async def call() -> int:
        channel.send({"prompt": PROMPT, "count": NOTIFICATIONS})
        heard = 0
        while "status" not in channel.receive():
            heard += 1
        return heard

    await serve_turns(call)
    channel.send(None)
    gateway.exit()


asyncio.run(main())
