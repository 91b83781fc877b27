"""A counterfactual is small, stays in the digit's box, and is still valid when the changed ink is prepared again."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from lenet.explain import counterfactual
from lenet.explain.counterfactual import Counterfactual, find_counterfactual, repainted
from lenet.network.decision import decide
from lenet.reading.answer import answer, as_batch, prepare_drawing
from lenet.reading.drawing import INK_SIDE
from lenet.reading.preparation import FAINTEST, Prepared, prepare


def mnist_digit(index: int) -> Prepared:
    return prepare_drawing({"width": 280, "height": 280, "strokes": [], "picture": f"mnist-test/{index}"})


def second(shipped, prepared: Prepared) -> int:
    return int(np.argsort(answer(shipped, [prepared])[0].probabilities)[-2])


@pytest.fixture(scope="module")
def found(shipped) -> list[tuple[Prepared, Counterfactual]]:
    """Changes of some digits to the second most probable one."""
    digits = [mnist_digit(index) for index in (0, 1, 2, 5)]
    return [(each, find_counterfactual(shipped, each, second(shipped, each), INK_SIDE, seconds=60)) for each in digits]


def repainted_by_hand(prepared: Prepared, ink: list, paper: list) -> np.ndarray:
    """Return the ink on a larger sheet, with a black or white rectangle over every changed pixel."""
    x, y, width, height = prepared.grid
    sheet = np.pad(prepared.ink, 400)
    for pixels, shade in ((ink, 255), (paper, 0)):
        for row, column in pixels:
            top, bottom = (400 + round(y + index * height) for index in (row, row + 1))
            left, right = (400 + round(x + index * width) for index in (column, column + 1))
            sheet[top:bottom, left:right] = shade
    return sheet


def read(shipped, prepared: Prepared) -> tuple[int | None, list[float]]:
    logits = shipped.read(as_batch([prepared])).detach()
    return decide(logits, shipped.threshold)[0][0], logits.softmax(1)[0].tolist()


def test_the_ink_with_these_pixels_added_and_erased_is_read_as_the_other_digit(shipped, found):
    for prepared, change in found:
        again = prepare(repainted_by_hand(prepared, change.added, change.erased), INK_SIDE)
        digit, probabilities = read(shipped, again)
        assert digit == change.digit == second(shipped, prepared)
        assert probabilities[digit] == pytest.approx(change.probability, abs=1e-5)
        assert np.array_equal(again.centred, change.after)


def test_ink_is_added_to_paper_and_erased_from_ink(found):
    for prepared, change in found:
        assert all(prepared.centred[pixel] < 128 for pixel in change.added)
        assert all(prepared.centred[pixel] >= 128 for pixel in change.erased)
        changed = len(change.added) + len(change.erased)
        assert change.share == pytest.approx(changed / (prepared.centred >= FAINTEST).sum())
    assert any(change.added for _, change in found)
    assert any(change.erased for _, change in found)


def test_with_added_and_erased_swapped_it_is_not_read_as_the_other_digit(shipped, found):
    for prepared, change in found:
        again = prepare(repainted_by_hand(prepared, change.erased, change.added), INK_SIDE)
        assert read(shipped, again)[0] != change.digit


def test_hardly_any_pixel_of_the_change_is_unnecessary(shipped, found):
    """Each is tried once; rarely, undoing a later pixel makes an earlier one unnecessary."""
    needed = []
    for prepared, change in found:
        for pixel in [*change.added, *change.erased]:
            added, erased = ([each for each in pixels if each != pixel] for pixels in (change.added, change.erased))
            again = prepare(repainted_by_hand(prepared, added, erased), INK_SIDE)
            needed.append(read(shipped, again)[0] != change.digit)
    assert len(needed) > 15
    assert needed.count(False) <= 2


def test_only_pixels_in_the_digits_box_of_20_x_20_change(found):
    for prepared, change in found:
        rows, columns = np.nonzero(prepared.centred >= FAINTEST)
        for ink, axis in ((rows, 0), (columns, 1)):
            indices = [pixel[axis] for pixel in [*change.added, *change.erased]]
            margin = max(0, 20 - (ink.max() - ink.min() + 1)) // 2
            assert ink.min() - margin <= min(indices) <= max(indices) <= ink.max() + margin


@pytest.mark.parametrize(
    ("ink", "room"),
    [
        ((slice(6, 26), slice(14, 17)), (range(6, 26), range(6, 25))),
        ((slice(6, 26), slice(14, 18)), (range(6, 26), range(6, 26))),
        ((slice(0, 32), slice(0, 2)), (range(32), range(0, 11))),
        ((slice(6, 26), slice(30, 32)), (range(6, 26), range(21, 32))),
    ],
)
def test_the_changeable_pixels_are_the_box_widened_to_20_within_the_input(ink, room):
    centred = np.full((32, 32), FAINTEST - 1, np.uint8)
    centred[ink] = FAINTEST
    assert counterfactual._changeable(centred) == [32 * row + column for row in room[0] for column in room[1]]


def test_pixels_darker_than_half_ink_are_erased_and_others_added(shipped, monkeypatch):
    prepared, opposites = mnist_digit(5), []

    def first(_model, _before, opposite, _changed, remaining, _digit):
        opposites.append(opposite)
        return remaining[0]

    monkeypatch.setattr(counterfactual, "_best", first)
    clock = itertools.count()  # each look at it is a second later
    monkeypatch.setattr(counterfactual, "time", SimpleNamespace(thread_time=lambda: next(clock)))
    find_counterfactual(shipped, prepared, second(shipped, prepared), INK_SIDE, seconds=1)
    assert len(opposites) == 1
    assert np.array_equal(opposites[0].view(32, 32), np.where(prepared.centred < 128, 255, 0))


def test_only_the_areas_of_the_changed_pixels_are_repainted():
    ink = np.full((40, 60), 90, np.uint8)
    prepared = Prepared(ink, ink, ink, np.zeros((32, 32), np.uint8), (-4.0, 10.0, 2.0, 3.0))
    painted = repainted(prepared, {(2, 5): 255, (0, 3): 0})
    expected = np.pad(ink, 96)
    expected[96 + 16 : 96 + 19, 96 + 6 : 96 + 8] = 255
    expected[96 + 10 : 96 + 13, 96 + 2 : 96 + 4] = 0
    assert np.array_equal(painted, expected)


def test_the_pixel_that_helps_most_is_chosen(shipped, monkeypatch):
    """The oracle changes every pixel alone. With all pixels proposed, the gradient makes no difference."""
    monkeypatch.setattr(counterfactual, "TRIED", 1024)
    prepared = mnist_digit(5)
    before = torch.from_numpy(prepared.centred.astype(np.float32)).flatten()
    opposite = torch.where(before < 128, 255.0, 0.0)
    remaining = counterfactual._changeable(prepared.centred)[::3]
    changed = [remaining[40], remaining[41]]
    remaining = [pixel for pixel in remaining if pixel not in changed]

    def odds(pixel: int) -> float:
        now = before.clone()
        for each in [*changed, pixel]:
            now[each] = opposite[each]
        logits = shipped.read(now.view(1, 1, 32, 32))[0].detach().double()
        shares = torch.cat([logits, torch.zeros(1)]).softmax(0)
        return float(shares[7] / (1 - shares[7]))

    assert counterfactual._best(shipped, before, opposite, changed, remaining, 7) == max(remaining, key=odds)


def test_the_gradient_proposes_the_most_promising_pixels(shipped, monkeypatch):
    """With a single proposal it is the pixel with the largest product of slope and change."""
    monkeypatch.setattr(counterfactual, "TRIED", 1)
    prepared = mnist_digit(5)
    before = torch.from_numpy(prepared.centred.astype(np.float32)).flatten()
    opposite = torch.where(before < 128, 255.0, 0.0)
    remaining = counterfactual._changeable(prepared.centred)[3:]
    changed = [remaining.pop(40)]
    unchanged = before.clone()
    pixels = torch.where(torch.arange(1024) == changed[0], opposite, before).requires_grad_()
    logits = torch.cat([shipped.read(pixels.view(1, 1, 32, 32))[0], torch.zeros(1)])
    rest = torch.cat([logits[:7], logits[8:]]).logsumexp(0)
    slope = torch.autograd.grad(logits[7] - rest, pixels)[0]
    expected = max(remaining, key=lambda pixel: float(slope[pixel] * (opposite[pixel] - before[pixel])))
    assert counterfactual._best(shipped, before, opposite, changed, remaining, 7) == expected
    assert torch.equal(before, unchanged)


def test_the_digit_that_is_read_already_needs_no_change(shipped):
    prepared = mnist_digit(0)
    change = find_counterfactual(shipped, prepared, 7, INK_SIDE)
    assert (change.added, change.erased, change.share) == ([], [], 0)
    assert np.array_equal(change.after, prepared.centred)


def test_without_time_there_is_no_change(shipped):
    prepared = mnist_digit(0)
    assert find_counterfactual(shipped, prepared, second(shipped, prepared), INK_SIDE, seconds=0) is None


def test_the_network_keeps_no_gradients(shipped, found):
    assert all(parameter.grad is None for parameter in shipped.parameters())
    assert torch.is_grad_enabled()
