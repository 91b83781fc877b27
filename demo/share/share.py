"""Share a drawing: a link that draws it again, files, and a poster."""

from functools import partial
from typing import Any

import numpy as np

from demo.live.live import answer_to
from demo.panels.panel import Panel, for_sheet
from demo.share import link, poster, svg
from demo.visitors import UPLOAD, Visitors
from lenet.errors import InputError
from lenet.reading.drawing import parse

NOTHING = "There is nothing on the sheet yet; draw a digit first."
# The server keeps uploaded pictures only for a while, and only for their visitor.
NO_UPLOADS = "A picture of your own does not fit into a link; save the drawing as PNG or SVG instead."


class SharePanel(Panel):
    def __init__(self, visitors: Visitors):
        functions = {
            "make_link": _link,
            "open_link": partial(_open, visitors),
            "picture": partial(_picture, visitors),
            "whole_network": partial(_poster, visitors),
        }
        super().__init__("share", functions=functions)


def _link(request: Any) -> dict:
    drawing = _drawing(request)
    if (drawing.get("picture") or "").startswith(UPLOAD):
        raise InputError(NO_UPLOADS)
    return {"link": link.encode(drawing)}


def _open(visitors: Visitors, text: Any) -> dict:
    drawing = link.decode(text)
    name = drawing["picture"]
    return {"drawing": drawing, "picture": name and for_sheet(name, visitors.picture(name))}


def _picture(visitors: Visitors, request: Any) -> dict:
    drawing = _drawing(request)
    return {"svg": svg.sheet(drawing, _under(visitors, drawing))}


def _poster(visitors: Visitors, request: Any) -> dict:
    drawing = _drawing(request)
    result, (model, _) = answer_to(visitors, request), visitors.model(request.get("weights"))
    if result.seen is None:
        raise InputError(NOTHING)
    return {"svg": poster.poster(drawing, _under(visitors, drawing), result, result.seen, model)}


def _drawing(request: Any) -> dict:
    """Return the request's drawing as a JSON value. Raises InputError if it is not a drawing."""
    drawing: Any = request.get("drawing") if isinstance(request, dict) else None
    parse(drawing)
    return drawing


def _under(visitors: Visitors, drawing: dict) -> np.ndarray | None:
    """Return the ink of the picture under the strokes, if any. Raises InputError if it was evicted."""
    name = drawing.get("picture")
    return visitors.picture(name) if name else None
