"""A drawing: pen strokes on a sheet, checked when they come in and turned into ink when read.

One value, everywhere (page, API, files, links):

    {"width": 280, "height": 280,
     "strokes": [{"points": [[x, y], ...], "width": 18, "erase": false}],
     "picture": "mnist-test/42"}

Pixels of the sheet, y down. `erase` and `picture` may be left out. A point may carry a third number,
the pen's pressure from 0 to 1, which only the screen uses. `picture` names what lies under the strokes.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from lenet.errors import InputError

MIN_SIDE, MAX_SIDE = 16, 4096
MAX_STROKES = 256
MAX_POINTS = 20_000
MAX_PICTURE_NAME = 80
# A pen may leave the sheet, but a point further away than this many of its sides would only cost time.
REACH = 10

# The ink is drawn at this many pixels along the digit's longer side: four for each that MNIST has.
INK_SIDE = 80
# The pen that the network sees, as a share of the digit's longer side. The brush's own width does not
# count, so thin and thick brushes on big and tiny digits read alike.
PEN = 0.15
# Pixels along the sheet's longer side where it has to be known what an eraser leaves.
SHEET_SIDE = 1024
# A stroke this short beside the longest, and this far from all that are not, both as shares of the digit's
# longer side, is a stray mark: a finger's slip, not a part of the digit.
STRAY, FAR = 0.15, 0.4
# Ink smaller than this share of the sheet's shorter side is left small instead of being blown up to a digit's size.
SMALLEST = 0.05


class DrawingError(InputError):
    """A value that is not a drawing; the message is one sentence for people."""


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
    """The drawing in a value read from JSON. Raises DrawingError naming what is wrong with it."""
    if not isinstance(value, dict):
        raise DrawingError(f"A drawing must be an object with width, height and strokes, not {_kind(value)}.")
    sides = [_number(value.get(name), f"The drawing's {name}", MIN_SIDE, MAX_SIDE) for name in ("width", "height")]
    strokes = value.get("strokes")
    if not isinstance(strokes, list):
        raise DrawingError(f"The drawing's strokes must be a list, not {_kind(strokes)}.")
    if len(strokes) > MAX_STROKES:
        raise DrawingError(f"The drawing has {len(strokes):,} strokes; at most {MAX_STROKES} are read.")
    total = sum(len(s["points"]) for s in strokes if isinstance(s, dict) and isinstance(s.get("points"), list))
    if total > MAX_POINTS:
        raise DrawingError(f"The drawing has {total:,} points; at most {MAX_POINTS:,} are read.")
    picture = value.get("picture")
    if picture is not None and not (isinstance(picture, str) and 0 < len(picture) <= MAX_PICTURE_NAME):
        raise DrawingError(f'The drawing\'s picture must be a name such as "mnist-test/42", not {_kind(picture)}.')
    reach = REACH * max(sides)
    parsed = tuple(_stroke(stroke, f"Stroke {i}", reach) for i, stroke in enumerate(strokes, 1))
    return Drawing(*sides, tuple(s for s in parsed if len(s.points)), picture)


@dataclass(frozen=True)
class Placement:
    """Which part of the sheet is drawn again, and how."""

    origin: np.ndarray  # x and y of its corner on the sheet
    scale: float  # pixels of the ink for one of the sheet
    size: list[int]  # width and height in pixels of the ink
    pen: float  # the pen's width in pixels of the sheet


def ink(drawing: Drawing, picture: Image.Image | None = None) -> np.ndarray:
    """What is on the sheet as (H, W) uint8, 0 paper to 255 ink, drawn again with a pen that fits its size.

    The digit is drawn INK_SIDE pixels large whatever its size on the sheet; no ink gives an all-zero
    array. `picture` is the ink (mode "L") of what lies under the strokes, fitted into the sheet.
    """
    drawing = _without_stray_marks(drawing, picture)
    place = _placement(drawing, picture)
    if place is None:
        return np.zeros((INK_SIDE, INK_SIDE), np.uint8)
    return np.asarray(_paint(drawing, picture, place.origin, place.scale, place.size, place.pen))


def line_of_ink(drawing: Drawing, height: float) -> tuple[np.ndarray, Placement] | None:
    """Several digits in a row as `ink` draws one: as (H, W) uint8 in which `height` pixels of the sheet are INK_SIDE.

    With where on the sheet that is; None where there is no ink.
    """
    box = _box(drawing, None)
    if box is None:
        return None
    place = _placed(box, height)
    return np.asarray(_paint(drawing, None, place.origin, place.scale, place.size, place.pen)), place


def placement(drawing: Drawing, picture: Image.Image | None = None) -> Placement | None:
    """Where on the sheet the ink lies that `ink` draws; None where there is none."""
    return _placement(_without_stray_marks(drawing, picture), picture)


def as_value(drawing: Drawing, strokes: tuple[Stroke, ...]) -> dict:
    """These strokes on the drawing's sheet, as JSON holds a drawing."""
    written = [
        {"points": stroke.points.round(2).tolist(), "width": stroke.width, "erase": stroke.erase} for stroke in strokes
    ]
    return {"width": drawing.width, "height": drawing.height, "strokes": written}


def without_erasers(drawing: Drawing) -> Drawing:
    """The same sheet with pen strokes alone: where an eraser went over one, it is cut."""
    if not any(stroke.erase for stroke in drawing.strokes):
        return drawing
    scale = SHEET_SIDE / max(drawing.width, drawing.height)
    size = [math.ceil(drawing.width * scale), math.ceil(drawing.height * scale)]
    erased = np.zeros(size[::-1], bool)
    left: list[Stroke] = []
    for stroke in reversed(drawing.strokes):
        if stroke.erase:
            rubber = replace(drawing, strokes=(replace(stroke, erase=False),))
            width = min(stroke.width, 3 * max(drawing.width, drawing.height))
            erased |= np.asarray(_paint(rubber, None, np.zeros(2), scale, size, width)) > 0
        else:
            left += reversed(_spared(stroke, erased, scale))
    return replace(drawing, strokes=tuple(reversed(left)))


def _spared(stroke: Stroke, erased: np.ndarray, scale: float) -> list[Stroke]:
    """What is left of a stroke on a sheet of which `erased`, (H, W) bool, is gone."""
    points = densely(stroke.points, 1 / scale)
    column, row = np.floor(points * scale).astype(int).T
    on_sheet = (column >= 0) & (row >= 0) & (column < erased.shape[1]) & (row < erased.shape[0])
    gone = np.zeros(len(points), bool)
    gone[on_sheet] = erased[row[on_sheet], column[on_sheet]]
    if not gone.any():
        return [stroke]
    starts = np.flatnonzero(np.diff(gone, prepend=not gone[0]))
    runs = np.split(points, starts[1:])
    return [replace(stroke, points=run) for start, run in zip(starts, runs, strict=True) if not gone[start]]


def densely(points: np.ndarray, step: float) -> np.ndarray:
    """The same line (N, 2) with a point at least every `step` along it, unless it is absurdly long."""
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    counts = np.ceil(lengths / max(step, lengths.sum() / MAX_POINTS)).astype(int)
    at = np.concatenate([[0], *(i + np.arange(1, count + 1) / count for i, count in enumerate(counts))])
    return np.stack([np.interp(at, range(len(points)), points[:, axis]) for axis in (0, 1)], 1)


def _placement(drawing: Drawing, picture: Image.Image | None) -> Placement | None:
    box = _box(drawing, picture)
    if box is None:
        return None
    left, top, right, bottom = box
    return _placed(box, max(right - left, bottom - top, SMALLEST * min(drawing.width, drawing.height)))


def _placed(box: tuple[float, float, float, float], side: float) -> Placement:
    """How what is in the box is drawn, where a digit's longer side is `side`."""
    left, top, right, bottom = box
    pen = PEN * side
    scale = INK_SIDE / (side + pen)
    size = [math.ceil((length + 2 * pen) * scale) for length in (right - left, bottom - top)]
    return Placement(np.array([left - pen, top - pen]), scale, size, pen)


def _without_stray_marks(drawing: Drawing, picture: Image.Image | None) -> Drawing:
    """The drawing less what is tiny and far from its main ink; as it is where that can't be told from strokes."""
    strokes = drawing.strokes
    if len(strokes) < 2 or picture is not None or any(stroke.erase for stroke in strokes):
        return drawing
    low = np.array([stroke.points.min(0) for stroke in strokes])
    high = np.array([stroke.points.max(0) for stroke in strokes])
    size = (high - low).max(1)
    main = size > STRAY * size.max()
    if main.all() or not main.any():
        return drawing
    reach = FAR * (high[main].max(0) - low[main].min(0)).max()
    near = (high >= low[main].min(0) - reach) & (low <= high[main].max(0) + reach)
    kept = main | near.all(1)
    return replace(drawing, strokes=tuple(stroke for stroke, keep in zip(strokes, kept, strict=True) if keep))


def _box(drawing: Drawing, picture: Image.Image | None) -> tuple[float, float, float, float] | None:
    """The box around the middle lines of the ink that is left, or None where the sheet is empty."""
    if picture is None and not drawing.strokes:
        return None
    if picture is None and not any(stroke.erase for stroke in drawing.strokes):
        points = np.concatenate([stroke.points for stroke in drawing.strokes])
        (left, top), (right, bottom) = points.min(0), points.max(0)
        if left >= 0 and top >= 0 and right <= drawing.width and bottom <= drawing.height:
            return left, top, right, bottom
    # What an eraser, a picture or the sheet's edge leaves can only be seen on the sheet itself.
    scale = 2 * INK_SIDE / max(drawing.width, drawing.height)
    size = [math.ceil(drawing.width * scale), math.ceil(drawing.height * scale)]
    sheet = _paint(drawing, picture, np.zeros(2), scale, size, pen=1 / scale)
    box = sheet.point(lambda value: 255 * (value >= 64)).getbbox()
    return box and tuple(edge / scale for edge in box)


def _paint(drawing, picture, origin, scale, size, pen) -> Image.Image:
    """The part of the sheet from `origin`, enlarged by `scale`, every pen stroke `pen` wide."""
    sheet = Image.new("L", size)
    if picture is not None:
        _lay(picture, drawing, sheet, origin, scale)
    draw = ImageDraw.Draw(sheet)
    for stroke in drawing.strokes:
        points = _thin_out((stroke.points - origin) * scale)
        # Three sides across rub out the whole sheet from anywhere on it; more would only cost time.
        eraser = min(stroke.width, 3 * max(drawing.width, drawing.height))
        radius = (eraser if stroke.erase else pen) * scale / 2
        shade = 0 if stroke.erase else 255
        draw.line(points.ravel().tolist(), fill=shade, width=max(1, round(2 * radius)))
        for x, y in points.tolist():
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=shade)
    return sheet


def _lay(picture, drawing, sheet, origin, scale) -> None:
    """Put the picture, as large as the drawing's sheet allows and centred, onto the painted part."""
    fit = min(drawing.width / picture.width, drawing.height / picture.height) * scale
    size = (max(1, round(picture.width * fit)), max(1, round(picture.height * fit)))
    corner = (np.array([drawing.width, drawing.height]) / 2 - origin) * scale - np.array(size) / 2
    sheet.paste(picture.resize(size, Image.Resampling.BICUBIC), tuple(corner.round().astype(int).tolist()))


def _thin_out(points: np.ndarray) -> np.ndarray:
    """The points less those that fall into the same half pixel as the one before."""
    cells = np.floor(points * 2)
    keep = np.ones(len(points), bool)
    keep[1:-1] = (cells[1:-1] != cells[:-2]).any(1)
    return points[keep]


def _stroke(value: Any, name: str, reach: float) -> Stroke:
    """The stroke in a value; no point of it may be further than `reach` from the sheet's corner."""
    if not isinstance(value, dict):
        raise DrawingError(f"{name} must be an object with points and width, not {_kind(value)}.")
    width = _number(value.get("width"), f"{name}'s width", 0, MAX_SIDE)
    erase = value.get("erase", False)
    if not isinstance(erase, bool):
        raise DrawingError(f"{name}'s erase must be true or false, not {_kind(erase)}.")
    points = value.get("points")
    if not isinstance(points, list):
        raise DrawingError(f"{name}'s points must be a list, not {_kind(points)}.")
    for point in points:
        if not (isinstance(point, list) and len(point) in (2, 3) and all(type(n) in (int, float) for n in point)):
            raise DrawingError(f"{name} has a point that is not [x, y] in numbers: {_kind(point)}.")
        if not all(abs(n) <= reach for n in point):
            raise DrawingError(f"{name} has a point that is not finite or lies far off the sheet.")
    return Stroke(np.array([point[:2] for point in points], float).reshape(-1, 2), width, erase)


def _number(value: Any, name: str, low: float, high: float) -> float:
    if type(value) not in (int, float) or not low <= value <= high:
        raise DrawingError(f"{name} must be a number from {low} to {high}, not {_kind(value)}.")
    return value


def _kind(value: Any) -> str:
    """How a sentence names a wrong value: numbers as they are, all else by its kind and in short."""
    if value is None:
        return "missing"
    if isinstance(value, int) and value.bit_length() > 64:
        return "a huge number"  # Python refuses to write thousands of digits
    if isinstance(value, bool | int | float):
        return repr(value)
    return {dict: "an object", list: "a list", str: "a text"}.get(type(value), type(value).__name__)
