"""A plugin written by hand from the table of the wire alone, as those of the seed design are.

Its own JSON-RPC loop on the main thread, print() for its log, pictures in its own outputs folder, no
heartbeat, no cancel, percentages that go back, a field of its own in the result.
"""

import json
import os
import struct
import sys
import time
import zlib
from datetime import datetime

OUTPUTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "outputs")


class BasePlugin:
    def __init__(self):
        os.makedirs(OUTPUTS, exist_ok=True)

    def get_info(self):
        return {"name": "seed_style", "version": "0.9", "tool_type": "text2image", "engine": "none"}

    def send(self, message):
        print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)

    def report(self, task_id, percent, message="", kind="progress"):
        now = datetime.now().isoformat()
        params = {"task_id": task_id, "type": kind, "percent": percent, "message": message}
        params.update(timestamp=now, data={})
        self.send({"method": "progress", "params": params})

    def run(self):
        self.send({"method": "ready", "params": self.get_info()})
        while True:
            line = sys.stdin.readline().strip()
            if not line:
                break
            request = json.loads(line)
            method, number = request.get("method"), request.get("id")
            if method == "ping":
                self.send({"id": number, "result": {"status": "pong"}})
            elif method == "get_info":
                self.send({"id": number, "result": self.get_info()})
            elif method == "execute_task":
                self.send({"id": number, "result": self.execute_task(request["params"])})
            elif number is not None:
                error = {"code": -32601, "message": "Method not found"}
                self.send({"id": number, "error": error})


class SeedStyle(BasePlugin):
    def execute_task(self, task):
        task_id, parameters = task["task_id"], task["parameters"]
        started = time.time()
        print("Loading the model ...")
        self.report(task_id, 0, "Starting", "started")
        self.report(None, 50, "Painting")
        self.report(task_id, 100, "Saving")
        self.report(task_id, 95, "Post-processing")
        if parameters["prompt"] == "refuse":
            return {"task_id": task_id, "status": "error", "error_message": "no such picture"}
        # What it did not declare, it reads all the same.
        width = parameters.get("width", 32)
        path = os.path.join(OUTPUTS, f"{task_id}.png")
        paint(path, width, width, zlib.crc32(parameters["prompt"].encode()))
        self.report(task_id, 100, "Done", "completed")
        relative = os.path.relpath(path) if parameters["prompt"] == "relative" else path
        return {
            "task_id": task_id,
            "status": "success",
            "output_files": [relative],
            "output_resources": [
                {"type": "image", "path": relative, "mime_type": "image/png", "size": 0}
            ],
            "execution_time": time.time() - started,
            "their_own": 1,
        }


def paint(path, width, height, colour):
    row = b"\0" + (colour & 0xFFFFFF).to_bytes(3, "big") * width
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, data in ((b"IHDR", size), (b"IDAT", zlib.compress(row * height)), (b"IEND", b"")):
            check = struct.pack(">I", zlib.crc32(kind + data))
            file.write(struct.pack(">I", len(data)) + kind + data + check)


if __name__ == "__main__":
    SeedStyle().run()
