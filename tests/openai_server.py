"""OpenAI's protocol on loopback: images, speech and video jobs, as its API reference describes them.

Each thing that it makes is an entry of `orders`, which an account would be charged for. A prompt with
"forbidden" is refused; video jobs with "violent" are refused when they run, with "fails" they fail.

Source: OpenAI API reference: "Images", "Audio", "Videos", "Error codes".
"""

import base64
import functools
import io
import re
import struct
import subprocess
import threading
import zlib

import imageio_ffmpeg
from fault_server import FaultServer, Reply
from PIL import Image

KEY = "sk-test-4f2a"
GPT_SIZES = ("1024x1024", "1536x1024", "1024x1536", "auto")
DALLE_SIZES = ("1024x1024", "1792x1024", "1024x1792")
SORA_SIZES = ("1280x720", "720x1280")
SORA_SECONDS = ("4", "8", "12")
IMAGE_FIELDS = {"model", "prompt", "n", "size", "quality", "response_format", "user", "style"}
SPEECH_RATE_HZ = 24000


class OpenAIServer(FaultServer):
    """The server.

    Attributes:
        answers: "b64_json", or "url" for pictures that lie at an address.
        strict: Whether it is as strict as the vendor; else a local server of any model and size.
        steps: How many times a job is asked about until it is done.
    """

    def __init__(self):
        super().__init__()
        self.answers, self.strict, self.steps, self.padding = "b64_json", True, 2, ""
        self.jobs, self.files = {}, {}
        self.soon = {"openai-poll-after-ms": "20"}

    def place(self, request):
        path = request.path.removeprefix("/v1")
        if re.fullmatch(r"/videos/[^/]+", path):
            return "poll"
        if path.endswith("/content"):
            return "content"
        return path

    def reply(self, request):
        if request.path.startswith("/files/"):
            body = self.files.get(request.path)
            return Reply(body, mime="image/png") if body else error(404, "gone", "not_found")
        if self.strict and request.headers.get("Authorization") != f"Bearer {KEY}":
            got = request.headers.get("Authorization", "").removeprefix("Bearer ")
            return error(401, f"Incorrect API key provided: {got}.", "invalid_api_key")
        answer = {
            "/images/generations": self._generate,
            "/images/edits": self._edit,
            "/audio/speech": self._speak,
            "/videos": self._film,
            "poll": self._poll,
            "content": self._content,
        }.get(self.place(request))
        return answer(request) if answer else error(404, "Invalid URL", "not_found")

    def busy(self, request, headers):
        return error(429, "Rate limit reached", "rate_limit_exceeded", headers)

    def error(self, status, message, code):
        return error(status, message, code)

    def _generate(self, request):
        return self._picture(request.json, [])

    def _edit(self, request):
        fields, files = request.form()
        if not files or any(name not in ("image", "image[]", "mask") for name, _, _ in files):
            return error(400, "Missing required parameter: 'image'.", "missing_required_parameter")
        return self._picture(fields, files)

    def _picture(self, fields, files):
        wrong = self._wrong_picture(fields)
        if wrong:
            return wrong
        width, height = map(int, fields["size"].split("x"))
        colour = zlib.crc32(fields["prompt"].encode()).to_bytes(4, "big")[:3]
        picture = png(width, height, colour)
        self.orders.append({"fields": fields, "files": files, "colour": colour})
        if self.answers == "url":
            path = f"/files/{len(self.files) + 1}.png"
            self.files[path] = picture
            return Reply({"created": 1, "data": [{"url": f"{self.url}{path}{self.padding}"}]})
        told = {"created": 1, "data": [{"b64_json": base64.b64encode(picture).decode()}]}
        return Reply({**told, "usage": {"input_tokens": 12, "output_tokens": 1056}})

    def _wrong_picture(self, fields):
        if "forbidden" in fields["prompt"]:
            return error(
                400, "Your request was rejected by the safety system.", "moderation_blocked"
            )
        if not self.strict:
            return None
        is_gpt = fields.get("model", "").startswith("gpt-image")
        for name in set(fields) - IMAGE_FIELDS | (
            {"response_format"} & set(fields) if is_gpt else set()
        ):
            return error(400, f"Unknown parameter: '{name}'.", "unknown_parameter")
        if fields["size"] not in (GPT_SIZES if is_gpt else DALLE_SIZES):
            return error(400, f"Invalid value: '{fields['size']}'.", "invalid_value")
        return None

    def _speak(self, request):
        fields = request.json
        if len(fields["input"]) > 4096:
            return error(
                400, "String should have at most 4096 characters", "string_above_max_length"
            )
        self.orders.append({"fields": fields})
        if fields["response_format"] == "wav":
            return Reply(streamed_wav(len(fields["input"]) * 0.05), mime="audio/wav")
        return Reply(b"ID3 this is an MP3", mime="audio/mpeg")

    def _film(self, request):
        fields, files = request.form()
        if self.strict and fields["size"] not in SORA_SIZES:
            return error(400, f"Invalid value: '{fields['size']}'.", "invalid_value")
        if self.strict and fields["seconds"] not in SORA_SECONDS:
            return error(400, f"Invalid value: '{fields['seconds']}'.", "invalid_value")
        for _, _, data in files:
            size = "x".join(map(str, Image.open(io.BytesIO(data)).size))
            if size != fields["size"]:
                return error(400, "Inpaint image must match the requested width and height", None)
        job = f"video_{len(self.jobs) + 1}"
        self.jobs[job] = {"fields": fields, "asked": 0}
        self.orders.append({"job": job, "fields": fields, "files": files})
        return Reply(self._told(job, "queued", 0))

    def _poll(self, request):
        job = request.path.rpartition("/")[2]
        if job not in self.jobs:
            return error(404, f"Video with id '{job}' not found.", "not_found")
        about, prompt = self.jobs[job], self.jobs[job]["fields"]["prompt"]
        about["asked"] += 1
        if about["asked"] <= self.steps:
            percent = 100 * about["asked"] // (self.steps + 1)
            return Reply(self._told(job, "in_progress", percent), headers=self.soon)
        if "violent" in prompt or "fails" in prompt:
            refused = "violent" in prompt
            why = {"code": "moderation_blocked" if refused else "server_error", "message": "No."}
            return Reply({**self._told(job, "failed", 0), "error": why})
        return Reply(self._told(job, "completed", 100))

    def _content(self, request):
        job = request.path.split("/")[-2]
        if job not in self.jobs:
            return error(404, f"Video with id '{job}' not found.", "not_found")
        return Reply(clip(self.jobs[job]["fields"]["size"]), mime="video/mp4")

    def _told(self, job, status, progress):
        fields = self.jobs[job]["fields"]
        told = {"id": job, "object": "video", "status": status, "progress": progress}
        return {**told, **{name: fields[name] for name in ("model", "seconds", "size")}}


def error(status, message, code, headers=None):
    """An error as the vendor tells it."""
    told = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return Reply({"error": told}, status, headers={"x-request-id": "req_1", **(headers or {})})


def png(width, height, colour):
    """A picture of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), tuple(colour)).save(file, "PNG", compress_level=1)
    return file.getvalue()


def streamed_wav(seconds):
    """A WAV as it is streamed: its sizes are the largest numbers, since none knew them."""
    sound = bytes(2 * round(seconds * SPEECH_RATE_HZ))
    form = struct.pack("<IHHIIHH", 16, 1, 1, SPEECH_RATE_HZ, 2 * SPEECH_RATE_HZ, 2, 16)
    unknown = b"\xff\xff\xff\xff"
    return b"RIFF" + unknown + b"WAVEfmt " + form + b"data" + unknown + sound


_one = threading.Lock()


def clip(size):
    """A short clip of this size ("1280x720"), H.264."""
    with _one:
        return _clip(size)


@functools.cache
def _clip(size):
    source = ["-f", "lavfi", "-i", f"color=c=teal:s={size}:r=8:d=0.5"]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    told = ["-movflags", "frag_keyframe+empty_moov", "-f", "mp4", "-"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *source, *coded, *told]
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
