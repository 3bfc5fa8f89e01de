"""A workflow as the user exported it from ComfyUI, and which of its inputs have names.

A name is given in ComfyUI itself, by a node's title ("filmeto:prompt"), or in a file beside the
workflow (NAME.yaml). README.md describes both. Nothing here asks the server.
"""

import json
import re
from dataclasses import dataclass, field

import yaml
from comfy_faults import node_name
from filmeto_plugin import PluginError

NAMES = (
    *("prompt", "negative_prompt", "seed", "width", "height", "render_width", "render_height"),
    *("strength", "steps", "guidance", "model", "duration_s", "frames", "fps", "motion"),
    *("picture", "reference", "reference_2", "reference_3", "reference_4"),
)
OTHER_NAMES = {"duration": "duration_s", "denoise": "strength", "cfg": "guidance"}
# What nodes call the input that a name means, the likeliest first.
USUAL = {
    "prompt": ("text", "prompt", "string", "value", "clip_l", "t5xxl"),
    "negative_prompt": ("text", "negative_prompt", "prompt", "string", "value"),
    "seed": ("seed", "noise_seed", "value"),
    "width": ("width", "value"),
    "height": ("height", "value"),
    "render_width": ("width", "value"),
    "render_height": ("height", "value"),
    "strength": ("denoise", "strength", "value"),
    "steps": ("steps", "value"),
    "guidance": ("cfg", "guidance", "value"),
    "model": ("ckpt_name", "unet_name", "model_name", "value"),
    "duration_s": ("duration", "seconds", "length", "value"),
    "frames": ("length", "video_frames", "num_frames", "frames", "batch_size", "value"),
    "fps": ("fps", "frame_rate", "value"),
    "motion": ("motion_bucket_id", "text", "string", "value"),
    "picture": ("image",),
}
KEYS = ("tool", "inputs", "outputs", "choose", "fps", "frames", "megapixels", "motion", "needs")
TITLE = re.compile(r"filmeto:\s*(.+)$", re.IGNORECASE)


@dataclass(frozen=True)
class Workflow:
    """A checked graph with its named inputs.

    Args:
        name: The file's, without its ending.
        path: The JSON file.
        graph: Node number -> {"class_type", "inputs", "_meta"}: ComfyUI's API format.
        named: Name -> list of (node number, input).
        about: What NAME.yaml says besides `inputs`.
        is_ready: It came with the plugin.
    """

    name: str
    path: object
    graph: dict
    named: dict
    about: dict = field(default_factory=dict)
    is_ready: bool = False

    def title(self, number):
        """A node in words."""
        return node_name(self.graph, number)


def read_workflow(path, is_ready=False):
    """The workflow of a JSON file and of the YAML file of the same name, if there is one.

    Raises:
        PluginError: "invalid_workflow": what is wrong, where, and what to do.
    """
    graph = _graph(path)
    beside = path.with_suffix(".yaml")
    about = _about(beside) if beside.is_file() else {}
    _check_about(about, graph, beside)
    named = _named_by_titles(path, graph)
    for name, places in (about.get("inputs") or {}).items():
        named[_known(name, beside)] = _places(places, name, graph, beside)
    for name, places in named.items():
        for number, key in places:
            if isinstance(graph[number]["inputs"][key], list):
                source = node_name(graph, graph[number]["inputs"][key][0])
                told = f"{name}: the input {key} of {node_name(graph, number)} is fed by {source}"
                raise wrong(path, f"{told}; name the input of that node instead")
    return Workflow(path.stem, path, graph, named, about, is_ready)


def wrong(path, what):
    """The error of a workflow that cannot be used."""
    return PluginError(f"workflow {path.name}: {what}", code="invalid_workflow")


def _graph(path):
    try:
        graph = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise wrong(path, f"cannot be read as JSON: {error}") from error
    if isinstance(graph, dict) and isinstance(graph.get("prompt"), dict):
        graph = graph["prompt"]  # as it is sent to /prompt
    if isinstance(graph, dict) and "nodes" in graph and "links" in graph:
        told = "is saved for ComfyUI's editor; export it with Workflow > Export (API)"
        raise wrong(path, told)
    if not isinstance(graph, dict) or not graph:
        raise wrong(path, "holds no nodes; export it with Workflow > Export (API)")
    for number, node in graph.items():
        if not isinstance(node, dict) or not isinstance(node.get("class_type"), str):
            raise wrong(path, f"node {number} has no class_type; export it with Export (API)")
        node.setdefault("inputs", {})
        for key, value in node["inputs"].items():
            if isinstance(value, list) and value and str(value[0]) not in graph:
                told = f"the input {key} of {node_name(graph, number)} is linked to node {value[0]}"
                raise wrong(path, f"{told}, which is not there; export it again")
    return graph


def _about(path):
    try:
        about = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise wrong(path, f"cannot be read: {error}") from error
    if not isinstance(about, dict) or not isinstance(about.get("inputs") or {}, dict):
        raise wrong(path, "expected `inputs:` with lines such as `prompt: [6, text]`")
    for key in about:
        if key not in KEYS:
            raise wrong(path, f"there is no {key!r}; expected one of {', '.join(KEYS)}")
    return about


def _check_about(about, graph, path):
    """What a file beside a workflow says besides `inputs`: that it fits the graph, and its shape."""
    for number in about.get("outputs") or ():
        if str(number) not in graph:
            raise wrong(path, f"outputs: there is no node {number}; there are {', '.join(graph)}")
    for key in ("frames", "fps", "choose"):
        if not isinstance(about.get(key) or {}, dict):
            raise wrong(path, f"{key}: expected a mapping, got {about[key]!r}")
    for place, patterns in (about.get("choose") or {}).items():
        number, _, key = str(place).partition(".")
        if number not in graph:
            raise wrong(path, f"choose: {place}: expected NODE.INPUT such as 4.ckpt_name")
        _check_input(number, key, f"choose: {place}", graph, path)
        if not isinstance(patterns, list) or not all(isinstance(p, str) for p in patterns):
            raise wrong(path, f"choose: {place}: expected a list of patterns such as ['*xl*', '*']")
    limits = {key: about.get(key) or {} for key in ("frames", "fps")}
    numbers = {f"{key}.{word}": n for key, given in limits.items() for word, n in given.items()}
    for name, number in {**numbers, "megapixels": about.get("megapixels")}.items():
        if number is not None and (not isinstance(number, (int, float)) or number <= 0):
            raise wrong(path, f"{name}: expected a number above 0, got {number!r}")


def _known(name, path):
    name = OTHER_NAMES.get(name, name)
    if name not in NAMES:
        raise wrong(path, f"no input is called {name!r}; the names are {', '.join(NAMES)}")
    return name


def _places(told, name, graph, path):
    """[6, text], or a list of such pairs, as (node, input) that are there."""
    pairs = told if isinstance(told, list) and told and isinstance(told[0], list) else [told]
    places = []
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2:
            raise wrong(path, f"inputs.{name}: expected [node, input] such as [6, text]")
        number, key = str(pair[0]), str(pair[1])
        if number not in graph:
            numbers = ", ".join(graph)
            raise wrong(path, f"inputs.{name}: there is no node {number}; there are {numbers}")
        _check_input(number, key, f"inputs.{name}", graph, path)
        places.append((number, key))
    return places


def _named_by_titles(path, graph):
    named = {}
    for number, node in graph.items():
        found = TITLE.search((node.get("_meta") or {}).get("title") or "")
        for word in found[1].split(",") if found else ():
            name, _, key = (part.strip() for part in word.partition("="))
            name = _known(name, path)
            if key:
                _check_input(number, key, f"filmeto:{word.strip()}", graph, path)
            key = key or _guess(name, number, graph, path)
            named.setdefault(name, []).append((number, key))
    return named


def _check_input(number, key, what, graph, path):
    inputs = graph[number]["inputs"]
    if key not in inputs:
        has = ", ".join(inputs) or "none"
        raise wrong(path, f"{what}: {node_name(graph, number)} has no input {key!r}; it has {has}")


def _guess(name, number, graph, path):
    """The input of a node that its title means: of the usual names, or the only one there is."""
    values = [k for k, v in graph[number]["inputs"].items() if not isinstance(v, list)]
    usual = USUAL.get(name, USUAL["picture"])
    for key in (name, *usual):
        if key in values:
            return key
    if len(values) == 1:
        return values[0]
    has = ", ".join(values) or "none that is not linked"
    told = f"filmeto:{name} does not tell which input of {node_name(graph, number)} it means"
    raise wrong(path, f"{told}; write filmeto:{name}=INPUT, one of: {has}")
