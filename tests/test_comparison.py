"""The comparison with which a visitor decides whether to keep new weights."""

import base64
import io

import pytest
import torch
from PIL import Image

from demo.retrain.comparison import comparison
from demo.visitors import Visitors
from lenet import mnist
from lenet.mnist import Digits
from lenet.training.loop import untrained
from lenet.training.teaching import examples
from visitor.drawings import a_drawing, a_stroke

SEVEN = a_drawing(a_stroke())


@pytest.fixture(autouse=True)
def fewer_test_digits(monkeypatch):
    digits = mnist.final_test()
    monkeypatch.setattr(mnist, "final_test", lambda: Digits(digits.images[:500], digits.labels[:500]))


def compare(before, after, drawing=SEVEN, taught=()) -> dict:
    return comparison(before, after, examples(list(taught)), drawing, Visitors(before))


def test_a_worse_network_comes_with_the_advice_to_discard_it(shipped):
    result = compare(shipped, untrained(1).eval(), taught=[{"drawing": SEVEN, "digit": 7}])
    assert result["loses"]
    assert result["verdict"].endswith(" points. Better discard it.")
    assert [row["what"] for row in result["rows"]] == [
        "MNIST's 10,000 test digits",
        "Your own examples",
        "The drawing on the sheet",
    ]
    assert result["rows"][0]["kind"] == "worse"
    assert result["rows"][2]["before"] == "a 7"
    assert len(result["changes"]) == 24
    assert result["others"] > 100
    assert result["changes"][0]["kind"] == "worse"
    picture = base64.b64decode(result["changes"][0]["source"].split(",")[1])
    assert Image.open(io.BytesIO(picture)).size == (28, 28)
    assert sum(sum(row) for row in result["confusion"]) == 500


def test_a_better_network_is_not_a_loss(shipped):
    result = compare(untrained(1).eval(), shipped)
    assert not result["loses"]
    assert result["verdict"].endswith(" test digits more than before.")
    assert result["changes"][0]["was"] != result["changes"][0]["now"]


def test_the_same_network_changes_nothing(shipped):
    result = compare(shipped, shipped)
    assert result["verdict"] == "It reads as many test digits as before."
    assert result["changes"] == []


@pytest.mark.parametrize("drawing", [None, a_drawing(), {"width": 3}, a_drawing(picture="upload/gone")])
def test_an_unreadable_sheet_has_no_row(shipped, drawing):
    assert [row["what"] for row in compare(shipped, shipped, drawing)["rows"]] == ["MNIST's 10,000 test digits"]


def test_a_refused_drawing_is_reported_as_not_sure(shipped):
    refuses = untrained(1).eval()
    refuses.threshold = 0.99
    with torch.inference_mode():
        assert compare(shipped, refuses)["rows"][-1]["after"] == "not sure"
