"""All explanations: their list, their values as JSON, and the refusal of invalid requests."""

import base64
import re
import sys

import numpy as np
import orjson
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from demo.explain.counterfactual import counterfactual
from demo.explain.explanation import ExplanationPanel, Reading, chosen, read
from demo.explain.explanations import EXPLANATIONS, PUBLIC, ExplanationValues, explain_all
from demo.visitors import Visitors
from lenet.errors import InputError
from lenet.explain.counterfactual import Counterfactual
from lenet.explain.neighbours import neighbourhood
from lenet.network.checkpoint import SHIPPED_OF, load_checkpoint
from lenet.network.lenet5 import LeNet5
from tests.conftest import value_or_error
from visitor.drawings import a_drawing, a_stroke

SHOW = {explanation.name: explanation.show for explanation in EXPLANATIONS}
each_explanation = pytest.mark.parametrize("explanation", EXPLANATIONS, ids=list(SHOW))
SEVEN = a_drawing(a_stroke())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
REQUESTS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("unit", "digit", "against", "off", "change_to", "plane", "weights"), JSON)
)


@pytest.fixture(scope="module")
def visitors(shipped) -> Visitors:
    return Visitors(shipped, other=load_checkpoint(SHIPPED_OF["1998"])[0])


@pytest.fixture(scope="module")
def reading(visitors) -> Reading:
    return read(visitors, SEVEN, "")


def pixels(text: str) -> np.ndarray:
    """Decode 32 x 32 bytes."""
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(32, 32)


@pytest.mark.parametrize("weights", ["", "1998"])
@each_explanation
def test_every_explanation_can_be_sent_as_json(explanation, weights, visitors):
    orjson.dumps(ExplanationPanel(explanation, visitors).functions["explain"]({"drawing": SEVEN, "weights": weights}))


@each_explanation
@settings(max_examples=8)
@given(request=REQUESTS)
def test_any_request_is_answered_or_refused_in_a_sentence(explanation, visitors, request):
    answer = value_or_error(ExplanationPanel(explanation, visitors).functions["explain"], {"drawing": SEVEN} | request)
    assert isinstance(answer, dict) or answer.endswith(".")


@each_explanation
@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (None, "A drawing must be an object with width, height and strokes, not missing."),
        ({"drawing": a_drawing()}, "Draw a digit, then look inside."),
    ],
)
def test_without_a_drawing_the_visitor_is_asked_to_draw(explanation, visitors, request_, sentence):
    with pytest.raises(InputError, match=re.escape(sentence)):
        ExplanationPanel(explanation, visitors).functions["explain"](request_)


def test_every_public_explanation_is_in_the_schema_and_in_the_answer(reading):
    assert set(ExplanationValues.__annotations__) == {"trace", "unit", "ranking", "without", "change", "neighbours"}
    answer = explain_all(reading, {"off": [["C3", 4]]})
    assert set(answer) == set(ExplanationValues.__annotations__)
    orjson.dumps(answer)


@pytest.mark.parametrize("name", PUBLIC)
def test_the_page_shows_the_numbers_that_the_endpoint_answers_with(reading, name, monkeypatch):
    """Both call the same function."""
    function, calls = PUBLIC[name], []
    module = sys.modules[function.__module__]
    monkeypatch.setattr(module, name, lambda *arguments: calls.append(arguments) or function(*arguments))
    module.show(reading, {"unit": {"stage": "C1", "index": 0}})
    assert len(calls) == 1


def test_a_reading_runs_the_network_once(visitors, monkeypatch):
    runs = []
    activations = LeNet5.activations
    monkeypatch.setattr(LeNet5, "activations", lambda *arguments: runs.append(1) or activations(*arguments))
    reading = read(visitors, SEVEN, "")
    for _ in range(2):
        assert (reading.answered, reading.ranked[0]) == (7, 7)
        assert reading.probabilities[7] == max(reading.probabilities)
        assert reading.x.shape == (1, 1, 32, 32)
    assert len(runs) == 1


def test_a_digit_is_from_0_to_9():
    assert chosen(None, 4) == 4
    assert chosen(0, 4) == 0
    for wrong in (10, -1, True, "7", 7.0):
        with pytest.raises(InputError):
            chosen(wrong, 4)


def test_the_trace_says_what_the_ink_changed(reading):
    show = SHOW["trace"]
    assert "points ahead of the other digits’ average" in show(reading, {})["words"]
    assert "points ahead of 9" in show(reading, {"against": 9})["words"]
    assert "points behind 7" in show(reading, {"digit": 9, "against": 7})["words"]


def test_the_heat_is_above_128_where_ink_speaks_for_the_digit_and_below_where_against(reading):
    panel, trace = SHOW["trace"](reading, {}), explain_all(reading, {})["trace"]
    heat, levels = np.array(trace.heat), pixels(panel["heat"])
    strong = abs(heat) > abs(heat).max() / 100
    assert (heat[strong] > 0).any()
    assert (heat[strong] < 0).any()
    assert np.array_equal(levels[strong] > 128, heat[strong] > 0)
    assert np.array_equal(levels == 128, abs(heat) < abs(heat).max() * (0.5 / 127) ** 2)
    assert panel["overlay"]["pixels"] == panel["heat"]
    top, left, side = (panel["spot"][name] for name in ("top", "left", "side"))
    assert heat[top : top + side, left : left + side].sum() > 0
    links = [(link.stage, link.index) for link in trace.links if link.contribution > 0]
    assert [tuple(link["from"]) for link in panel["links"] if link["kind"] == "for"] == links


def test_the_counterfactual_starts_with_the_second_most_probable_digit(reading):
    panel = SHOW["counterfactual"](reading, {})
    assert panel["digit"] == reading.ranked[1]
    assert SHOW["counterfactual"](reading, {"change_to": 7})["digit"] == panel["digit"]  # it is a 7 already


def test_added_pixels_are_255_and_erased_ones_1_and_all_others_128(reading, monkeypatch):
    change = Counterfactual(4, [(3, 20), (4, 21)], [(30, 5)], 0.1, [[0] * 32 for _ in range(32)], 0.9)
    monkeypatch.setattr(counterfactual, "find_counterfactual", lambda *_: change)
    panel = SHOW["counterfactual"](reading, {"change_to": 4})
    expected = np.full((32, 32), 128)
    expected[3, 20] = expected[4, 21] = 255
    expected[30, 5] = 1
    assert np.array_equal(pixels(panel["pixels"]), expected)
    assert panel["overlay"]["pixels"] == panel["pixels"]
    assert panel["words"] == "To make it a 4, add 2 pixels and erase 1 pixel of the 32×32: 10.0 % of your ink."


def test_positions_in_the_plane_count_from_the_left_and_the_top(reading):
    """By hand: the edges exclude 0.2 % of the digits on each side, and have a margin of 6 %."""
    neighbours, panel = neighbourhood(reading.model), SHOW["neighbours"](reading, {"plane": True})
    f6 = reading.values["F6"][0]
    for axis, place in enumerate(panel["place"]):
        positions = neighbours.places[:, axis].double()
        low, high = positions.quantile(0.002), positions.quantile(0.998)
        margin = 0.06 * (high - low)
        expected = (float(f6 @ neighbours.axes[:, axis]) - low + margin) / (high - low + 2 * margin)
        assert place == pytest.approx(float(expected), abs=1e-4)
    plane = panel["plane"]
    across, down, labels = (
        np.frombuffer(base64.b64decode(plane[name]), np.uint8) for name in ("across", "down", "labels")
    )
    assert np.array_equal(labels, neighbours.digits.labels[: len(labels)].numpy())
    assert np.corrcoef(across, neighbours.places[: len(across), 0])[0, 1] > 0.99
    assert np.corrcoef(down, neighbours.places[: len(down), 1])[0, 1] > 0.99
    sevens = labels == 7
    assert plane["centres"][7] == pytest.approx([across[sevens].mean() / 255, down[sevens].mean() / 255], abs=0.01)
    assert SHOW["neighbours"](reading, {})["plane"] is None


def test_switching_everything_off_is_described_in_a_sentence(reading):
    off = [["C3", index] for index in range(16)]
    assert SHOW["ablation"](reading, {"off": off})["words"].startswith("With 16 parts switched off, it ")


def test_the_ranking_lists_maps_apart_from_units_with_their_odds(reading):
    panel = SHOW["ablation"](reading, {"off": [["C3", 4]]})
    ranking = explain_all(reading, {})["ranking"]
    for listed, stages in zip(panel["rankings"], (("C1", "C3"), ("C5", "F6")), strict=True):
        expected = [[each.stage, each.index] for each in ranking if each.stage in stages]
        assert [effect["unit"] for effect in listed["effects"]] == expected[:8]
        assert listed["effects"][0]["share"] == 1
        assert all(effect["odds"].startswith("÷") for effect in listed["effects"][:3])
        assert [effect["off"] for effect in listed["effects"]] == [
            effect["unit"] == ["C3", 4] for effect in listed["effects"]
        ]


def test_the_receptive_field_of_a_cell_is_marked_on_every_stage_below(reading):
    panel = SHOW["unit_sum"](reading, {"unit": {"stage": "C3", "index": 4, "row": 3, "column": 2}})
    own, *fields = panel["squares"]
    assert own == {"stage": "C3", "index": 4, "square": {"top": 3, "left": 2, "side": 1}, "kind": "own"}
    assert fields == [
        {"stage": "S2", "square": {"top": 3, "left": 2, "side": 5}, "kind": "seen"},
        {"stage": "C1", "square": {"top": 6, "left": 4, "side": 10}, "kind": "seen"},
        {"stage": "input", "square": {"top": 6, "left": 4, "side": 14}, "kind": "seen"},
    ]
    assert (panel["map"]["side"], panel["source"]["side"], len(panel["source"]["pixels"])) == (10, 14, 6)


def test_the_cells_map_and_the_maps_below_are_as_in_the_figure(reading):
    panel = SHOW["unit_sum"](reading, {"unit": {"stage": "S2", "index": 3, "row": 1, "column": 9}})
    for picture, name, side in ((panel["map"], "S2", 14), (panel["source"], "C1", 28)):
        values = reading.values[name][0]
        levels = np.frombuffer(base64.b64decode(picture["pixels"][0]), np.uint8).reshape(side, side)
        expected = (values[3] / values.max() * 255).to(torch.uint8)
        assert np.array_equal(levels, expected)
    assert SHOW["unit_sum"](reading, {})["map"] is None


def test_the_tour_has_seven_steps_with_this_drawings_numbers(reading):
    steps = SHOW["tour"](reading, {})["steps"]
    assert len(steps) == 7
    assert "one stroke" in steps[0]["words"]
    assert "the highest is " in steps[-1]["words"]


def test_the_tour_of_1998_describes_its_own_pools_maps_and_codes(visitors):
    steps = SHOW["tour"](read(visitors, SEVEN, "1998"), {})["steps"]
    words = " ".join(step["words"] for step in steps)
    assert "averages every four pixels" in words
    assert "The nearest is that of 7" in words
    assert "ReLU" not in words
    assert steps[3]["target"] == '#figure-1998 [data-stage="C1"]'


def test_units_of_1998_have_averages_some_maps_and_distances(visitors):
    reading = read(visitors, SEVEN, "1998")
    pool, c3, output = (
        SHOW["unit_sum"](reading, {"unit": {"stage": stage, "index": 3}}) for stage in ("S2", "C3", "output")
    )
    assert "trained average" in pool["how"]
    assert [square.get("index") for square in pool["squares"] if square["stage"] == "C1"] == [3]
    assert "3 of the 6 maps of S2" in c3["how"]
    assert [square["index"] for square in c3["squares"] if square["stage"] == "S2"] == [3, 4, 5]
    assert "away from the code of 3" in output["outcome"]
    assert list(output["terms"][0]["grids"]) == ["values", "the code", "− squared differences"]


def test_the_filters_of_1998_leave_out_what_c3_does_not_read(visitors):
    c1, c3 = SHOW["filters"](read(visitors, SEVEN, "1998"), {})["stages"]
    assert (c1["count"], c3["count"]) == (6, 60)
    assert c3["there"][:6] == [True, True, True, False, False, False]
