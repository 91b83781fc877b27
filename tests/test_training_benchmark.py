"""The training benchmark: its example's size, and the counts of operations and memory traffic."""

import pytest
import torch

from benchmarks import gpu_check
from benchmarks.training import Run, operations, reached, traffic
from lenet.network.lenet5 import LeNet5


@pytest.mark.slow
def test_the_example_has_the_size_of_pytorchs_own():
    from benchmarks.mnist_example import network  # torchvision takes three seconds to import

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
    assert operations() == 6 * products


def test_runs_that_do_not_reach_their_goal_are_listed():
    runs = [Run(seconds, 0.1, 9.0, 0.99, 0.99, 1.0) for seconds in (2.0, None, 4.0)]
    assert reached(runs) == "3.0 (2.0–4.0, n = 2), 1 never"
    assert reached(runs[1:2]) == "1 never"


def test_the_memory_traffic_counts_every_value_five_times_and_the_weights_once_a_step():
    values = 2 * 6 * 28**2 + 6 * 14**2 + 2 * 16 * 10**2 + 16 * 5**2 + 3 * 120 + 3 * 84 + 10
    assert traffic(1) - traffic(10**9) == pytest.approx(4 * 13 * 61_706, rel=1e-6)
    assert traffic(10**9) == pytest.approx(4 * 5 * values, rel=1e-3)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU to check")
def test_the_gpu_checks_report_a_missing_gpu(capsys):
    assert gpu_check.main() == 1
    assert capsys.readouterr().out.startswith("no CUDA device")
