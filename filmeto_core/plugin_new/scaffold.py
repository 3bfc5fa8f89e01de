"""Writes the folder of a new plugin, which passes the check as it is and makes something real.

What it consists of lies as files in `templates/`: one folder a tool, parts that several tools
share, and the rest, whose words in capitals between underscores are filled in here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from filmeto_core.errors import ValidationError, did_you_mean
from filmeto_core.plugin_host.manifest_model import NAME
from filmeto_core.types import ToolType

TEMPLATES = Path(__file__).parent / "templates"
PILLOW, ENCODER = "pillow==13.0.0", "imageio-ffmpeg==0.8.1"
_LICENCES = {
    PILLOW: "Pillow (MIT-CMU)",
    ENCODER: "imageio-ffmpeg (BSD-2-Clause; the ffmpeg it carries, with x264, is GPL)",
}


@dataclass(frozen=True)
class _Tool:
    """What a tool's template needs beside its own module: shared parts, packages, an example."""

    does: str
    example: str
    parts: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()


_PROMPT = ' --param prompt="a lighthouse at dawn"'
_TOOLS = {
    ToolType.TEXT2IMAGE: _Tool("Paints landscapes", _PROMPT, ("png_file.py",)),
    ToolType.IMAGE2IMAGE: _Tool(
        "Repaints pictures", ' --input picture.png --param prompt="cut from paper"', (), (PILLOW,)
    ),
    ToolType.IMAGE2VIDEO: _Tool(
        "Films pictures", " --input picture.png", ("clip_file.py",), (ENCODER, PILLOW)
    ),
    ToolType.TEXT2VIDEO: _Tool("Films sunrises", _PROMPT, ("clip_file.py",), (ENCODER,)),
    ToolType.SPEAK2VIDEO: _Tool(
        "Lets faces speak", " --input voice.wav", ("clip_file.py",), (ENCODER, PILLOW)
    ),
    ToolType.TEXT2SPEAK: _Tool("Babbles", ' --param text="A boat, at dawn."', ("wav_file.py",)),
    ToolType.TEXT2MUSIC: _Tool(
        "Plucks melodies", ' --param prompt="slow and sad"', ("wav_file.py",)
    ),
}


def new_plugin(name: str, tools: Sequence[str], folder: Path) -> list[Path]:
    """Write the folder of a new plugin.

    Args:
        name: As in a manifest: 1 to 64 letters, digits, '.', '_', '-'.
        tools: One of the seven, or several.
        folder: Must not be there, or be empty.

    Returns:
        The files that were written.

    Raises:
        ValidationError: The name or a tool is wrong, or the folder holds something.
        OSError: It cannot be written.
    """
    if not NAME.fullmatch(name):
        raise ValidationError(
            "the name: expected 1 to 64 letters, digits, '.', '_', '-', not starting with a mark, "
            f"got {name!r}.",
            field="name",
            value=name,
        )
    kinds = [_tool(tool) for tool in dict.fromkeys(tools)]
    if not kinds:
        raise ValidationError("a plugin serves at least one tool; name it with --tool.")
    files = plugin_files(name, kinds)
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise ValidationError(
            f"{folder} is there already, and nothing is overwritten.",
            hint="Name another folder with --dir.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    for file_name, text in files.items():
        (folder / file_name).write_text(text, encoding="utf-8")
    return [folder / file_name for file_name in files]


def plugin_files(name: str, tools: Sequence[ToolType]) -> dict[str, str]:
    """The new plugin's files: their texts by their names."""
    test_name = f"test_{re.sub(r'[^A-Za-z0-9]', '_', name).strip('_')}.py"
    parts = list(dict.fromkeys(part for tool in tools for part in _TOOLS[tool].parts))
    packages = sorted({package for tool in tools for package in _TOOLS[tool].packages})
    words = {
        "NAME": name,
        "TEST": test_name,
        "TOOL": str(tools[0]),
        "EXAMPLE": _TOOLS[tools[0]].example,
        "DESCRIPTION": ", ".join(_TOOLS[tool].does for tool in tools).capitalize(),
        "IMPORTS": "\n".join(sorted(f"from {tool} import {tool}" for tool in tools)),
        "TOOLS": _served(tools),
        "FILES": "\n".join([*(_row(tool) for tool in tools), *map(_part_row, parts)]),
        "LICENCES": _licences(packages),
    }
    manifest = [_read("plugin_head.yaml"), _languages(tools), "\ntools:\n"]
    manifest += [_read(f"{tool}/tool.yaml") for tool in tools]
    tests = [_read("test_head.py.txt"), *(_read(f"{tool}/test.py.txt") for tool in tools)]
    texts = {
        "plugin.yaml": "".join([*manifest, _read("plugin_tail.yaml")]),
        "main.py": _read("main.py.txt"),
        **{f"{tool}.py": _read(f"{tool}/{tool}.py") for tool in tools},
        **{part: _read(f"parts/{part}") for part in parts},
        "requirements.txt": _read("requirements.txt") + "".join(f"{p}\n" for p in packages),
        test_name: "".join([*tests, _read("test_tail.py.txt")]),
        "README.md": _read("README.md"),
    }
    return {file_name: _filled(text, words) for file_name, text in texts.items()}


def _served(tools: Sequence[ToolType]) -> str:
    pairs = [f"{tool}={tool}" for tool in tools]
    alone = ", ".join(pairs)
    return alone if len(alone) < 80 else "".join(f"\n        {pair}," for pair in pairs) + "\n    "


def _tool(name: str) -> ToolType:
    try:
        return ToolType(name)
    except ValueError:
        near = did_you_mean(name, list(ToolType))
        raise ValidationError(
            f"there is no tool {name!r}.{near}",
            hint=f"There are {', '.join(ToolType)}.",
            field="tool",
            value=name,
        ) from None


def _read(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _filled(text: str, words: dict[str, str]) -> str:
    return re.sub(r"__([A-Z]+)__", lambda m: words.get(m[1], m[0]), text).rstrip() + "\n"


def _languages(tools: Sequence[ToolType]) -> str:
    spoken = ToolType.TEXT2SPEAK in tools
    return 'languages: ["*"]       # of text2speak: BCP 47 tags, "*" for all\n' if spoken else ""


def _row(tool: ToolType) -> str:
    return f"| `{tool}.py` | what {tool} does |"


def _part_row(part: str) -> str:
    said = _read(f"parts/{part}").splitlines()[0].strip('"').rstrip(".")
    return f"| `{part}` | {said[0].lower()}{said[1:]} |"


def _licences(packages: Sequence[str]) -> str:
    if not packages:
        return "\nIt needs Python alone."
    return f"\nIt needs {' and '.join(_LICENCES[package] for package in packages)}."
