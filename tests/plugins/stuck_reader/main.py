"""Gets ready and reads nothing ever after; until its HOME holds a file called `healed`."""

import os
import signal
import sys

from filmeto_plugin import run


def text2image(call):
    path = call.output("made.txt")
    with open(path, "w") as file:
        file.write("made")
    return path


if os.path.exists(os.path.join(os.environ["HOME"], "healed")):
    run(text2image=text2image)
sys.stdout.write('{"jsonrpc":"2.0","method":"ready","params":{}}\n')
sys.stdout.flush()
signal.pause()
