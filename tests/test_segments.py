"""Segmentation of writing into candidate digits."""

import numpy as np
import pytest

from lenet.errors import InputError
from lenet.reading.drawing import parse
from lenet.reading.segments import MOST_PARTS, candidates, line_height
from visitor.drawings import SHAPES, a_drawing, a_line, a_stroke


def runs(value: dict) -> list[tuple[int, int]]:
    return [(one.first, one.last) for one in candidates(parse(value))]


def length(points: np.ndarray) -> float:
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def test_every_run_of_parts_not_wider_than_a_digit_is_a_candidate():
    assert runs(a_line("11")) == [(0, 1), (0, 2), (1, 2)]
    assert (0, 5) not in runs(a_line("11111", gap=60))
    assert runs(a_drawing()) == []


def test_parts_are_ordered_from_left_to_right():
    line = a_line("171")
    line["strokes"].reverse()
    single = [one for one in candidates(parse(line)) if one.last - one.first == 1]
    assert [one.box[0] for one in single] == sorted(one.box[0] for one in single)


def test_strokes_above_each_other_are_one_part():
    slashed = a_drawing(*(a_stroke(points) for points in (SHAPES["0"][0], [[50, 10], [10, 90]])))
    assert runs(slashed) == [(0, 1)]


def test_a_candidates_cost_is_its_overlap_gaps_and_missing_size():
    near, far = (candidates(parse(a_line("11", gap=gap))) for gap in (10, 60))
    assert [one.cost for one in near][::2] == [one.cost for one in far][::2]
    assert near[1].cost < far[1].cost
    apart, overlapping = (candidates(parse(a_line("70", gap=gap)))[-1] for gap in (5, -5))
    assert apart.cost < overlapping.cost
    digit = parse(a_line("1"))
    with_dot = parse(a_line("1") | {"strokes": [*a_line("1")["strokes"], a_stroke([[200, 100], [205, 105]])]})
    assert candidates(digit)[0].cost < candidates(with_dot)[-1].cost


def test_only_a_long_stroke_is_cut_and_its_pieces_hold_all_of_it():
    line = a_line("22", 30)
    assert len(runs(line)) == 3
    joined = a_stroke(line["strokes"][0]["points"] + line["strokes"][1]["points"])
    found = candidates(parse(line | {"strokes": [joined]}))
    pieces = [one.drawing for one in found if one.last - one.first == 1]
    assert len(pieces) > 1
    lengths = [length(stroke.points) for piece in pieces for stroke in piece.strokes]
    assert sum(lengths) == pytest.approx(length(np.array(joined["points"])))


def test_a_cut_through_a_stroke_costs_more_than_a_gap():
    line = a_line("22", 30)
    joined = a_stroke(line["strokes"][0]["points"] + line["strokes"][1]["points"])
    found = candidates(parse(line | {"strokes": [joined]}))
    end = max(one.last for one in found)
    after_cut = next(one for one in found if one.first and one.last == end)
    assert after_cut.cost > candidates(parse(line))[-1].cost


def test_an_erased_gap_divides_a_stroke():
    line = a_line("1")
    across = a_stroke([[0, 140], [300, 140]], width=10, erase=True)
    assert runs(line | {"strokes": [*line["strokes"], across]}) == [(0, 1), (0, 2), (1, 2)]


def test_the_height_is_that_of_the_tallest_stroke_and_never_0():
    assert line_height(parse(a_drawing(a_stroke([[0, 10], [9, 90]]), a_stroke([[20, 0], [20, 50]])))) == 80
    assert line_height(parse(a_drawing(a_stroke([[0, 10], [9, 10]])))) == pytest.approx(0.05 * 280)


def test_too_many_strokes_are_refused():
    many = [a_stroke([[10 * i, 0], [10 * i, 100]]) for i in range(MOST_PARTS + 1)]
    with pytest.raises(InputError, match=f"There are 61 strokes on the sheet; at most {MOST_PARTS} are read"):
        candidates(parse({"width": 840, "height": 280, "strokes": many}))
