"""The marked spot is where covering the drawing hurts the class most, of the places that contribute most."""

import pytest
import torch

from lenet import mnist
from lenet.explain.attribution import attribute, class_weights, compare
from lenet.explain.occlusion import SIDE, find_spot, squares
from lenet.network.lenet5 import INPUT, LeNet5
from lenet.reading.preparation import frame


@pytest.fixture(scope="module")
def seven() -> torch.Tensor:
    return LeNet5.normalise(frame(mnist.final_test().images[:1]).float())


def test_the_probability_is_what_covering_leaves(shipped, seven):
    heat = attribute(compare(shipped, seven), class_weights(torch.tensor([7])))[INPUT]
    spot = find_spot(shipped, seven, heat, 7)
    covered = seven.clone()
    covered[..., spot.top : spot.top + SIDE, spot.left : spot.left + SIDE] = LeNet5.normalise(0)
    left = shipped(covered).detach().softmax(1)[0, 7]
    assert spot.probability == pytest.approx(float(left), abs=1e-5)
    assert spot.probability < float(shipped(seven).detach().softmax(1)[0, 7])


def test_it_is_where_the_contributions_are(shipped, seven):
    """With all of them in one place there is only that place to propose."""
    heat = torch.zeros(1, 1, 32, 32)
    heat[..., 9, 14] = 1
    spot = find_spot(shipped, seven, heat, 7)
    assert spot.top <= 9 < spot.top + SIDE
    assert spot.left <= 14 < spot.left + SIDE


def test_squares_lie_where_their_places_are_counted():
    (square,) = squares(torch.tensor([28 * 3 + 10]))
    assert square.sum() == SIDE**2
    assert square[0, 3, 10]
    assert square[0, 7, 14]
