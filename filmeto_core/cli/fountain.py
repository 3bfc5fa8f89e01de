"""`filmeto import` and `filmeto export`: Fountain scripts to storyboards, and back."""

import argparse
import re
from pathlib import Path

from filmeto_core.cli.out_file import OutFile
from filmeto_core.errors import ValidationError
from filmeto_core.write.fountain_export import fountain_text
from filmeto_core.write.fountain_import import import_script, load_with_script, read_script


def import_(options: argparse.Namespace) -> None:
    """Print the storyboard of a script, or save it."""
    out = OutFile(options.out, options.force)
    text = import_script(
        read_script(Path(options.script).expanduser()),
        scenes=_scenes(options.scenes),
        profile=options.profile,
        style=options.style,
    )
    out.write(text, "make the film with: filmeto film {}")


def export(options: argparse.Namespace) -> None:
    """Print the script of a storyboard, or save it."""
    out = OutFile(options.out, options.force)
    board, kept = load_with_script(Path(options.storyboard))
    out.write(fountain_text(board, kept), "it is a Fountain script, which any editor opens")


def _scenes(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", text)
    if not match:
        raise ValidationError(
            f'--scenes: expected scenes such as 3 or 1-20, got "{text}".',
            field="scenes",
            value=text,
        )
    return int(match[1]), int(match[2] or match[1])
