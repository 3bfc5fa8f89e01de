"""Works, or ends without a word when it is asked to."""

import os

from filmeto_plugin import run


def text2image(call):
    if call.parameters["how"] == "crash":
        os._exit(4)
    path = call.output("made.txt")
    with open(path, "w") as file:
        file.write("made")
    return path


run(text2image=text2image)
