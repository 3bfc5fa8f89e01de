"""`grants:` of a filmeto.yaml: what the user allows single plugins beyond what every plugin may.

grants:
  comfyui:
    write: [~/models]             # folders or files it may write to; relative to the file
    environment: [HF_TOKEN]       # variables it may see
    sandbox: false                # it may write wherever you may
"""

import re
from pathlib import Path
from typing import Any

from filmeto_core.plugin_host.grants import Grant
from filmeto_core.project_errors import mapping, only_known, texts, wrong

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_grants(value: Any, path: Path) -> dict[str, Grant]:
    """The grants by plugin.

    Args:
        value: What stands under `grants:`.
        path: The file, which errors name and from which relative folders start.

    Raises:
        ValidationError: Something in it is wrong; names the file and the key.
    """
    grants = mapping({} if value is None else value, path, "grants")
    return {str(name): _grant(given, path, f"grants.{name}") for name, given in grants.items()}


def _grant(value: Any, path: Path, field: str) -> Grant:
    given = mapping({} if value is None else value, path, field)
    only_known(given, Grant.model_fields, path, field)
    sandbox = given.get("sandbox")
    if sandbox is not None and not isinstance(sandbox, bool):
        raise wrong(path, f"{field}.sandbox", f"expected true or false, got {sandbox!r:.80}")
    return Grant(
        write=_places(given.get("write"), path, f"{field}.write"),
        environment=_variables(given.get("environment"), path, f"{field}.environment"),
        sandbox=sandbox,
    )


def _places(value: Any, path: Path, field: str) -> tuple[Path, ...]:
    named = texts(value, path, field, "a folder or a list of folders")
    places = [(path.parent / Path(name).expanduser()).absolute() for name in named]
    for place in places:
        if not place.exists():
            hint = "Make it, since the kernel's rules are tied to what is there, or take it out."
            raise wrong(path, field, f"there is no folder {place}.", hint)
    return tuple(places)


def _variables(value: Any, path: Path, field: str) -> tuple[str, ...]:
    names = texts(value, path, field, "the name of a variable or a list of names")
    for name in names:
        if not VARIABLE.fullmatch(name):
            hint = "Names alone; their values stay in your environment." if "=" in name else ""
            raise wrong(path, field, f"expected the name of a variable, got {name!r}.", hint)
    return names
