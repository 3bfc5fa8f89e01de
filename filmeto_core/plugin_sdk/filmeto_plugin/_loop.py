"""The message loop: one tool call at a time on the main thread, which reads the wire between them.

A change of threads costs more than all else that a short call does, so that none is made for it. A
second thread looks now and then whether a call lasts; it then reads the wire in the main thread's
place (a cancel, a ping, the host's end must be seen while a tool works) and sends heartbeats.
Exactly one of the two reads at a time: the one that holds `reading`.

Imports are kept few: a plugin's start-up is paid at every spawn.
"""

import os
import time

from filmeto_plugin._call import Call, Cancelled, Input, Output, PluginError
from filmeto_plugin._wire import READ_BYTES, Wire, now

PROTOCOL_VERSION = 1
HEARTBEAT_S = 2.0  # a host that waits for heartbeats allows at least three of them
EOF_GRACE_S = 1.0  # from the host's end to the plugin's own, whatever its code is doing
LOOK_S = 0.02  # a call that lasts longer has the wire read while it works
PARKED_AFTER = 50  # looks without a call, until the second thread sleeps for good


class _Loop:
    def __init__(self, tools, load):
        self.tools, self.load = tools, load
        self.wire = Wire()
        self.waiting = []  # requests that were read and have not begun, in order
        self.given_up = set()  # of these, the ids of the cancelled ones
        self.current = None
        self.ended = False  # the host has closed its end
        self.asked, self.answers = 0, {}  # requests of our own; a lock until the answer is there
        self.parked = False  # the second thread waits at `bell`, a pipe

    def serve(self):
        self.wire.ready(sorted(self.tools), PROTOCOL_VERSION)
        import _thread

        self.reading = _thread.allocate_lock()
        self.reading.acquire()
        self.bell, self.ring = os.pipe()
        _thread.start_new_thread(self._watch, ())
        while (request := self._next()) is not None:
            self._execute(request)

    # --- whoever holds `reading` ---

    def _read(self):
        """Take in what the wire has next; waits for it."""
        messages = self.wire.read()
        if messages is None:
            self._host_is_gone()
        for message in messages or ():
            params = message.get("params")
            self._route(message, params if isinstance(params, dict) else {})

    def _route(self, message, params):
        method, number = message.get("method"), message.get("id")
        if method == "execute_task":
            message["params"] = params
            self.waiting.append(message)
        elif method == "cancel":
            self._cancel(params.get("task_id"))
        elif method == "ping":
            self.wire.answer(number, {"status": "pong"})
        elif method == "get_info":
            info = {"protocol_version": PROTOCOL_VERSION, "tools": sorted(self.tools)}
            self.wire.answer(number, {**info, "pid": os.getpid()})
        elif method is None and isinstance(number, str) and number in self.answers:
            waits, self.answers[number] = self.answers[number], message
            waits.release()
        elif number is not None and method is not None:
            error = {"code": -32601, "message": f"no method {method!r}"}
            self.wire.send({"id": number, "error": error})

    def _cancel(self, task_id):
        """A cancel that comes after its call's end is nobody's, not even a later namesake's."""
        call = self.current
        if call is not None and task_id in (None, call.task_id):
            call.cancelled = True
            return
        ids = [request["params"].get("task_id") for request in self.waiting]
        self.given_up.update(str(waits) for waits in ids if task_id in (None, waits))

    def _host_is_gone(self):
        import _thread

        def end():
            time.sleep(EOF_GRACE_S)
            os._exit(0)  # the plugin's code, or a thread of its own, did not end

        self.ended = True
        if self.current is not None:
            self.current.host_is_gone = self.current.cancelled = True
        _thread.start_new_thread(end, ())

    # --- the second thread ---

    def _watch(self):
        import select

        poll = select.poll()
        poll.register(self.wire.descriptor, select.POLLIN)
        poll.register(self.bell, select.POLLIN)
        idle = 0
        while not self.ended:
            call = self.current
            time.sleep(min(LOOK_S, HEARTBEAT_S))
            if call is not None and call is self.current and self.reading.acquire(False):
                self._stand_in(poll, call)
            idle = 0 if call is not None else idle + 1
            if idle > PARKED_AFTER:
                self.parked = True
                if (
                    self.current is None
                ):  # looked at after `parked` was set, as _begin does inversely
                    os.read(self.bell, 1)
                self.parked, idle = False, 0

    def _stand_in(self, poll, call):
        """Read the wire for as long as the call lasts; the main thread rings at its end."""
        beat = time.monotonic() + HEARTBEAT_S
        while self.current is call and not self.ended:
            seen = poll.poll(max(0, beat - time.monotonic()) * 1000)
            if any(descriptor == self.bell for descriptor, _ in seen):
                os.read(self.bell, READ_BYTES)  # perhaps of an earlier call: `current` tells
            elif seen:
                self._read()
            elif self.current is call:
                told = {"task_id": call.task_id, "type": "heartbeat", "timestamp": now()}
                self.wire.notify("heartbeat", told)
                beat += HEARTBEAT_S
        self.reading.release()

    # --- the main thread ---

    def _next(self):
        """The next request, None at the host's end."""
        while not self.waiting:
            if self.ended:
                return None
            self._read()
        return self.waiting.pop(0)

    def _begin(self, call):
        """From here on the other thread may read; all that was read before has been looked at."""
        self.current = call
        self.reading.release()
        if self.parked:
            os.write(self.ring, b"!")

    def _end(self):
        """Read again, after the other thread has stopped."""
        if self.current is None:
            return
        self.current = None
        if not self.reading.acquire(False):
            os.write(self.ring, b"!")
            self.reading.acquire()

    def _execute(self, request):
        params, started = request["params"], time.monotonic()
        result = {"task_id": params.get("task_id"), "status": "error", "output_files": []}
        try:
            call = self._call(params)
            call.cancelled = str(call.task_id) in self.given_up
            self._begin(call)
            if self.load is not None:
                self.load()
                self.load = None
            result.update(_success(self.tools[call.tool](call)))
            if call.cost is not None:
                result["metadata"] = {"cost": call.cost}
        except Cancelled:
            result.update(_failed("cancelled", "cancelled"))
        except PluginError as error:
            result.update(_failure(error))
        except MemoryError:
            result.update(_failed("it ran out of memory", "out_of_memory"))
        except (Exception, SystemExit) as error:
            import traceback  # here: only a failure needs it

            traceback.print_exc()
            result.update(_failed(f"{type(error).__name__}: {error}", "plugin_exception"))
        self._end()
        self.given_up.discard(str(result["task_id"]))
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
        if not os.path.isdir(output_dir):
            os.makedirs(output_dir, exist_ok=True)
        parameters, tell = params.get("parameters") or {}, self.wire.teller(task_id)
        call = Call(tool, task_id, parameters, inputs, output_dir, tell, metadata)
        call.idempotency_key = params.get("idempotency_key")
        call.resume_job, call._ask = params.get("resume_job"), self._ask
        return call

    def _ask(self, method, params):
        """Ask the host, and wait for its answer; read the wire meanwhile, if nobody else does."""
        import _thread

        self.asked += 1
        number = f"ask-{self.asked}"
        answered = self.answers[number] = _thread.allocate_lock()
        answered.acquire()
        self.wire.send({"id": number, "method": method, "params": params})
        while number in self.answers and not isinstance(self.answers[number], dict):
            if self.ended:
                raise PluginError("the host is gone")
            if self.reading.acquire(False):  # else the other thread reads, and lets go of this one
                try:
                    if not isinstance(self.answers[number], dict):
                        self._read()
                finally:
                    self.reading.release()
            else:
                answered.acquire(True, LOOK_S)
        return self.answers.pop(number)


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


def _failure(error):
    told = _failed(error.message, error.code, error.retryable, error.details)
    if error.permanent:
        told["metadata"]["error"]["permanent"] = True
    return told


def _failed(message, code, retryable=False, details=None):
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
