"""Writes the folder of a new project: a storyboard, filmeto.yaml, a flow of its own, prefect.yaml.

The files lie in `templates/`; __NAME__ in them becomes the folder's name.
"""

import re
from pathlib import Path

from filmeto_core.errors import ValidationError

TEMPLATES = Path(__file__).parent / "templates"
HIDDEN = {"gitignore": ".gitignore"}  # as it is named there, so that it hides nothing here


def new_project(folder: Path) -> list[Path]:
    """Write the folder of a new project.

    Args:
        folder: Must not be there, or be empty.

    Returns:
        The files that were written.

    Raises:
        ValidationError: The folder holds something, or is a file.
        OSError: It cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValidationError(
            f"DIR: {folder} is there, and not empty.",
            hint="Give a folder that is not there yet; nothing is overwritten.",
            field="DIR",
            value=str(folder),
        )
    name = re.sub(r"[^a-z0-9]+", "-", folder.absolute().name.lower()).strip("-") or "film"
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for template in sorted(TEMPLATES.iterdir()):
        if template.is_dir():
            continue
        path = folder / HIDDEN.get(template.name, template.name)
        text = template.read_text(encoding="utf-8").replace("__NAME__", name)
        with open(path, "x", encoding="utf-8") as file:  # never over another
            file.write(text)
        written.append(path)
    return written
