"""The exported file is valid ONNX, takes pixels, and computes the same as the network."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from lenet import mnist
from lenet.network import NETWORKS
from lenet.network.lenet5 import STAGES
from lenet.network.onnx_export import onnx_file
from lenet.reading.preparation import frame
from lenet.training.loop import untrained


def test_the_file_passes_onnx_own_full_check(shipped):
    model = onnx.load_from_string(onnx_file(shipped, {"seed": "7"}))
    onnx.checker.check_model(model, full_check=True)
    metadata = {each.key: each.value for each in model.metadata_props}
    assert metadata["seed"] == "7"
    assert "0 paper to 255 ink" in metadata["input"]


@pytest.mark.parametrize("network", NETWORKS.values(), ids=list(NETWORKS))
def test_every_initialiser_is_used(network):
    graph = onnx.load_from_string(onnx_file(untrained(1, network), {})).graph
    used = {name for node in graph.node for name in node.input}
    assert {each.name for each in graph.initializer} <= used


@pytest.mark.parametrize("network", NETWORKS.values(), ids=list(NETWORKS))
def test_every_stage_is_an_output_with_the_values_of_the_network(network):
    model = untrained(1, network)
    session = onnxruntime.InferenceSession(onnx_file(model, {}), providers=["CPUExecutionProvider"])
    pixels = 255 * torch.rand(3, 1, 32, 32, generator=torch.Generator().manual_seed(1))
    assert [output.name for output in session.get_outputs()] == [stage.name for stage in STAGES]
    with torch.inference_mode():
        expected = model.activations(model.normalise(pixels))
    for stage, values in zip(STAGES, session.run(None, {"input": pixels.numpy()}), strict=True):
        assert np.allclose(values, expected[stage.name].numpy(), atol=1e-4), stage.name


def test_the_exported_network_is_as_accurate_on_mnist(shipped):
    session = onnxruntime.InferenceSession(onnx_file(shipped, {}), providers=["CPUExecutionProvider"])
    digits = mnist.final_test()
    pixels = frame(digits.images[:500]).float().numpy()
    [outputs] = session.run(["output"], {"input": pixels})
    assert (outputs.argmax(1) == digits.labels[:500].numpy()).mean() > 0.98
