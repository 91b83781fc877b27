"""The text of links."""

import base64
import itertools
import json
import subprocess
import sys
import zlib
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.errors import InputError
from lenet.reading.answer import answer, prepare_drawing
from tests.conftest import ROOT, value_or_error
from visitor.drawings import a_drawing, a_stroke
from visitor.hand import TWO

SCRIPT = ROOT / "demo" / "share" / "link.js"
# Answers each line of JSON, [function, argument], with [value] or [null, the error's message].
DRIVER = """
require(process.argv[1]);
let distances = 0; // computed with Math.sqrt, one for each point looked at
const root = Math.sqrt;
Math.sqrt = (square) => { distances += 1; return root(square); };
lenetLink.distances = () => distances;
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const [name, value] = JSON.parse(line);
  try { console.log(JSON.stringify([lenetLink[name](value)])); }
  catch (fault) { console.log(JSON.stringify([null, fault.message])); }
});
"""
LONGEST = 1_900
BROKEN = "This link holds no drawing, or only a part of one."
NEWER = "This link was made by a newer version of this page."
# Published links and their drawings. They must open forever.
PUBLISHED = {
    "1.AChIgAWgBlDvAcACd-gCoAEowALvAegCjwPoAscBoAG4AxewBAA_rg": {
        "width": 280,
        "height": 280,
        "strokes": [
            {
                "points": [
                    [80.0, 100.0],
                    [90.0, 70.0],
                    [130.0, 55.0],
                    [175.0, 75.0],
                    [180.0, 115.0],
                    [150.0, 160.0],
                    [100.0, 205.0],
                    [75.0, 225.0],
                    [130.0, 222.0],
                    [200.0, 222.0],
                ],
                "width": 18.0,
                "erase": False,
            }
        ],
        "picture": None,
    },
    "1.AA4wVKABKOwLaowB_wSmDDkJkAGgBuAIgAUABEiQA5ADrxA": {
        "width": 280,
        "height": 280,
        "strokes": [
            {"points": [[10.5, 20.0, 0.2], [200.0, 33.25, 0.9], [120.0, 230.0, 0.61]], "width": 12.0, "erase": False},
            {"points": [[100.0, 140.0], [180.0, 140.0]], "width": 36.0, "erase": True},
            {"points": [[50.0, 50.0]], "width": 18.0, "erase": False},
        ],
        "picture": None,
    },
    "1.Dm1uaXN0LXRlc3QvNTgyCEjgA-ADgAoAU30": {
        "width": 280,
        "height": 280,
        "strokes": [{"points": [[60.0, 60.0], [220.0, 60.0]], "width": 18.0, "erase": False}],
        "picture": "mnist-test/582",
    },
}


@pytest.fixture(scope="module")
def call():
    """Call a function of link.js in Node. Raises InputError with the message of its error."""
    node = Path(sys.executable).with_name("node")
    with subprocess.Popen(
        [node, "-e", DRIVER, SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as node_process:

        def call(name: str, value: object):
            node_process.stdin.write(json.dumps([name, value]) + "\n")
            node_process.stdin.flush()
            result, *error = json.loads(node_process.stdout.readline())
            if error:
                raise InputError(*error)
            return result

        yield call


@pytest.fixture(scope="module")
def encode(call):
    return partial(call, "encode")


@pytest.fixture(scope="module")
def decode(call):
    return partial(call, "decode")


def typical_digit(points=TWO, between=20) -> dict:
    """Return a digit as drawn with a mouse: many points near a smooth line."""
    t = np.linspace(0, len(points) - 1, between * len(points))
    x, y = (np.interp(t, range(len(points)), axis) + 1.5 * np.sin(3 * t) for axis in zip(*points, strict=True))
    return a_drawing(a_stroke(np.stack([x, y], 1).round(1).tolist(), erase=False), picture=None)


@pytest.mark.parametrize("text", PUBLISHED)
def test_a_published_link_still_gives_the_same_drawing(decode, text):
    assert decode(text) == PUBLISHED[text]


def test_a_usual_digit_takes_a_small_part_of_two_thousand_characters(encode):
    assert len(encode(typical_digit())) < 300


def test_a_link_keeps_the_line_in_its_place(encode, decode, shipped):
    drawing = typical_digit()
    opened = decode(encode(drawing))
    line = np.array(opened["strokes"][0]["points"])
    t = np.linspace(0, len(line) - 1, 4000)
    path = np.stack([np.interp(t, range(len(line)), axis) for axis in line.T], 1)
    for point in drawing["strokes"][0]["points"]:
        assert np.linalg.norm(path - point, axis=1).min() < 0.6
    before, after = answer(shipped, [prepare_drawing(drawing), prepare_drawing(opened)])
    assert before.digit == after.digit == 2
    assert np.allclose(before.probabilities, after.probabilities, atol=0.01)


def test_a_link_keeps_eraser_pressure_width_and_picture(encode, decode):
    strokes = [
        a_stroke([[10, 10, 0.25], [200, 12, 1.0]], width=7.5, erase=True),
        a_stroke([[99, 98]], width=36, erase=False),
    ]
    drawing = a_drawing(*strokes, picture="mnist-test/42")
    assert decode(encode(drawing)) == drawing


def test_a_wide_sheet_comes_back_as_it_is_and_a_high_one_fitted_into_the_pages_own(encode, decode):
    drawing = {"width": 560, "height": 280, "strokes": [a_stroke([[0, 0], [560, 280]], width=18, erase=False)]}
    assert decode(encode(drawing)) == drawing | {"picture": None}
    tall = {"width": 280, "height": 560, "strokes": [a_stroke([[0, 0], [280, 560]], width=18, erase=False)]}
    assert decode(encode(tall))["strokes"][0] == {"points": [[70, 0], [210, 280]], "width": 9, "erase": False}


def test_a_long_drawing_loses_detail_before_it_is_refused(encode):
    scribble = np.random.default_rng(1).uniform(0, 280, (350, 2)).tolist()
    assert len(encode(a_drawing(a_stroke(scribble)))) <= LONGEST
    with pytest.raises(InputError, match="too long for a link"):
        encode(a_drawing(*[a_stroke(scribble)] * 5))


def test_a_line_of_20_000_points_costs_at_most_a_hundred_distances_a_point(call, encode):
    """A zigzag once took minutes. Each of four tolerances keeps at most 713 points, looking at 512 others for each."""
    zigzag = [[280 * i / 20_000, 200 * (i % 2)] for i in range(20_000)]
    before = call("distances", None)
    with pytest.raises(InputError, match="too long for a link"):
        encode(a_drawing(a_stroke(zigzag)))
    assert 20_000 < call("distances", None) - before < 100 * 20_000


def test_a_damaged_link_is_refused(encode, decode):
    text = encode(typical_digit())
    for end in range(len(text)):
        with pytest.raises(InputError):
            decode(text[:end])
    for index in range(2, len(text)):
        other = "A" if text[index] != "A" else "B"
        with pytest.raises(InputError):
            decode(text[:index] + other + text[index + 1 :])


@pytest.mark.parametrize("text", ["", "1", "1.", "about", "1.!!!!", "1.AAAA", "x.AAAA", None, 7, {}, "1." + "A" * 5000])
def test_a_text_that_is_not_a_link_is_refused(decode, text):
    with pytest.raises(InputError) as error:
        decode(text)
    assert str(error.value) == BROKEN


def test_a_link_of_a_later_version_is_refused_with_that_reason(decode):
    assert value_or_error(decode, "3.AAAA") == NEWER


def with_checksum(content: bytes) -> str:
    """Return a link's text with this content."""
    checked = content + (zlib.crc32(content) & 0xFFFF).to_bytes(2, "little")
    return "1." + base64.urlsafe_b64encode(checked).decode().rstrip("=")


@given(text=st.text(max_size=60), content=st.binary(max_size=60))
def test_any_text_gives_a_drawing_or_one_sentence(decode, text, content):
    for each in (text, "1." + text, with_checksum(content)):
        opened = value_or_error(decode, each)
        if isinstance(opened, dict):
            assert set(opened) == {"width", "height", "strokes", "picture"}
        else:
            assert opened in (BROKEN, NEWER)


small = st.integers(0, 0x7F)  # a number of one byte


@given(strokes=st.lists(st.tuples(st.booleans(), small, st.lists(st.tuples(small, small), min_size=1, max_size=31))))
def test_a_text_in_the_published_format_gives_its_drawing(decode, strokes):
    content, drawn = [0], []
    for erase, width, steps in strokes:
        content += [4 * len(steps) + erase, width, *itertools.chain(*steps)]
        signed = np.array([[-(step + 1) // 2 if step % 2 else step // 2 for step in pair] for pair in steps])
        drawn.append(a_stroke((signed.cumsum(0) / 4).tolist(), width=width / 4, erase=erase))
    assert decode(with_checksum(bytes(content))) == a_drawing(*drawn, picture=None)


numbers = st.floats(-100, 400).map(lambda number: round(number, 2))
points = st.tuples(numbers, numbers) | st.tuples(numbers, numbers, st.floats(0, 1))
lines = st.lists(points.map(list), min_size=1, max_size=40)
strokes = st.builds(a_stroke, lines, width=st.floats(0, 60))


@given(strokes=st.lists(strokes, max_size=5))
def test_every_stroke_begins_and_ends_in_the_same_places(encode, decode, strokes):
    opened = decode(encode(a_drawing(*strokes)))
    json.dumps(opened)
    for before, after in zip(strokes, opened["strokes"], strict=True):
        for end in (0, -1):
            assert np.allclose(before["points"][end][:2], after["points"][end][:2], atol=0.13)
        assert abs(before["width"] - after["width"]) <= 0.13
