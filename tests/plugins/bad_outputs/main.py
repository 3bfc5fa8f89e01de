"""Names files that it should not."""

import os

from filmeto_plugin import run


def text2image(call):
    how, path = call.parameters["how"], call.output("out.txt")
    if how == "empty":
        open(path, "w").close()
    elif how == "link out":
        os.symlink("/etc/passwd", path)
    elif how == "elsewhere":
        return "/etc/passwd"
    elif how == "folder":
        os.mkdir(path)
    elif how == "pipe":
        os.mkfifo(path)
    elif how == "nothing":
        return None
    elif how == "good":
        with open(path, "w") as file:
            file.write("made")
    return path


run(text2image=text2image)
