"""Share a drawing: a link that draws it again, files, and a poster."""

from functools import partial
from typing import Any

import numpy as np

from demo.live.live import answer_to
from demo.panels.panel import Panel, for_sheet
from demo.share import poster, svg
from demo.visitors import Visitors
from lenet.errors import InputError
from lenet.reading.answer import under
from lenet.reading.drawing import parse

NOTHING = "There is nothing on the sheet yet; draw a digit first."


class SharePanel(Panel):
    def __init__(self, visitors: Visitors):
        functions = {
            "open_picture": partial(_open, visitors),
            "picture": partial(_picture, visitors),
            "whole_network": partial(_poster, visitors),
        }
        super().__init__("share", functions=functions)


def _open(visitors: Visitors, name: Any) -> dict:
    """Return the picture of a link's drawing. Raises InputError."""
    return {"picture": for_sheet(str(name), visitors.picture(str(name)))}


def _picture(visitors: Visitors, request: Any) -> dict:
    return {"svg": svg.sheet(*_drawing(visitors, request))}


def _poster(visitors: Visitors, request: Any) -> dict:
    drawing = _drawing(visitors, request)
    result, (model, _) = answer_to(visitors, request), visitors.model(request.get("weights"))
    if result.seen is None:
        raise InputError(NOTHING)
    return {"svg": poster.poster(*drawing, result, result.seen, model)}


def _drawing(visitors: Visitors, request: Any) -> tuple[dict, np.ndarray | None]:
    """Return the request's drawing as a JSON value, and the ink of the picture under its strokes. Raises InputError."""
    drawing: Any = request.get("drawing") if isinstance(request, dict) else None
    return drawing, under(parse(drawing), visitors.picture)
