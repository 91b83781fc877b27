"""The nearest training digits in F6, and the plane that separates the classes."""

import numpy as np
import pytest
import torch

from lenet import mnist
from lenet.explain.neighbours import COMPARED, RIDGE, _discriminant, neighbourhood
from lenet.network.lenet5 import LeNet5
from lenet.reading.preparation import frame


def f6(shipped, images: torch.Tensor) -> torch.Tensor:
    return shipped.activations(LeNet5.normalise(frame(images).float()))["F6"].detach()


@pytest.fixture(scope="module")
def neighbours(shipped):
    return neighbourhood(shipped)


def test_the_nearest_digits_equal_those_of_a_slow_search(shipped, neighbours):
    for query in f6(shipped, mnist.final_test().images[:5]).double().numpy():
        distances = [float(np.sqrt(((one - query) ** 2).sum())) for one in neighbours.f6.double().numpy()]
        order = sorted(range(COMPARED), key=distances.__getitem__)[:12]
        found = neighbours.nearest(torch.tensor(query).float(), 12)
        assert [each.index for each in found] == order
        assert [each.distance for each in found] == pytest.approx([distances[i] for i in order], rel=1e-3)
        assert [each.label for each in found] == [int(neighbours.digits.labels[i]) for i in order]


def test_the_first_training_digits_are_compared(shipped, neighbours):
    training, _ = mnist.training_and_validation()
    assert torch.equal(neighbours.digits.images, training.images[:COMPARED])
    assert torch.equal(neighbours.digits.labels, training.labels[:COMPARED])
    some = [0, 4_321, COMPARED - 1]
    torch.testing.assert_close(neighbours.f6[some], f6(shipped, training.images[some]), rtol=1e-4, atol=1e-4)


def test_a_training_digit_is_its_own_nearest_neighbour(shipped, neighbours):
    nearest = neighbours.nearest(f6(shipped, neighbours.digits.images[41:42])[0], 5)[0]
    assert nearest.index == 41
    assert nearest.distance < 1e-3


def test_the_plane_is_fishers_discriminant(neighbours):
    """The oracle: scatter matrices by hand, and the eigenvectors of inv(within) between."""
    values, labels = neighbours.f6.double().numpy(), neighbours.digits.labels.numpy()
    means = np.stack([values[labels == digit].mean(0) for digit in range(10)])
    centred = values - means[labels]
    within = centred.T @ centred / (len(values) - 1)
    within += RIDGE * np.trace(within) / 84 * np.eye(84)
    spread = means - means.mean(0)
    eigenvalues, vectors = np.linalg.eig(np.linalg.inv(within) @ (spread.T @ spread))
    best = vectors[:, np.argsort(-eigenvalues.real)[:2]].real
    for axis, expected in zip(neighbours.axes.double().numpy().T, best.T, strict=True):
        cosine = axis @ expected / np.linalg.norm(axis) / np.linalg.norm(expected)
        assert abs(cosine) > 0.999


def test_the_plane_is_the_same_whatever_the_scale_of_f6(neighbours):
    one, other = (_discriminant(scale * neighbours.f6, neighbours.digits.labels) for scale in (1, 30))
    assert torch.cosine_similarity(one, other, dim=0).abs().min() > 0.9999


def test_positions_are_projections_onto_the_axes(neighbours):
    across, down = (neighbours.f6 @ neighbours.axes[:, i] for i in (0, 1))
    torch.testing.assert_close(neighbours.places[:, 0], across, rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(neighbours.places[:, 1], down, rtol=1e-4, atol=1e-3)


def test_the_plane_puts_similar_digits_side_by_side(shipped, neighbours):
    test = mnist.final_test()
    nearest = torch.cdist(f6(shipped, test.images[:300]) @ neighbours.axes, neighbours.places).argmin(1)
    assert (neighbours.digits.labels[nearest] == test.labels[:300]).float().mean() > 0.6


def test_a_neighbourhood_is_computed_once_for_each_network(shipped, neighbours):
    assert neighbourhood(shipped) is neighbours
