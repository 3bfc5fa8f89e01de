"""The page of the seven tools: each of its commands, run in small, makes media that decode whole."""

import glob
import re
import shlex
from pathlib import Path

import pytest

from filmeto_core.cli.parser import parse
from filmeto_core.media import probe
from filmeto_core.types import ToolType

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = (DOCS / "seven-tools.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^filmeto (run .*)$", PAGE, re.MULTILINE)
LARGEST_BYTES = 200_000
SMALL = {
    "text2image": ("width=160", "height=90"),
    "image2video": ("width=160", "height=90", "duration_s=0.5"),
    "text2video": ("width=160", "height=90", "duration_s=0.5"),
    "text2music": ("duration_s=2",),
    "speak2video": ("width=160", "height=90", "duration_s=0.5"),
}
KINDS = {"image": "image", "video": "video", "speak": "audio", "music": "audio"}


def test_every_tool_is_there_in_english_and_chinese():
    for tool in ToolType:
        told = [command for command in COMMANDS if command.split()[1] == tool]
        chinese = [command for command in told if re.search(r"[\u4e00-\u9fff]|-zh", command)]
        assert chinese and len(told) > len(chinese), tool


def test_what_the_page_shows_is_there_and_small():
    shown = re.findall(r"\]\((seven/[^)]+)\)", PAGE)
    assert sorted(shown) == sorted(f"seven/{path.name}" for path in (DOCS / "seven").iterdir())
    for name in shown:
        path = DOCS / name
        assert path.stat().st_size < LARGEST_BYTES and probe(path).kind in ("image", "audio"), name


def test_each_command_of_the_page_makes_media(home, capsys):
    for command in COMMANDS:
        words = [found for word in shlex.split(command) for found in glob.glob(word) or [word]]
        tool, out = words[1], Path(words[words.index("--out") + 1])
        words = [word for word in words if not word.startswith("duration_s=")]
        words = [
            w
            for w, after in zip(words, [*words[1:], ""], strict=True)
            if w != "--param" or "=" in after
        ]
        small = [word for setting in SMALL.get(tool, ()) for word in ("--param", setting)]
        options = parse([*words, *small, "--direct"])
        options.command(options)
        made = [path for path in out.iterdir() if path.suffix != ".json"]
        kind = KINDS[tool.split("2")[1]]
        assert made and all(probe(path).kind == kind for path in made), command
        lengths = [float(word[11:]) for word in small if word.startswith("duration_s=")]
        for length_s in lengths:
            assert probe(made[0]).duration_s == pytest.approx(length_s, abs=0.05)
