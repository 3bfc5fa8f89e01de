"""The command line: parses, calls one function, prints. The only part that writes to a terminal.

argparse, since `filmeto --help` has to be quick; each command imports what it needs when it runs.
"""

import sys

from filmeto_core.cli.parser import parse


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit code: 0 done, 1 it failed, 2 wrong usage or input, 130 stopped."""
    options = parse(sys.argv[1:] if argv is None else argv)
    from filmeto_core.cli.interrupt import leave, on_interrupt
    from filmeto_core.errors import FilmetoError

    on_interrupt(leave)
    try:
        return options.command(options) or 0
    except FilmetoError as error:
        sys.stderr.write(f"filmeto: {error}\n")
        return error.handling.exit_code
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        sys.stderr.close()
        return 0
    except OSError as error:  # a folder that cannot be written, a full disk
        where = f": {error.filename}" if error.filename else ""
        sys.stderr.write(f"filmeto: {error.strerror or error}{where}\n")
        return 1
