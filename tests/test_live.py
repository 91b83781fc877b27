"""The server's part in live answers."""

import itertools
import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from demo.live.live import confirmation, live_answer
from demo.visitors import Visitors
from lenet.errors import InputError
from lenet.network.lenet5 import STAGES, LeNet5
from lenet.network.original import LeNet5Of1998
from lenet.reading.answer import as_batch, prepare_drawing
from lenet.training.loop import untrained
from tests.conftest import value_or_error
from visitor.drawings import a_drawing, a_stroke

SEVEN = a_drawing(a_stroke())


@pytest.fixture(scope="module")
def visitors(shipped) -> Visitors:
    return Visitors(shipped)


def test_an_answer_has_everything_that_the_page_shows_as_numbers(visitors):
    answer = live_answer(visitors, {"drawing": SEVEN})
    assert (answer["network"], answer["digit"], answer["reason"]) == ("modern", 7, None)
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=0.001)
    assert answer["confidence"] == pytest.approx(max(answer["probabilities"]), abs=0.01)
    assert [step["frame"] for step in answer["steps"][1:]] == [20, 32]
    for step in answer["steps"]:
        assert len(step["pixels"]) == step["width"] * step["height"]
    assert list(answer["stages"]) == ["input", *[stage.name for stage in STAGES]]
    sizes = [len(values) for values in answer["stages"].values()]
    assert sizes == [1024, *[stage.maps * stage.side**2 for stage in STAGES]]
    assert len(answer["filters"]) == 6 * 25


def test_the_stages_are_those_of_the_network(visitors, shipped):
    stages = live_answer(visitors, {"drawing": SEVEN})["stages"]
    with torch.inference_mode():
        activations = shipped.activations(shipped.normalise(as_batch([prepare_drawing(SEVEN)])))
    for name, values in activations.items():
        assert np.array_equal(stages[name], values.numpy().ravel())


def test_a_confirmation_is_the_answer_without_the_pictures(visitors):
    for request in ({"drawing": SEVEN}, {"drawing": SEVEN, "off": [["C1", 2]]}, {"drawing": a_drawing()}):
        full = live_answer(visitors, request)
        brief = confirmation(visitors, request)
        assert brief == {name: full[name] for name in brief}
        assert len(json.dumps(brief)) < 500


def test_a_blank_sheet_has_no_answer_and_no_maps(visitors):
    answer = live_answer(visitors, {"drawing": a_drawing()})
    assert answer["reason"] == "nothing drawn"
    assert answer["digit"] is answer["probabilities"] is answer["stages"] is answer["steps"] is None


def test_a_visitors_own_weights_answer_for_their_id_alone(visitors):
    weights = visitors.keep(untrained(3).eval())
    shipped = live_answer(visitors, {"drawing": SEVEN})["probabilities"]
    assert live_answer(visitors, {"drawing": SEVEN, "weights": weights})["probabilities"] != shipped
    assert live_answer(visitors, {"drawing": SEVEN})["probabilities"] == shipped


def test_a_non_digit_still_has_probabilities(visitors):
    cross = a_drawing(a_stroke([[60, 60], [220, 220]]), a_stroke([[220, 60], [60, 220]]))
    answer = live_answer(visitors, {"drawing": cross})
    assert answer["digit"] is None
    assert answer["reason"].startswith("not a digit")
    assert len(answer["probabilities"]) == 10


def test_the_shipped_weights_answer_for_an_unknown_id(visitors):
    answer = live_answer(visitors, {"drawing": SEVEN, "weights": "gone"})
    assert answer["unknown"]
    assert confirmation(visitors, {"drawing": SEVEN, "weights": "gone"})["unknown"]
    assert answer["digit"] == 7


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(request=JSON, drawing=JSON, weights=JSON)
def test_any_request_gets_an_answer_or_one_sentence(request, drawing, weights):
    visitors = Visitors(LeNet5())
    for each, function in itertools.product(
        (request, {"drawing": drawing, "weights": weights}), (live_answer, confirmation)
    ):
        answer = value_or_error(function, visitors, each)
        assert "\n" not in answer if isinstance(answer, str) else answer["digit"] is None


def test_an_answer_with_parts_off_comes_with_the_intact_one(visitors):
    intact = live_answer(visitors, {"drawing": a_drawing(a_stroke())})
    off = live_answer(visitors, {"drawing": a_drawing(a_stroke()), "off": [["C1", i] for i in range(6)]})
    assert intact["intact"] is None
    assert off["intact"] == intact["probabilities"] != off["probabilities"]


def test_a_part_that_does_not_exist_can_not_be_switched_off(visitors):
    with pytest.raises(InputError, match=r"^C1's map or unit must be a whole number from 0 to 5\.$"):
        live_answer(visitors, {"drawing": a_drawing(a_stroke()), "off": [["C1", 6]]})


def test_the_network_beside_reads_the_same_drawing_and_both_are_named(shipped):
    other = untrained(1, LeNet5Of1998).eval()
    visitors = Visitors(shipped, other=other)
    alone = live_answer(visitors, {"drawing": SEVEN, "weights": "1998"})
    both = live_answer(visitors, {"drawing": SEVEN, "weights": "", "beside": "1998"})
    assert (both["network"], both["beside"]["network"]) == ("modern", "1998")
    assert np.array_equal(both["beside"]["stages"]["F6"], alone["stages"]["F6"])
    assert both["beside"]["probabilities"] == alone["probabilities"]
    assert live_answer(visitors, {"drawing": SEVEN, "weights": ""})["beside"] is None
