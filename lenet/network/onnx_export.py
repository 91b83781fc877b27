"""Export a network as an ONNX file: pixels in, the values of all stages out."""

from typing import Any

import torch
from torch import Tensor

from lenet.network.layers import RadialBasis, Subsampling
from lenet.network.lenet5 import BELOW, INPUT, INPUT_SIDE, RELU, STAGES, LeNet, Stage
from lenet.network.original import AMPLITUDE, SLOPE

# onnxruntime reads these from 1.14 on.
IR_VERSION, OPSET = 8, 17
INPUT_IS = "(N, 1, 32, 32) float32 pixels, 0 paper to 255 ink; the graph subtracts the mean and scales by itself"


def onnx_file(model: LeNet, metadata: dict[str, str]) -> bytes:
    """Return the content of an .onnx file with the metadata."""
    from onnx import TensorProto, checker, helper, numpy_helper

    graph = _Graph()
    paper, ink = (float(model.normalise(torch.tensor(pixel))) for pixel in (0.0, 255.0))
    scaled = graph.add("Mul", [INPUT, graph.constant("input.scale", torch.tensor((ink - paper) / 255))], "scaled")
    below = graph.add("Add", [scaled, graph.constant("input.paper", torch.tensor(paper))], "normalised")
    for stage in STAGES:
        below = _add_stage(graph, model, stage, below)
    whole = helper.make_graph(
        [helper.make_node(kind, inputs, [output], **options) for kind, inputs, output, options in graph.nodes],
        model.title,
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["N", 1, INPUT_SIDE, INPUT_SIDE], INPUT_IS)],
        [helper.make_tensor_value_info(stage.name, TensorProto.FLOAT, _shape(stage)) for stage in STAGES],
        [numpy_helper.from_array(value.detach().cpu().numpy(), name) for name, value in graph.constants.items()],
    )
    opsets = [helper.make_opsetid("", OPSET)]
    file = helper.make_model(whole, producer_name="LeNet-5, live", ir_version=IR_VERSION, opset_imports=opsets)
    helper.set_model_props(file, {**metadata, INPUT: INPUT_IS})
    checker.check_model(file, full_check=True)
    return file.SerializeToString()


class _Graph:
    """The nodes of a graph and their constants."""

    def __init__(self):
        self.nodes: list[tuple[str, list[str], str, dict[str, Any]]] = []
        self.constants: dict[str, Tensor] = {}

    def add(self, kind: str, inputs: list[str], output: str, **options: Any) -> str:
        self.nodes.append((kind, inputs, output, options))
        return output

    def constant(self, name: str, value: Tensor) -> str:
        self.constants[name] = value.float()
        return name


def _shape(stage: Stage) -> list[str | int]:
    return ["N", stage.maps, stage.side, stage.side] if stage.side > 1 else ["N", stage.maps]


def _add_stage(graph: _Graph, model: LeNet, stage: Stage, below: str) -> str:
    """Add the nodes of one stage; return the name of its values."""
    name, activation = stage.name, model.operations[stage.name].activation
    sums = f"{name} before its activation" if activation else name
    _add_layer(graph, model.layer(name), stage, below, sums)
    if activation is RELU:
        graph.add("Relu", [sums], name)
    elif activation:
        slope = graph.constant("slope", torch.tensor(SLOPE))
        amplitude = graph.constant("amplitude", torch.tensor(AMPLITUDE))
        steep = graph.add("Mul", [sums, slope], f"{name} times the slope")
        bent = graph.add("Tanh", [steep], f"{name} through tanh")
        graph.add("Mul", [bent, amplitude], name)
    return name


def _add_layer(graph: _Graph, layer: Any, stage: Stage, below: str, sums: str) -> None:
    """Add the nodes of a stage's layer, up to its activation."""
    name = stage.name
    if layer.kind == "max pooling":
        graph.add("MaxPool", [below], sums, kernel_shape=[2, 2], strides=[2, 2])
    elif isinstance(layer, Subsampling):
        weight = graph.constant(f"{name}.weight", 4 * layer.weight[:, None, None])
        bias = graph.constant(f"{name}.bias", layer.bias[:, None, None])
        mean = graph.add("AveragePool", [below], f"{name}: means", kernel_shape=[2, 2], strides=[2, 2])
        graph.add("Add", [graph.add("Mul", [mean, weight], f"{name}: products"), bias], sums)
    elif isinstance(layer, RadialBasis):  # rubbish - |f6 - code|², expanded
        weight = graph.constant(f"{name}.weight", 2 * layer.codes)
        bias = graph.constant(f"{name}.bias", layer.rubbish - layer.codes.square().sum(1))
        products = graph.add("Gemm", [below, weight, bias], f"{name}: products", transB=1)
        square = graph.add("ReduceSumSquare", [below], f"{name}: square of F6", axes=[1])
        graph.add("Sub", [products, square], sums)
    else:
        weights = [graph.constant(f"{name}.weight", layer.weight), graph.constant(f"{name}.bias", layer.bias)]
        if stage.side > 1:
            graph.add("Conv", [below, *weights], sums)
        else:
            row = graph.add("Flatten", [below], f"{BELOW[name]} in a row")
            graph.add("Gemm", [row, *weights], sums, transB=1)
