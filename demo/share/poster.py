"""The poster as SVG: a drawing, all maps and units that it produces, and the answer."""

from typing import NamedTuple
from xml.sax.saxutils import escape

import numpy as np

from demo.live.live import scale, words
from demo.panels.pixels import colours, levels
from demo.share.svg import document, image, ink_on_paper, tag
from lenet.network.lenet5 import CLASSES, STAGE, LeNet
from lenet.reading.answer import Answer, Seen

WIDTH, HEIGHT, MARGIN = 1200, 1780, 80
LABEL = 170  # the width of the column with the stages' names
ROOM = WIDTH - 2 * MARGIN - LABEL
BACKGROUND, LIGHT, DIM, ACCENT = "#070918", "#f4f1de", "#9aa3c0", "#a5b4fc"
SHEET, TOP = 300, 210  # the side and the top of the three pictures in the first row
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang SC', 'Noto Sans CJK SC', sans-serif"


class Row(NamedTuple):
    """The layout of a stage's maps: rows of `columns` maps with a gap between them, starting at `top`."""

    top: float
    columns: int
    gap: float

    @property
    def side(self) -> float:
        return (ROOM - (self.columns - 1) * self.gap) / self.columns


ROWS = {
    "C1": Row(580, 6, 14),
    "S2": Row(750, 6, 14),
    "C3": Row(920, 8, 12),
    "S4": Row(1167, 16, 8),
    "C5": Row(1253, 60, 0),
    "F6": Row(1325, 42, 0),
    "output": Row(1418, CLASSES, 26),
}
BARS_HEIGHT = 180


def poster(drawing: dict, under: np.ndarray | None, result: Answer, seen: Seen, model: LeNet) -> str:
    """Return the poster of a valid drawing that is not blank, the ink of the picture `under` it, and its answer."""
    values, operations = {name: stage.numpy() for name, stage in seen.values.items()}, model.operations
    return document(
        WIDTH,
        HEIGHT,
        tag("rect", {"width": WIDTH, "height": HEIGHT, "fill": BACKGROUND}),
        _heading(result, model),
        _first_row(drawing, under, result, seen.prepared.centred),
        *(_label(name, ROWS[name].top, operations[name].words) for name in ("C1", "S2", "C3", "S4", "C5", "F6")),
        *(_maps(name, values[name]) for name in ("C1", "S2", "C3", "S4")),
        *(_units(name, values[name]) for name in ("C5", "F6")),
        _label("output", ROWS["output"].top + BARS_HEIGHT - 24, operations["output"].words),
        _bars(result),
        _text("LeNet-5 · LeCun, Bottou, Bengio and Haffner, 1998", MARGIN, HEIGHT - 50, 18, DIM),
    )


def _heading(result: Answer, model: LeNet) -> str:
    under_it = f"One drawing on its way through every map and unit of {model.title}"
    return _text(words(result), MARGIN, 118, 56, LIGHT, weight=700) + _text(under_it, MARGIN, 160, 22, DIM)


def _first_row(drawing: dict, under: np.ndarray | None, result: Answer, centred: np.ndarray) -> str:
    """Draw the sheet, the network's 32 x 32 input, and the answer."""
    gap = (WIDTH - 2 * MARGIN - 3 * SHEET) / 2
    sheet, digit, answer = (MARGIN + i * (SHEET + gap) for i in range(3))
    fit = SHEET / max(drawing["width"], drawing["height"])
    across, down = ((SHEET - fit * drawing[side]) / 2 for side in ("width", "height"))
    place = f"translate({sheet + across} {TOP + down}) scale({fit})"
    box = {"y": TOP, "width": SHEET, "height": SHEET, "rx": 22}
    letter = "?" if result.digit is None else str(result.digit)
    ink = tag("g", {"transform": place}, ink_on_paper(drawing, under))
    captions = (("the sheet", sheet), ("prepared, 32×32", digit), ("the answer", answer))
    return "".join(
        [
            tag("clipPath", {"id": "sheet"}, tag("rect", box | {"x": sheet})),
            tag("g", {"clip_path": "url(#sheet)"}, ink),
            _map(centred, 0, 255, digit, TOP, SHEET, SHEET),
            tag("rect", box | {"x": answer, "fill": "#1a1d3c"}),
            _text(letter, answer + SHEET / 2, TOP + 236, 250, ACCENT, weight=700, anchor="middle"),
            *(_text(caption, x, TOP + SHEET + 34, 19, DIM) for caption, x in captions),
        ]
    )


def _maps(name: str, values: np.ndarray) -> str:
    top, columns, gap = row = ROWS[name]
    low, high = scale(values)
    pictures = []
    for i, each in enumerate(values):
        x, y = MARGIN + LABEL + i % columns * (row.side + gap), top + i // columns * (row.side + gap)
        pictures.append(_map(each, low, high, x, y, row.side, row.side))
    return "".join(pictures)


def _units(name: str, values: np.ndarray) -> str:
    """Draw a stage of units as one picture, a pixel for each."""
    row = ROWS[name]
    units = values.reshape(-1, row.columns)
    return _map(units, *scale(values), MARGIN + LABEL, row.top, ROOM, row.side * len(units))


def _label(name: str, top: float, operation: str) -> str:
    stage = STAGE[name]
    lines = [stage.shape] if stage.side == 1 or name == "S4" else [stage.shape, *operation.split(", ")]
    return _text(name, MARGIN, top + 24, 28, ACCENT, weight=700) + "".join(
        _text(line, MARGIN, top + 50 + 22 * i, 17, LIGHT if i == 0 else DIM) for i, line in enumerate(lines)
    )


def _map(values: np.ndarray, low: float, high: float, x: float, y: float, width: float, height: float) -> str:
    pixels = colours("glow")[levels(values, low, high)]
    # Enlarged here, because some programs blur enlarged pixels in SVG.
    times = round(2 * height / len(pixels))
    return image(pixels.repeat(times, 0).repeat(times, 1), x, y, width, height)


def _bars(result: Answer) -> str:
    """Draw the ten probabilities as columns over their digits."""
    row = ROWS["output"]
    wide, bottom = row.side, row.top + BARS_HEIGHT
    parts = []
    for digit, probability in enumerate(result.probabilities):
        x, read = MARGIN + LABEL + digit * (wide + row.gap), digit == result.digit
        height = max(3, BARS_HEIGHT * probability)
        track = {"x": x, "y": row.top, "width": wide, "height": BARS_HEIGHT, "rx": 8, "fill": "#14172f"}
        bar = {"x": x, "y": bottom - height, "width": wide, "height": height, "rx": min(8, height / 2)}
        colour = ACCENT if read else "#5b6691"
        parts += [tag("rect", track), tag("rect", bar | {"fill": colour})]
        parts.append(_text(str(digit), x + wide / 2, bottom + 36, 28, ACCENT if read else DIM, 700, "middle"))
        parts.append(_text(f"{probability:.1%}", x + wide / 2, bottom + 60, 15, DIM, anchor="middle"))
    return "".join(parts)


def _text(text: str, x: float, y: float, size: float, colour: str, weight: int = 400, anchor: str = "start") -> str:
    attributes = {"x": x, "y": y, "font_size": size, "fill": colour, "font_weight": weight, "text_anchor": anchor}
    return tag("text", attributes | {"font_family": FONT}, escape(text))
