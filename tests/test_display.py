"""Digits of seven-segment displays are recognised and rounded; handwriting is left alone."""

import cv2
import numpy as np
import pytest

from benchmarks.picture_kinds import SEGMENTS
from lenet import mnist
from lenet.reading.display import as_handwriting, stroke_width

# Left, top, right and bottom of each segment in a box of 60 x 110, 10 thick.
BOXES = {
    "a": (0, 0, 60, 10),
    "b": (50, 0, 60, 55),
    "c": (50, 55, 60, 110),
    "d": (0, 100, 60, 110),
    "e": (0, 55, 10, 110),
    "f": (0, 0, 10, 55),
    "g": (0, 50, 60, 60),
}


def display(segments: str, slant: float = 0) -> np.ndarray:
    ink = np.zeros((150, 140), np.float32)
    for name in segments:
        left, top, right, bottom = BOXES[name]
        ink[20 + top : 20 + bottom, 30 + left : 30 + right] = 1
    return cv2.warpAffine(ink, np.float32([[1, -slant, 75 * slant], [0, 1, 0]]), (140, 150))


@pytest.mark.parametrize("slant", [0, 0.1, 0.2])
@pytest.mark.parametrize("digit", [0, 2, 3, 4, 5, 6, 7, 8, 9])
def test_every_digit_of_a_display_is_rounded(digit, slant):
    ink = display(SEGMENTS[digit], slant)
    rounded = as_handwriting(ink)
    assert rounded.shape != ink.shape
    assert 0 <= rounded.min() < rounded.max() <= 1


@pytest.mark.parametrize("segments", ["abef", "cdeg", "abcdeg", "adg"])
def test_other_patterns_of_segments_are_not_changed(segments):
    ink = display(segments)
    assert as_handwriting(ink) is ink


def test_a_segment_of_half_the_length_is_not_a_displays():
    ink = display(SEGMENTS[5])
    ink[70:80, 30:58] = 0
    assert as_handwriting(ink) is ink


def test_handwriting_is_not_changed():
    digits = mnist.final_test().images[:200].numpy().astype(np.float32) / 255
    large = [cv2.resize(digit, (112, 112), interpolation=cv2.INTER_CUBIC) for digit in digits]
    assert sum(as_handwriting(ink) is not ink for ink in large) <= 2


@pytest.mark.parametrize("width", [3, 7, 15])
def test_the_width_of_strokes_is_measured(width):
    ink = np.zeros((100, 100), bool)
    ink[40 : 40 + width, 20:80] = True
    assert stroke_width(ink) == pytest.approx(width, abs=0.5)
