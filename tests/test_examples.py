"""The server reads a visitor's examples with the current network."""

import base64

import pytest

from demo.panels.examples.examples import _read
from demo.visitors import Visitors
from lenet.errors import InputError
from lenet.network.lenet5 import LeNet5
from visitor.drawings import a_drawing, a_stroke


@pytest.fixture(scope="module")
def visitors(shipped) -> Visitors:
    return Visitors(shipped)


def example(digit: int) -> dict:
    return {"drawing": a_drawing(a_stroke()), "digit": digit}


def test_each_example_comes_with_its_pixels_and_answer(visitors):
    answer = _read(visitors, {"examples": [example(7), example(4)], "weights": ""})
    assert answer["words"] == "1 of 2 read right."
    assert [(each["read"], each["right"]) for each in answer["examples"]] == [(7, True), (7, False)]
    assert all(len(base64.b64decode(each["pixels"])) == each["side"] ** 2 for each in answer["examples"])


def test_examples_are_read_with_the_given_weights(visitors):
    model = LeNet5().eval()
    model.threshold = 0.9
    answer = _read(visitors, {"examples": [example(7)], "weights": visitors.keep(model)})
    assert [(each["read"], each["right"]) for each in answer["examples"]] == [(None, False)]


def test_without_examples_there_is_no_message(visitors):
    assert _read(visitors, {"examples": []}) == {"examples": [], "words": ""}


@pytest.mark.parametrize("request_", [None, {}, {"examples": 7}, {"examples": [1]}, {"examples": [{"digit": 1}]}])
def test_invalid_examples_are_refused_in_a_sentence(visitors, request_):
    with pytest.raises(InputError, match=r"\.$"):
        _read(visitors, request_)
