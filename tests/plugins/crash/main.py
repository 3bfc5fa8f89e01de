"""Ends before it answers, in the way it is asked to."""

import os
import signal
import sys

from filmeto_plugin import run


def text2image(call):
    how = call.parameters["how"]
    if how == "works":
        path = call.output("made.txt")
        with open(path, "w") as file:
            file.write("made")
        return path
    sys.stderr.write("a line before\nthe last words of a plugin\n")
    sys.stderr.flush()
    call.progress(30, "about to end")
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "exit0":
        os._exit(0)
    if how == "wait":
        signal.pause()
    os._exit(5)


run(text2image=text2image)
