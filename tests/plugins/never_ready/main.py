"""Never says that it is ready, and will not end; until its HOME holds a file called `healed`."""

import os
import signal
import time

from filmeto_plugin import run


def text2image(call):
    path = call.output("made.txt")
    with open(path, "w") as file:
        file.write("made")
    return path


if os.path.exists(os.path.join(os.environ["HOME"], "healed")):
    run(text2image=text2image)
signal.signal(signal.SIGTERM, lambda *_: os.write(2, b"SIGTERM came\n"))
os.write(2, b"still loading\n")
while True:
    time.sleep(60)
