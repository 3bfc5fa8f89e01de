"""From a call to the graph that is sent: the workflow, the models, the pictures, the values."""

import copy
from dataclasses import dataclass, field

from comfy_catalogue import candidates
from comfy_nodes import Nodes
from comfy_values import fitted, values_of
from comfy_workflow import Workflow
from filmeto_plugin import PluginError
from PIL import Image

ORIENTATION, FIRST_LYING = 274, 5  # of EXIF: from 5 on width and height are changed over
REFERENCES = ("reference", "reference_2", "reference_3", "reference_4")
MISSING = ("node_missing", "model_missing")


@dataclass(frozen=True)
class Prepared:
    """A graph that the server can run.

    Args:
        workflow: Where it comes from.
        graph: What is sent: ComfyUI's API format.
        values: Name -> what was set.
        unused: What the call gave and the workflow has no input for.
        model: The file that `model` names, if the workflow has such an input.
    """

    workflow: Workflow
    graph: dict
    values: dict
    unused: list = field(default_factory=list)
    model: str | None = None


def prepare(call, server):
    """The graph of a call, checked against what the server has.

    Raises:
        PluginError: Whatever is missing or wrong, in words; nothing has been queued.
    """
    found = candidates(call.tool, call.parameters.get("workflow") or "", server.settings.workflows)
    workflow, nodes, graph = _runnable(call, server, found)
    pictures = _pictures(call, workflow)
    values = values_of(call, workflow.about, _size(pictures.get("picture")))
    for name, value in values.items():
        for number, key in workflow.named.get(name, ()):
            graph[number]["inputs"][key] = _value(call, name, value, nodes.spec(number, key))
    uploaded = set()
    for name, picture in pictures.items():
        call.check_cancelled()
        call.progress(3, f"sending {name.replace('_', ' ')}")
        told = server.upload(picture.path)
        for number, key in workflow.named[name]:
            graph[number]["inputs"][key] = told
            uploaded.add((number, key))
    nodes.check_choices(graph, uploaded)
    model = next((graph[n]["inputs"][k] for n, k in workflow.named.get("model", ())), None)
    return Prepared(workflow, graph, values, _unused(call, workflow), model)


def _runnable(call, server, found):
    """The first workflow for which the server has all: (workflow, its nodes, a graph to fill)."""
    lacks = []
    for workflow in found:
        call.check_cancelled()
        nodes, graph = Nodes(server, workflow), copy.deepcopy(workflow.graph)
        try:
            nodes.check_classes()
            _set_models(call, workflow, nodes, graph)
            return workflow, nodes, graph
        except PluginError as error:
            if error.code not in MISSING:
                raise
            lacks.append(error)
    if len(lacks) == 1:
        raise lacks[0]
    told = "; or ".join(error.message for error in lacks)
    raise PluginError(f"no ready workflow runs on {server.where}: {told}", code=lacks[0].code)


def _set_models(call, workflow, nodes, graph):
    wanted, named = call.parameters.get("model") or "", workflow.named.get("model", [])
    if wanted and not named:
        told = f"workflow {workflow.name}: it has no input named `model`; leave `model` out"
        raise PluginError(told, code="bad_input")
    for place in named if wanted else ():
        nodes.set_model(graph, place, wanted)
    for told, patterns in (workflow.about.get("choose") or {}).items():
        place = tuple(str(told).split(".", 1))
        if not (wanted and place in named):
            nodes.choose(graph, place, patterns)


def _pictures(call, workflow):
    """Name -> input for the pictures that the call gives and the workflow takes."""
    names = REFERENCES
    if call.tool in ("image2image", "image2video"):
        names = ("picture", *REFERENCES)
        if not call.inputs:
            raise PluginError(f"{call.tool} needs a picture, got none", code="bad_input")
    given = dict(zip(names, call.inputs, strict=False))
    for name, picture in given.items():
        if picture.type and picture.type != "image":
            told = f"{name}: expected a picture, got {picture.mime_type or picture.type}"
            raise PluginError(told, code="bad_input")
    return {name: picture for name, picture in given.items() if name in workflow.named}


def _size(picture):
    """(width, height) of a picture as it is seen, None if there is no picture."""
    if picture is None:
        return None
    try:
        with Image.open(picture.path) as opened:
            turned = opened.getexif().get(ORIENTATION, 1) >= FIRST_LYING
            return opened.size[::-1] if turned else opened.size
    except (OSError, ValueError) as error:
        raise PluginError(f"the picture cannot be read: {error}", code="bad_input") from error


def _value(call, name, value, spec):
    kind, options = spec
    if name in ("width", "height") and call.tool.endswith("2video"):
        value = max(2, value // 2 * 2)  # H.264 has no odd sizes
    return fitted(value, kind, options, name, tall=name == "frames")


def _unused(call, workflow):
    """Names of what the user gave and the workflow cannot follow; told with the result."""
    asked = ("prompt", "negative_prompt", "strength", "width", "height", "steps", "guidance")
    names = [n for n in asked if call.parameters.get(n) and n not in workflow.named]
    told = {"motion": ("motion",), "duration_s": ("duration_s", "frames"), "fps": ("fps",)}
    for name, ways in told.items():
        follows = workflow.about.get(name) or any(way in workflow.named for way in ways)
        names += [name] if name in call.parameters and not follows else []
    taken = int("picture" in workflow.named)
    references = [n for n, _ in zip(REFERENCES, call.inputs[taken:], strict=False)]
    return names + [n for n in references if n not in workflow.named]
