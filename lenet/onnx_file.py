"""LeNet-5 as an ONNX file whose outputs are all stages by their names.

ONNX files are Protocol Buffers of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). The few
messages that this network needs are written here by hand, so that exporting needs no package but this one.
"""

from collections.abc import Iterable

import numpy as np

from lenet.model import INPUT_SIDE, STAGES, LeNet5, Stage

IR_VERSION, OPSET = 8, 17
FLOAT = 1  # TensorProto.FLOAT
INT, INTS = 2, 7  # AttributeProto.Type


def onnx_file(model: LeNet5, facts: dict[str, str]) -> bytes:
    """A whole .onnx file: from "input", (N, 1, 32, 32) normalised, to every stage; `facts` become its metadata."""
    batch = ["N", 1, INPUT_SIDE, INPUT_SIDE]
    before = ["input", *(stage.name for stage in STAGES[:-1])]
    graph = [_field(1, node) for each in zip(STAGES, before, strict=True) for node in _nodes(*each)]
    graph += [_field(2, b"LeNet-5")]
    graph += [_field(5, _tensor(name, value.numpy())) for name, value in model.state_dict().items()]
    graph += [_field(11, _value("input", batch)), *(_field(12, _value(s.name, _shape(s))) for s in STAGES)]
    parts = [_field(1, IR_VERSION), _field(2, b"LeNet-5, live"), _field(7, b"".join(graph))]
    parts += [_field(8, _field(1, b"") + _field(2, OPSET))]
    parts += [_field(14, _field(1, name.encode()) + _field(2, value.encode())) for name, value in facts.items()]
    return b"".join(parts)


def _shape(stage: Stage) -> list[str | int]:
    return ["N", stage.maps, stage.side, stage.side] if stage.side > 1 else ["N", stage.maps]


def _nodes(stage: Stage, before: str) -> Iterable[bytes]:
    """What leads from the stage before to this one."""
    if stage.layer is None:
        yield _node("MaxPool", [before], stage.name, kernel_shape=[2, 2], strides=[2, 2])
        return
    added = f"{stage.name} before ReLU" if "ReLU" in stage.operation else stage.name
    weights = [f"{stage.layer}.weight", f"{stage.layer}.bias"]
    if stage.side > 1:
        yield _node("Conv", [before, *weights], added)
    else:
        yield _node("Flatten", [before], f"{before} in a row")
        yield _node("Gemm", [f"{before} in a row", *weights], added, transB=1)
    if added != stage.name:
        yield _node("Relu", [added], stage.name)


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
