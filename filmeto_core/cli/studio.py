"""`filmeto up`, `filmeto status`, `filmeto down`: this machine's studio."""

import argparse
import json
import sys
import time
from pathlib import Path

from filmeto_core.cli.interrupt import leave, on_interrupt, unwind
from filmeto_core.cli.studio_words import status_lines
from filmeto_core.out_folder import data_folder
from filmeto_core.settings import current_settings
from filmeto_core.studio.down import down as end_all
from filmeto_core.studio.status import status as look
from filmeto_core.studio.up import up as start_all


def up(options: argparse.Namespace) -> None:
    """Start what is not there; the addresses go to stdout."""
    settings, started = current_settings(), time.monotonic()
    on_interrupt(lambda: leave("`filmeto up` goes on, `filmeto down` ends what it started"))
    data_folder(settings.home.expanduser().absolute())
    start_all(settings, Path.cwd(), options.queue, options.port, _say)
    sys.stdout.writelines(status_lines(look(settings)))
    sys.stdout.write(f"\nup, in {time.monotonic() - started:.0f} s. Make a film of it:\n\n")
    sys.stdout.write("    prefect deployment run film/animatic -p storyboard=story.yaml \\\n")
    sys.stdout.write("        -p out=made --watch\n")


def status(options: argparse.Namespace) -> int:
    """Each part; 1 if one does not answer."""
    studio = look(current_settings())
    if options.json:
        told = {"up": studio.is_up, **studio.to_dict()}
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.writelines(status_lines(studio))
    return 0 if studio.is_up else 1


def down(_options: argparse.Namespace) -> None:
    """End it all."""
    on_interrupt(unwind)
    there = end_all(current_settings(), _say)
    sys.stdout.write("down; nothing of it is left\n" if there else "nothing was up\n")


def _say(line: str) -> None:
    sys.stderr.write(f"filmeto: {line}\n")
    sys.stderr.flush()
