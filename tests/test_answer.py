"""An answer says what was read, or that nothing is drawn."""

import pytest
import torch

from lenet import mnist
from lenet.answer import NOTHING_DRAWN, answer, prepare_drawing
from lenet.drawing import DrawingError
from lenet.model import STAGES
from lenet.picture import PictureError
from tests.drawings import a_drawing, a_stroke


def test_a_seven_is_read_as_seven(shipped):
    (result,) = answer(shipped, [prepare_drawing(a_drawing(a_stroke()))])
    assert (result.digit, result.reason) == (7, None)


def test_the_probabilities_are_ten_and_the_digit_has_the_largest(shipped):
    (result,) = answer(shipped, [prepare_drawing(a_drawing(a_stroke()))])
    assert len(result.probabilities) == 10
    assert sum(result.probabilities) == pytest.approx(1, abs=1e-5)
    assert result.probabilities.index(max(result.probabilities)) == result.digit


def test_an_answer_keeps_what_was_seen_on_the_way(shipped):
    prepared = prepare_drawing(a_drawing(a_stroke()))
    (result,) = answer(shipped, [prepared])
    assert result.prepared is prepared
    assert list(result.activations) == [stage.name for stage in STAGES]
    assert result.activations["C1"].shape == (6, 28, 28)
    assert result.activations["output"].softmax(0).tolist() == pytest.approx(result.probabilities)


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
    assert (result.prepared, result.activations) == (None, None)


def test_a_batch_is_answered_in_order(shipped):
    one, seven = a_drawing(a_stroke([[140, 40], [140, 240]])), a_drawing(a_stroke())
    results = answer(shipped, [prepare_drawing(value) for value in (seven, a_drawing(), one, seven)])
    assert [result.digit for result in results] == [7, None, 1, 7]


def test_a_batch_answers_as_each_alone(shipped):
    prepared = [prepare_drawing(a_drawing(picture=f"mnist-test/{index}")) for index in range(20)]
    together = torch.tensor([result.probabilities for result in answer(shipped, prepared)])
    alone = torch.tensor([answer(shipped, [one])[0].probabilities for one in prepared])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-5)


def test_an_empty_batch_has_no_answers(shipped):
    assert answer(shipped, []) == []


def test_mnists_pictures_are_read_from_the_sheet(shipped):
    results = answer(shipped, [prepare_drawing(a_drawing(picture=f"mnist-test/{index}")) for index in range(50)])
    labels = mnist.final_test().labels[:50].tolist()
    assert sum(result.digit == label for result, label in zip(results, labels, strict=True)) >= 49


def test_strokes_on_a_picture_count(shipped):
    """An eraser over all of it leaves nothing of the first test digit."""
    rubbed = a_stroke([[0, 140], [280, 140]], width=400, erase=True)
    (result,) = answer(shipped, [prepare_drawing(a_drawing(rubbed, picture="mnist-test/0"))])
    assert result.reason == NOTHING_DRAWN


def test_what_is_wrong_is_said_before_anything_is_read():
    with pytest.raises(DrawingError, match=r"^A drawing must be an object"):
        prepare_drawing("a seven")
    with pytest.raises(PictureError, match=r"^There is no picture 'mnist-test/x'"):
        prepare_drawing(a_drawing(picture="mnist-test/x"))
