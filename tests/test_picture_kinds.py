"""Realistic pictures of every kind are read; benchmarks/pictures.py measures more of each."""

from functools import partial

import numpy as np
import pytest

from benchmarks import picture_kinds as kinds
from benchmarks.pictures import displays, mnist_files, numbers, one_digit, score, score_numbers

pytestmark = pytest.mark.slow  # each draws and reads dozens of photographs

PENS = [[partial(kinds.handwritten, digit) for digit in range(10)]]
KINDS = (
    kinds.sheet_on_table,
    kinds.note_on_wall,
    kinds.webcam,
    kinds.cropped,
    kinds.small,
    kinds.ruled,
    kinds.boxed,
    kinds.plain,
)


@pytest.mark.parametrize("make", KINDS, ids=[kind.__name__ for kind in KINDS])
def test_a_digit_is_read_in_pictures_of_its_kind(shipped, make):
    right, wrong, _ = score(shipped, one_digit(make, PENS, 10, seed=31))
    assert right >= 9
    assert wrong <= 1


def test_digits_of_displays_are_read_or_refused(shipped):
    right, wrong, _ = score(shipped, displays(20, seed=31))
    assert right >= 16
    assert wrong <= 1


@pytest.mark.parametrize(("cropped", "least"), [(False, 148), (True, 142)])  # cropped: 34 of 36
def test_mnist_as_files_is_read(shipped, cropped, least):
    right, _, _ = score(shipped, mnist_files(150, cropped))
    assert right >= least


def test_numbers_in_pictures_are_read(shipped):
    right, _, _ = score_numbers(shipped, numbers(PENS, 10, seed=31))
    assert right >= 8


def test_the_same_seed_makes_the_same_pictures():
    one, other = (next(one_digit(kinds.webcam, PENS, 1, seed=3)).image for _ in range(2))
    assert np.array_equal(np.asarray(one), np.asarray(other))
