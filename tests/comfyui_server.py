"""A ComfyUI for tests: its published protocol on loopback, toy nodes, and faults on request.

`python comfyui_server.py PORT FOLDER` serves until it is killed, and says its port when it is ready. /object_info, /upload/image,
/prompt, /queue, /history, /interrupt, /view and /ws answer as the real server's do; one job runs
at a time. Queue and history are in memory: killed and started again it knows of nothing, as the
real one. POST /test sets faults, GET /test tells what was asked of it:

    hold: true            samplers wait at every step until it is false
    fail: [PATH, STATUS, TIMES, HEADERS]      that many answers to a path are errors
    swallow: 1            a prompt is taken and its answer is never sent: the connection breaks
    truncate: 1           a file is cut in the middle, as often
    sockets: "closed"     open sockets break and none opens; "open" again
    node_fails: [CLASS, TYPE, MESSAGE]        a node of this class fails
    forgets: true         outputs are gone from the disk
    lacks: [NAME, ...]    node classes or model files that it does not have
    gives: {CLASS: {...}} what a node of this class tells of its outputs, instead of what it made
    others_interrupt: true                    somebody presses Cancel in the browser
"""

import asyncio
import contextlib
import email
import email.policy
import json
import socket
import sys
import threading
import uuid
from pathlib import Path

import uvicorn
from comfyui_graph import Interrupted, NodeFailed, execute, object_info, refusal
from PIL import Image
from starlette.applications import Starlette
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect


class Comfy:
    """The queue, its worker, and what tests ask for."""

    def __init__(self, folder):
        self.folder = folder
        self.running, self.waiting, self.history, self.sockets = None, [], {}, {}
        self.numbers, self.asked, self.faults = 0, [], {}
        self.node = None  # the one that works
        self.lock, self.hold, self.interrupted = threading.Condition(), False, False
        for kind in ("input", "output"):
            (folder / kind).mkdir(parents=True, exist_ok=True)

    def put(self, prompt, extra, ends):
        with self.lock:
            self.numbers += 1
            item = (self.numbers, str(uuid.uuid4()), prompt, extra, ends)
            self.waiting.append(item)
            self.lock.notify_all()
        return item

    def stop(self):
        """Interrupt what runs."""
        with self.lock:
            self.interrupted = True
            self.lock.notify_all()

    def work(self):
        """Run one job after the other, for ever."""
        while True:
            with self.lock:
                self.lock.wait_for(lambda: self.waiting)
                self.running, self.interrupted = self.waiting.pop(0), False
            entry = Run(self, self.running).entry()
            with self.lock:
                self.history[self.running[1]] = entry
                self.running = None

    def take_fault(self, name):
        """Whether a fault that happens so many times happens now."""
        left = self.faults.get(name, 0)
        self.faults[name] = max(0, left - 1)
        return left > 0

    def send(self, client_id, kind, data):
        """An event to the socket of a client, if it has one."""
        ear = self.sockets.get(client_id)
        if ear is not None:
            message = json.dumps({"type": kind, "data": data})
            asyncio.run_coroutine_threadsafe(_quietly(ear.send_text(message)), self.loop)
            preview = b"\x00\x00\x00\x01\x00\x00\x00\x01 a preview"
            asyncio.run_coroutine_threadsafe(_quietly(ear.send_bytes(preview)), self.loop)


class Run:
    """One job as its nodes see it."""

    def __init__(self, comfy, item):
        self.comfy, self.item, self.outputs, self.messages = comfy, item, {}, []
        self.node = None

    def entry(self):
        """Execute it; returns its entry of the history."""
        _, _, prompt, _, ends = self.item
        status = "success"
        self.tell("execution_start", kept=True)
        self.tell("execution_cached", nodes=[], kept=True)
        try:
            execute(self, prompt, ends)
            self.tell("execution_success", kept=True)
        except Interrupted:
            status = "error"
            about = {"node_id": self.node, "node_type": prompt[self.node]["class_type"]}
            self.tell("execution_interrupted", **about, executed=[], kept=True)
        except NodeFailed as error:
            status = "error"
            about = {"node_id": self.node, "node_type": prompt[self.node]["class_type"]}
            about |= {"exception_message": str(error), "exception_type": error.kind}
            self.tell("execution_error", **about, traceback=[], kept=True)
        self.tell("executing", node=None)
        done = {"status_str": status, "completed": status == "success", "messages": self.messages}
        return {"prompt": self.item, "outputs": self.outputs, "status": done, "meta": {}}

    def tell(self, kind, kept=False, **data):
        data = {**data, "prompt_id": self.item[1]}
        if kept:
            self.messages.append([kind, data])
        self.comfy.send(self.item[3].get("client_id"), kind, data)

    def begins(self, node, class_type):
        self.node = self.comfy.node = node
        self.tell("executing", node=node, display_node=node)
        fault = self.comfy.faults.get("node_fails")
        if fault and fault[0] == class_type:
            raise NodeFailed(*fault[1:])

    def step(self, node, value, most):
        self.tell("progress", node=node, value=value, max=most)
        comfy = self.comfy
        with comfy.lock:
            comfy.lock.wait_for(lambda: comfy.interrupted or not comfy.hold)
        if comfy.interrupted:
            raise Interrupted

    def made(self, node, output):
        gives = self.comfy.faults.get("gives") or {}
        output = gives.get(self.item[2][node]["class_type"], output)
        self.outputs[node] = output
        self.tell("executed", node=node, output=output)

    def input_image(self, name):
        return Image.open(self.comfy.folder / "input" / name).convert("RGB")

    def new_output(self, prefix, ending):
        subfolder, _, stem = prefix.rpartition("/")
        folder = self.comfy.folder / "output" / subfolder
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{stem}_{len(list(folder.iterdir())) + 1:05}_.{ending}"
        return folder / name, {"filename": name, "subfolder": subfolder, "type": "output"}


async def _quietly(sending):
    with contextlib.suppress(Exception):  # the client is gone
        await sending


async def info(request):
    return JSONResponse(object_info(request.path_params["name"], comfy.faults.get("lacks", ())))


async def upload(request):
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    parts = email.message_from_bytes(head + await request.body(), policy=email.policy.HTTP)
    form = {p.get_param("name", header="content-disposition"): p for p in parts.iter_parts()}
    name = form["image"].get_filename()
    subfolder = form["subfolder"].get_payload(decode=True).decode()
    path = comfy.folder / "input" / subfolder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(form["image"].get_payload(decode=True))
    return JSONResponse({"name": name, "subfolder": subfolder, "type": "input"})


async def post_prompt(request):
    sent = await request.json()
    error, node_errors, ends = refusal(sent["prompt"])
    if error:
        return JSONResponse({"error": error, "node_errors": node_errors}, 400)
    extra = {**sent.get("extra_data", {}), "client_id": sent.get("client_id")}
    number, prompt_id, *_ = comfy.put(sent["prompt"], extra, ends)
    if comfy.take_fault("swallow"):
        raise ConnectionResetError
    told = {"prompt_id": prompt_id, "number": number, "node_errors": node_errors}
    return JSONResponse(told)


async def queue(request):
    if request.method == "POST":
        for prompt_id in (await request.json()).get("delete", []):
            with comfy.lock:
                comfy.waiting = [item for item in comfy.waiting if item[1] != prompt_id]
        return Response()
    with comfy.lock:  # a job that begins meanwhile would be in neither
        running, waiting = [comfy.running] if comfy.running else [], list(comfy.waiting)
    return JSONResponse({"queue_running": running, "queue_pending": waiting})


async def history(request):
    prompt_id = request.path_params.get("id")
    if prompt_id is None:
        return JSONResponse(
            dict(list(comfy.history.items())[-int(request.query_params["max_items"]) :])
        )
    found = comfy.history.get(prompt_id)
    return JSONResponse({prompt_id: found} if found else {})


async def interrupt(request):
    """As the older servers: whatever runs."""
    comfy.stop()
    return Response()


async def view(request):
    asked = request.query_params
    path = comfy.folder / asked["type"] / asked["subfolder"] / asked["filename"]
    if comfy.faults.get("forgets") or not path.is_file():
        return Response(status_code=404)
    if comfy.take_fault("truncate"):
        data = path.read_bytes()

        async def half():
            yield data[: len(data) // 2]
            raise ConnectionResetError

        return StreamingResponse(half(), headers={"Content-Length": str(len(data))})
    return FileResponse(path)


async def listen(ear):
    if comfy.faults.get("sockets") == "closed":
        await ear.close()
        return
    await ear.accept()
    client_id = ear.query_params["clientId"]
    comfy.asked.append(["WS", "/ws", ear.headers.get("authorization", "")])
    comfy.sockets[client_id] = ear
    if comfy.running and comfy.running[3].get("client_id") == client_id and comfy.node:
        await ear.send_text(json.dumps({"type": "executing", "data": {"node": comfy.node}}))
    with contextlib.suppress(WebSocketDisconnect):
        await ear.receive_text()
    if comfy.sockets.get(client_id) is ear:
        del comfy.sockets[client_id]


async def control(request):
    if request.method == "GET":
        entries = [*comfy.history.values()]
        return JSONResponse({"asked": comfy.asked, "ended": entries})
    wanted = await request.json()
    if "hold" in wanted:
        with comfy.lock:
            comfy.hold = wanted["hold"]
            comfy.lock.notify_all()
    if wanted.get("others_interrupt"):
        comfy.stop()
    if wanted.get("forget_asked"):
        comfy.asked.clear()
        comfy.history.clear()
    comfy.faults.update(wanted)
    if wanted.get("sockets") == "closed":
        for ear in list(comfy.sockets.values()):
            await _quietly(ear.close())
        comfy.sockets.clear()
    return Response()


class Faults:
    """Answers with errors where a test asked for them, and keeps what was asked."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        headers = {k.decode(): v.decode() for k, v in scope.get("headers", ())}
        ours = headers.get("user-agent", "").startswith("Python-urllib")  # the test itself
        if scope["type"] == "http" and not ours:
            comfy.asked.append([scope["method"], scope["path"], headers.get("authorization", "")])
            path, status, times, extra = comfy.faults.get("fail") or (None, 0, 0, {})
            if path and scope["path"].startswith(path) and times:
                comfy.faults["fail"] = (path, status, times - 1, extra)
                await Response(status_code=status, headers=extra)(scope, receive, send)
                return
        await self.app(scope, receive, send)


@contextlib.asynccontextmanager
async def _life(app):
    comfy.loop = asyncio.get_running_loop()
    threading.Thread(target=comfy.work, daemon=True).start()
    yield


ROUTES = [
    Route("/object_info/{name:path}", info),
    Route("/upload/image", upload, methods=["POST"]),
    Route("/prompt", post_prompt, methods=["POST"]),
    Route("/queue", queue, methods=["GET", "POST"]),
    Route("/history", history),
    Route("/history/{id}", history),
    Route("/interrupt", interrupt, methods=["POST"]),
    Route("/view", view),
    Route("/test", control, methods=["GET", "POST"]),
    WebSocketRoute("/ws", listen),
]


class Server(uvicorn.Server):
    """Says its port on stdout once it listens."""

    async def startup(self, sockets=None):
        await super().startup(sockets)
        sys.stdout.write(f"{sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    comfy = Comfy(Path(sys.argv[2]))
    app = Faults(Starlette(routes=ROUTES, lifespan=_life))
    options = {"log_level": "critical", "ws": "websockets-sansio"}
    # Of TCP by name: asyncio looks at that before it sends small answers without a pause of 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        # So that the next server can listen before this one is killed: nobody finds nothing there.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(("127.0.0.1", int(sys.argv[1])))
        Server(uvicorn.Config(app, **options)).run([listener])
