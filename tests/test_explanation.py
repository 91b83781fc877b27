"""What every explanation has in common: it is ready to be sent, and refuses nonsense in one sentence."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.explain.ablation.ablation import explain_switches
from demo.explain.counterfactual.counterfactual import explain_mind
from demo.explain.explanation import NothingToExplain, chosen, of_request, read
from demo.explain.filters.filters import explain_filters
from demo.explain.neighbours.neighbours import explain_alike
from demo.explain.tour.tour import explain_tour
from demo.explain.trace.trace import explain_trace
from demo.explain.unit_sum.unit_sum import explain_unit
from demo.panels.panel import answering
from demo.visitors import Visitors
from lenet.network.checkpoint import SHIPPED_OF, load_checkpoint
from visitor.drawings import a_drawing, a_stroke

EXPLANATIONS = (
    explain_alike,
    explain_filters,
    explain_mind,
    explain_switches,
    explain_tour,
    explain_trace,
    explain_unit,
)
SEVEN = a_drawing(a_stroke())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
ASKED = st.fixed_dictionaries({}, optional=dict.fromkeys(("unit", "digit", "against", "off", "weights"), JSON))


@pytest.fixture(scope="module")
def visitors(shipped) -> Visitors:
    return Visitors(shipped, other=load_checkpoint(SHIPPED_OF["1998"])[0])


@pytest.fixture(scope="module")
def reading(visitors):
    return read(visitors, SEVEN, "")


@pytest.mark.parametrize("weights", ["", "1998"])
@pytest.mark.parametrize("explain", EXPLANATIONS)
def test_it_can_be_sent_as_json(explain, weights, visitors):
    told = answering(of_request(visitors, explain))({"drawing": SEVEN, "weights": weights})
    assert "error" not in told
    json.dumps(told, allow_nan=False)


@pytest.mark.parametrize("explain", EXPLANATIONS)
@settings(max_examples=15)
@given(asked=ASKED)
def test_nonsense_is_answered_or_refused_in_a_sentence(explain, visitors, asked):
    told = answering(of_request(visitors, explain))({"drawing": SEVEN} | asked)
    assert "error" not in told or told["error"].endswith(".")


@pytest.mark.parametrize("explain", EXPLANATIONS)
@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (None, "A drawing must be an object with width, height and strokes, not missing."),
        ({"drawing": a_drawing()}, "Draw a digit, then look inside."),
    ],
)
def test_without_a_drawing_there_is_a_sentence(explain, visitors, request_, sentence):
    assert answering(of_request(visitors, explain))(request_) == {"error": sentence}


def test_a_digit_is_from_0_to_9():
    assert chosen(None, 4) == 4
    assert chosen(0, 4) == 0
    for wrong in (10, -1, True, "7", 7.0):
        with pytest.raises(NothingToExplain):
            chosen(wrong, 4)


def test_the_trace_says_what_the_ink_changed(reading):
    assert "ahead of the other digits’ average" in explain_trace(reading, {})["words"]
    assert "ahead of 9" in explain_trace(reading, {"against": 9})["words"]
    assert "behind 7" in explain_trace(reading, {"digit": 9, "against": 7})["words"]


def test_a_change_of_mind_starts_with_the_digit_that_came_second(reading):
    told = explain_mind(reading, {})
    assert told["digit"] == reading.ranked[1]
    assert explain_mind(reading, {"digit": 7})["digit"] == told["digit"]  # it is a 7 already


def test_switching_everything_off_is_told_in_a_sentence(reading):
    off = [["C3", index] for index in range(16)]
    assert explain_switches(reading, {"off": off})["words"].startswith("With 16 parts off it ")


def test_the_tour_has_seven_steps_with_this_drawings_numbers(reading):
    steps = explain_tour(reading, {})["steps"]
    assert len(steps) == 7
    assert "one stroke" in steps[0]["words"]
    assert "7 gets" in steps[-1]["words"]


def test_the_tour_of_1998_tells_of_its_own_pools_maps_and_codes(visitors):
    steps = explain_tour(read(visitors, SEVEN, "1998"), {})["steps"]
    told = " ".join(step["words"] for step in steps)
    assert "averages every four pixels" in told
    assert "nearest to that of 7" in told
    assert "ReLU" not in told
    assert steps[3]["target"] == '#figure-1998 [data-stage="C1"]'


def test_a_unit_of_1998_tells_its_average_its_maps_and_its_distance(visitors):
    reading = read(visitors, SEVEN, "1998")
    pool, c3, output = (
        explain_unit(reading, {"unit": {"stage": stage, "index": 3}}) for stage in ("S2", "C3", "output")
    )
    assert "trained average" in pool["how"]
    assert [square.get("index") for square in pool["squares"] if square["stage"] == "C1"] == [3]
    assert "3 of the 6 maps of S2" in c3["how"]
    assert [square["index"] for square in c3["squares"] if square["stage"] == "S2"] == [3, 4, 5]
    assert "from the code of 3" in output["outcome"]
    assert list(output["terms"][0]["grids"]) == ["values", "the code", "− squared differences"]


def test_the_filters_of_1998_leave_out_what_c3_does_not_see(visitors):
    c1, c3 = explain_filters(read(visitors, SEVEN, "1998"), {})["stages"]
    assert (c1["count"], c3["count"]) == (6, 60)
    assert c3["there"][:6] == [True, True, True, False, False, False]
