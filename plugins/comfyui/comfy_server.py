"""The HTTP side of a ComfyUI server: each request of its API, and what its failures mean.

Source: the routes of ComfyUI's server (/object_info, /upload/image, /prompt, /queue, /history,
/interrupt, /view), docs.comfy.org, "Server routes".
"""

import contextlib
import hashlib
import logging
import os
from dataclasses import dataclass

import httpx
from comfy_faults import rejected_prompt
from filmeto_plugin import PluginError

CONNECT_LIMIT_S = 5.0
ANSWER_LIMIT_S = 30.0  # a server that loads a model answers late
SUBMIT_LIMIT_S = 60.0  # nodes may look at their files while the prompt is validated
CANCEL_LIMIT_S = 0.6  # all that is left once the host is gone is a second
CHUNK_BYTES = 256 * 1024
RECENT_JOBS = 32  # of the history that are looked through for an earlier try's job
PLAIN = {"Accept-Encoding": "identity"}  # so that the size told is the size that comes
ONCE = ("/prompt", "/upload/image")  # a second one is a second job, or has no file left to read
UPLOAD_FOLDER = "filmeto"


class Unreachable(PluginError):
    """The server did not answer, or not now: the same may work later.

    Args:
        message: For people.
        refused: Nothing listens there: the server is not running.
    """

    def __init__(self, message, code="unreachable", details=None, refused=False):
        super().__init__(message, retryable=True, code=code, details=details)
        self.refused = refused


@dataclass(frozen=True)
class Queued:
    """A job in the server's queue: its id, graph and extra data, and the jobs before it."""

    prompt_id: str
    graph: dict
    extra: dict
    ahead: int
    running: bool


class Server:
    """A ComfyUI server; use it in a `with` block.

    Args:
        settings: Where it is and how to get in.
    """

    def __init__(self, settings):
        self.settings, self.where = settings, settings.shown_url
        logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each request else
        self._client = httpx.Client(
            headers=settings.headers,
            timeout=httpx.Timeout(ANSWER_LIMIT_S, connect=CONNECT_LIMIT_S),
            trust_env=not settings.is_loopback,
            verify=settings.url.startswith("https"),  # else a tenth of a second for nothing
            auth=settings.login,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._client.close()

    def node(self, class_type):
        """What the server says of a node's class (a dict), or None if it has no such class."""
        answer = self._json("GET", f"/object_info/{_quoted(class_type)}")
        return answer.get(class_type)

    def upload(self, path):
        """Send a picture; returns the name by which a LoadImage node knows it.

        Its name is told from its content, so that the same picture is there once.
        """
        with open(path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            name = f"{digest[:24]}{os.path.splitext(path)[1].lower()}"
            fields = {"overwrite": "true", "type": "input", "subfolder": UPLOAD_FOLDER}
            files = {"image": (name, file, "application/octet-stream")}
            told = self._json("POST", "/upload/image", data=fields, files=files)
        folder = told.get("subfolder") or ""
        return f"{folder}/{told['name']}" if folder else told["name"]

    def submit(self, graph, client_id, extra):
        """Queue a graph; returns its prompt id.

        Raises:
            PluginError: "invalid_workflow": the server refused it; nodes and inputs are named.
            Unreachable: It may have been taken or not: look for it before it is sent again.
        """
        sent = {"prompt": graph, "client_id": client_id, "extra_data": extra}
        response = self._send("POST", "/prompt", json=sent, timeout=SUBMIT_LIMIT_S, taken=(400,))
        answer = self._parsed(response)
        if response.status_code == 400 or answer.get("node_errors"):
            if answer.get("prompt_id"):  # it would run without the outputs that are wrong
                self.remove(answer["prompt_id"])
            raise rejected_prompt(answer, graph)
        return str(answer["prompt_id"])

    def queue(self):
        """All jobs that run or wait (a list of `Queued`), in the order of their turn."""
        told = self._json("GET", "/queue")
        running, waiting = told.get("queue_running") or [], told.get("queue_pending") or []
        items = [*running, *sorted(waiting, key=lambda item: item[0])]
        return [
            Queued(str(item[1]), item[2], item[3], i, i < len(running))
            for i, item in enumerate(items)
        ]

    def outcome(self, prompt_id):
        """The history's entry of a job that ended, or None."""
        return self._json("GET", f"/history/{_quoted(prompt_id)}").get(prompt_id)

    def recent(self):
        """The newest entries of the history, by prompt id."""
        return self._json("GET", "/history", params={"max_items": RECENT_JOBS})

    def remove(self, prompt_id, limit_s=CANCEL_LIMIT_S):
        """Take one job off the queue, or interrupt it if it runs; no other job is touched.

        Newer servers interrupt by id. Older ones interrupt whatever runs, so that they are asked
        only while this job does.
        """
        self._send("POST", "/queue", json={"delete": [prompt_id]}, timeout=limit_s)
        if any(item.running and item.prompt_id == prompt_id for item in self.queue()):
            self._send("POST", "/interrupt", json={"prompt_id": prompt_id}, timeout=limit_s)

    @contextlib.contextmanager
    def download(self, file):
        """The bytes of an output: yields (chunks, total), total None if the server does not say.

        Args:
            file: A dict of `filename`, `subfolder`, `type`, as the history tells it.

        Raises:
            Unreachable: The connection broke, also within the chunks.
            PluginError: "output_missing": the server has no such file.
        """
        url = self.where + "/view"
        asked = {k: file.get(k) or "" for k in ("filename", "subfolder", "type")}
        with (
            self._translated("/view"),
            self._client.stream("GET", url, params=asked, headers=PLAIN) as response,
        ):
            if response.status_code == 404:
                told = f"{self.where} made {asked['filename']} and has it no more: run it again"
                raise PluginError(told, code="output_missing", retryable=True)
            self._check(response, "/view")
            size = response.headers.get("content-length")
            yield response.iter_bytes(CHUNK_BYTES), int(size) if size else None

    def _json(self, method, path, **options):
        return self._parsed(self._send(method, path, **options))

    def _send(self, method, path, **options):
        """The answer; what may be asked twice is, where the kept connection turned out to be gone."""
        try:
            return self._sent(method, path, **options)
        except Unreachable as error:
            if error.code != "connection_lost" or path in ONCE:
                raise
            return self._sent(method, path, **options)

    def _sent(self, method, path, taken=(), **options):
        with self._translated(path):
            response = self._client.request(method, self.where + path, **options)
            if response.status_code not in taken:
                self._check(response, path)
            return response

    def _parsed(self, response):
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            told = f"what answers at {self.where} is no ComfyUI: expected JSON at "
            told += f"{response.url.path}, got {response.headers.get('content-type', 'nothing')}"
            raise PluginError(f"{told}. Set COMFYUI_URL to the server's address", code="no_comfyui")
        return answer

    @contextlib.contextmanager
    def _translated(self, path):
        try:
            yield
        except httpx.ConnectError as error:
            told = f"there is no ComfyUI at {self.where} ({error}): start it, or set COMFYUI_URL"
            raise Unreachable(told, refused=True) from error
        except httpx.TimeoutException as error:
            told = f"ComfyUI at {self.where} did not answer {path} in time: it is busy or hangs"
            raise Unreachable(told, code="timed_out") from error
        except httpx.TransportError as error:
            told = f"the connection to ComfyUI at {self.where} broke at {path}: {error}"
            raise Unreachable(told, code="connection_lost") from error

    def _check(self, response, path):
        status = response.status_code
        if status < 300:
            return
        told = f"ComfyUI at {self.where} answered {status} to {path}"
        if status < 400:
            told += (
                f", which leads to {response.headers.get('location')}: set COMFYUI_URL to where "
            )
            told += "it is, or COMFYUI_API_KEY or COMFYUI_HEADERS as the proxy before it expects"
            raise PluginError(told, code="no_comfyui")
        if status == 429:
            wait = _seconds(response.headers.get("retry-after"))
            details = {} if wait is None else {"retry_after_s": wait}
            raise Unreachable(f"{told}: too many requests; try later", "overloaded", details)
        if status >= 500:
            raise Unreachable(f"{told}; its log says why", details={"status": status})
        if status in (401, 403):
            told += ": set COMFYUI_API_KEY or COMFYUI_HEADERS as the proxy before it expects"
            raise PluginError(told, code="unauthorized")
        if status == 413:
            told += ": the picture is too large; start ComfyUI with a larger --max-upload-size"
            raise PluginError(told, code="beyond_limits")
        raise PluginError(f"{told}: is that a ComfyUI? Check COMFYUI_URL", code="no_comfyui")


def _quoted(text):
    return httpx.URL(path="/" + text).raw_path.decode()[1:].replace("/", "%2F")


def _seconds(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return None
