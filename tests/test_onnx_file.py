"""The exported file is whole ONNX and computes what the network does."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from lenet.network import NETWORKS
from lenet.network.lenet5 import STAGES
from lenet.network.onnx_export import onnx_file
from lenet.training.loop import untrained


def test_the_file_is_what_onnx_itself_finds_whole(shipped):
    model = onnx.load_from_string(onnx_file(shipped, {"seed": "7"}))
    onnx.checker.check_model(model, full_check=True)
    assert {each.key: each.value for each in model.metadata_props} == {"seed": "7"}


@pytest.mark.parametrize("network", NETWORKS.values(), ids=list(NETWORKS))
def test_every_stage_is_an_output_with_the_values_of_the_network(network):
    model = untrained(1, network)
    session = onnxruntime.InferenceSession(onnx_file(model, {}), providers=["CPUExecutionProvider"])
    batch = torch.randn(3, 1, 32, 32, generator=torch.Generator().manual_seed(1))
    assert [output.name for output in session.get_outputs()] == [stage.name for stage in STAGES]
    with torch.inference_mode():
        expected = model.activations(batch)
    for stage, values in zip(STAGES, session.run(None, {"input": batch.numpy()}), strict=True):
        assert np.allclose(values, expected[stage.name].numpy(), atol=1e-4), stage.name
