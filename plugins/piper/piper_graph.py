"""The voice's ONNX graph, changed in memory: noise and pace come from outside, durations go out.

A Piper voice draws its noise inside the graph from a generator that no one can reset, so a second
call of the same text would sound (a little) different from the first. Here every drawing node
becomes a lookup in a noise table that the caller feeds, and the frames that each phoneme takes
become an output. Those are whole numbers, rounded up: a voice that is asked for twice the pace by
its own length scale gives 1.5 times at most. So they are scaled after the rounding, by the input
"pace", and rounded along the sentence. `onnx` is imported when the graph is built.
"""

# The duration predictor draws 2 channels a phoneme id, the sound 192 a frame, in every Piper voice.
DURATIONS = "durations"
DURATION_CHANNELS, SOUND_CHANNELS = 2, 192


def seeded_graph(model_path):
    """Read a voice and return it with seedable noise and with durations.

    Args:
        model_path: An .onnx file of a Piper voice (one that draws with RandomNormalLike).

    Returns:
        (model_bytes, noise_inputs): the graph for onnxruntime, and {input name: channels}. It has
        one more input, "pace" (float, (1, 1, ids); 2 is twice as fast), and one more output,
        DURATIONS: the frames of each phoneme id.

    Raises:
        ValueError: If the graph is not shaped like a Piper voice.
    """
    import onnx

    model = onnx.load(str(model_path))
    graph = model.graph
    noise_inputs = _open_noise(onnx, graph)
    _open_pace(onnx, graph, model_path)
    return model.SerializeToString(), noise_inputs


def _open_noise(onnx, graph):
    """Replace each RandomNormalLike by a lookup along time in an input of shape (1, channels, n)."""
    noise_inputs, nodes = {}, []
    for node in graph.node:
        if node.op_type != "RandomNormalLike":
            nodes.append(node)
            continue
        name = f"noise_{len(noise_inputs)}"
        predictor = node.output[0].startswith("/dp/")
        noise_inputs[name] = DURATION_CHANNELS if predictor else SOUND_CHANNELS
        nodes.extend(_lookup(onnx, name, node.input[0], node.output[0]))
        graph.input.append(
            onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, None, None])
        )
    del graph.node[:]
    graph.node.extend(nodes)
    return noise_inputs


def _open_pace(onnx, graph, model_path):
    """Scale the whole frames of each phoneme: round(cumsum(frames / pace)), then differences."""
    places = [i for i, node in enumerate(graph.node) if node.op_type == "Ceil"]
    if len(places) != 1:
        raise ValueError(f"{model_path}: expected one duration node (Ceil), got {len(places)}")
    ceil = graph.node[places[0]]
    scaled, ceil.output[0] = ceil.output[0], "whole_frames"
    make = onnx.helper.make_node
    nodes = [
        _constant(onnx, "pace_axis", 2),
        _constant(onnx, "pace_pads", [0, 0, 1, 0, 0, -1]),  # one zero before, the last cut off
        make("Div", ["whole_frames", "pace"], ["paced_frames"]),
        make("CumSum", ["paced_frames", "pace_axis"], ["paced_upto"]),
        make("Round", ["paced_upto"], ["rounded_upto"]),
        make("Pad", ["rounded_upto", "pace_pads"], ["rounded_before"]),
        make("Sub", ["rounded_upto", "rounded_before"], [scaled]),
        make("Identity", [scaled], [DURATIONS]),
    ]
    for offset, node in enumerate(nodes, 1):
        graph.node.insert(places[0] + offset, node)
    graph.input.append(
        onnx.helper.make_tensor_value_info("pace", onnx.TensorProto.FLOAT, [1, 1, None])
    )
    duration = onnx.ValueInfoProto()
    duration.name = DURATIONS
    graph.output.append(duration)


def _constant(onnx, name, value):
    shape, values = ([], [value]) if isinstance(value, int) else ([len(value)], value)
    tensor = onnx.helper.make_tensor(f"{name}_value", onnx.TensorProto.INT64, shape, values)
    return onnx.helper.make_node("Constant", [], [name], value=tensor)


def _lookup(onnx, table, like, output):
    """Nodes for output = table[..., arange(like.shape[2]) mod table.shape[2]]."""

    def op(kind, inputs, name, **attributes):
        names = [i if i in (table, like) else f"{table}_{i}" for i in inputs]
        out = output if name is None else f"{table}_{name}"
        return onnx.helper.make_node(kind, names, [out], **attributes)

    return [
        _constant(onnx, f"{table}_time_axis", 2),
        _constant(onnx, f"{table}_zero", 0),
        _constant(onnx, f"{table}_one", 1),
        op("Shape", [like], "like_shape"),
        op("Gather", ["like_shape", "time_axis"], "length"),
        op("Shape", [table], "table_shape"),
        op("Gather", ["table_shape", "time_axis"], "table_length"),
        op("Range", ["zero", "length", "one"], "frames"),
        op("Mod", ["frames", "table_length"], "index"),
        op("Gather", [table, "index"], None, axis=2),
    ]
