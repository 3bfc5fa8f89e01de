"""Ctrl-C and SIGTERM: said in one line, exit code 130, no traceback, never longer than a moment.

The process ends by `os._exit`: plugins and ffmpeg die with it by their lifelines, what is in the
store is whole, and what is half done is cleared at the next start.
"""

import os
import signal
import threading
from collections.abc import Callable

from filmeto_core.errors import EXIT_INTERRUPTED

LAST_WORDS_S = 0.4  # what may still be done at the end, side by side


def on_interrupt(stop: Callable[[], None]) -> None:
    """From now on, `stop` is called at Ctrl-C and at SIGTERM, in the main thread."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop())


def leave(go_on: str = "", *last: Callable[[], None]) -> None:
    """End this process now, after the last things, which have a moment; says how to go on."""
    threads = [threading.Thread(target=_quietly, args=[thing], daemon=True) for thing in last]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LAST_WORDS_S)
    try:
        # Not sys.stderr: the signal may have come in the middle of a write to it.
        os.write(2, f"\nfilmeto: stopped{'; ' + go_on if go_on else '.'}\n".encode())
    finally:  # also where nobody reads it any more
        os._exit(EXIT_INTERRUPTED)


def unwind() -> None:
    """Raise KeyboardInterrupt where the main thread is, for a command that clears up after itself."""
    raise KeyboardInterrupt


def _quietly(thing: Callable[[], None]) -> None:
    try:
        thing()
    except Exception:  # the process ends now, whatever goes wrong with its last words
        pass
