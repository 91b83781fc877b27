"""Segment a number: cut the writing on a wide sheet into parts, and combine them into candidate digits.

The heuristic over-segmentation of LeCun et al. 1998, section V, with strokes instead of connected ink: each stroke is
one part, or several if it may hold more than one digit. Each run of neighbouring parts is a candidate; its cost is the
evidence against it, apart from what the network says.
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from lenet.errors import InputError
from lenet.reading.drawing import SMALLEST, Drawing, Stroke, densely, whole_sheet, without_erasers

# Writing with more parts is not a number, and would take long to read.
MOST_PARTS = 60
# The most parts that one digit may have.
MOST_IN_ONE = 12

# All lengths from here on are relative to the height of the writing. The largest width of a digit of several parts.
WIDEST = 1.5
# A stroke wider than LONG may hold several digits. It is cut where its parts before and after overlap by less than
# LAPPED and are both larger than PIECE, but not within BESIDE of the last cut.
LONG, LAPPED, PIECE, BESIDE = 0.9, 0.3, 0.4, 0.15
# Strokes belong to the same digit if the middle of one is at least this far inside the ends of the other.
DEEP = 0.2

# The cost of a candidate in nats: its overlap with the parts on its left, its gaps, and what it lacks to half of the
# height, each per unit of length; each cut through a stroke. ONE_MORE is subtracted, because paths of few digits
# multiply fewer probabilities.
OVERLAP, GAP, SMALL = 10.0, 10.0, 20.0
CUT = 1.0
ONE_MORE = 0.3

# A picture is cut on a copy ROWS high, along lines of one of SLANTS: where there is no ink, and where the ink is lower
# than LOW and lower than on both sides, but not within BESIDE of the last cut.
ROWS, SLANTS, LOW = 140, np.linspace(-0.5, 0.5, 21), 0.3
# The cost of a cut through ink as high as the writing.
THROUGH = 12.0


@dataclass(frozen=True)
class Candidate:
    """Parts `first` to `last` (exclusive) of the writing, which may be one digit; `drawing` has only these parts."""

    first: int
    last: int
    drawing: Drawing
    box: tuple[float, float, float, float]  # left, top, right, bottom of the pen's path
    cost: float  # nats


@dataclass(frozen=True, eq=False)
class _Part:
    strokes: tuple[Stroke, ...]
    origins: set[int]  # the indices of the drawing's strokes that they come from
    low: np.ndarray  # x and y of its box's corners
    high: np.ndarray


def candidates(drawing: Drawing, picture: np.ndarray | None = None) -> list[Candidate]:
    """Return all candidates, ordered by `last`, then `first`; none if nothing is drawn. `picture` is the ink under the
    strokes, (H, W) uint8. Raises InputError."""
    if picture is not None:
        return _candidates_of_picture(drawing, picture)
    drawing = without_erasers(drawing)
    if not drawing.strokes:
        return []
    height = line_height(drawing)
    parts = _parts(drawing.strokes, height)
    if len(parts) > MOST_PARTS:
        raise InputError(f"There are {len(parts)} strokes on the sheet; at most {MOST_PARTS} are read as a number.")
    runs = [(first, last) for last in range(1, len(parts) + 1) for first in range(max(0, last - MOST_IN_ONE), last)]
    found = (_candidate(drawing, parts, first, last, height) for first, last in runs)
    return [one for one in found if one.last - one.first == 1 or one.box[2] - one.box[0] <= WIDEST * height]


def _candidates_of_picture(drawing: Drawing, picture: np.ndarray) -> list[Candidate]:
    """Return the candidates between the cuts of a sheet with a picture, the rest of which is erased."""
    ink = whole_sheet(drawing, picture, ROWS).astype(float) / 255
    if ink.max() < 0.5:
        return []
    slant, room, upright = _upright(ink)
    cuts, costs, height = _cuts(upright)
    if len(cuts) > MOST_PARTS + 1:
        raise InputError(f"There are {len(cuts) - 1} marks in the picture; at most {MOST_PARTS} are read as a number.")
    scale = drawing.height / ROWS
    found = []
    for last in range(1, len(cuts)):
        for first in range(max(0, last - MOST_IN_ONE), last):
            part = upright[:, cuts[first] : cuts[last]] > 0.5
            rows, columns = np.flatnonzero(part.any(1)), np.flatnonzero(part.any(0))
            if last - first > 1 and (not len(rows) or np.ptp(columns) > WIDEST * height):
                continue
            gaps = np.diff(columns, prepend=columns[:1]).clip(1) - 1 if len(columns) else np.zeros(1)
            small = max(0, 0.5 * height - max(np.ptp(rows), np.ptp(columns))) if len(rows) else height
            cost = (GAP * gaps.sum() + SMALL * small) / height + costs[first] - ONE_MORE
            edges = [(cut - room - slant * np.array([0, ROWS])) * scale for cut in (cuts[first], cuts[last])]
            alone = replace(drawing, strokes=(*drawing.strokes, *_erasers_outside(drawing, *edges)))
            box = _box_of(rows, columns + cuts[first] - room, slant, scale) if len(rows) else (0.0, 0.0, 0.0, 0.0)
            found.append(Candidate(first, last, alone, box, float(cost)))
    return found


def _upright(ink: np.ndarray) -> tuple[float, int, np.ndarray]:
    """Return the slant at which most columns of the ink are empty, the number of columns added on the left, and the ink
    made upright."""
    room = round(ROWS * SLANTS[-1])
    padded = np.pad(ink, [(0, 0), (room, room)])
    best, most = (0.0, room, padded), -math.inf
    for slant in sorted(SLANTS, key=abs):
        rolled = np.stack([np.roll(row, round(slant * y)) for y, row in enumerate(padded)])
        inked = np.flatnonzero((rolled > 0.5).any(0))
        empty = np.ptp(inked) + 1 - len(inked)
        if empty > most + 1:
            best, most = (float(slant), room, rolled), empty
    return best


def _cuts(ink: np.ndarray) -> tuple[list[int], list[float], float]:
    """Return the columns at which upright ink may be cut, the cost of each cut, and the height of the writing."""
    rows, columns = (np.flatnonzero((ink > 0.5).any(axis)) for axis in (1, 0))
    height = float(np.ptp(rows) + 1)
    amount = (ink > 0.5).sum(0) / height
    cuts, costs, end = [int(columns[0])], [0.0], int(columns[-1]) + 1
    for x in range(cuts[0] + 1, end):
        around = amount[max(0, x - 3) : x + 4]
        if amount[x] == 0 and (amount[x - 1] > 0):
            gap = int(np.argmax(amount[x:] > 0))
            cuts.append(x + gap // 2)
            costs.append(0.0)
        elif 0 < amount[x] <= LOW and amount[x] == around.min() and x - cuts[-1] > BESIDE * height:
            cuts.append(x)
            costs.append(CUT + THROUGH * float(amount[x]))
    return [*cuts, end], [*costs, 0.0], height


def _erasers_outside(drawing: Drawing, left: np.ndarray, right: np.ndarray) -> list[Stroke]:
    """Return erasers for everything left of one line and right of another; a line is its x at the top and bottom."""
    width, height = drawing.width, drawing.height
    erasers = []
    for line, side in ((left, -1), (right, 1)):
        slope = (line[1] - line[0]) / height
        x = line[0] + side * width * np.hypot(1, slope)
        points = np.array([[x - slope * height, -height], [x + 2 * slope * height, 2 * height]])
        erasers.append(Stroke(points, 2 * width, True))
    return erasers


def _box_of(rows: np.ndarray, columns: np.ndarray, slant: float, scale: float) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom on the sheet of the ink in these rows and columns of the upright copy."""
    middle = slant * rows.mean()
    box = np.array([columns[0] - middle, rows[0], columns[-1] + 1 - middle, rows[-1] + 1]) * scale
    left, top, right, bottom = box.tolist()
    return left, top, right, bottom


def line_height(drawing: Drawing) -> float:
    """Return the height of the writing in pixels of the sheet: that of the tallest stroke."""
    tallest = max(np.ptp(stroke.points[:, 1]) for stroke in drawing.strokes)
    return float(max(tallest, SMALLEST * min(drawing.width, drawing.height)))


def _candidate(drawing: Drawing, parts: list[_Part], first: int, last: int, height: float) -> Candidate:
    chosen, before = parts[first:last], parts[:first]
    low, high = np.min([part.low for part in chosen], 0), np.max([part.high for part in chosen], 0)
    rights = np.maximum.accumulate([part.high[0] for part in chosen])
    gaps = [max(0, part.low[0] - right) for right, part in zip(rights[:-1], chosen[1:], strict=True)]
    overlap = max([0, *(part.high[0] - low[0] for part in before)])
    cuts = len(_origins(chosen) & _origins(before))
    small = max(0, 0.5 * height - max(high - low))
    cost = (OVERLAP * overlap + GAP * sum(gaps) + SMALL * small) / height + CUT * cuts - ONE_MORE
    alone = replace(drawing, strokes=sum((part.strokes for part in chosen), ()))
    return Candidate(first, last, alone, (*low.tolist(), *high.tolist()), float(cost))


def _origins(parts: list[_Part]) -> set[int]:
    return set().union(*(part.origins for part in parts))


def _parts(strokes: tuple[Stroke, ...], height: float) -> list[_Part]:
    """Return the parts from left to right: long strokes are cut, strokes above each other are joined."""
    parts: list[_Part] = []
    for origin, stroke in enumerate(strokes):
        for points in _pieces(stroke.points, height):
            part = _Part((replace(stroke, points=points),), {origin}, points.min(0), points.max(0))
            for other in [other for other in parts if _together(part, other, height)]:
                parts.remove(other)
                low, high = np.minimum(other.low, part.low), np.maximum(other.high, part.high)
                part = _Part(other.strokes + part.strokes, other.origins | part.origins, low, high)
            parts.append(part)
    return sorted(parts, key=lambda part: part.low[0] + part.high[0])


def _together(one: _Part, other: _Part, height: float) -> bool:
    """Whether the middle of one part is deep inside the other, horizontally."""
    return any(
        inner.low[0] + inner.high[0] > 2 * (outer.low[0] + DEEP * height)
        and inner.low[0] + inner.high[0] < 2 * (outer.high[0] - DEEP * height)
        for inner, outer in ((one, other), (other, one))
    )


def _pieces(points: np.ndarray, height: float) -> list[np.ndarray]:
    """Cut a stroke's points, (N, 2), where another digit may begin; a piece ends at the first point of the next."""
    if np.ptp(points[:, 0]) <= LONG * height:
        return [points]
    points = densely(points, height / 40)
    before = _largest(points)
    after = _largest(points[::-1])[::-1]
    lapped = np.maximum.accumulate(points[:, 0]) - np.minimum.accumulate(points[::-1, 0])[::-1]
    fit = (lapped < LAPPED * height) & (np.minimum(before, after) > PIECE * height)
    cuts = []
    for at in np.flatnonzero(fit).tolist():
        if not cuts or points[at, 0] - points[cuts[-1], 0] > BESIDE * height:
            cuts.append(at)
    edges = [0, *cuts, len(points) - 1]
    return [points[start : end + 1] for start, end in pairwise(edges)]


def _largest(points: np.ndarray) -> np.ndarray:
    """Return the longer side, (N,), of the box around the first point, the first two, and so on."""
    return (np.maximum.accumulate(points) - np.minimum.accumulate(points)).max(1)
