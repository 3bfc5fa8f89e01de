"""What the server has: node classes, their inputs, and the model files that they can load."""

import fnmatch

from comfy_faults import node_name
from filmeto_plugin import PluginError

MODEL_ENDINGS = (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".sft", ".gguf", ".onnx")
MAX_SHOWN = 12
# Where well-known classes come from; ComfyUI-Manager finds the others.
PACKS = {
    "VHS_": "ComfyUI-VideoHelperSuite",
    "IPAdapter": "ComfyUI_IPAdapter_plus",
    "ADE_": "ComfyUI-AnimateDiff-Evolved",
    "Unet Loader (GGUF)": "ComfyUI-GGUF",
    "UnetLoaderGGUF": "ComfyUI-GGUF",
    "CLIPLoaderGGUF": "ComfyUI-GGUF",
    "RIFE": "ComfyUI-Frame-Interpolation",
    "FILM": "ComfyUI-Frame-Interpolation",
    "WanVideo": "ComfyUI-WanVideoWrapper",
    "LTXV": "ComfyUI-LTXVideo",
    "ControlNetApplySD3": "a newer ComfyUI",
    "Reactor": "ComfyUI-ReActor",
    "easy ": "ComfyUI-Easy-Use",
}


class Nodes:
    """The classes of a graph's nodes as the server describes them; each is asked for once."""

    def __init__(self, server, workflow):
        self._server, self._workflow, self._known = server, workflow, {}

    def about(self, class_type):
        """What /object_info says of a class, or None."""
        if class_type not in self._known:
            self._known[class_type] = self._server.node(class_type)
        return self._known[class_type]

    def check_classes(self):
        """Raises PluginError if the server lacks a node's class, or if no node makes an output."""
        graph, outputs, missing = self._workflow.graph, 0, {}
        for number, node in graph.items():
            about = self.about(node["class_type"])
            if about is None:
                missing.setdefault(node["class_type"], number)
            elif about.get("output_node"):
                outputs += 1
        if missing:
            raise self._missing(missing)
        if not outputs:
            told = "no node of it saves anything; add a Save Image or Save Video node"
            raise self._error(told, "invalid_workflow")

    def spec(self, number, key):
        """(type, options) of a node's input: the type is a word, or a list of choices."""
        about = self.about(self._workflow.graph[number]["class_type"]) or {}
        for part in ("required", "optional"):
            given = (about.get("input", {}).get(part) or {}).get(key)
            if given:
                options = given[1] if len(given) > 1 and isinstance(given[1], dict) else {}
                kind = given[0]
                return (options.get("options") or [] if kind == "COMBO" else kind), options
        return "*", {}

    def choose(self, graph, place, patterns):
        """Set a model input to the server's file that a pattern likes best.

        Args:
            graph: Is changed.
            place: (node number, input).
            patterns: Such as ["!*refiner*", "*xl*", "*"]: the first to match any wins, and those
                with a `!` are never taken; letters' case and folders do not count.
        """
        number, key = place
        files = [f for f in self._files(number, key) if not _any(f, _without(patterns))]
        for pattern in (p for p in patterns if not p.startswith("!")):
            for file in files:
                if _any(file, [pattern]):
                    graph[number]["inputs"][key] = file
                    return
        wanted = " or ".join(p for p in patterns if not p.startswith("!"))
        raise self._no_model(number, key, f"a file like {wanted}")

    def set_model(self, graph, place, wanted):
        """Set a model input to the one file that `wanted` names, whole or in part."""
        number, key = place
        files = self._files(number, key)
        word = wanted.lower().replace("\\", "/")
        exact = [f for f in files if f == wanted or f.lower().replace("\\", "/") == word]
        near = exact or [f for f in files if word in f.lower().replace("\\", "/")]
        if not near:
            raise self._no_model(number, key, f'"{wanted}"')
        if len(near) > 1:
            told = f'model: "{wanted}" fits several: {_list(near)}; name one of them'
            raise self._error(told, "model_missing", {"models": near[:MAX_SHOWN]})
        graph[number]["inputs"][key] = near[0]

    def check_choices(self, graph, uploaded):
        """Raises PluginError if a node asks for a file or a word that the server does not have."""
        for number, node in graph.items():
            for key, value in node["inputs"].items():
                kind, options = self.spec(number, key)
                if not isinstance(kind, list) or isinstance(value, list) or value in kind:
                    continue
                if (number, key) in uploaded or _is_upload(options) or options.get("remote"):
                    continue
                if str(value).lower().endswith(MODEL_ENDINGS):
                    raise self._no_model(number, key, f'"{value}"')
                has = _list([str(choice) for choice in kind])
                told = f"{node_name(graph, number)}: {key} is {value!r}; this server has {has}"
                raise self._error(told, "invalid_workflow")

    def _files(self, number, key):
        kind, _ = self.spec(number, key)
        return [str(file) for file in kind] if isinstance(kind, list) else []

    def _no_model(self, number, key, wanted):
        files = self._files(number, key)
        node = node_name(self._workflow.graph, number)
        has = f"it has {_list(files)}" if files else "it has none at all"
        told = f"{node} needs {wanted} as {key}, and {self._server.where} lacks it: {has}. "
        needs = self._workflow.about.get("needs")
        told += f"{needs}" if needs else "Put it into ComfyUI's models folder, or name another one"
        return self._error(told, "model_missing", {"input": key, "models": files[:MAX_SHOWN]})

    def _missing(self, missing):
        graph = self._workflow.graph
        told = "; ".join(
            f"{node_name(graph, number)} is no node of {self._server.where}: {_source(name)}"
            for name, number in missing.items()
        )
        return self._error(told, "node_missing", {"classes": sorted(missing)})

    def _error(self, told, code, details=None):
        return PluginError(f"workflow {self._workflow.name}: {told}", code=code, details=details)


def _source(class_type):
    for start, pack in PACKS.items():
        if class_type.startswith(start):
            return f"install {pack} (ComfyUI-Manager > Install missing custom nodes)"
    return (
        "update ComfyUI if it is one of its own, else install its pack "
        "(ComfyUI-Manager > Install missing custom nodes)"
    )


def _is_upload(options):
    return any(options.get(f"{kind}_upload") for kind in ("image", "video", "audio", "file"))


def _any(file, patterns):
    return any(fnmatch.fnmatchcase(file.lower(), pattern.lower()) for pattern in patterns)


def _without(patterns):
    return [pattern[1:] for pattern in patterns if pattern.startswith("!")]


def _list(names):
    shown = ", ".join(names[:MAX_SHOWN])
    return f"{shown} and {len(names) - MAX_SHOWN} more" if len(names) > MAX_SHOWN else shown
