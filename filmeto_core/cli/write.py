"""`filmeto write "a logline"`: a storyboard on stdout or in a file; all else goes to stderr."""

import argparse

from filmeto_core.cli.out_file import OutFile, tell
from filmeto_core.settings import current_settings
from filmeto_core.write.request import read_request
from filmeto_core.write.writer import write_storyboard


def write(options: argparse.Namespace) -> None:
    """Write the storyboard, and say who wrote it."""
    out = OutFile(options.out, options.force)
    request = read_request(
        options.logline,
        options.shots,
        options.language,
        options.profile,
        options.style,
        options.seed or 0,
    )
    text = write_storyboard(
        request, current_settings(), template=options.template, seed=options.seed, tell=tell
    )
    out.write(text, "make the film with: filmeto film {}")
