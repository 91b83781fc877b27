"""A change of mind is small, stays in the digit's box, and holds when the changed ink is prepared again."""

import numpy as np
import pytest
import torch

from lenet.explain.counterfactual import change_mind
from lenet.reading.answer import answer, prepare_drawing
from lenet.reading.drawing import INK_SIDE
from lenet.reading.preparation import FAINTEST, Prepared, prepare


def mnist_digit(index: int) -> Prepared:
    return prepare_drawing({"width": 280, "height": 280, "strokes": [], "picture": f"mnist-test/{index}"})


def runner_up(shipped, prepared: Prepared) -> int:
    return int(np.argsort(answer(shipped, [prepared])[0].probabilities)[-2])


@pytest.mark.parametrize("index", range(8))
def test_the_changed_ink_is_read_as_the_other_digit_through_the_whole_preparation(shipped, index):
    prepared = mnist_digit(index)
    digit = runner_up(shipped, prepared)
    change = change_mind(shipped, prepared, digit, INK_SIDE, seconds=30)
    read = answer(shipped, [prepare(change.after.ink, INK_SIDE)])[0]
    assert int(np.argmax(read.probabilities)) == digit
    assert read.probabilities[digit] == pytest.approx(change.probability, abs=1e-5)


def test_only_the_squares_of_the_changed_pixels_are_repainted(shipped):
    prepared = mnist_digit(2)
    change = change_mind(shipped, prepared, runner_up(shipped, prepared), INK_SIDE, seconds=30)
    margin = (change.after.ink.shape[0] - prepared.ink.shape[0]) // 2
    repainted = (change.after.ink != np.pad(prepared.ink, margin)).sum()
    square = (prepared.grid[2] + 1) * (prepared.grid[3] + 1)
    assert 0 < repainted <= square * (len(change.added) + len(change.erased))


def test_ink_is_added_to_paper_and_erased_from_ink(shipped):
    prepared = mnist_digit(1)
    change = change_mind(shipped, prepared, runner_up(shipped, prepared), INK_SIDE, seconds=30)
    assert all(prepared.centred[pixel] < 128 for pixel in change.added)
    assert all(prepared.centred[pixel] >= 128 for pixel in change.erased)
    changed = len(change.added) + len(change.erased)
    assert change.share == pytest.approx(changed / (prepared.centred >= FAINTEST).sum())


def test_no_pixel_of_the_change_is_superfluous(shipped):
    """The digit that is read already needs no change at all."""
    prepared = mnist_digit(0)
    read = int(np.argmax(answer(shipped, [prepared])[0].probabilities))
    change = change_mind(shipped, prepared, read, INK_SIDE)
    assert (change.added, change.erased, change.share) == ([], [], 0)


def test_no_time_means_no_change(shipped):
    prepared = mnist_digit(0)
    assert change_mind(shipped, prepared, runner_up(shipped, prepared), INK_SIDE, seconds=0) is None


def test_the_network_keeps_no_gradients(shipped):
    prepared = mnist_digit(0)
    change_mind(shipped, prepared, runner_up(shipped, prepared), INK_SIDE, seconds=30)
    assert all(parameter.grad is None for parameter in shipped.parameters())
    assert torch.is_grad_enabled()
