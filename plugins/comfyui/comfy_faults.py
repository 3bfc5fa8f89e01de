"""What ComfyUI says of prompts that it refuses and of nodes that fail, as errors for people."""

from filmeto_plugin import PluginError

OOM_WORDS = ("out of memory", "outofmemory", "allocation on device")
OURS = "filmeto:"  # begins the names in a title: not for people
MAX_REASONS = 6  # a graph with one wrong node can have a reason for each of its inputs


def rejected_prompt(answer, graph):
    """The error of a prompt that the server did not take as it is.

    Args:
        answer: The body of its answer: `error` and `node_errors`.
        graph: The graph that was sent, for the nodes' titles.
    """
    reasons = []
    for number, found in (answer.get("node_errors") or {}).items():
        for reason in found.get("errors") or []:
            what = f"{reason.get('message', '')}: {reason.get('details', '')}".strip(": ")
            reasons.append(f"{node_name(graph, number)}: {what}")
    if not reasons:
        error = answer.get("error") or {}
        error = error if isinstance(error, dict) else {"message": str(error)}
        reasons = [f"{error.get('message', 'no reason given')} {error.get('details', '')}".strip()]
    told = "; ".join(reasons[:MAX_REASONS])
    left = len(reasons) - MAX_REASONS
    told += f"; and {left} more" if left > 0 else ""
    return PluginError(
        f"ComfyUI refused the workflow: {told}. Correct it in ComfyUI and export it again",
        code="invalid_workflow",
        details={"reasons": reasons[:MAX_REASONS]},
    )


def failed_job(outcome, graph):
    """The error of a job that ended without success; `outcome` is its entry of the history."""
    messages = (outcome.get("status") or {}).get("messages") or []
    events = {name: data for name, data in messages}
    if "execution_interrupted" in events:
        node = node_name(graph, events["execution_interrupted"].get("node_id"))
        told = f"somebody interrupted the job in ComfyUI, at {node}; start it again if you want it"
        return PluginError(told, code="interrupted")
    return node_failure(events.get("execution_error") or {}, graph)


def node_failure(error, graph):
    """The error of a node that failed: `error` is the data of an `execution_error`."""
    message = str(error.get("exception_message") or "no message").strip()
    kind = str(error.get("exception_type") or "").rpartition(".")[2]
    node = node_name(graph, error.get("node_id"), error.get("node_type"))
    details = {"node": str(error.get("node_id")), "node_type": error.get("node_type")}
    if any(word in f"{kind} {message}".lower() for word in OOM_WORDS):
        told = f"the machine of ComfyUI ran out of memory in {node}. Ask for a smaller width and "
        told += "height, a shorter clip or a smaller model, or start ComfyUI with --lowvram"
        return PluginError(told, code="out_of_memory", details=details)
    said = f"{kind}: {message.splitlines()[0]}" if kind else message.splitlines()[0]
    told = f"ComfyUI failed in {node}: {said}. Its log has the whole of it"
    return PluginError(told, code="node_failed", details={**details, "said": message[:2000]})


def node_name(graph, number, class_type=None):
    """A node in words: its number, its class, and its title where that says more."""
    if number is None:
        return "a node that it did not name"
    node = graph.get(str(number)) or {}
    class_type = node.get("class_type") or class_type or "unknown class"
    title = (node.get("_meta") or {}).get("title") or ""
    title = title[: title.lower().find(OURS)].strip() if OURS in title.lower() else title
    said = f' "{title}"' if title and title != class_type else ""
    return f"node {number} ({class_type}{said})"
