"""The nearest training digits are those whose F6 is nearest, and the plane keeps the classes apart."""

import torch

from lenet import mnist
from lenet.explain.neighbours import LOOKED_AT, neighbourhood
from lenet.network.lenet5 import LeNet5
from lenet.reading.preparation import frame


def f6(shipped, images: torch.Tensor) -> torch.Tensor:
    return shipped.activations(LeNet5.normalise(frame(images).float()))["F6"].detach()


def test_a_training_digit_is_its_own_nearest_neighbour(shipped):
    around = neighbourhood(shipped)
    distances, indices = around.nearest(f6(shipped, around.digits.images[41:42])[0], 5)
    assert int(indices[0]) == 41
    assert float(distances[0]) < 1e-3
    assert distances.tolist() == sorted(distances.tolist())


def test_neighbours_mostly_have_the_digits_own_label(shipped):
    around, test = neighbourhood(shipped), mnist.final_test()
    values = f6(shipped, test.images[:100])
    votes = [around.digits.labels[around.nearest(one, 9)[1]].mode().values for one in values]
    assert (torch.stack(votes) == test.labels[:100]).float().mean() > 0.95


def test_the_plane_is_fixed_and_puts_like_beside_like(shipped):
    around, test = neighbourhood(shipped), mnist.final_test()
    assert around.places.shape == (LOOKED_AT, 2)
    places = f6(shipped, test.images[:300]) @ around.axes
    nearest = torch.cdist(places, around.places).argmin(1)
    assert (around.digits.labels[nearest] == test.labels[:300]).float().mean() > 0.6
    assert neighbourhood(shipped) is around
