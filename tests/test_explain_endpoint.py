"""The endpoint /explain: every explanation of one drawing as numbers."""

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from demo.explain.explanations import ExplanationValues
from lenet.explain.neighbours import neighbourhood
from visitor.drawings import a_drawing, a_stroke

SEVEN = a_drawing(a_stroke())


@pytest.fixture(scope="module")
def client(app_url) -> Client:
    return Client(app_url, verbose=False)


@pytest.fixture(scope="module")
def answer(client) -> ExplanationValues:
    unit = {"stage": "C3", "index": 4, "row": 3, "column": 2}
    return client.predict(SEVEN, against=9, unit=unit, off=[["C3", 4]], api_name="/explain")


def test_the_schema_names_every_explanation(app_url):
    info = httpx.get(f"{app_url}/gradio_api/info").json()["named_endpoints"]["/explain"]
    assert set(info["returns"][0]["type"]["properties"]) == set(ExplanationValues.__annotations__)
    names = [parameter["parameter_name"] for parameter in info["parameters"]]
    assert names == ["drawing", "weights", "digit", "against", "unit", "off", "change_to"]


def test_contributions_add_up_at_every_stage(answer):
    trace = answer["trace"]
    assert (trace["digit"], trace["against"]) == (7, 9)
    changed = trace["score"] - trace["blank_score"]
    assert sum(map(sum, trace["heat"])) == pytest.approx(changed, rel=1e-4)
    for name, contributions in trace["contributions"].items():
        assert sum(contributions) == pytest.approx(changed, rel=1e-4), name
    assert all(link["contribution"] for link in trace["links"])
    assert trace["spot"]["side"] == 5


def test_the_sum_of_a_unit_adds_up(answer):
    unit = answer["unit"]
    assert unit["unit"] == {"stage": "C3", "index": 4, "row": 3, "column": 2}
    total = sum(term["partial"] for term in unit["terms"]) + unit["rest"] + unit["bias"]
    assert unit["value"] == pytest.approx(max(total, 0), abs=1e-5)
    assert unit["fields"]["input"] == {"top": 6, "left": 4, "side": 14}


def test_the_ranking_has_the_probability_without_a_part_that_is_off(answer):
    effect = next(each for each in answer["ranking"] if (each["stage"], each["index"]) == ("C3", 4))
    assert answer["without"][7] == pytest.approx(effect["probability"], abs=1e-6)


def test_a_counterfactual_has_pixels_to_add_or_erase_and_the_input_then(client):
    one = a_drawing(a_stroke([[140, 50], [138, 230]]))
    change = client.predict(one, change_to=7, api_name="/explain")["change"]
    assert change["digit"] == 7
    assert change["added"] or change["erased"]
    assert [len(row) for row in change["after"]] == [32] * 32


def test_neighbours_come_with_their_labels(answer, shipped):
    labels = neighbourhood(shipped).digits.labels
    assert [each["label"] for each in answer["neighbours"]] == [
        int(labels[each["index"]]) for each in answer["neighbours"]
    ]


def test_an_explanation_that_was_not_requested_is_null(client):
    answer = client.predict(SEVEN, api_name="/explain")
    assert (answer["unit"], answer["without"], answer["trace"]["against"]) == (None, None, None)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"drawing": a_drawing()}, "Draw a digit, then look inside."),
        ({"digit": 10}, "A digit must be a whole number from 0 to 9."),
        ({"unit": {"stage": "C2", "index": 0}}, "The stage must be one of C1, S2, C3, S4, C5, F6, output."),
        ({"unit": "C3"}, "A unit must be an object such as"),
        ({"off": [["C3"]]}, "What is switched off must be a list of pairs such as"),
        ({"off": [["C3", 16]]}, "C3's map or unit must be a whole number from 0 to 15."),
        ({"weights": "guessed"}, "The server does not have these weights"),
    ],
)
def test_invalid_input_is_refused_in_a_sentence(client, arguments, sentence):
    with pytest.raises(AppError) as fault:
        client.predict(**({"drawing": SEVEN} | arguments), api_name="/explain")
    assert sentence in str(fault.value)
