"""SVG: the drawing as it looks on screen, and the functions that the poster uses too."""

from itertools import pairwise
from xml.sax.saxutils import quoteattr

import numpy as np

from demo.panels.pixels import png

PAPER, INK = "#ffffff", "#1b1f3b"


def document(width: float, height: float, *content: str) -> str:
    """Return a complete SVG file."""
    attributes = {"xmlns": "http://www.w3.org/2000/svg", "width": width, "height": height}
    return tag("svg", attributes | {"viewBox": f"0 0 {width} {height}"}, *content)


def tag(name: str, attributes: dict, *content: str) -> str:
    """Return an element; _ in the attributes' names becomes -."""
    written = "".join(f" {key.replace('_', '-')}={quoteattr(str(value))}" for key, value in attributes.items())
    return f"<{name}{written}>{''.join(content)}</{name}>"


def image(colours: np.ndarray, x: float, y: float, width: float, height: float) -> str:
    """Return an image element for uint8 pixels, (H, W, 3) or (H, W, 4) with opacity."""
    return tag("image", {"x": x, "y": y, "width": width, "height": height, "href": png(colours)})


def sheet(drawing: dict, under: np.ndarray | None) -> str:
    """Return the SVG file of a drawing, a valid JSON value; `under` is the ink of the picture that it names."""
    return document(drawing["width"], drawing["height"], ink_on_paper(drawing, under))


def ink_on_paper(drawing: dict, under: np.ndarray | None) -> str:
    """Return the sheet's content; erasers are drawn in the colour of the paper."""
    width, height = drawing["width"], drawing["height"]
    parts = [tag("rect", {"width": width, "height": height, "fill": PAPER})]
    if under is not None:
        parts.append(_picture(under, width, height))
    parts += [_stroke(stroke, PAPER if stroke.get("erase") else INK) for stroke in drawing["strokes"]]
    return tag("g", {"fill": "none", "stroke_linecap": "round", "stroke_linejoin": "round"}, *parts)


def _picture(under: np.ndarray, width: float, height: float) -> str:
    """Return the picture as ink with opacity, centred and as large as the sheet allows."""
    fit = min(width / under.shape[1], height / under.shape[0])
    size = under.shape[1] * fit, under.shape[0] * fit
    red, green, blue = (int(INK[i : i + 2], 16) for i in (1, 3, 5))
    palette = np.array([[red, green, blue, level] for level in range(256)], np.uint8)
    return image(palette[under], (width - size[0]) / 2, (height - size[1]) / 2, *size)


def _stroke(stroke: dict, colour: str) -> str:
    points, width = stroke["points"], stroke["width"]
    if not points:
        return ""
    if any(len(point) == 3 for point in points):
        return tag("g", {"stroke": colour}, *_segments(points, width))
    line = points * 2 if len(points) == 1 else points  # a dot is a line to itself
    path = " ".join(f"{x:g},{y:g}" for x, y in line)
    return tag("polyline", {"points": path, "stroke": colour, "stroke_width": width})


def _segments(points: list, width: float) -> list[str]:
    """Return one line per segment, as wide as its pressure requires, as pad.js draws it."""
    lines = []
    for (x1, y1, *_), (x2, y2, *pressure) in pairwise([points[0], *points]):
        wide = width * (0.5 + (pressure[0] if pressure else 0.5))
        lines.append(tag("line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "stroke_width": f"{wide:g}"}))
    return lines
