"""How far a job is, from what the socket tells of its nodes."""

from comfy_faults import node_name

FIRST, LAST = 5, 95  # percent: before it the job is prepared, after it the outputs are fetched
SAMPLER_WEIGHT = 12  # a sampler takes most of a job's time; the other nodes count as one


class Meter:
    """Turns events of one job into progress of the call.

    Args:
        call: The tool's call.
        graph: The graph that runs.
    """

    def __init__(self, call, graph):
        self._call, self._graph = call, graph
        self._weights = {number: _weight(node["class_type"]) for number, node in graph.items()}
        self._shares, self._current, self._said = {}, None, None

    def hear(self, kind, data):
        """Take in an event of this job; others do nothing."""
        node = data.get("node")
        if kind == "execution_cached":
            self._done(data.get("nodes") or ())
        elif kind == "executing" and node is not None:
            self._done([self._current] if self._current else ())
            self._current = str(node)
            self._tell(node_name(self._graph, node))
        elif kind == "executed" and node is not None:
            self._done([node])
        elif kind == "progress" and node is not None and data.get("max"):
            self._step(str(node), data["value"], data["max"])
        elif kind == "progress_state":
            for number, state in (data.get("nodes") or {}).items():
                if state.get("state") == "finished":
                    self._done([number])

    def waiting(self, ahead):
        """The job waits for its turn, `ahead` others before it."""
        jobs = f"{ahead} other job{'s' if ahead > 1 else ''}"
        self._say(FIRST - 1, f"waits in ComfyUI's queue behind {jobs}", {"ahead": ahead})

    def _done(self, numbers):
        for number in numbers:
            self._shares[str(number)] = 1.0

    def _step(self, node, value, most):
        self._shares[node] = min(1.0, value / most)
        name = (self._graph.get(node) or {}).get("class_type", f"node {node}")
        self._tell(f"{name}: {value} of {most}", {"step": value, "steps": most})

    def _tell(self, message, data=None):
        whole = sum(self._weights.values())
        done = sum(self._weights.get(n, 0) * share for n, share in self._shares.items())
        self._say(FIRST + (LAST - FIRST) * done / whole, message, data)

    def _say(self, percent, message, data):
        if message != self._said:
            self._call.progress(round(percent, 1), message, data)
        self._said = message


def _weight(class_type):
    return SAMPLER_WEIGHT if "sampler" in class_type.lower() else 1
