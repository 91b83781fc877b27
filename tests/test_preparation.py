"""Ink becomes the network's input in the way MNIST was made."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from benchmarks.preparation import accuracies
from lenet import mnist
from lenet.mnist import Digits
from lenet.reading.preparation import BOX_SIDE, FAINTEST, frame, prepare, resized


@st.composite
def blobs(draw) -> np.ndarray:
    """Return a sheet with random rectangles of ink."""
    sheet = np.zeros(draw(st.tuples(st.integers(20, 200), st.integers(20, 200))), np.uint8)
    for _ in range(draw(st.integers(1, 4))):
        top, left = (draw(st.integers(0, side - 10)) for side in sheet.shape)
        height, width = draw(st.integers(10, 100)), draw(st.integers(10, 100))
        sheet[top : top + height, left : left + width] = draw(st.integers(64, 255))
    return sheet


def centre_of_mass(image: np.ndarray) -> tuple[float, float]:
    rows, columns = np.indices(image.shape) + 0.5
    return (image * rows).sum() / image.sum(), (image * columns).sum() / image.sum()


@given(blobs())
def test_the_ink_fits_into_20_by_20_and_fills_one_side(sheet):
    fitted = prepare(sheet).fitted
    assert max(fitted.shape) == BOX_SIDE


@given(blobs())
def test_the_proportions_are_kept(sheet):
    prepared = prepare(sheet)
    scale = BOX_SIDE / max(prepared.cropped.shape)
    assert np.allclose(prepared.fitted.shape, np.array(prepared.cropped.shape) * scale, atol=0.5)


@given(blobs())
def test_the_centre_of_mass_is_within_a_pixel_of_the_middle(sheet):
    row, column = centre_of_mass(prepare(sheet).centred.astype(float))
    assert abs(row - 16) <= 1
    assert abs(column - 16) <= 1


def test_mnists_digits_stay_where_they_are():
    """Most of them exactly; the others have a faint edge, which does not count as ink."""
    framed = frame(mnist.final_test().images[:500]).squeeze(1).numpy()
    assert np.mean([np.array_equal(prepare(digit).centred, digit) for digit in framed]) > 0.5


@given(blobs())
def test_no_ink_is_lost_when_it_is_centred(sheet):
    prepared = prepare(sheet)
    assert prepared.centred.sum() == prepared.fitted.sum()


@given(blobs(), st.integers(0, 90), st.integers(0, 90))
def test_the_place_on_the_sheet_makes_no_difference(sheet, down, right):
    moved = np.pad(sheet, ((down, 90 - down), (right, 90 - right)))
    assert np.array_equal(prepare(moved).centred, prepare(sheet).centred)


def test_every_step_is_kept():
    sheet = np.zeros((100, 100), np.uint8)
    sheet[30:70, 50:60] = 255
    prepared = prepare(sheet)
    assert prepared.cropped.shape == (40, 10)
    assert prepared.fitted.shape == (20, 5)
    assert prepared.centred.shape == (32, 32)


def test_the_grid_says_where_the_inputs_pixels_lie_in_the_ink():
    sheet = np.zeros((100, 100), np.uint8)
    sheet[30:71, 50:61] = 255  # becomes 20 x 5
    prepared = prepare(sheet)
    rows, columns = np.nonzero(prepared.centred)
    assert prepared.grid == pytest.approx((50 - 2.2 * columns.min(), 30 - 2.05 * rows.min(), 2.2, 2.05))


def test_ink_begins_at_the_faintest_shade():
    sheet = np.zeros((100, 100), np.uint8)
    sheet[20:60, 30:50] = FAINTEST
    assert prepare(sheet).cropped.shape == (40, 20)


@pytest.mark.parametrize(("turns", "edges"), [(0, (12, 31)), (2, (0, 19))])
def test_an_extremely_lopsided_digit_ends_at_the_edge_of_the_input(turns, edges):
    sheet = np.zeros((100, 100), np.uint8)
    sheet[:, 48:53] = 40
    sheet[:5, 30:71] = 255
    for ink, axis in ((sheet, 1), (sheet.T, 0)):
        indices = np.flatnonzero(prepare(np.rot90(ink, turns)).centred.any(axis))
        assert (indices[0], indices[-1]) == edges


def slow_resize(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """The oracle, pixel by pixel: the mean of the pixels between two rounded edges, or else the nearest pixel."""

    def source_range(i: int, old: int, new: int) -> slice:
        if old <= new:
            return slice(i * old // new, i * old // new + 1)
        return slice(*(math.floor(Fraction(edge * old, new) + Fraction(1, 2)) for edge in (i, i + 1)))

    def mean(row: int, column: int) -> int:
        part = pixels[source_range(row, len(pixels), height), source_range(column, len(pixels[0]), width)]
        return math.floor(Fraction(int(part.sum()), part.size) + Fraction(1, 2))

    return np.array([[mean(row, column) for column in range(width)] for row in range(height)])


@given(arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40))), st.integers(1, 25), st.integers(1, 25))
def test_resizing_equals_a_slow_computation(pixels, height, width):
    assert np.array_equal(resized(pixels, height, width), slow_resize(pixels, height, width))


def test_a_hairline_stays_one_pixel_wide():
    sheet = np.zeros((120, 120), np.uint8)
    sheet[10:110, 50] = 255
    assert prepare(sheet).fitted.shape == (20, 1)
    assert prepare(sheet.T).fitted.shape == (1, 20)


def test_half_a_pixel_is_rounded_up():
    sheet = np.zeros((100, 100), np.uint8)
    sheet[30:70, 50:59] = 255  # 20 x 4.5
    assert prepare(sheet).fitted.shape == (20, 5)


def test_fitting_blends_ink_and_paper():
    stripes = np.zeros((100, 100), np.uint8)
    stripes[::2] = 255
    assert np.allclose(prepare(stripes).fitted, 127.5, atol=30)


@pytest.mark.parametrize("sheet", [np.zeros((280, 280)), np.full((280, 280), 31), np.zeros((1, 1))])
def test_a_sheet_without_ink_gives_none(sheet):
    assert prepare(sheet.astype(np.uint8)) is None


def test_two_specks_far_apart_give_none():
    sheet = np.zeros((640, 640), np.uint8)
    sheet[0, 0] = sheet[-1, -1] = 255
    assert prepare(sheet) is None


def test_the_smallest_ink_stays_small():
    sheet = np.zeros((80, 80), np.uint8)
    sheet[40:60, 40:60] = 255
    assert prepare(sheet, smallest=80).fitted.shape == (5, 5)


def test_mnists_images_get_the_same_margin_on_all_sides():
    framed = frame(torch.full((3, 28, 28), 7, dtype=torch.uint8))
    assert framed.shape == (3, 1, 32, 32)
    assert (framed[:, :, 2:-2, 2:-2] == 7).all()
    assert framed.sum() == 3 * 28 * 28 * 7


def test_prepared_mnist_digits_are_read_as_the_originals(shipped):
    """Some of them, for speed; benchmarks/preparation.py reads all."""
    images, labels = mnist.final_test()
    originals, prepared = accuracies(shipped, Digits(images[:500], labels[:500]))
    assert originals - prepared <= 0.005
