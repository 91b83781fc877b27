"""What training is measured by: its peer is the one that is described, and the arithmetic is counted right."""

import torch

from benchmarks.mnist_example import network
from benchmarks.training import Run, _operations, _reached
from lenet.network.lenet5 import LeNet5


def test_the_example_has_the_size_of_pytorchs_own():
    assert sum(weights.numel() for weights in network().parameters()) == 1_199_882
    assert network()(torch.zeros(2, 1, 28, 28)).shape == (2, 10)


def test_the_operations_are_those_that_a_hook_on_every_layer_counts():
    products = 0

    def count(layer, inputs, output):
        nonlocal products
        places = output.numel() if output.dim() == 2 else output.shape[-1] ** 2 * output.shape[1]
        products += places * layer.weight[0].numel()

    model = LeNet5()
    for layer in (layer for layer in model.children() if list(layer.parameters())):
        layer.register_forward_hook(count)
    model(torch.zeros(1, 1, 32, 32))
    assert _operations() == 6 * products


def test_runs_that_never_reach_their_goal_are_told_and_not_left_out():
    runs = [Run(reached, 9.0, 0.99, 0.99, 1.0) for reached in (2.0, None, 4.0)]
    assert _reached(runs) == "3.0 (2.0–4.0), 1 never"
    assert _reached(runs[1:2]) == "1 never"
