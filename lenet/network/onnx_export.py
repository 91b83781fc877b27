"""LeNet-5 as an ONNX file whose outputs are all stages by their names.

ONNX files are Protocol Buffers of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). The few
messages that these networks need are written here by hand, so that exporting needs no package but this one.
"""

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor, nn

from lenet.network.layers import RadialBasis, Subsampling
from lenet.network.lenet5 import BELOW, INPUT, INPUT_SIDE, RELU, STAGES, LeNet, Stage
from lenet.network.original import AMPLITUDE, SLOPE

IR_VERSION, OPSET = 8, 17
FLOAT = 1  # TensorProto.FLOAT
INT, INTS = 2, 7  # AttributeProto.Type


def onnx_file(model: LeNet, facts: dict[str, str]) -> bytes:
    """A whole .onnx file: from "input", (N, 1, 32, 32) normalised, to every stage; `facts` become its metadata."""
    batch = ["N", 1, INPUT_SIDE, INPUT_SIDE]
    graph, constants = [], {}
    for stage in STAGES:
        graph += [_field(1, node) for node in _nodes(model, stage)]
        constants |= _constants(model.layer(stage.name), stage.name)
    graph += [_field(2, model.title.encode())]
    graph += [_field(5, _tensor(name, value.detach().numpy())) for name, value in constants.items()]
    graph += [_field(11, _value(INPUT, batch)), *(_field(12, _value(s.name, _shape(s))) for s in STAGES)]
    parts = [_field(1, IR_VERSION), _field(2, b"LeNet-5, live"), _field(7, b"".join(graph))]
    parts += [_field(8, _field(1, b"") + _field(2, OPSET))]
    parts += [_field(14, _field(1, name.encode()) + _field(2, value.encode())) for name, value in facts.items()]
    return b"".join(parts)


def _shape(stage: Stage) -> list[str | int]:
    return ["N", stage.maps, stage.side, stage.side] if stage.side > 1 else ["N", stage.maps]


def _nodes(model: LeNet, stage: Stage) -> Iterable[bytes]:
    """What leads from the stage below to this one."""
    layer, below, activation = model.layer(stage.name), BELOW[stage.name], model.operations[stage.name].activation
    sums = f"{stage.name} before its activation" if activation else stage.name
    weights = [f"{stage.name}.weight", f"{stage.name}.bias"]
    if isinstance(layer, nn.MaxPool2d):
        yield _node("MaxPool", [below], sums, kernel_shape=[2, 2], strides=[2, 2])
    elif isinstance(layer, Subsampling):
        mean, times = f"{stage.name}'s means", f"{stage.name}'s products"
        yield _node("AveragePool", [below], mean, kernel_shape=[2, 2], strides=[2, 2])
        yield _node("Mul", [mean, weights[0]], times)
        yield _node("Add", [times, weights[1]], sums)
    elif isinstance(layer, RadialBasis):
        products, square = "distances but for F6's square", "F6's square"
        yield _node("Gemm", [below, *weights], products, transB=1)
        yield _node("ReduceSumSquare", [below], square, axes=[1])
        yield _node("Sub", [products, square], sums)
    elif stage.side > 1:
        yield _node("Conv", [below, *weights], sums)
    else:
        yield _node("Flatten", [below], f"{below} in a row")
        yield _node("Gemm", [f"{below} in a row", *weights], sums, transB=1)
    if activation is RELU:
        yield _node("Relu", [sums], stage.name)
    elif activation:
        steep, bent = f"{stage.name} times the slope", f"{stage.name}'s tanh"
        yield _node("Mul", [sums, f"{stage.name}.slope"], steep)
        yield _node("Tanh", [steep], bent)
        yield _node("Mul", [bent, f"{stage.name}.amplitude"], stage.name)


def _constants(layer: nn.Module, name: str) -> dict[str, Tensor]:
    """What the nodes of a stage call its weight, bias, amplitude and slope."""
    if isinstance(layer, nn.MaxPool2d):
        return {}
    if isinstance(layer, RadialBasis):  # rubbish - |f6 - code|², multiplied out
        codes = layer.codes
        return {f"{name}.weight": 2 * codes, f"{name}.bias": layer.rubbish - codes.square().sum(1)}
    weight, bias = layer.weight, layer.bias
    if isinstance(layer, Subsampling):
        weight, bias = 4 * weight[:, None, None], bias[:, None, None]
    constants = {f"{name}.amplitude": torch.tensor(AMPLITUDE), f"{name}.slope": torch.tensor(SLOPE)}
    return {f"{name}.weight": weight, f"{name}.bias": bias, **constants}


def _node(kind: str, inputs: list[str], output: str, **attributes: int | list[int]) -> bytes:
    parts = [_field(1, name.encode()) for name in inputs]
    parts += [_field(2, output.encode()), _field(4, kind.encode())]
    parts += [_field(5, _attribute(name, value)) for name, value in attributes.items()]
    return b"".join(parts)


def _attribute(name: str, value: int | list[int]) -> bytes:
    if isinstance(value, int):
        return _field(1, name.encode()) + _field(3, value) + _field(20, INT)
    return _field(1, name.encode()) + b"".join(_field(8, each) for each in value) + _field(20, INTS)


def _tensor(name: str, values: np.ndarray) -> bytes:
    dims = b"".join(_field(1, length) for length in values.shape)
    return dims + _field(2, FLOAT) + _field(8, name.encode()) + _field(9, values.astype("<f4").tobytes())


def _value(name: str, shape: list[str | int]) -> bytes:
    dims = b"".join(_field(1, _field(2, d.encode()) if isinstance(d, str) else _field(1, d)) for d in shape)
    return _field(1, name.encode()) + _field(2, _field(1, _field(1, FLOAT) + _field(2, dims)))


def _field(number: int, value: int | bytes) -> bytes:
    """One field of a message: a whole number, or bytes (texts and messages too) after their length."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    low = value & 0x7F
    return bytes([low]) if value == low else bytes([low | 0x80]) + _varint(value >> 7)
