"""Answers that were paid for, kept in the plugin's own folder until nobody can ask for them again.

A picture or a voice comes with the answer and has no id at the provider. It is kept here under a
name of its own before anything else is done with it, and the host is told that name as the job's
id: whatever is killed from then on, the next try finds it here and pays nothing.
"""

import os
import re
import time

from filmeto_plugin import PluginError

FOLDER = os.path.join("outputs", "kept")
KEPT_S = 14 * 24 * 3600  # a film that was stopped is gone on with within days
NAME = re.compile(r"[A-Za-z0-9_-]{1,128}\.[a-z0-9]{1,4}")
PREFIX = "kept:"


def keep(call, body, ending):
    """Keep an answer and tell the host; the job's id.

    None where the folder cannot be written to: the call goes on without a second chance.
    """
    name = f"{re.sub(r'[^A-Za-z0-9_-]', '_', call.idempotency_key or call.task_id)}.{ending}"
    try:
        _write(os.path.join(FOLDER, name), body)
    except OSError as error:
        call.logger.warning("the answer could not be kept for a second try: %s", error)
        return None
    call.submitted(PREFIX + name)
    return PREFIX + name


def collect(call, price):
    """The bytes that an earlier try kept under `call.resume_job`.

    Raises:
        PluginError: They are gone.
    """
    name = call.resume_job.removeprefix(PREFIX)
    try:
        if not NAME.fullmatch(name):
            raise FileNotFoundError(name)
        with open(os.path.join(FOLDER, name), "rb") as file:
            return file.read()
    except OSError:
        cost = price.of(call.parameters)
        told = f"what the provider made for {call.resume_job} is not here any more"
        details = {"cost": cost} if cost else {}
        raise PluginError(told, code="job_lost", details=details) from None


def _write(path, body):
    os.makedirs(FOLDER, exist_ok=True)
    _forget_old()
    begun = f"{path}.{os.getpid()}.tmp"
    with open(begun, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    os.replace(begun, path)


def _forget_old():
    for entry in os.scandir(FOLDER):
        try:
            if time.time() - entry.stat().st_mtime > KEPT_S:
                os.unlink(entry.path)
        except OSError:  # another process was quicker
            continue
