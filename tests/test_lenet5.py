"""The network is LeNet-5: its stages, parameters and weights' names."""

import pkgutil
import subprocess
import sys

import pytest
import torch
import torch.nn as nn
import torch.nn.functional as F

import lenet
from lenet.network.lenet5 import STAGES, LeNet5
from tests.conftest import ROOT


class ReferenceLeNet5(nn.Module):
    """The class of a reference page, with its constructor corrected."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


def test_every_layer_has_the_parameters_of_the_paper():
    model = LeNet5()
    counts = {stage.name: model.parameter_count(stage.name) for stage in STAGES}
    assert counts == {"C1": 156, "S2": 0, "C3": 2_416, "S4": 0, "C5": 48_120, "F6": 10_164, "output": 850}
    assert model.parameter_count() == sum(counts.values()) == 61_706


def test_weights_of_the_reference_class_load_unchanged_and_give_the_same_logits():
    reference, model = ReferenceLeNet5(), LeNet5()
    model.load_state_dict(reference.state_dict())
    digits = torch.randn(8, 1, 32, 32)
    torch.testing.assert_close(model(digits), reference(digits), rtol=0, atol=0)


def test_activations_have_the_papers_names_in_order():
    shapes = {name: tuple(values.shape) for name, values in LeNet5().activations(torch.zeros(2, 1, 32, 32)).items()}
    assert list(shapes.items()) == [
        ("C1", (2, 6, 28, 28)),
        ("S2", (2, 6, 14, 14)),
        ("C3", (2, 16, 10, 10)),
        ("S4", (2, 16, 5, 5)),
        ("C5", (2, 120)),
        ("F6", (2, 84)),
        ("output", (2, 10)),
    ]


def test_the_stages_describe_the_activations():
    activations = LeNet5().activations(torch.zeros(1, 1, 32, 32))
    assert [stage.name for stage in STAGES] == list(activations)
    for stage in STAGES:
        assert activations[stage.name].numel() == stage.maps * stage.side**2


def test_the_logits_are_the_last_activations():
    model, digits = LeNet5(), torch.randn(3, 1, 32, 32)
    assert torch.equal(model(digits), model.activations(digits)["output"])


def test_every_stage_but_the_output_is_what_the_next_one_reads():
    model = LeNet5()
    stages = model.activations(torch.randn(2, 1, 32, 32))
    assert torch.equal(stages["S2"], F.max_pool2d(stages["C1"], 2))
    assert torch.equal(stages["C3"], F.relu(model.conv2(stages["S2"])))
    assert torch.equal(stages["S4"], F.max_pool2d(stages["C3"], 2))
    assert torch.equal(stages["C5"], F.relu(model.fc1(stages["S4"].flatten(1))))
    assert torch.equal(stages["F6"], F.relu(model.fc2(stages["C5"])))
    assert torch.equal(stages["output"], model.fc3(stages["F6"]))


def test_printing_the_network_shows_its_stages():
    assert str(LeNet5()).splitlines() == [
        "LeNet-5, 61,706 parameters",
        "  input   1@32×32",
        "  C1      6@28×28   5×5 convolution, ReLU       156",
        "  S2      6@14×14   2×2 max-pool",
        "  C3      16@10×10  5×5 convolution, ReLU     2,416",
        "  S4      16@5×5    2×2 max-pool",
        "  C5      120       5×5 convolution, ReLU    48,120",
        "  F6      84        full connection, ReLU    10,164",
        "  output  10        full connection             850",
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("forbidden", "modules"),
    [
        ("gradio", [module.name for module in pkgutil.walk_packages(lenet.__path__, "lenet.")]),
        ("torchvision", [module.name for module in pkgutil.walk_packages(lenet.__path__, "lenet.")]),
    ],
)
def test_the_network_does_not_import(forbidden, modules):
    """Each in a new Python process in which importing the forbidden package fails."""
    script = f"import sys; sys.modules[{forbidden!r}] = None\n"
    script += "\n".join(f"import {name}" for name in modules)
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=120)
