"""Two calls at once, each in a process of its own; the folder of a call tells of the other."""

import os
import time

from filmeto_plugin import run


def text2image(call):
    call.progress(1, str(os.getpid()))
    with open(call.output("here.txt"), "w") as file:
        file.write("here")
    meet = os.path.join(os.path.dirname(call.output_dir), call.parameters["how"], "here.txt")
    while call.parameters["how"] and not os.path.exists(meet):
        call.check_cancelled()
        time.sleep(0.005)
    return call.output("here.txt")


run(text2image=text2image)
