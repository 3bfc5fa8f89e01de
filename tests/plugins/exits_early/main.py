"""Ends before it is ready; until its HOME holds a file called `healed`."""

import os

if not os.path.exists(os.path.join(os.environ["HOME"], "healed")):
    import a_module_that_nobody_has  # noqa: F401

from filmeto_plugin import run


def text2image(call):
    path = call.output("made.txt")
    with open(path, "w") as file:
        file.write("made")
    return path


run(text2image=text2image)
