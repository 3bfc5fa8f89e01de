"""A plugin written from the table of the wire alone: its own loop, its own outputs folder."""

import json
import os
import sys
import time

INFO = {"name": "seed_style", "version": "0.9", "tool_type": "text2image"}


def send(message):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def progress(task_id, percent, kind="progress"):
    params = {"task_id": task_id, "type": kind, "percent": percent, "message": f"{percent} %"}
    send({"method": "progress", "params": {**params, "timestamp": "now", "data": {}}})


def execute(params):
    task_id, prompt = params["task_id"], params["parameters"]["prompt"]
    print("Loading the model ...")
    progress(task_id, 0, "started")
    progress(None, 50)
    progress(task_id, 100)
    progress(task_id, 95)
    progress(task_id, 100, "completed")
    if prompt == "refuse":
        return {"task_id": task_id, "status": "error", "error_message": "no such picture"}
    os.makedirs("outputs", exist_ok=True)
    path = os.path.join("outputs", f"{task_id}.txt")
    with open(path, "w") as file:
        file.write(prompt + str(params["parameters"].get("undeclared", "")))
    files = [path if prompt == "relative" else os.path.abspath(path)]
    return {"task_id": task_id, "status": "success", "output_files": files, "their_own": 1}


send({"method": "ready", "params": INFO})
while True:
    line = sys.stdin.readline().strip()
    if not line:
        break
    request = json.loads(line)
    if request["method"] == "ping":
        send({"id": request["id"], "result": {"status": "pong"}})
    elif request["method"] == "get_info":
        send({"id": request["id"], "result": INFO})
    elif request["method"] == "execute_task":
        send({"id": request["id"], "result": execute(request["params"])})
    time.sleep(0)
