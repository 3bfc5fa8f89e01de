"""`filmeto plugins new NAME --tool TOOL`: the folder of a plugin that works as it is."""

import argparse
import os
import sys
from pathlib import Path

from filmeto_core.plugin_new.scaffold import new_plugin


def new(options: argparse.Namespace) -> None:
    """Write the folder, and say what to do with it."""
    folder = Path(options.dir or options.plugin).expanduser()
    files = new_plugin(options.plugin, options.tool, folder)
    sys.stdout.write("".join(f"{path}\n" for path in files))
    where = os.fspath(folder) if folder.parts[:-1] else f"./{folder}"
    sys.stderr.write(
        "\nIt works as it is:\n"
        f"  filmeto plugins check {where}\n"
        f"  filmeto plugins shell {where}\n"
        f"  FILMETO_PLUGINS={where} filmeto run {options.tool[0]} --plugin {options.plugin} ...\n"
        "What it makes is simple; put your own model in its place.\n"
    )
