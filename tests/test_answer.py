"""Answers to drawings and pictures, and to blank sheets."""

import copy
import math

import numpy as np
import pytest
import torch

from lenet import mnist
from lenet.errors import InputError
from lenet.network.lenet5 import INPUT, STAGES
from lenet.reading.answer import NOTHING_DRAWN, answer, grid_on_sheet, prepare_drawing, prepare_picture
from visitor.drawings import SEVEN, a_drawing, a_stroke


def test_a_seven_is_read_as_seven(shipped):
    (result,) = answer(shipped, [prepare_drawing(a_drawing(a_stroke()))])
    assert (result.digit, result.reason) == (7, None)


@pytest.mark.parametrize(("left", "top", "right", "bottom"), [(20, 150, 90, 270), (150, 30, 260, 90)])
def test_the_grid_maps_the_inputs_pixels_to_the_ink_on_the_sheet(left, top, right, bottom):
    """The middle of a bar from corner to corner is that of the input's ink, mapped to the sheet."""
    drawing = {"width": 280, "height": 280, "strokes": [{"points": [[left, top], [right, bottom]], "width": 18}]}
    prepared = prepare_drawing(drawing)
    x, y, width, height = grid_on_sheet(drawing, prepared)
    rows, columns = np.nonzero(prepared.centred)
    edges = (x + columns.min() * width, y + rows.min() * height, x + (columns.max() + 1) * width)
    assert edges == pytest.approx((left - 9, top - 9, right + 9), abs=width)
    assert y + (rows.max() + 1) * height == pytest.approx(bottom + 9, abs=height)


def test_a_picture_is_prepared_as_on_the_page():
    ink = mnist.final_test().images[0].numpy()
    expected = prepare_drawing({"width": 280, "height": 280, "strokes": [], "picture": "mnist-test/0"})
    assert np.array_equal(prepare_picture(ink).centred, expected.centred)


def test_the_probabilities_are_ten_and_the_digit_has_the_largest(shipped):
    (result,) = answer(shipped, [prepare_drawing(a_drawing(a_stroke()))])
    assert len(result.probabilities) == 10
    assert sum(result.probabilities) == pytest.approx(1, abs=1e-5)
    assert result.probabilities.index(max(result.probabilities)) == result.digit


def test_an_answer_has_all_intermediate_values(shipped):
    prepared = prepare_drawing(a_drawing(a_stroke()))
    (result,) = answer(shipped, [prepared])
    assert result.seen.prepared is prepared
    assert list(result.seen.values) == [INPUT, *(stage.name for stage in STAGES)]
    assert result.seen.values["C1"].shape == (6, 28, 28)
    assert result.seen.values["output"].softmax(0).tolist() == pytest.approx(result.probabilities)


@pytest.mark.parametrize(
    "strokes",
    [
        [],
        [a_stroke([])],
        [a_stroke(), a_stroke([[0, 0], [280, 280]], width=800, erase=True)],
        [a_stroke([[400, 400], [500, 500]])],
    ],
)
def test_a_blank_sheet_is_nothing_drawn(shipped, strokes):
    (result,) = answer(shipped, [prepare_drawing(a_drawing(*strokes))])
    assert (result.digit, result.probabilities, result.reason) == (None, None, NOTHING_DRAWN)
    assert result.seen is None


def test_a_batch_is_answered_in_order(shipped):
    one, seven = a_drawing(a_stroke([[140, 40], [140, 240]])), a_drawing(a_stroke())
    results = answer(shipped, [prepare_drawing(value) for value in (seven, a_drawing(), one, seven)])
    assert [result.digit for result in results] == [7, None, 1, 7]


def test_a_batch_gives_the_same_answers_as_single_drawings(shipped):
    prepared = [prepare_drawing(a_drawing(picture=f"mnist-test/{index}")) for index in range(20)]
    together = torch.tensor([result.probabilities for result in answer(shipped, prepared)])
    alone = torch.tensor([answer(shipped, [one])[0].probabilities for one in prepared])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-5)


def test_an_empty_batch_has_no_answers(shipped):
    assert answer(shipped, []) == []


def test_mnists_pictures_are_read_under_a_sheet(shipped):
    results = answer(shipped, [prepare_drawing(a_drawing(picture=f"mnist-test/{index}")) for index in range(50)])
    labels = mnist.final_test().labels[:50].tolist()
    assert sum(result.digit == label for result, label in zip(results, labels, strict=True)) >= 49


def test_strokes_on_a_picture_are_read(shipped):
    """With an eraser over all of the first test digit, nothing is drawn."""
    eraser = a_stroke([[0, 140], [280, 140]], width=400, erase=True)
    (result,) = answer(shipped, [prepare_drawing(a_drawing(eraser, picture="mnist-test/0"))])
    assert result.reason == NOTHING_DRAWN


def test_invalid_drawings_and_pictures_are_refused():
    with pytest.raises(InputError, match=r"^A drawing must be an object"):
        prepare_drawing("a seven")
    with pytest.raises(InputError, match=r"^There is no picture 'mnist-test/x'"):
        prepare_drawing(a_drawing(picture="mnist-test/x"))


@pytest.fixture
def doubtful(shipped):
    """A network that refuses everything."""
    model = copy.deepcopy(shipped)
    model.threshold = 1.1
    return model


def test_a_refusal_has_a_reason_and_probabilities(doubtful):
    (result,) = answer(doubtful, [prepare_drawing(a_drawing(a_stroke()))])
    assert result.digit is None
    assert result.reason == "not a digit (closest: 7)"
    assert len(result.probabilities) == 10
    assert result.seen


@pytest.mark.parametrize(
    "strokes",
    [
        [[[60, 40], [60, 220]], [[60, 130], [180, 130]], [[180, 40], [180, 220]]],  # H
        [[[40, 40], [90, 220], [140, 90], [190, 220], [240, 40]]],  # W
        [[[60, 60], [220, 220]], [[220, 60], [60, 220]]],  # X
        [[[20, 140], [260, 145]]],  # a long dash
        [[[40, 60], [120, 60], [70, 220]], [[180, 60], [250, 60], [200, 220]]],  # two digits
    ],
)
def test_non_digits_are_refused(shipped, strokes):
    (result,) = answer(shipped, [prepare_drawing(a_drawing(*(a_stroke(points) for points in strokes)))])
    assert result.digit is None
    assert result.reason.startswith("not a digit")


@pytest.mark.parametrize(
    ("digit", "strokes"),
    [
        (1, [[[140, 40], [138, 240]]]),
        (1, [[[85, 120], [140, 50], [140, 240]]]),  # with a flag
        (1, [[[100, 90], [140, 50], [140, 230]], [[90, 230], [190, 230]]]),  # with a flag and a foot
        (7, [[[70, 60], [200, 60], [120, 240]], [[100, 150], [200, 150]]]),  # with a bar
        (4, [[[150, 240], [150, 50], [60, 170], [210, 170]]]),  # closed
        (4, [[[80, 50], [60, 150], [200, 150]], [[170, 50], [160, 240]]]),  # open
    ],
)
def test_digits_are_read_in_many_styles(shipped, digit, strokes):
    (result,) = answer(shipped, [prepare_drawing(a_drawing(*(a_stroke(points) for points in strokes)))])
    assert (result.digit, result.reason) == (digit, None)


@pytest.mark.parametrize("lean", [1, -1])
def test_a_slashed_zero_is_read(shipped, lean):
    turns = [2 * math.pi * i / 30 for i in range(31)]
    ring = [[140 + 60 * math.sin(turn), 140 - 90 * math.cos(turn)] for turn in turns]
    slash = [[140 - lean * 70, 220], [140 + lean * 70, 60]]
    (result,) = answer(shipped, [prepare_drawing(a_drawing(a_stroke(ring), a_stroke(slash)))])
    assert result.digit == 0


def test_brush_size_and_place_change_no_answer(shipped):
    """A brush of 6 or 30 pixels, a digit of 20 or 90 % of the sheet, in any corner."""
    points = torch.tensor(SEVEN).double()
    points = (points - points.amin(0)) / (points.amax(0) - points.amin(0)).max()
    inputs = [
        prepare_drawing(
            a_drawing(a_stroke((points * size + torch.tensor([x, y]) * (280 - size)).tolist(), width=width))
        )
        for width in (6, 30)
        for size in (56, 252)
        for x in (0, 1)
        for y in (0, 1)
    ]
    probabilities = torch.tensor([result.probabilities for result in answer(shipped, inputs)])
    assert (probabilities[:, 7] - probabilities[0, 7]).abs().max() < 0.02
