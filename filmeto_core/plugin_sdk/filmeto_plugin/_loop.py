"""The message loop: JSON-RPC lines in, one tool call at a time, JSON-RPC lines out.

The wire is moved to descriptors of its own before the plugin's code runs, so that a stray print()
or input() never touches it. Imports are kept few: a plugin's start-up is paid at every spawn.
"""

import json
import os
import sys
import threading
import time

from filmeto_plugin._call import Call, Cancelled, Input, Output, PluginError

PROTOCOL_VERSION = 1
HEARTBEAT_S = 2.0  # a host that waits for heartbeats allows at least three of them


def _now():
    t = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(t)) + f".{int(t % 1 * 1e6):06d}+00:00"


class _Wire:
    """The protocol's own copies of fds 0 and 1; fd 0 becomes /dev/null, fd 1 becomes stderr."""

    def __init__(self):
        sys.stdout.flush()
        self.reader = os.fdopen(os.dup(0), "rb")
        self._out = os.dup(1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        os.dup2(2, 1)
        self._lock = threading.Lock()

    def send(self, message):
        line = json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":"))
        data = memoryview(line.encode("utf-8", "backslashreplace") + b"\n")
        with self._lock:
            while data:
                data = data[os.write(self._out, data) :]

    def notify(self, method, params):
        self.send({"method": method, "params": params})


class _Loop:
    def __init__(self, tools, load, info):
        self.tools, self.load, self.info = tools, load, info
        self.wire = _Wire()
        self.current = None
        self.loaded = False

    def serve(self):
        self.wire.notify("ready", self.info)
        queue, arrived = [], threading.Condition()
        reader = threading.Thread(target=self._read, args=(queue, arrived), daemon=True)
        reader.start()
        while True:
            with arrived:
                while not queue:
                    arrived.wait()
                request = queue.pop(0)
            if request is None:
                return
            self._execute(request)

    def _read(self, queue, arrived):
        for line in self.wire.reader:
            try:
                message = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(message, dict):
                self._route(message, queue, arrived)
        if self.current is not None:
            self.current.cancelled = True
        with arrived:
            queue.append(None)
            arrived.notify()

    def _route(self, message, queue, arrived):
        method, params = message.get("method"), message.get("params") or {}
        if method == "execute_task":
            with arrived:
                queue.append(message)
                arrived.notify()
        elif method == "cancel":
            call = self.current
            if call is not None and params.get("task_id") in (None, call.task_id):
                call.cancelled = True
        elif method == "ping":
            self.wire.send({"id": message.get("id"), "result": {"status": "pong"}})
        elif method == "get_info":
            self.wire.send({"id": message.get("id"), "result": self.info})
        elif message.get("id") is not None and method is not None:
            error = {"code": -32601, "message": f"no method {method!r}"}
            self.wire.send({"id": message["id"], "error": error})

    def _execute(self, request):
        params, started = request.get("params") or {}, time.monotonic()
        task_id = params.get("task_id")
        result = {"task_id": task_id, "status": "error", "output_files": []}
        done = threading.Event()
        try:
            call = self._call(params)
            self.current = call
            threading.Thread(target=self._beat, args=(task_id, done), daemon=True).start()
            if self.load is not None and not self.loaded:
                self.load()
            self.loaded = True
            made = self.tools[call.tool](call)
            result.update(_success(made))
        except Cancelled:
            result.update(error_message="cancelled", metadata={"error": {"code": "cancelled"}})
        except PluginError as error:
            told = {"code": error.code, "retryable": error.retryable, "details": error.details}
            result.update(error_message=error.message, metadata={"error": told})
        except Exception as error:
            import traceback

            traceback.print_exc()
            told = {"code": "plugin_exception", "retryable": False, "details": {}}
            message = f"{type(error).__name__}: {error}"
            result.update(error_message=message, metadata={"error": told})
        finally:
            done.set()
            self.current = None
        result["execution_time"] = time.monotonic() - started
        self.wire.send({"id": request.get("id"), "result": result})

    def _call(self, params):
        tool, task_id = params.get("tool_name"), params.get("task_id")
        if tool not in self.tools:
            raise PluginError(f"this plugin has no tool {tool!r}; it has {sorted(self.tools)}")
        paths = (params.get("metadata") or {}).get("processed_resources") or []
        told = params.get("resources") or []
        inputs = []
        for i, path in enumerate(paths):
            about = told[i] if i < len(told) else {}
            mime = about.get("mime_type") or ""
            inputs.append(Input(path, mime.partition("/")[0], mime, about.get("metadata")))
        output_dir = params.get("output_dir")
        if not output_dir:
            output_dir = os.path.join(os.getcwd(), "outputs", str(task_id))
        os.makedirs(output_dir, exist_ok=True)

        def notify(kind, percent, message, data):
            self.wire.notify(
                "progress",
                {
                    "task_id": task_id,
                    "type": kind,
                    "percent": percent,
                    "message": message,
                    "timestamp": _now(),
                    "data": data,
                },
            )

        parameters = params.get("parameters") or {}
        return Call(tool, task_id, parameters, inputs, output_dir, notify, params.get("metadata"))

    def _beat(self, task_id, done):
        while not done.wait(HEARTBEAT_S):
            beat = {"task_id": task_id, "type": "heartbeat", "timestamp": _now()}
            self.wire.notify("heartbeat", beat)


def _success(made):
    outputs = made if isinstance(made, (list, tuple)) else [made]
    outputs = [o if isinstance(o, Output) else Output(o) for o in outputs]
    resources = []
    for output in outputs:
        path = os.path.abspath(output.path)
        resource = {"path": path, "size": os.path.getsize(path), "metadata": output.metadata}
        if output.mime_type:
            resource["mime_type"] = output.mime_type
            resource["type"] = output.mime_type.partition("/")[0]
        resources.append(resource)
    files = [r["path"] for r in resources]
    return {"status": "success", "output_files": files, "output_resources": resources}


def run(plugin=None, **tools):
    """Serve until the host closes stdin. `plugin` has a method for each tool; or name functions."""
    from_object = [n for n in dir(plugin) if "2" in n and not n.startswith("_")] if plugin else []
    tools = {**{name: getattr(plugin, name) for name in from_object}, **tools}
    info = {"protocol_version": PROTOCOL_VERSION, "tools": sorted(tools), "pid": os.getpid()}
    _Loop(tools, getattr(plugin, "load", None), info).serve()
