"""The static site's links equal the page's."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from demo.share.link import decode, encode
from lenet.errors import InputError
from tests.conftest import ROOT
from tests.test_link import PUBLISHED, usual

SCRIPT = ROOT / "hosting" / "site" / "link.js"


@pytest.fixture(scope="module")
def in_browser(browser):
    """Call a function of link.js; return its value, or its error's message in a list."""
    page = browser.new_page()
    page.add_script_tag(path=SCRIPT)

    def call(name: str, value: object):
        return json.loads(
            page.evaluate(
                "([name, value]) => { try { return JSON.stringify(lenetLink[name](value)); }"
                " catch (fault) { return JSON.stringify([fault.message]); } }",
                [name, value],
            )
        )

    yield call
    page.close()


def in_python(act, value: object):
    try:
        return act(value)
    except InputError as fault:
        return [str(fault)]


lengths = st.floats(-50, 400, allow_nan=False).map(lambda length: round(length, 1))
points = st.one_of(
    st.lists(st.tuples(lengths, lengths), min_size=1, max_size=60),
    st.lists(st.tuples(lengths, lengths, st.sampled_from([0.0, 0.21, 0.5, 1.0])), min_size=1, max_size=30),
)
strokes = st.fixed_dictionaries({"points": points, "width": st.sampled_from([4, 18.5, 40]), "erase": st.booleans()})
drawings = st.fixed_dictionaries(
    {
        "width": st.sampled_from([280, 560, 200]),
        "height": st.sampled_from([280, 500]),
        "strokes": st.lists(strokes, max_size=4),
        "picture": st.sampled_from([None, "mnist-test/582"]),
    }
)


@pytest.mark.parametrize("text", PUBLISHED)
def test_a_published_link_draws_the_same(in_browser, text):
    assert in_browser("decode", text) == PUBLISHED[text]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawings)
def test_any_drawing_gives_the_same_link_and_comes_back_the_same(in_browser, drawing):
    drawing = json.loads(json.dumps(drawing))
    text = in_python(encode, drawing)
    assert in_browser("encode", drawing) == text
    if isinstance(text, str):
        assert in_browser("decode", text) == in_python(decode, text)


@pytest.mark.parametrize("size", [1, 30, 3000])
def test_a_long_drawing_is_simplified_the_same_or_refused_in_the_same_words(in_browser, size):
    drawing = usual(between=size)
    assert in_browser("encode", drawing) == in_python(encode, drawing)


@pytest.mark.parametrize("text", ["", "1.", "1.AAAA", "9.AAAA", "1.AChIgAWgBlDvAcACd-gCo", "1.é", "x.AA", "1.A A"])
def test_what_is_no_link_is_refused_in_the_same_words(in_browser, text):
    assert in_browser("decode", text) == in_python(decode, text)
