"""The message loop: one tool call at a time on the main thread, the wire read on another.

Imports are kept few: a plugin's start-up is paid at every spawn.
"""

import os
import time

from filmeto_plugin._call import Call, Cancelled, Input, Output, PluginError
from filmeto_plugin._wire import Wire, now

PROTOCOL_VERSION = 1
HEARTBEAT_S = 2.0  # a host that waits for heartbeats allows at least three of them
EOF_GRACE_S = 1.0  # from the host's end to the plugin's own, whatever its code is doing


class _Loop:
    def __init__(self, tools, load):
        self.tools, self.load = tools, load
        self.wire = Wire()
        self.current = None
        self.given_up = set()  # ids of calls that were cancelled, perhaps before they began

    def serve(self):
        self.wire.ready(sorted(self.tools), PROTOCOL_VERSION)
        import queue
        import threading

        self.requests = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._beat, daemon=True).start()
        while (request := self.requests.get()) is not None:
            self._execute(request)

    # --- on the wire's thread ---

    def _read(self):
        for message in self.wire.lines():
            params = message.get("params")
            self._route(message, params if isinstance(params, dict) else {})
        call = self.current
        if call is not None:
            call.cancelled = True
        self.requests.put(None)
        time.sleep(EOF_GRACE_S)
        os._exit(0)  # the plugin's code, or a thread of its own, did not end

    def _route(self, message, params):
        method, number = message.get("method"), message.get("id")
        if method == "execute_task":
            self.requests.put(message)
        elif method == "cancel":
            # Noted first, looked at by _execute after it has set `current`: one of the two sees it.
            self.given_up.add(str(params.get("task_id")))
            call = self.current
            if call is not None and params.get("task_id") in (None, call.task_id):
                call.cancelled = True
        elif method == "ping":
            self.wire.answer(number, {"status": "pong"})
        elif method == "get_info":
            info = {"protocol_version": PROTOCOL_VERSION, "tools": sorted(self.tools)}
            self.wire.answer(number, {**info, "pid": os.getpid()})
        elif number is not None and method is not None:
            error = {"code": -32601, "message": f"no method {method!r}"}
            self.wire.send({"id": number, "error": error})

    def _beat(self):
        while True:
            time.sleep(HEARTBEAT_S)
            call = self.current
            if call is not None:
                beat = {"task_id": call.task_id, "type": "heartbeat", "timestamp": now()}
                self.wire.notify("heartbeat", beat)

    # --- on the main thread ---

    def _execute(self, request):
        params, started = request.get("params") or {}, time.monotonic()
        result = {"task_id": params.get("task_id"), "status": "error", "output_files": []}
        try:
            self.current = call = self._call(params)
            call.cancelled = call.cancelled or str(call.task_id) in self.given_up
            if self.load is not None:
                self.load()
                self.load = None
            result.update(_success(self.tools[call.tool](call)))
        except Cancelled:
            result.update(_failure("cancelled", "cancelled"))
        except PluginError as error:
            result.update(_failure(error.message, error.code, error.retryable, error.details))
        except MemoryError:
            result.update(_failure("it ran out of memory", "out_of_memory"))
        except (Exception, SystemExit) as error:
            import traceback  # here: only a failure needs it

            traceback.print_exc()
            result.update(_failure(f"{type(error).__name__}: {error}", "plugin_exception"))
        self.current = None
        self.given_up.clear()
        result["execution_time"] = time.monotonic() - started
        self.wire.answer(request.get("id"), result)

    def _call(self, params):
        tool, task_id = params.get("tool_name"), params.get("task_id")
        if tool not in self.tools:
            raise PluginError(f"this plugin has no tool {tool!r}; it has {sorted(self.tools)}")
        metadata = params.get("metadata") or {}
        inputs = _inputs(metadata.get("processed_resources") or [], params.get("resources") or [])
        output_dir = params.get("output_dir")
        if not output_dir:
            output_dir = os.path.join(os.getcwd(), "outputs", str(task_id))
        os.makedirs(output_dir, exist_ok=True)

        def notify(kind, percent, message, data):
            told = {"task_id": task_id, "type": kind, "percent": percent, "message": message}
            self.wire.notify("progress", {**told, "timestamp": now(), "data": data})

        parameters = params.get("parameters") or {}
        return Call(tool, task_id, parameters, inputs, output_dir, notify, metadata)


def _inputs(paths, told):
    inputs = []
    for i, path in enumerate(paths):
        about = told[i] if i < len(told) else {}
        mime = about.get("mime_type") or ""
        inputs.append(Input(path, mime.partition("/")[0], mime, about.get("metadata")))
    return inputs


def _success(made):
    outputs = made if isinstance(made, (list, tuple)) else [made]
    if not outputs or any(output is None for output in outputs):
        raise PluginError(f"the tool returned {made!r}: expected a path, an Output, or a list")
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


def _failure(message, code, retryable=False, details=None):
    told = {"code": code, "retryable": retryable, "details": details or {}}
    return {"error_message": message, "metadata": {"error": told}}


def run(plugin=None, **tools):
    """Serve until the host closes stdin. `plugin` has a method for each tool; or name functions."""
    from_object = [n for n in dir(plugin) if _is_tool(n)] if plugin is not None else []
    tools = {**{name: getattr(plugin, name) for name in from_object}, **tools}
    _Loop(tools, getattr(plugin, "load", None)).serve()


def _is_tool(name):
    """text2image and its like: a word, a 2, a word."""
    before, _, after = name.partition("2")
    return before.isalpha() and after.isalpha()
