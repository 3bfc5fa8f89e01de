"""Takes memory and processes, more than it may, in the way it is asked to."""

import os
import signal
import subprocess
import sys
import time

from filmeto_plugin import run

MIB = 1024 * 1024
GROW = "import time; kept = bytearray(b'x') * (90 * 1024 * 1024); time.sleep(60)"


def text2image(call):
    how, kept = call.parameters["how"], []
    call.progress(10, "hungry")
    if how == "grows":
        while True:
            kept.append(bytearray(b"x") * (8 * MIB))
            time.sleep(0.02)
    elif how == "holds":
        kept.append(bytearray(b"x") * (call.parameters["count"] * MIB))
        call.progress(20, "full")
        while True:
            call.check_cancelled()
            time.sleep(0.01)
    elif how == "children":
        for _ in range(3):
            kept.append(subprocess.Popen([sys.executable, "-c", GROW]))
        signal.pause()
    elif how == "many":
        for _ in range(12):
            kept.append(subprocess.Popen(["sleep", "60"]))
        signal.pause()
    elif how == "memory error":
        raise MemoryError
    elif how == "bad_alloc":
        os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n")
        os.abort()
    elif how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    path = call.output("made.txt")
    with open(path, "w") as file:
        file.write("made")
    return path


run(text2image=text2image)
