"""Says that it is ready and ends in the same breath; until its HOME holds a file called `healed`."""

import os

from filmeto_plugin import run


def text2image(call):
    path = call.output("made.txt")
    with open(path, "w") as file:
        file.write("made")
    return path


if os.path.exists(os.path.join(os.environ["HOME"], "healed")):
    run(text2image=text2image)
os.write(1, b'{"jsonrpc":"2.0","method":"ready","params":{}}')  # read only once it has ended
os._exit(6)
