"""Two hosted queues on loopback: one that speaks as fal's queue does, one as Replicate's predictions.

Each job that was taken is an entry of `orders`, which an account would be charged for. A prompt with
"forbidden" is refused by the model, with "fails" the job fails, with "nofunds" the account is empty.
A job waits, runs, and is done, a step further each time that it is asked about; `hold` keeps it.

Source: fal docs, "Queue API" and "Webhooks"; Replicate docs, "HTTP API" and "Webhooks".
"""

import io
import re
import urllib.parse
import urllib.request

from fault_server import FaultServer, Reply
from openai_server import clip, png, streamed_wav
from PIL import Image

FAL_KEY, REPLICATE_KEY = "fal-test-77:aa", "r8_test_31"
MIMES = {"png": "image/png", "mp4": "video/mp4", "wav": "audio/wav"}


class QueueServer(FaultServer):
    """What both have: jobs that go on, files that lie at addresses and are given in parts.

    Attributes:
        jobs: By id: `input`, `model`, `state` (0: waits, 1: runs, 2: done), `end`.
        hold: The state that jobs do not leave.
        told_size: What the result says of a file's size, None for its true one.
    """

    def __init__(self):
        super().__init__()
        self.jobs, self.files, self.uploads = {}, {}, {}
        self.hold, self.told_size, self.wait_headers = None, None, {}

    def place(self, request):
        path = request.path
        if path.startswith("/files/"):
            return "file"
        if path.endswith("/cancel"):
            return "cancel"
        return self.place_of(request)

    def reply(self, request):
        if request.path.startswith("/files/"):
            return self._file(request)
        if request.headers.get("Authorization") != self.authorization:
            told = request.headers.get("Authorization", "")
            return Reply({"detail": f"You did not pass a valid key: {told}"}, 401)
        return self.answer(request)

    def error(self, status, message, code):
        return Reply({"detail": message, "error_type": code}, status)

    def busy(self, request, headers):
        return Reply({"detail": "Request was throttled."}, 429, headers=headers)

    def take(self, model, given, webhook):
        """A new job's id."""
        job = f"job-{len(self.orders) + 1}"
        words = str(given.get("prompt", given.get("text", "")))
        end = next((end for end in ("forbidden", "fails") if end in words), "done")
        about = {"model": model, "input": given, "state": 0, "end": end, "webhook": webhook}
        self.jobs[job] = about
        self.orders.append({"job": job, "model": model, "input": given})
        return job

    def step(self, job):
        """Where the job is now, one further than before."""
        about = self.jobs[job]
        if about["state"] < 2 and about["state"] != self.hold:
            about["state"] += 1
        return about["state"]

    def finish(self, job):
        """Let the job be done at once, and call its webhook."""
        self.hold = None
        self.jobs[job]["state"] = 2
        call = urllib.request.Request(self.jobs[job]["webhook"], b'{"status": "OK"}', method="POST")
        with urllib.request.urlopen(call, timeout=20) as answer:
            return answer.status

    def made(self, job):
        """The address of what a job made, and the name and size of that file."""
        model = self.jobs[job]["model"]
        ending = "mp4" if re.search("video|kling|talker", model) else "png"
        ending = "wav" if re.search("audio|speech|kokoro", model) else ending
        name = f"/files/{job}.{ending}"
        self.files[name] = {
            "png": lambda: png(96, 54, (9, 99, 199)),
            "wav": lambda: streamed_wav(0.5),
        }.get(ending, lambda: clip("128x72"))()
        url = self.url.replace(
            "127.0.0.1", "localhost"
        )  # another host than the queue's, as is usual
        return url + name, len(self.files[name])

    def _file(self, request):
        body = self.files.get(request.path)
        if body is None:
            return Reply({"detail": "gone"}, 404)
        mime = MIMES[request.path.rpartition(".")[2]]
        asked = re.match(r"bytes=(\d+)-", request.headers.get("Range") or "")
        if not asked:
            return Reply(body, mime=mime)
        begin = int(asked[1])
        about = {"Content-Range": f"bytes {begin}-{len(body) - 1}/{len(body)}"}
        return Reply(body[begin:], 206, mime, about)


class FalServer(QueueServer):
    """As queue.fal.run: the paths of a job have the first two parts of its model's name."""

    authorization = f"Key {FAL_KEY}"

    def place_of(self, request):
        if request.path.endswith("/status"):
            return "poll"
        return "result" if "/requests/" in request.path else "submit"

    def answer(self, request):
        place = self.place(request)
        if place == "submit":
            return self._submit(request)
        job = request.path.split("/requests/")[1].split("/")[0]
        if job not in self.jobs or not self._is_its(request, job):
            return Reply({"detail": "Request not found"}, 404)
        if place == "cancel":
            if self.jobs[job]["state"] == 0:  # not begun: it is taken out of the queue
                del self.jobs[job]
            return Reply({"status": "CANCELLATION_REQUESTED"}, 202)
        return self._status(job) if place == "poll" else self._result(job)

    def _is_its(self, request, job):
        app = "/".join(self.jobs[job]["model"].split("/")[:2])
        return request.path.startswith(f"/{app}/requests/")

    def _submit(self, request):
        given = request.json
        if "nofunds" in str(given):
            return Reply({"detail": "User is locked. Reason: Exhausted balance."}, 403)
        query = dict(urllib.parse.parse_qsl(request.query))
        job = self.take(request.path.strip("/"), given, query.get("fal_webhook"))
        app = "/".join(request.path.strip("/").split("/")[:2])
        base = f"{self.url}/{app}/requests/{job}"
        urls = {
            "status_url": f"{base}/status",
            "response_url": base,
            "cancel_url": f"{base}/cancel",
        }
        return Reply({"status": "IN_QUEUE", "request_id": job, "queue_position": 3, **urls})

    def _status(self, job):
        state = self.step(job)
        told = {"request_id": job, "status": ("IN_QUEUE", "IN_PROGRESS", "COMPLETED")[state]}
        if state == 0:
            told["queue_position"] = 2
        if state == 1:
            told["logs"] = [{"message": "50%|step 14/28", "level": "INFO"}]
        if state == 2 and self.jobs[job]["end"] == "fails":
            told |= {"error": "Runner disconnected", "error_type": "runner_disconnected"}
        return Reply(told, 200 if state == 2 else 202, headers=self.wait_headers)

    def _result(self, job):
        if self.jobs[job]["end"] == "forbidden":
            why = {"loc": ["body", "prompt"], "msg": "Flagged.", "type": "content_policy_violation"}
            return Reply({"detail": [why]}, 422)
        url, size = self.made(job)
        size = size if self.told_size is None else self.told_size
        file = {"url": url, "file_size": size, "content_type": MIMES[url.rpartition(".")[2]]}
        if url.endswith("png"):
            return Reply({"images": [file, file], "seed": 7, "prompt": "..."})
        return Reply({"video" if url.endswith("mp4") else "audio": file})


class ReplicateServer(QueueServer):
    """As api.replicate.com."""

    authorization = f"Bearer {REPLICATE_KEY}"

    def place_of(self, request):
        if request.path == "/v1/files":
            return "upload"
        return "submit" if request.method == "POST" else "poll"

    def answer(self, request):
        place = self.place(request)
        if place == "upload":
            return self._upload(request)
        if place == "submit":
            return self._submit(request)
        job = request.path.removesuffix("/cancel").rpartition("/")[2]
        if job not in self.jobs:
            return Reply({"detail": "The requested resource could not be found."}, 404)
        if place == "cancel":
            self.jobs[job].update(state=2, end="cancelled")
        else:
            self.step(job)
        return Reply(self._told(job), headers=self.wait_headers)

    def _submit(self, request):
        told, given = request.json, request.json["input"]
        if "nofunds" in str(given):
            words = "You have insufficient credit to run this model."
            return Reply({"title": "Insufficient credit", "detail": words, "status": 402}, 402)
        model = re.match(r"/v1/models/(.+)/predictions", request.path)
        if not model and not told.get("version"):
            return Reply({"detail": "version is required"}, 422)
        job = self.take(model[1] if model else told["version"], given, told.get("webhook"))
        return Reply(self._told(job), 201)

    def _upload(self, request):
        _, ((name, file_name, data),) = request.form()
        assert name == "content"
        Image.open(io.BytesIO(data)).verify()
        self.uploads[file_name] = data
        return Reply({"id": "f1", "urls": {"get": f"{self.url}/v1/files/f1"}}, 201)

    def _told(self, job):
        about = self.jobs[job]
        state = ("starting", "processing", "succeeded")[about["state"]]
        told = {"id": job, "model": about["model"], "input": about["input"], "error": None}
        if about["state"] < 2:
            return {**told, "status": state, "output": None, "logs": "", "metrics": {}}
        metrics = {"predict_time": 2.5}
        if about["end"] != "done":
            why = {"forbidden": "NSFW content detected. (E005)", "fails": "CUDA error"}
            state = "canceled" if about["end"] == "cancelled" else "failed"
            error = why.get(about["end"])
            return {**told, "status": state, "output": None, "error": error, "metrics": metrics}
        url, _ = self.made(job)
        output = [url, url] if url.endswith("png") else url
        return {**told, "status": state, "output": output, "metrics": metrics}
