"""text2image, image2image, image2video and text2video on the user's own ComfyUI."""

import os
import signal

from comfy_job import Job
from comfy_outputs import collect
from comfy_prepare import prepare
from comfy_server import Server
from comfy_settings import read_settings
from filmeto_plugin import run

ENDED_BY_TERM = 128 + signal.SIGTERM


class Terminated(BaseException):
    """SIGTERM came. No Exception: nothing on the way may take it for a fault of the server."""


def serve(call):
    """Run the call's workflow on the server; see README.md."""
    with Server(read_settings(os.environ)) as server:
        call.progress(1, f"asking {server.where}")
        prepared = prepare(call, server)
        job = Job(call, server, prepared)
        return collect(call, server, prepared, job.run())


def _terminate(_signal, _frame):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not break off the cleaning
    raise Terminated


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _terminate)
    try:
        run(text2image=serve, image2image=serve, image2video=serve, text2video=serve)
    except Terminated:
        os._exit(ENDED_BY_TERM)  # the job is off the server by now, and no thread is waited for
