"""Leaves children behind, which hold its pipes: one in its group, one in a session of its own."""

import os
import subprocess
import sys

from filmeto_plugin import run


def text2image(call):
    for new_session in (False, True):
        child = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(600)"],
            start_new_session=new_session,
            stderr=2,
        )
        call.progress(10, str(child.pid), {"pid": child.pid})
    if call.parameters["how"] == "dies":
        os._exit(4)
    path = call.output("a.txt")
    with open(path, "w") as file:
        file.write("a")
    return path


run(text2image=text2image)
