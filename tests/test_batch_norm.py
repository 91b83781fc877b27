"""Batch norm is added for training and folded into the weights afterwards."""

import pytest
import torch
from torch import nn

from lenet.network.lenet5 import LeNet5
from lenet.network.original import LeNet5Of1998
from lenet.reading.preparation import frame
from lenet.training.batch_norm import add_batch_norm, fold_batch_norm
from lenet.training.loop import untrained


@pytest.fixture
def inputs(few_digits) -> torch.Tensor:
    return LeNet5.normalise(frame(few_digits.images).float())


@pytest.fixture
def trained(inputs) -> LeNet5:
    """A network as after some training: factors and averages are no longer 1 and 0."""
    model = add_batch_norm(untrained(1)).train()
    model(inputs)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d):
            nn.init.normal_(module.weight, 1, 0.3)
            nn.init.normal_(module.bias)
    return model


def test_full_connections_below_a_relu_get_batch_norm():
    layers = {stage: type(add_batch_norm(untrained(1)).layer(stage)) for stage in LeNet5.operations}
    assert [stage for stage, layer in layers.items() if layer is nn.Sequential] == ["C5", "F6"]


def test_no_unit_of_c5_and_f6_is_0_for_all_inputs_at_the_start(inputs):
    model = add_batch_norm(untrained(1)).train()
    for stage in ("C5", "F6"):
        assert (model.activations(inputs)[stage] > 0).any(0).all()
    assert not (untrained(1).activations(inputs)["C5"] > 0).any(0).all()


def test_folding_does_not_change_the_answers(trained, inputs):
    expected = fold_batch_norm(trained)(inputs)
    assert torch.allclose(expected, trained.eval()(inputs), atol=1e-4)
    assert not torch.allclose(expected, fold_batch_norm(add_batch_norm(untrained(1)))(inputs), atol=0.1)


def test_the_folded_network_has_61_706_parameters_and_their_usual_names(trained):
    assert fold_batch_norm(trained).parameter_count() == 61_706
    assert fold_batch_norm(trained).state_dict().keys() == LeNet5().state_dict().keys()


def test_folded_layers_have_equally_large_weights(trained, inputs):
    with torch.no_grad():
        trained.conv2.weight *= 30  # which C5's batch norm cancels
        trained.conv2.bias *= 30
    expected = trained.eval()(inputs)
    model = fold_batch_norm(trained)
    layers = [model.conv1, model.conv2, model.fc1, model.fc2, model.fc3]
    sizes = [layer.weight.square().mean().sqrt() * layer.weight[0].numel() ** 0.5 for layer in layers]
    assert torch.allclose(torch.stack(sizes), sizes[0], rtol=1e-4)
    assert torch.allclose(model(inputs), expected, rtol=1e-4, atol=1e-4)


def test_the_given_network_is_not_changed(trained):
    before = {name: value.clone() for name, value in trained.state_dict().items()}
    assert not fold_batch_norm(trained).training
    assert trained.training
    assert all(torch.equal(value, before[name]) for name, value in trained.state_dict().items())


def test_a_network_without_relu_stays_the_same():
    model = untrained(1, LeNet5Of1998)
    assert str(list(add_batch_norm(model).modules())) == str(list(model.modules()))
