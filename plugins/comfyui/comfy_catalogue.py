"""Which workflows there are for a tool: the user's folder first, then those that are ready."""

import difflib
from pathlib import Path

from comfy_workflow import read_workflow, wrong
from filmeto_plugin import PluginError

READY = Path(__file__).parent / "workflows"
PICTURE_TOOLS = ("image2image", "image2video")


def candidates(tool, wanted, folder):
    """The workflows that may serve the call, the first to be preferred.

    Args:
        tool: Such as "text2image".
        wanted: A workflow's name, or "" for the one that fits.
        folder: The user's, or None.

    Returns:
        One workflow of the user's, or all the ready ones of the tool.

    Raises:
        PluginError: "invalid_workflow", or "unknown_workflow" where none has that name.
    """
    own, ready = _files(folder), _files(READY)
    if wanted:
        path = own.get(wanted) or ready.get(wanted)
        if path is None:
            raise _unknown(wanted, sorted({*own, *ready}))
        return [_fitting(tool, path)]
    paths = [path for name, path in own.items() if _serves(name, tool)]
    if paths:
        return [_fitting(tool, paths[0])]
    return [_fitting(tool, path) for name, path in ready.items() if _serves(name, tool)]


def _files(folder):
    """Name -> path, so that NAME comes before NAME_other."""
    return {path.stem: path for path in sorted(folder.glob("*.json"))} if folder else {}


def _serves(name, tool):
    return name == tool or name.startswith((f"{tool}_", f"{tool}-"))


def _fitting(tool, path):
    workflow = read_workflow(path, is_ready=path.parent == READY)
    told = workflow.about.get("tool")
    if told and told != tool:
        raise wrong(path, f"serves {told} as its YAML file says, not {tool}; choose another one")
    needed = "picture" if tool in PICTURE_TOOLS else "prompt"
    if needed not in workflow.named:
        what = "no input is named `picture`: title the LoadImage node"
        if needed == "prompt":
            what = "no input is named `prompt`: title the node that holds its text"
        told = f"{what} filmeto:{needed} and export it again, or say `inputs: {{{needed}: [NODE, "
        raise wrong(path, f"{told}INPUT]}}` in {path.stem}.yaml beside it")
    return workflow


def _unknown(wanted, names):
    near = difflib.get_close_matches(wanted, names, 1)
    meant = f' Did you mean "{near[0]}"?' if near else ""
    told = (
        f'there is no workflow "{wanted}".{meant} There are: {", ".join(names)}. Your own belong '
    )
    told += "as NAME.json into the folder that COMFYUI_WORKFLOWS names"
    return PluginError(told, code="unknown_workflow", details={"workflows": names})
