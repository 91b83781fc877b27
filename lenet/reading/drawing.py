"""Drawings: pen strokes on a sheet, parsed from JSON and rendered as ink.

The format everywhere (page, API, files, links):

    {"width": 280, "height": 280,
     "strokes": [{"points": [[x, y], ...], "width": 18, "erase": false}],
     "picture": "mnist-test/42"}

Coordinates are pixels of the sheet, y down. `erase` and `picture` are optional. A point may have a third number,
the pen's pressure from 0 to 1, which only the screen uses. `picture` names the picture under the strokes.

demo/live/preparation.js does the same in the browser with the same arithmetic, so that the ink is identical to the
last bit. Change both or neither; tests/test_parity.py compares them.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lenet.errors import InputError
from lenet.reading.preparation import resized

MIN_SIDE, MAX_SIDE = 16, 4096
MAX_STROKES = 256
MAX_POINTS = 20_000
MAX_PICTURE_NAME = 80
# A pen may leave the sheet, but not by more than this many times its longer side: that would only cost time.
REACH = 10

# The height of the page's own sheet, and the largest ratio of width to height of a sheet for several digits.
PAGE_SIDE, WIDEST = 280, 3

# The longer side of a rendered digit in pixels: four for each of MNIST's.
INK_SIDE = 80
# The pen width that the network sees, as a share of the digit's longer side. The width of the visitor's brush is
# ignored, so that thin and thick brushes, large and tiny digits all look alike.
PEN = 0.15
# The longer side, in pixels, of the sheet on which erasers are rendered.
SHEET_SIDE = 512
# A point of a stroke is erased if at least MOST_GONE of the 3 x 3 places around it are. The places are SPREAD times the
# pen's radius apart.
SPREAD, MOST_GONE = 0.5, 5
# A stray mark, such as a slip of the finger: shorter than STRAY times the longest stroke, and further from the longer
# strokes than FAR times the digit's longer side.
STRAY, FAR = 0.15, 0.4
# Ink smaller than this share of the sheet's shorter side stays small instead of being enlarged to the usual size.
SMALLEST = 0.05
# The faintest ink of a picture that counts for its size.
VISIBLE = 64
# The number of capsules rendered at once, which bounds the memory.
AT_ONCE = 2_000


@dataclass(frozen=True)
class Stroke:
    points: np.ndarray  # (N, 2) float64, x and y in pixels of the sheet
    width: float
    erase: bool = False


@dataclass(frozen=True)
class Drawing:
    width: float
    height: float
    strokes: tuple[Stroke, ...]
    picture: str | None = None


def parse(value: Any) -> Drawing:
    """Parse a drawing from a JSON value. Raises InputError that names what is wrong."""
    if not isinstance(value, dict):
        raise InputError(f"A drawing must be an object with width, height and strokes, not {_kind(value)}.")
    sides = [_number(value.get(name), f"The drawing's {name}", MIN_SIDE, MAX_SIDE) for name in ("width", "height")]
    strokes = value.get("strokes")
    if not isinstance(strokes, list):
        raise InputError(f"The drawing's strokes must be a list, not {_kind(strokes)}.")
    if len(strokes) > MAX_STROKES:
        raise InputError(f"The drawing has {len(strokes):,} strokes; at most {MAX_STROKES} are read.")
    total = sum(len(s["points"]) for s in strokes if isinstance(s, dict) and isinstance(s.get("points"), list))
    if total > MAX_POINTS:
        raise InputError(f"The drawing has {total:,} points; at most {MAX_POINTS:,} are read.")
    picture = value.get("picture")
    if picture is not None and not (isinstance(picture, str) and 0 < len(picture) <= MAX_PICTURE_NAME):
        raise InputError(f'The drawing\'s picture must be a name such as "mnist-test/42", not {_kind(picture)}.')
    reach = REACH * max(sides)
    parsed = tuple(_stroke(stroke, f"Stroke {i}", reach) for i, stroke in enumerate(strokes, 1))
    return Drawing(*sides, tuple(s for s in parsed if len(s.points)), picture)


def sheet_with(picture: str, aspect: float) -> dict:
    """Return an empty sheet with this picture on it, in the format of a drawing. It is as wide, compared with its
    height, as the picture's `aspect` (width over height), so that there is room for several digits."""
    width = round(PAGE_SIDE * min(max(aspect, 1), WIDEST))
    return {"width": width, "height": PAGE_SIDE, "strokes": [], "picture": picture}


@dataclass(frozen=True)
class Placement:
    """The part of the sheet that is rendered, its scale, and the pen."""

    origin: np.ndarray  # x and y of its corner on the sheet
    scale: float  # pixels of the ink for one of the sheet
    size: tuple[int, int]  # width and height in pixels of the ink
    pen: float  # the pen's width in pixels of the sheet


def ink(drawing: Drawing, picture: np.ndarray | None = None) -> np.ndarray:
    """Render the drawing, (H, W) uint8 from 0 paper to 255 ink, with a pen that fits its size.

    The digit becomes INK_SIDE pixels large whatever its size on the sheet; a sheet without ink gives an all-zero
    array. `picture` is the ink, (H, W) uint8, of the picture under the strokes, which is fitted into the sheet.
    """
    strokes, place = _laid_out(drawing, picture)
    return _painted(drawing, strokes, picture, place)


def whole_sheet(drawing: Drawing, picture: np.ndarray, height: int) -> np.ndarray:
    """Render the whole sheet, (height, W) uint8 from 0 paper to 255 ink, with the median width of the strokes."""
    scale = height / drawing.height
    strokes = without_erasers(drawing).strokes
    pen = float(np.median([stroke.width for stroke in strokes])) if strokes else 0.0
    place = Placement(np.zeros(2), scale, (math.ceil(drawing.width * scale), height), pen)
    return _painted(drawing, strokes, picture, place)


def placement(drawing: Drawing, picture: np.ndarray | None = None) -> Placement:
    """Return the part of the sheet that `ink` renders."""
    return _laid_out(drawing, picture)[1]


def line_of_ink(drawing: Drawing, height: float) -> tuple[np.ndarray, Placement] | None:
    """Render several digits in a row, (H, W) uint8, as `ink` renders one, so that `height` pixels of the sheet become
    INK_SIDE; return the ink and its place on the sheet, or None if there is no ink."""
    strokes = without_erasers(drawing).strokes
    if not strokes:
        return None
    place = _placed(_box_of(strokes), height)
    return _painted(drawing, strokes, None, place), place


def as_value(drawing: Drawing, strokes: tuple[Stroke, ...]) -> dict:
    """Return these strokes on the drawing's sheet as a JSON value."""
    written = [
        {"points": stroke.points.round(2).tolist(), "width": stroke.width, "erase": stroke.erase} for stroke in strokes
    ]
    value = {"width": drawing.width, "height": drawing.height, "strokes": written}
    return value | {"picture": drawing.picture} if drawing.picture else value


def without_erasers(drawing: Drawing) -> Drawing:
    """Return the drawing without erasers: its pen strokes, cut where they are erased and where they leave the sheet."""
    scale = SHEET_SIDE / max(drawing.width, drawing.height)
    size = (math.ceil(drawing.width * scale), math.ceil(drawing.height * scale))
    erased = None
    left: list[Stroke] = []
    for stroke in reversed(drawing.strokes):
        if stroke.erase:
            mask = _covered([(stroke.points * scale, _radius(stroke, drawing) * scale)], *size)
            erased = mask if erased is None else erased | mask
            continue
        parts = _on_sheet(stroke, drawing, 1 / scale)
        if erased is not None:
            parts = [rest for part in parts for rest in _spared(part, erased, scale)]
        left += reversed(parts)
    return replace(drawing, strokes=tuple(reversed(left)))


def densely(points: np.ndarray, step: float) -> np.ndarray:
    """Return a line, (N, 2), with points added so that they are at most `step` apart, unless it is absurdly long."""
    lengths = _lengths(points)
    if len(lengths):
        step = max(step, lengths.cumsum()[-1] / MAX_POINTS)
    counts = np.ceil(lengths / step).astype(int)
    segment = np.repeat(np.arange(len(counts)), counts)
    share = (np.arange(len(segment)) - (counts.cumsum() - counts)[segment] + 1) / counts[segment]
    between = points[segment] * (1 - share[:, None]) + points[segment + 1] * share[:, None]
    return np.concatenate([points[:1], between])


def _lengths(points: np.ndarray) -> np.ndarray:
    """Return the distances from each point to the next, (N - 1,)."""
    x, y = (points[1:] - points[:-1]).T
    return np.sqrt(x * x + y * y)


def _radius(eraser: Stroke, drawing: Drawing) -> float:
    # An eraser three times as wide as the sheet clears it from anywhere; a larger one would only cost time.
    return min(eraser.width, 3 * max(drawing.width, drawing.height)) / 2


def _on_sheet(stroke: Stroke, drawing: Drawing, step: float) -> list[Stroke]:
    """Return the parts of a stroke that are on the sheet."""

    def off(points: np.ndarray) -> np.ndarray:
        x, y = points.T
        return (x < 0) | (y < 0) | (x > drawing.width) | (y > drawing.height)

    if not off(stroke.points).any():
        return [stroke]
    points = densely(stroke.points, step)
    return [replace(stroke, points=points[first:end]) for first, end in _runs(off(points))]


def _spared(stroke: Stroke, erased: np.ndarray, scale: float) -> list[Stroke]:
    """Return the parts of a stroke that are not erased; `erased` is a mask of the sheet, (H, W). At a cut they end half
    a pen's width earlier, so that the round end of the pen does not fill the gap."""
    points = densely(stroke.points, 1 / scale)
    gone = _gone(points, stroke.width / 2, erased, scale)
    if not gone.any():
        return [stroke]
    along = np.concatenate([[0.0], _lengths(points).cumsum()])
    left = []
    for first, end in _runs(gone):
        low = along[first] + stroke.width / 2 if first else -1.0
        high = along[end - 1] - stroke.width / 2 if end < len(points) else math.inf
        rest = points[first:end][(along[first:end] >= low) & (along[first:end] <= high)]
        if len(rest):
            left.append(replace(stroke, points=rest))
    return left


def _gone(points: np.ndarray, radius: float, erased: np.ndarray, scale: float) -> np.ndarray:
    """Return whether each point, (N,), is erased: most of the pen's mark around it is."""
    height, width = erased.shape
    count = np.zeros(len(points), int)
    for across in (-SPREAD, 0, SPREAD):
        for down in (-SPREAD, 0, SPREAD):
            column = np.floor((points[:, 0] + across * radius) * scale).astype(int)
            row = np.floor((points[:, 1] + down * radius) * scale).astype(int)
            inside = (column >= 0) & (row >= 0) & (column < width) & (row < height)
            count[inside] += erased[row[inside], column[inside]]
    return count >= MOST_GONE


def _runs(gone: np.ndarray) -> list[tuple[int, int]]:
    """Return the runs of points that are not gone: first index and the one after the last."""
    edges = np.flatnonzero(np.diff(gone, prepend=True, append=True))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _laid_out(drawing: Drawing, picture: np.ndarray | None) -> tuple[tuple[Stroke, ...], Placement]:
    """Return the pen strokes to read, and the part of the sheet to render."""
    strokes = without_erasers(drawing).strokes
    boxes = [_box_of_picture(drawing, picture)]
    if picture is None:
        strokes = _without_stray_marks(strokes)
    if strokes:
        boxes.append(_box_of(strokes))
    corners = np.array([box for box in boxes if box is not None] or [(0, 0, 0, 0)])  # a blank sheet has a blank corner
    box = (*corners[:, :2].min(0).tolist(), *corners[:, 2:].max(0).tolist())
    side = max(box[2] - box[0], box[3] - box[1], SMALLEST * min(drawing.width, drawing.height))
    return strokes, _placed(box, side)


def _placed(box: tuple[float, float, float, float], side: float) -> Placement:
    """Return the placement for the box, in which a digit's longer side is `side`."""
    left, top, right, bottom = box
    pen = PEN * side
    scale = INK_SIDE / (side + pen)
    size = (math.ceil((right - left + 2 * pen) * scale), math.ceil((bottom - top + 2 * pen) * scale))
    return Placement(np.array([left - pen, top - pen]), scale, size, pen)


def _without_stray_marks(strokes: tuple[Stroke, ...]) -> tuple[Stroke, ...]:
    """Return the strokes without stray marks."""
    if len(strokes) < 2:
        return strokes
    low = np.array([stroke.points.min(0) for stroke in strokes])
    high = np.array([stroke.points.max(0) for stroke in strokes])
    size = (high - low).max(1)
    main = size > STRAY * size.max()
    if not main.any():
        return strokes
    reach = FAR * (high[main].max(0) - low[main].min(0)).max()
    near = (high >= low[main].min(0) - reach) & (low <= high[main].max(0) + reach)
    kept = main | near.all(1)
    return tuple(stroke for stroke, keep in zip(strokes, kept, strict=True) if keep)


def _box_of(strokes: tuple[Stroke, ...]) -> tuple[float, float, float, float]:
    """Return the box around the centre lines of the strokes."""
    points = np.concatenate([stroke.points for stroke in strokes])
    return (*points.min(0).tolist(), *points.max(0).tolist())


def _box_of_picture(drawing: Drawing, picture: np.ndarray | None) -> tuple[float, float, float, float] | None:
    """Return the box around the picture's ink that is not erased; None if there is none."""
    if picture is None:
        return None
    scale = 2 * INK_SIDE / max(drawing.width, drawing.height)
    size = (math.ceil(drawing.width * scale), math.ceil(drawing.height * scale))
    visible = _painted(drawing, (), picture, Placement(np.zeros(2), scale, size, 0.0)) >= VISIBLE
    rows, columns = np.flatnonzero(visible.any(1)).tolist(), np.flatnonzero(visible.any(0)).tolist()
    if not rows:
        return None
    return columns[0] / scale, rows[0] / scale, (columns[-1] + 1) / scale, (rows[-1] + 1) / scale


def _painted(drawing: Drawing, strokes: tuple[Stroke, ...], picture: np.ndarray | None, place: Placement) -> np.ndarray:
    """Render a part of the sheet: the picture, without its erased parts, and these strokes on top."""

    def lines(drawn: tuple[Stroke, ...], radii: list[float]) -> list[tuple[np.ndarray, float]]:
        return [((s.points - place.origin) * place.scale, r * place.scale) for s, r in zip(drawn, radii, strict=True)]

    sheet = np.zeros(place.size[::-1], np.uint8)
    if picture is not None:
        _lay(picture, drawing, sheet, place)
        erasers = tuple(stroke for stroke in drawing.strokes if stroke.erase)
        sheet[_covered(lines(erasers, [_radius(eraser, drawing) for eraser in erasers]), *place.size)] = 0
    sheet[_covered(lines(strokes, [place.pen / 2] * len(strokes)), *place.size)] = 255
    return sheet


def _lay(picture: np.ndarray, drawing: Drawing, sheet: np.ndarray, place: Placement) -> None:
    """Copy the picture, centred and as large as the drawing's sheet allows, into the rendered part."""
    height, width = picture.shape
    fit = min(drawing.width / width, drawing.height / height) * place.scale
    enlarged = resized(picture, max(1, math.floor(height * fit + 0.5)), max(1, math.floor(width * fit + 0.5)))
    left = math.floor((drawing.width / 2 - place.origin[0]) * place.scale - enlarged.shape[1] / 2 + 0.5)
    top = math.floor((drawing.height / 2 - place.origin[1]) * place.scale - enlarged.shape[0] / 2 + 0.5)
    seen = enlarged[max(0, -top) : max(0, sheet.shape[0] - top), max(0, -left) : max(0, sheet.shape[1] - left)]
    sheet[max(0, top) : max(0, top) + seen.shape[0], max(0, left) : max(0, left) + seen.shape[1]] = seen


def _covered(lines: list[tuple[np.ndarray, float]], width: int, height: int) -> np.ndarray:
    """Return a mask, (H, W), of the pixels whose centre is within a line's radius of its path, (N, 2) points.

    A line is a chain of capsules, one around each segment. In each row of pixels a capsule covers one interval.
    """
    parts = [np.column_stack([p[:-1], p[1:], np.full(len(p) - 1, r)]) for p, r in lines if len(p) > 1]
    parts += [np.array([[*p[0], *p[0], r]]) for p, r in lines if len(p) == 1]
    capsules = np.concatenate([np.zeros((0, 5)), *parts])
    covered = np.zeros((height, width), bool)
    if not len(capsules):
        return covered
    top = int(np.clip(capsules[:, [1, 3]].min() - capsules[:, 4].max(), 0, height))
    bottom = int(np.clip(np.ceil(capsules[:, [1, 3]].max() + capsules[:, 4].max()), top, height))
    changes = np.zeros((bottom - top) * (width + 1), int)  # where intervals begin and end, row by row
    for first in range(0, len(capsules), AT_ONCE):
        row, left, right = _intervals(capsules[first : first + AT_ONCE], height)
        start = np.clip(np.ceil(left - 0.5), 0, width).astype(int)
        end = np.clip(np.floor(right - 0.5) + 1, 0, width).astype(int)
        row, start, end = (part[end > start] for part in (row - top, start, end))
        changes += np.bincount(row * (width + 1) + start, minlength=len(changes))
        changes -= np.bincount(row * (width + 1) + end, minlength=len(changes))
    covered[top:bottom] = changes.reshape(-1, width + 1)[:, :-1].cumsum(1) > 0
    return covered


def _intervals(capsules: np.ndarray, height: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the rows that capsules (N, 5: x and y of both ends, radius) touch, and the interval covered in each."""
    low = np.clip(np.ceil(capsules[:, [1, 3]].min(1) - capsules[:, 4] - 0.5), 0, height).astype(int)
    high = np.clip(np.floor(capsules[:, [1, 3]].max(1) + capsules[:, 4] - 0.5) + 1, 0, height).astype(int)
    counts = np.maximum(high - low, 0)
    each = np.repeat(np.arange(len(capsules)), counts)
    row = np.arange(len(each)) - (counts.cumsum() - counts)[each] + low[each]
    x1, y1, x2, y2, radius = capsules[each].T
    dx, dy, y = x2 - x1, y2 - y1, row + 0.5
    length = np.sqrt(dx * dx + dy * dy)
    edges = []
    for side in (-1, 1):
        # The point of the segment that reaches furthest to this side: its height above the row, and its place along it.
        above = np.where(dy < 0, side, -side) * radius * dx / np.where(length > 0, length, 1)
        at = np.where(dy == 0, side * dx > 0, np.clip((y - y1 - above) / np.where(dy == 0, 1, dy), 0, 1))
        above = y - y1 - at * dy
        square = radius * radius - above * above
        edges.append(np.where(square >= 0, x1 + at * dx + side * np.sqrt(np.maximum(square, 0)), -side * math.inf))
    left, right = edges
    return row, left, right


def _stroke(value: Any, name: str, reach: float) -> Stroke:
    """Parse a stroke; no point may be further than `reach` from the sheet's corner."""
    if not isinstance(value, dict):
        raise InputError(f"{name} must be an object with points and width, not {_kind(value)}.")
    width = _number(value.get("width"), f"{name}'s width", 0, MAX_SIDE)
    erase = value.get("erase", False)
    if not isinstance(erase, bool):
        raise InputError(f"{name}'s erase must be true or false, not {_kind(erase)}.")
    points = value.get("points")
    if not isinstance(points, list):
        raise InputError(f"{name}'s points must be a list, not {_kind(points)}.")
    for point in points:
        if not (isinstance(point, list) and len(point) in (2, 3) and all(type(n) in (int, float) for n in point)):
            raise InputError(f"{name} has a point that is not [x, y] in numbers: {_kind(point)}.")
        if not all(abs(n) <= reach for n in point):
            raise InputError(f"{name} has a point that is not finite or lies far off the sheet.")
    return Stroke(np.array([point[:2] for point in points], float).reshape(-1, 2), width, erase)


def _number(value: Any, name: str, low: float, high: float) -> float:
    if type(value) not in (int, float) or not low <= value <= high:
        raise InputError(f"{name} must be a number from {low} to {high}, not {_kind(value)}.")
    return value


def _kind(value: Any) -> str:
    """Return how an error message names a value: a number as it is, anything else by its type."""
    if value is None:
        return "missing"
    if isinstance(value, int) and value.bit_length() > 64:
        return "a huge number"  # Python refuses to write thousands of digits
    if isinstance(value, bool | int | float):
        return repr(value)
    return {dict: "an object", list: "a list", str: "a text"}.get(type(value), type(value).__name__)
