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
def around(shipped):
    return neighbourhood(shipped)


def test_the_nearest_digits_equal_those_of_a_slow_search(shipped, around):
    for query in f6(shipped, mnist.final_test().images[:5]).double().numpy():
        distances = [float(np.sqrt(((one - query) ** 2).sum())) for one in around.f6.double().numpy()]
        order = sorted(range(COMPARED), key=distances.__getitem__)[:12]
        found = around.nearest(torch.tensor(query).float(), 12)
        assert [each.index for each in found] == order
        assert [each.distance for each in found] == pytest.approx([distances[i] for i in order], rel=1e-3)
        assert [each.label for each in found] == [int(around.digits.labels[i]) for i in order]


def test_the_first_training_digits_are_compared(shipped, around):
    training, _ = mnist.training_and_validation()
    assert torch.equal(around.digits.images, training.images[:COMPARED])
    assert torch.equal(around.digits.labels, training.labels[:COMPARED])
    some = [0, 4_321, COMPARED - 1]
    torch.testing.assert_close(around.f6[some], f6(shipped, training.images[some]), rtol=1e-4, atol=1e-4)


def test_a_training_digit_is_its_own_nearest_neighbour(shipped, around):
    nearest = around.nearest(f6(shipped, around.digits.images[41:42])[0], 5)[0]
    assert nearest.index == 41
    assert nearest.distance < 1e-3


def test_the_plane_is_fishers_discriminant(around):
    """The oracle: scatter matrices by hand, and the eigenvectors of inv(within) between."""
    values, labels = around.f6.double().numpy(), around.digits.labels.numpy()
    means = np.stack([values[labels == digit].mean(0) for digit in range(10)])
    centred = values - means[labels]
    within = centred.T @ centred / (len(values) - 1)
    within += RIDGE * np.trace(within) / 84 * np.eye(84)
    spread = means - means.mean(0)
    eigenvalues, vectors = np.linalg.eig(np.linalg.inv(within) @ (spread.T @ spread))
    best = vectors[:, np.argsort(-eigenvalues.real)[:2]].real
    for axis, expected in zip(around.axes.double().numpy().T, best.T, strict=True):
        cosine = axis @ expected / np.linalg.norm(axis) / np.linalg.norm(expected)
        assert abs(cosine) > 0.999


def test_the_plane_is_the_same_whatever_the_scale_of_f6(around):
    one, other = (_discriminant(scale * around.f6, around.digits.labels) for scale in (1, 30))
    assert torch.cosine_similarity(one, other, dim=0).abs().min() > 0.9999


def test_positions_are_projections_onto_the_axes(around):
    across, down = (around.f6 @ around.axes[:, i] for i in (0, 1))
    torch.testing.assert_close(around.places[:, 0], across, rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(around.places[:, 1], down, rtol=1e-4, atol=1e-3)


def test_the_plane_puts_similar_digits_side_by_side(shipped, around):
    test = mnist.final_test()
    nearest = torch.cdist(f6(shipped, test.images[:300]) @ around.axes, around.places).argmin(1)
    assert (around.digits.labels[nearest] == test.labels[:300]).float().mean() > 0.6


def test_a_neighbourhood_is_computed_once_for_each_network(shipped, around):
    assert neighbourhood(shipped) is around
