"""The spot: of the places with the largest contributions, the one that lowers the class's odds most when covered."""

import pytest
import torch

from lenet import mnist
from lenet.explain.attribution import attribute, class_weights, contrast_with_blank
from lenet.explain.occlusion import PROPOSED, SIDE, find_spot, squares
from lenet.network.lenet5 import INPUT, LeNet5
from lenet.reading.preparation import frame


@pytest.fixture(scope="module")
def digits() -> torch.Tensor:
    return LeNet5.normalise(frame(mnist.final_test().images[:6]).float())


def heat_of(shipped, x: torch.Tensor, digit: int) -> torch.Tensor:
    return attribute(contrast_with_blank(shipped, x), class_weights(torch.tensor([digit])))[INPUT]


def covered(x: torch.Tensor, top: int, left: int) -> torch.Tensor:
    x = x.clone()
    x[..., top : top + SIDE, left : left + SIDE] = LeNet5.normalise(0)
    return x


def slow_spot(shipped, x: torch.Tensor, heat: torch.Tensor, digit: int) -> tuple[int, int]:
    """The oracle: every place's sum, those not smaller than their neighbours, each covered in turn."""
    places = [(top, left) for top in range(28) for left in range(28)]
    sums = {(top, left): float(heat[0, 0, top : top + SIDE, left : left + SIDE].sum()) for top, left in places}
    peaks = [
        place
        for place in places
        if all(
            sums[place] >= sums.get((place[0] + i, place[1] + j), -1e9) - 1e-5 for i in (-1, 0, 1) for j in (-1, 0, 1)
        )
    ]
    proposed = sorted(peaks, key=lambda place: -sums[place])[:PROPOSED]

    def odds(place: tuple[int, int]) -> float:
        probability = float(shipped(covered(x, *place)).detach().double().softmax(1)[0, digit])
        return probability / (1 - probability)

    return min(proposed, key=odds)


def test_the_spot_equals_that_of_a_slow_search(shipped, digits):
    for x in digits.split(1):
        digit = int(shipped(x).argmax())
        heat = heat_of(shipped, x, digit)
        spot = find_spot(shipped, x, heat, digit)
        assert (spot.top, spot.left) == slow_spot(shipped, x, heat, digit)


def test_the_probability_is_that_with_the_spot_covered(shipped, digits):
    seven = digits[:1]
    spot = find_spot(shipped, seven, heat_of(shipped, seven, 7), 7)
    probability = shipped(covered(seven, spot.top, spot.left)).detach().softmax(1)[0, 7]
    assert spot.probability == pytest.approx(float(probability), abs=1e-5)
    assert spot.probability < float(shipped(seven).detach().softmax(1)[0, 7])
    assert spot.side == SIDE


def test_the_spot_is_where_the_contributions_are(shipped, digits):
    """With all contributions in one place, only that place is proposed."""
    heat = torch.zeros(1, 1, 32, 32)
    heat[..., 9, 14] = 1
    spot = find_spot(shipped, digits[:1], heat, 7)
    assert spot.top <= 9 < spot.top + SIDE
    assert spot.left <= 14 < spot.left + SIDE


def test_squares_lie_at_their_places_row_by_row():
    (square,) = squares(torch.tensor([28 * 3 + 10]))
    expected = torch.zeros(1, 32, 32, dtype=torch.bool)
    expected[0, 3:8, 10:15] = True
    assert torch.equal(square, expected)
