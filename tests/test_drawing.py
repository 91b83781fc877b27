"""Drawings are checked when they are parsed, and their ink depends only on their lines."""

import itertools
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lenet.errors import InputError
from lenet.reading import drawing
from lenet.reading.answer import answer, prepare_drawing
from lenet.reading.drawing import INK_SIDE, MAX_POINTS, Drawing, densely, ink, parse, without_erasers
from lenet.reading.preparation import prepare
from visitor.drawings import SEVEN, a_drawing, a_stroke

# Any JSON value, and others that Python's parser accepts: NaN, infinities, very long integers.
numbers = st.integers() | st.floats() | st.sampled_from([10**400, -(10**30), 1e308])
anything = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
# Valid drawings except for some random values.
coordinates = st.floats(-300, 600) | st.integers(-300, 600)
points = st.lists(coordinates, min_size=2, max_size=3) | anything
strokes = st.fixed_dictionaries(
    {"points": st.lists(points, max_size=5) | anything, "width": st.floats(0, 50) | anything},
    optional={"erase": st.booleans() | anything, "picture": anything},
)
sides = st.integers(16, 4096) | anything
drawings = st.fixed_dictionaries(
    {"width": sides, "height": sides, "strokes": st.lists(strokes, max_size=3) | anything},
    optional={"picture": st.text() | anything},
)


def refusal(value) -> str:
    with pytest.raises(InputError) as fault:
        parse(value)
    return str(fault.value)


def centred(value) -> np.ndarray:
    """Return the network's input for a drawing, as signed integers."""
    return prepare(ink(parse(value)), smallest=INK_SIDE).centred.astype(int)


def assert_look_alike(one, other):
    """Assert that the inputs are the same except for a shift by at most one pixel, caused by rounding."""
    steps = itertools.product((-1, 0, 1), repeat=2)
    differences = [np.abs(np.roll(centred(one), step, axis=(0, 1)) - centred(other)).mean() for step in steps]
    assert min(differences) < 6


@given(anything | drawings)
def test_any_value_is_a_drawing_or_refused_in_one_sentence(value):
    try:
        drawing, sentence = parse(value), None
    except InputError as fault:
        drawing, sentence = None, str(fault)
    if drawing:
        assert ink(drawing).dtype == np.uint8
    else:
        assert re.fullmatch(r"[^\n]{10,150}\.", sentence)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (None, "A drawing must be an object with width, height and strokes, not missing."),
        ([1, 2], "A drawing must be an object with width, height and strokes, not a list."),
        ({}, "The drawing's width must be a number from 16 to 4096, not missing."),
        ({"width": 280}, "The drawing's height must be a number from 16 to 4096, not missing."),
        ({"width": 280, "height": 280}, "The drawing's strokes must be a list, not missing."),
    ],
)
def test_an_invalid_drawing_is_refused(value, sentence):
    assert refusal(value) == sentence


@pytest.mark.parametrize(
    ("side", "text"),
    [
        (15.9, "15.9"),
        (4097, "4097"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (True, "True"),
        ("280", "a text"),
        ([280], "a list"),
        (10**30, "a huge number"),
    ],
)
def test_a_sheet_of_an_impossible_size_is_refused(side, text):
    assert refusal(a_drawing(width=side)) == f"The drawing's width must be a number from 16 to 4096, not {text}."
    assert refusal(a_drawing(height=side)) == f"The drawing's height must be a number from 16 to 4096, not {text}."


def test_a_number_too_long_to_be_written_is_refused():
    """Not among the cases above, because pytest would print it."""
    assert refusal(10**5000).endswith("not a huge number.")


def test_the_smallest_and_the_largest_sheet_are_accepted():
    assert parse(a_drawing(width=16, height=4096)) == Drawing(16, 4096, ())


def test_at_most_256_strokes_are_accepted():
    assert len(parse(a_drawing(*[a_stroke()] * 256)).strokes) == 256
    assert refusal(a_drawing(*[a_stroke()] * 257)) == "The drawing has 257 strokes; at most 256 are read."


def test_at_most_20000_points_are_accepted():
    half = a_stroke([[9, 9]] * 10_000)
    assert sum(len(stroke.points) for stroke in parse(a_drawing(half, half)).strokes) == 20_000
    sentence = refusal(a_drawing(half, half, a_stroke([[9, 9]])))
    assert sentence == "The drawing has 20,001 points; at most 20,000 are read."


def test_a_million_points_are_refused():
    assert (
        refusal(a_drawing(a_stroke([[9, 9]] * 10**6))) == "The drawing has 1,000,000 points; at most 20,000 are read."
    )


@pytest.mark.parametrize(
    ("stroke", "sentence"),
    [
        (7, "Stroke 2 must be an object with points and width, not 7."),
        (a_stroke(width=None), "Stroke 2's width must be a number from 0 to 4096, not missing."),
        (a_stroke(width=-1), "Stroke 2's width must be a number from 0 to 4096, not -1."),
        (a_stroke(width=math.nan), "Stroke 2's width must be a number from 0 to 4096, not nan."),
        (a_stroke(erase=1), "Stroke 2's erase must be true or false, not 1."),
        (a_stroke("here"), "Stroke 2's points must be a list, not a text."),
        (a_stroke([7]), "Stroke 2 has a point that is not [x, y] in numbers: 7."),
        (a_stroke([[1]]), "Stroke 2 has a point that is not [x, y] in numbers: a list."),
        (a_stroke([[1, 2, 0.5, 4]]), "Stroke 2 has a point that is not [x, y] in numbers: a list."),
        (a_stroke([["1", 2]]), "Stroke 2 has a point that is not [x, y] in numbers: a list."),
        (a_stroke([[True, 2]]), "Stroke 2 has a point that is not [x, y] in numbers: a list."),
        (a_stroke([[[1], 2]]), "Stroke 2 has a point that is not [x, y] in numbers: a list."),
        (a_stroke([[1, math.nan]]), "Stroke 2 has a point that is not finite or lies far off the sheet."),
        (a_stroke([[math.inf, 1]]), "Stroke 2 has a point that is not finite or lies far off the sheet."),
        (a_stroke([[1, 2, -math.inf]]), "Stroke 2 has a point that is not finite or lies far off the sheet."),
        (a_stroke([[1, 10**400]]), "Stroke 2 has a point that is not finite or lies far off the sheet."),
        (a_stroke([[2801, 1]]), "Stroke 2 has a point that is not finite or lies far off the sheet."),
    ],
)
def test_an_invalid_stroke_is_named(stroke, sentence):
    assert refusal(a_drawing(a_stroke(), stroke)) == sentence


@pytest.mark.parametrize("name", ["", "x" * 81, 7, ["mnist-test/7"], True])
def test_a_picture_is_given_by_name(name):
    assert refusal(a_drawing(picture=name)).startswith('The drawing\'s picture must be a name such as "mnist-test/42"')


def test_parsing_keeps_all_values():
    drawing = parse(a_drawing(a_stroke([[1, 2], [3, 4.5]], erase=True), a_stroke([]), picture="mnist-test/7"))
    assert (drawing.width, drawing.height, drawing.picture) == (280, 280, "mnist-test/7")
    (stroke,) = drawing.strokes  # a stroke without points is dropped
    assert (stroke.points.tolist(), stroke.width, stroke.erase) == ([[1, 2], [3, 4.5]], 18, True)


def test_the_pressure_of_the_pen_is_for_the_screen_only():
    pressed = [[x, y, 0.25] for x, y in SEVEN]
    assert np.array_equal(centred(a_drawing(a_stroke(pressed))), centred(a_drawing(a_stroke())))


def test_a_sheet_without_strokes_has_no_ink():
    assert not ink(parse(a_drawing())).any()
    assert not ink(parse(a_drawing(a_stroke([])))).any()


def test_a_single_point_is_a_dot():
    assert 0 < ink(parse(a_drawing(a_stroke([[140, 140]])))).astype(bool).sum() < INK_SIDE**2 / 4


@pytest.mark.parametrize("width", [0, 1, 8, 40, 4096])
def test_the_brush_makes_no_difference(width):
    assert np.array_equal(centred(a_drawing(a_stroke(width=width))), centred(a_drawing(a_stroke())))


@given(size=st.floats(0.1, 1), x=st.floats(0, 60), y=st.floats(0, 50))
def test_size_and_place_make_no_difference(size, x, y):
    moved = [[x + size * px, y + size * py] for px, py in SEVEN]
    assert_look_alike(a_drawing(a_stroke(moved)), a_drawing(a_stroke()))


@pytest.mark.parametrize("side", [16, 100, 4096])
def test_the_sheets_size_makes_no_difference(side):
    scaled = [[x * side / 280, y * side / 280] for x, y in SEVEN]
    assert_look_alike(a_drawing(a_stroke(scaled), width=side, height=side), a_drawing(a_stroke()))


def test_erased_ink_is_not_read():
    foot = a_stroke([[60, 230], [200, 230]])
    eraser = a_stroke([[40, 230], [220, 230]], width=30, erase=True)
    assert not ink(parse(a_drawing(foot, eraser))).any()
    seven = a_stroke([[60, 20], [200, 20], [120, 180]])
    assert_look_alike(a_drawing(seven, foot, eraser), a_drawing(seven))


def test_strokes_after_an_eraser_stay():
    eraser = a_stroke([[0, 0], [280, 280]], width=600, erase=True)
    assert_look_alike(a_drawing(a_stroke(), eraser, a_stroke()), a_drawing(a_stroke()))


def test_an_eraser_is_as_wide_as_its_stroke():
    sheet = a_drawing(a_stroke([[100, 20], [100, 260]]), a_stroke([[140, 20], [140, 260]], width=40, erase=True))
    assert ink(parse(sheet)).any()
    sheet["strokes"][1]["width"] = 100
    assert not ink(parse(sheet)).any()


def test_ink_outside_the_sheet_is_not_read():
    assert not ink(parse(a_drawing(a_stroke([[300, 300], [400, 400]])))).any()
    leaving = a_drawing(a_stroke([[20, 60], [900, 60]]), a_stroke([[150, 60], [120, 260]]))
    staying = a_drawing(a_stroke([[20, 60], [280, 60]]), a_stroke([[150, 60], [120, 260]]))
    assert_look_alike(leaving, staying)


def test_a_picture_lies_under_the_strokes():
    """A wide eraser removes the middle of a square, and a pen adds ink on the right."""
    square = np.zeros((28, 28), np.uint8)
    square[4:24, 4:24] = 255
    eraser, dot = a_stroke([[140, 0], [140, 280]], width=60, erase=True), a_stroke([[270, 140]])
    plain, erased, added = (ink(parse(a_drawing(*strokes)), square) for strokes in ([], [eraser], [dot]))
    assert share_of_ink(plain) == pytest.approx(1, abs=0.05)
    assert share_of_ink(erased) == pytest.approx(140 / 200, abs=0.05)
    assert share_of_ink(added) < 0.9


def share_of_ink(ink: np.ndarray) -> float:
    """Return the share of the box around the ink that is ink."""
    dark = Image.fromarray(ink).point(lambda value: 255 * (value >= 128))
    return np.asarray(dark.crop(dark.getbbox())).mean() / 255


@pytest.mark.parametrize(("erase", "reach"), [(False, 150), (False, 7), (True, 150)])
def test_the_largest_allowed_drawings_need_few_points_and_little_memory(erase, reach, monkeypatch):
    added, at_once = [], []

    def count_points(points: np.ndarray, step: float) -> np.ndarray:
        dense = densely(points, step)
        added.append(len(dense))
        return dense

    def count_capsules(capsules: np.ndarray, height: int) -> tuple:
        at_once.append(len(capsules))
        return intervals(capsules, height)

    intervals = drawing._intervals
    monkeypatch.setattr(drawing, "densely", count_points)
    monkeypatch.setattr(drawing, "_intervals", count_capsules)
    zigzag = [[8 - reach, 3], [8 + reach, 9]] * 9_990
    sheet = a_drawing(a_stroke([[3, 3], [3.1, 3.1]]), a_stroke(zigzag, width=4096, erase=erase), width=16, height=16)
    ink(parse(sheet))
    assert sum(added) <= 2 * MAX_POINTS
    assert sum(at_once) <= MAX_POINTS
    assert max(at_once) <= 2_000


def test_a_stray_mark_far_from_the_digit_is_left_out():
    small = (np.array(SEVEN) * 0.4).tolist()
    mark = a_stroke([[270, 270], [272, 271]])
    assert np.array_equal(ink(parse(a_drawing(a_stroke(small), mark))), ink(parse(a_drawing(a_stroke(small)))))


FOUR = [[[150, 40], [70, 160], [210, 160]], [[160, 110], [160, 240]]]


@pytest.mark.parametrize("pen", [8, 18])
@pytest.mark.parametrize(
    ("digit", "mistake"), [([SEVEN], [[60, 255], [220, 255]]), (FOUR, [[40, 60], [240, 220]])], ids=["7", "4"]
)
def test_a_stroke_erased_along_its_path_leaves_nothing(shipped, pen, digit, mistake):
    """The eraser is as wide as the line, and its path deviates by up to two pixels."""
    path = np.linspace(*np.array(mistake), 30)
    eraser_path = (path + 2 * np.sin(np.arange(60).reshape(30, 2))).tolist()
    strokes = [a_stroke(points, width=pen) for points in digit]
    sheet = a_drawing(*strokes, a_stroke(mistake, width=pen), a_stroke(eraser_path, width=pen, erase=True))
    line = np.concatenate([densely(np.array(points), 0.1) for points in digit])
    for stroke in without_erasers(parse(sheet)).strokes:
        for point in stroke.points:
            assert np.linalg.norm(line - point, axis=1).min() < 0.1
    assert (
        answer(shipped, [prepare_drawing(sheet)])[0].digit
        == answer(shipped, [prepare_drawing(a_drawing(*strokes))])[0].digit
    )


def test_a_thin_eraser_along_the_middle_of_a_thick_stroke_leaves_the_stroke():
    line = a_stroke([[40, 140], [240, 140]], width=36)
    thin = [a_stroke([[40, y], [240, y]], width=8, erase=True) for y in (128, 134, 140, 146, 152)]
    assert len(without_erasers(parse(a_drawing(line, thin[2]))).strokes) == 1
    assert not without_erasers(parse(a_drawing(line, *thin))).strokes


@pytest.mark.parametrize(
    "other",
    [
        a_stroke([[230, 230], [232, 231]]),  # tiny but near
        a_stroke([[100, 270], [180, 270]]),  # beside it but long
    ],
)
def test_a_mark_that_may_belong_to_the_digit_is_kept(other):
    alone, both = ink(parse(a_drawing(a_stroke()))), ink(parse(a_drawing(a_stroke(), other)))
    assert not np.array_equal(alone, both)


def test_two_dots_are_both_kept():
    dots = [a_stroke([[100, y]]) for y in (80, 200)]
    assert ink(parse(a_drawing(*dots))).shape[0] > ink(parse(a_drawing(dots[0]))).shape[0]


def test_a_small_mark_is_kept_if_the_digit_beside_it_is_erased():
    mark = a_stroke([[270, 270], [272, 274]])
    eraser = a_stroke(width=60, erase=True)
    assert ink(parse(a_drawing(a_stroke(), eraser, mark))).max() > 0


def test_a_stroke_is_cut_so_that_its_round_ends_do_not_fill_the_gap():
    line = a_stroke([[20, 100], [260, 100]])
    eraser = a_stroke([[140, 20], [140, 200]], width=40, erase=True)
    cut = without_erasers(parse(a_drawing(line, eraser, a_stroke([[140, 50], [140, 60]]))))
    assert not any(stroke.erase for stroke in cut.strokes)
    spans = [stroke.points[:, 0].round().tolist() for stroke in cut.strokes]
    assert [(span[0], span[-1]) for span in spans] == [
        (20, pytest.approx(120 - 9, abs=2)),
        (pytest.approx(160 + 9, abs=2), 260),
        (140, 140),
    ]


def test_an_eraser_does_not_affect_later_strokes_or_ink_it_did_not_touch():
    eraser, line = a_stroke([[0, 0], [280, 280]], width=600, erase=True), a_stroke()
    assert len(without_erasers(parse(a_drawing(eraser, line))).strokes) == 1
    assert without_erasers(parse(a_drawing(line, eraser))).strokes == ()


def test_densely_keeps_the_line_and_limits_the_points():
    corner = np.array([[0, 0], [10, 0], [10, 4.5]])
    dense = densely(corner, 1)
    assert len(dense) == 1 + 10 + 5
    assert np.abs(np.diff(dense, axis=0)).max() <= 1
    for point in corner:
        assert (dense == point).all(1).any()
    assert len(densely(np.array([[0, 0], [1e9, 0]]), 1)) <= MAX_POINTS + 2
    assert len(densely(np.array([[3, 4]]), 1)) == 1
