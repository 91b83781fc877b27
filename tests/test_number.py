"""Whole numbers: the best path through the candidates."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lenet import mnist
from lenet.explain.ablation import parse_off, switches
from lenet.network.lenet5 import LeNet5
from lenet.reading.answer import NOTHING_DRAWN, answer, prepare_drawing
from lenet.reading.drawing import as_value
from lenet.reading.number import NOT_A_NUMBER, WORST, best_path, is_number, read_number, read_number_in_picture
from lenet.reading.segments import Candidate
from visitor.drawings import a_drawing, a_line, a_stroke


@pytest.mark.parametrize("text", ["7", "12", "401", "7420", "20417", "1111"])
def test_a_number_is_read_with_its_digits_from_left_to_right(shipped, text):
    number = read_number(shipped, a_line(text))
    assert number.text == text
    assert number.reason is None
    assert 0 < number.confidence <= 1
    lefts = [one.box[0] for one in number.digits]
    assert lefts == sorted(lefts)
    assert [one.digit for one in number.digits] == [int(digit) for digit in text]


@pytest.mark.parametrize("gap", [-3, 0, 5])
def test_digits_that_touch_or_overlap_are_read_one_by_one(shipped, gap):
    assert read_number(shipped, a_line("7242", gap)).text == "7242"


def test_the_order_of_the_strokes_does_not_matter(shipped):
    line = a_line("4174")
    line["strokes"].reverse()
    assert read_number(shipped, line).text == "4174"


def test_two_digits_written_in_one_stroke_are_cut(shipped):
    line = a_line("22", 30)
    first, second = line["strokes"]
    joined = a_stroke(first["points"] + second["points"], width=12)
    assert read_number(shipped, line | {"strokes": [joined]}).text == "22"


def test_each_digit_is_the_answer_to_its_own_strokes(shipped):
    line = a_line("420")
    number = read_number(shipped, line)
    assert sum(len(one.drawing.strokes) for one in number.digits) == len(line["strokes"])
    for one in number.digits:
        strokes = [a_stroke(stroke.points.tolist(), width=12) for stroke in one.drawing.strokes]
        alone = answer(shipped, [prepare_drawing(line | {"strokes": strokes})])[0]
        assert alone.digit == one.digit
        assert alone.probabilities == pytest.approx(one.probabilities, abs=1e-5)


def test_parts_that_are_off_are_off_for_all_digits(shipped):
    off = switches(parse_off([["C1", i] for i in range(6)]))
    one, other = read_number(shipped, a_line("27"), off).digits
    assert one.probabilities == pytest.approx(other.probabilities, abs=1e-5)


def test_scribbles_and_an_empty_sheet_are_not_a_number(shipped):
    cross = a_drawing(a_stroke([[60, 60], [220, 220]]), a_stroke([[220, 60], [60, 220]]))
    number = read_number(shipped, cross)
    assert (number.text, number.reason) == (None, NOT_A_NUMBER)
    for empty in (a_drawing(), a_drawing(a_stroke([[900, 900], [950, 950]]))):
        number = read_number(shipped, empty)
        assert (number.text, number.reason, number.confidence, number.digits) == (None, NOTHING_DRAWN, None, ())


def row_of(*indices: int, gap: int = 6) -> np.ndarray:
    """Return the ink of these MNIST test digits in a row, `gap` pixels apart."""
    digits = [mnist.final_test().images[index].numpy() for index in indices]
    digits = [digit[:, digit.any(0)] for digit in digits]
    row = np.concatenate([np.pad(digit, ((10, 10), (gap // 2, gap - gap // 2))) for digit in digits], 1)
    return np.asarray(Image.fromarray(np.pad(row, 4)).resize((row.shape[1] * 4, row.shape[0] * 4)))


@pytest.mark.parametrize("gap", [0, 6, 20])
@pytest.mark.parametrize(("indices", "text"), [((0, 1), "72"), ((3, 2, 4), "014"), ((0, 1, 2, 3, 4), "72104")])
def test_a_picture_of_several_digits_is_read_as_a_number(shipped, indices, text, gap):
    number = read_number_in_picture(shipped, row_of(*indices, gap=gap))
    assert number.text == text
    lefts = [digit.box[0] for digit in number.digits]
    assert lefts == sorted(lefts)


def test_slanted_digits_that_overlap_in_a_picture_are_cut_along_their_slant(shipped):
    ink = row_of(0, 1, 4, gap=2)
    slanted = Image.fromarray(np.pad(ink, ((0, 0), (60, 60)))).transform(
        (ink.shape[1] + 120, ink.shape[0]), Image.Transform.AFFINE, (1, 0.35, -0.35 * ink.shape[0] / 2, 0, 1, 0)
    )
    assert read_number_in_picture(shipped, np.asarray(slanted)).text == "724"


def test_strokes_on_a_picture_are_part_of_the_number(shipped):
    ink = row_of(0)
    value = {"width": 560, "height": 280, "picture": "p", "strokes": [a_stroke([[480, 60], [480, 220]], width=18)]}
    assert read_number(shipped, value, find=lambda _: ink).text == "71"


def test_each_digit_of_a_picture_is_read_the_same_alone(shipped):
    ink = row_of(0, 1, 3)
    for one in read_number_in_picture(shipped, ink).digits:
        value = as_value(one.drawing, one.drawing.strokes)
        [alone] = answer(shipped, [prepare_drawing(value, lambda _: ink)])
        assert alone.digit == one.digit
        assert alone.probabilities == pytest.approx(one.probabilities, abs=1e-3)


@pytest.mark.parametrize(("indices", "several"), [((0,), False), ((8,), False), ((0, 1), True), ((2, 2), True)])
def test_pictures_of_one_digit_and_of_several_are_distinguished(shipped, indices, several):
    assert is_number(shipped, row_of(*indices)) is several


def all_candidates(parts: int) -> list[Candidate]:
    runs = [(first, last) for last in range(1, parts + 1) for first in range(last)]
    return [Candidate(*run, drawing=None, box=(0, 0, 0, 0), cost=0.1 * sum(run)) for run in runs]


@settings(max_examples=30)
@given(parts=st.integers(1, 5), seed=st.integers(0, 1000))
def test_the_best_path_and_its_confidence_equal_an_exhaustive_search(parts, seed):
    candidates = all_candidates(parts)
    logits = np.random.default_rng(seed).normal(size=(len(candidates), 11)) * 3
    shares = logits - np.logaddexp.reduce(logits, 1, keepdims=True)
    index_of = {(one.first, one.last): i for i, one in enumerate(candidates)}
    paths = []
    for cuts in itertools.product([False, True], repeat=parts - 1):
        edges = [0, *(i for i, cut in enumerate(cuts, 1) if cut), parts]
        paths.append([index_of[run] for run in itertools.pairwise(edges)])
    scores = [sum(max(shares[i, :10].max(), -WORST) - candidates[i].cost for i in path) for path in paths]
    digits = [sum(np.logaddexp.reduce(shares[i, :10]) for i in path) for path in paths]
    masses = [each - sum(candidates[i].cost for i in path) for path, each in zip(paths, digits, strict=True)]
    best = int(np.argmax(scores))
    expected = math.exp(scores[best] - np.logaddexp.reduce(masses) + digits[best])
    path, confidence = best_path(candidates, shares)
    assert path == paths[best]
    assert confidence == pytest.approx(expected)


POINTS = st.lists(st.lists(st.floats(-100, 900), min_size=2, max_size=2), max_size=8)
RANDOM_STROKES = st.lists(st.builds(a_stroke, POINTS, erase=st.booleans(), width=st.floats(0, 100)), max_size=6)


@settings(max_examples=30)
@given(strokes=RANDOM_STROKES)
def test_any_drawing_gives_a_number_or_a_reason(strokes):
    number = read_number(LeNet5().eval(), {"width": 840, "height": 280, "strokes": strokes})
    assert (number.text is None) == (number.reason is not None)
    assert len(number.text or "") in (0, len(number.digits))
