"""The live answer that every panel draws from."""

import base64
import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from demo.live.live import answer_to, furthest, live_answer
from demo.panels.panel import answering
from demo.visitors import Visitors
from lenet.errors import InputError
from lenet.network.codes import CODES
from lenet.network.layers import RUBBISH
from lenet.network.lenet5 import STAGES, LeNet5
from lenet.network.original import LeNet5Of1998
from lenet.reading.answer import as_batch, prepare_drawing
from lenet.training.loop import untrained
from visitor.drawings import a_drawing, a_stroke

SEVEN = a_drawing(a_stroke())


@pytest.fixture(scope="module")
def visitors(shipped) -> Visitors:
    return Visitors(shipped)


def pixels(picture: dict) -> np.ndarray:
    return np.frombuffer(base64.b64decode(picture["pixels"]), np.uint8)


def test_an_answer_has_digit_bars_words_steps_maps_and_filters(visitors):
    answer = live_answer(visitors, {"drawing": SEVEN})
    assert answer["digit"] == 7
    assert answer["words"].startswith("I read a 7, ")
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=0.001)
    assert [step["frame"] for step in answer["steps"][1:]] == [20, 32, 32]
    for step in answer["steps"]:
        assert len(pixels(step)) == step["width"] * step["height"]
    assert list(answer["stages"]) == ["input", *[stage.name for stage in STAGES]]
    sizes = [len(pixels(values)) for values in answer["stages"].values()]
    assert sizes == [1024, *[stage.maps * stage.side**2 for stage in STAGES]]
    assert len(base64.b64decode(answer["filters"])) == 6 * 25


def test_the_maps_are_those_of_the_network(visitors, shipped):
    stages = live_answer(visitors, {"drawing": SEVEN})["stages"]
    prepared = prepare_drawing(SEVEN)
    with torch.inference_mode():
        activations = shipped.activations(shipped.normalise(as_batch([prepared])))
    for name, values in activations.items():
        low, high = stages[name]["low"], stages[name]["high"]
        shown = low + pixels(stages[name]) / 255 * (high - low)
        assert np.allclose(shown, values.numpy().ravel(), atol=(high - low) / 200)


def test_it_is_small_enough_to_be_sent_with_every_frame(visitors):
    assert len(json.dumps(live_answer(visitors, {"drawing": SEVEN}))) < 32_000


def test_a_blank_sheet_asks_for_a_digit_and_shows_no_maps(visitors):
    answer = live_answer(visitors, {"drawing": a_drawing()})
    assert answer["words"] == "Draw a digit."
    assert answer["digit"] is answer["probabilities"] is answer["stages"] is answer["steps"] is None


def test_a_visitors_own_weights_answer_for_their_id_alone(visitors):
    own = visitors.keep(untrained(3).eval())
    shipped = live_answer(visitors, {"drawing": SEVEN})
    assert live_answer(visitors, {"drawing": SEVEN, "weights": own})["filters"] != shipped["filters"]
    assert live_answer(visitors, {"drawing": SEVEN}) == shipped


def test_what_is_no_digit_is_said_to_be_none_and_the_bars_are_still_there(visitors):
    cross = a_drawing(a_stroke([[60, 60], [220, 220]]), a_stroke([[220, 60], [60, 220]]))
    answer = live_answer(visitors, {"drawing": cross})
    assert answer["words"] == "Not a digit."
    assert answer["digit"] is None
    assert len(answer["probabilities"]) == 10


def test_lost_weights_are_said_to_be_lost(visitors):
    answer = live_answer(visitors, {"drawing": SEVEN, "weights": "gone"})
    assert answer["words"].startswith("Your own weights are gone from this server; these are the shipped ones.")
    assert answer["digit"] == 7


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(request=JSON, drawing=JSON, weights=JSON)
def test_any_request_gets_an_answer_or_one_sentence(request, drawing, weights):
    visitors = Visitors(LeNet5())
    for each in (request, {"drawing": drawing, "weights": weights}):
        answer = answering(live_answer)(visitors, each)
        assert set(answer) == {"error"} or answer["digit"] is None
        assert "\n" not in answer.get("error", "")


def test_parts_that_are_off_change_the_answer_and_the_intact_one_is_told_too(visitors):
    intact = live_answer(visitors, {"drawing": a_drawing(a_stroke())})
    off = live_answer(visitors, {"drawing": a_drawing(a_stroke()), "off": [["C1", i] for i in range(6)]})
    assert intact["intact"] is None
    assert off["intact"] == intact["probabilities"] != off["probabilities"]


def test_a_part_that_is_not_there_can_not_be_switched_off(visitors):
    with pytest.raises(InputError, match=r"^C1's map or unit must be a whole number from 0 to 5\.$"):
        live_answer(visitors, {"drawing": a_drawing(a_stroke()), "off": [["C1", 6]]})


def test_the_network_beside_reads_the_same_drawing_and_each_says_which_it_is(shipped):
    other = untrained(1, LeNet5Of1998).eval()
    visitors = Visitors(shipped, other=other)
    alone = live_answer(visitors, {"drawing": SEVEN, "weights": "1998"})
    both = live_answer(visitors, {"drawing": SEVEN, "weights": "", "beside": "1998"})
    assert (both["network"], both["beside"]["network"]) == ("modern", "1998")
    assert both["beside"]["stages"] == alone["stages"]
    assert both["beside"]["probabilities"] == alone["probabilities"]
    assert live_answer(visitors, {"drawing": SEVEN, "weights": ""})["beside"] is None


def test_distances_are_told_of_the_network_that_has_codes(shipped):
    other = untrained(1, LeNet5Of1998).eval()
    visitors = Visitors(shipped, other=other)
    assert live_answer(visitors, {"drawing": SEVEN})["distances"] is None
    f6 = answer_to(visitors, {"drawing": SEVEN, "weights": "1998"}).activations["F6"]
    told = live_answer(visitors, {"drawing": SEVEN, "weights": "1998"})["distances"]
    assert told == pytest.approx(((f6 - CODES) ** 2).sum(1).tolist(), abs=0.01)


def test_the_threshold_of_1998_is_told_as_a_distance(shipped):
    other = untrained(1, LeNet5Of1998).eval()
    assert furthest(shipped) is None
    assert furthest(other) is None  # it never declines
    other.threshold = 0.5
    assert furthest(other) == RUBBISH
