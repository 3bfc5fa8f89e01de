"""Kokoro's ONNX graph, changed in memory: each phoneme's pace and the pitch of each frame come from
outside, each phoneme's frames go out.

The model tells neither when it says a phoneme nor takes any pitch; inside, its predictor knows both.
Here its durations become an output, the speed may differ from phoneme to phoneme, and the pitch curve
that goes to its decoder is multiplied by an input: no voice is bent after it has spoken. `onnx` is
imported when the graph is built.
"""

DURATIONS, PACE, PITCH = "durations", "speed", "pitch"
PITCH_STEPS = 2  # of the pitch curve in a frame
_DURATION_NODE, _PITCH_NODE = "/encoder/Clip_output_0", "/encoder/Squeeze_output_0"


def open_graph(model_bytes):
    """The model for onnxruntime, with the input PACE (float, (phonemes,)), the input PITCH (float,
    (1, frames * PITCH_STEPS), 1 is the voice's own) and the output DURATIONS (phonemes,).

    Raises:
        ValueError: If the graph is not shaped like Kokoro's.
    """
    import onnx

    model = onnx.load_from_string(model_bytes)
    graph = model.graph
    made = {name: node for node in graph.node for name in node.output}
    if _DURATION_NODE not in made or _PITCH_NODE not in made:
        raise ValueError("the model has no durations or no pitch where Kokoro v1.0 has them")
    pace = next(given for given in graph.input if given.name == PACE)
    pace.type.tensor_type.shape.dim[0].ClearField("dim_value")
    pace.type.tensor_type.shape.dim[0].dim_param = "phonemes"
    _bend(onnx, graph, made[_PITCH_NODE])
    graph.node.append(onnx.helper.make_node("Identity", [_DURATION_NODE], [DURATIONS]))
    told = onnx.ValueInfoProto()
    told.name = DURATIONS
    graph.output.append(told)
    return model.SerializeToString()


def _bend(onnx, graph, node):
    """Multiply the pitch curve by the input PITCH on its way to the decoder."""
    node.output[0] = "own_pitch"
    bent = onnx.helper.make_node("Mul", ["own_pitch", PITCH], [_PITCH_NODE])
    graph.node.insert(list(graph.node).index(node) + 1, bent)
    shape = [1, "pitch_steps"]
    graph.input.append(onnx.helper.make_tensor_value_info(PITCH, onnx.TensorProto.FLOAT, shape))
