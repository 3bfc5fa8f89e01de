"""Starts the ComfyUI of the tests as a process of its own, and asks for its faults."""

import json
import queue
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

SERVER = Path(__file__).with_name("comfyui_server.py")
READY_LIMIT_S = 30.0  # imports on a busy machine


class ComfyProcess:
    """A running server; use it in a `with` block.

    Args:
        folder: Where its pictures go.
    """

    def __init__(self, folder):
        self.folder, self.port = folder, 0

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        """Serve, on the same port as before if it was started before."""
        command = [sys.executable, str(SERVER), str(self.port), str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        said = queue.Queue()
        reader = threading.Thread(target=lambda: said.put(self.process.stdout.readline()))
        reader.start()
        try:
            self.port = int(said.get(timeout=READY_LIMIT_S))
        except BaseException:
            self.kill()
            raise
        finally:
            reader.join(5)

    def start_anew(self):
        """Another one takes its place: it knows of no job, and no moment is without a server."""
        old = self.process
        self.start()
        _kill(old)

    def kill(self):
        """End it at once, with all that it has in its memory."""
        _kill(self.process)

    def faults(self, **wanted):
        """Set faults; see `comfyui_server`."""
        self._send("/test", wanted)

    def calm(self):
        """No faults, nothing held, nothing asked."""
        calm = {"fail": None, "swallow": 0, "truncate": 0, "sockets": "open", "node_fails": None}
        self.faults(hold=False, forgets=False, lacks=[], gives={}, forget_asked=True, **calm)

    def seen(self):
        """What was asked of it (method, path, authorization), and the jobs that ended."""
        return self._get("/test")

    def asked(self, path, method="POST"):
        """How often a path was asked for."""
        return sum(m == method and p == path for m, p, _ in self.seen()["asked"])

    def queue(self):
        """(running, waiting) prompt ids."""
        told = self._get("/queue")
        return [[item[1] for item in told[f"queue_{kind}"]] for kind in ("running", "pending")]

    def put(self, graph, client_id="somebody"):
        """A job of somebody else; returns its id."""
        return self._send("/prompt", {"prompt": graph, "client_id": client_id})["prompt_id"]

    def outcome(self, prompt_id):
        """ "success", "error", or None for a job that has not ended."""
        entry = self._get(f"/history/{prompt_id}").get(prompt_id)
        return entry and entry["status"]["status_str"]

    def _get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=20) as answer:
            return json.load(answer)

    def _send(self, path, wanted):
        body = json.dumps(wanted).encode()
        request = urllib.request.Request(self.url + path, body, {"Content-Type": "text/json"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            data = answer.read()
            return json.loads(data) if data else None


def _kill(process):
    process.kill()
    process.wait(5)
    process.stdout.close()
