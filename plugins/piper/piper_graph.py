"""The voice's ONNX graph, changed in memory: noise comes from outside, durations go out.

A Piper voice draws its noise inside the graph from a generator that no one can reset, so a second
call of the same text would sound (a little) different from the first. Here every drawing node
becomes a lookup in a noise table that the caller feeds, and the samples that each phoneme takes
become an output. `onnx` is imported when the graph is built, not with this module.
"""

# The duration predictor draws 2 channels a phoneme id, the sound 192 a frame, in every Piper voice.
DURATION_CHANNELS, SOUND_CHANNELS = 2, 192


def seeded_graph(model_path):
    """Read a voice and return it with seedable noise and with durations.

    Args:
        model_path: An .onnx file of a Piper voice (one that draws with RandomNormalLike).

    Returns:
        (model_bytes, noise_inputs, duration_output): the graph for onnxruntime, a dict
        {input name: channels} in graph order, and the name of the output with the frames of each
        phoneme id.

    Raises:
        ValueError: If the graph is not shaped like a Piper voice.
    """
    import onnx

    model = onnx.load(str(model_path))
    graph = model.graph
    ceils = [out for node in graph.node if node.op_type == "Ceil" for out in node.output]
    if len(ceils) != 1:
        raise ValueError(f"{model_path}: expected one duration node (Ceil), got {len(ceils)}")
    noise_inputs = _open_noise(onnx, graph)
    duration = onnx.ValueInfoProto()
    duration.name = ceils[0]
    graph.output.append(duration)
    return model.SerializeToString(), noise_inputs, ceils[0]


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


def _lookup(onnx, table, like, output):
    """Nodes for output = table[..., arange(like.shape[2]) mod table.shape[2]]."""

    def number(name, value):
        kind = onnx.TensorProto.INT64
        shape = [] if isinstance(value, int) else [len(value)]
        values = [value] if isinstance(value, int) else value
        tensor = onnx.helper.make_tensor(f"{table}_{name}_value", kind, shape, values)
        return onnx.helper.make_node("Constant", [], [f"{table}_{name}"], value=tensor)

    def op(kind, inputs, name, **attributes):
        names = [i if i in (table, like) else f"{table}_{i}" for i in inputs]
        out = output if name is None else f"{table}_{name}"
        return onnx.helper.make_node(kind, names, [out], **attributes)

    return [
        number("time_axis", 2),
        number("zero", 0),
        number("one", 1),
        op("Shape", [like], "like_shape"),
        op("Gather", ["like_shape", "time_axis"], "length"),
        op("Shape", [table], "table_shape"),
        op("Gather", ["table_shape", "time_axis"], "table_length"),
        op("Range", ["zero", "length", "one"], "frames"),
        op("Mod", ["frames", "table_length"], "index"),
        op("Gather", [table, "index"], None, axis=2),
    ]
