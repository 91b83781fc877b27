"""Pictures to put under the strokes: examples from MNIST's test set, and the visitor's files."""

import base64
import io
from functools import partial
from typing import Any

from demo.panels.panel import Panel, for_sheet
from demo.visitors import Visitors
from lenet import mnist
from lenet.errors import InputError
from lenet.reading import files
from lenet.reading.drawing import PAGE_SIDE, parse, sheet_with
from lenet.reading.number import is_number
from lenet.reading.picture import MNIST_TEST, open_picture

# Larger files are decoded and scaled down by the browser first, to fit into a request.
MOST_BYTES = 1_000_000
# MNIST test digits that networks often misread, and a few plain ones.
EXAMPLES = (0, 247, 321, 582, 947, 1014, 1681, 2129, 2597, 4740)


class PicturesPanel(Panel):
    def __init__(self, visitors: Visitors):
        functions = {"examples": examples, "take_file": partial(read_file, visitors)}
        super().__init__("pictures", most=MOST_BYTES, side=PAGE_SIDE, functions=functions)


def examples(_request: Any = None) -> list[dict]:
    """Return the examples for pad.js, with labels."""
    digits = mnist.final_test()
    return [
        for_sheet(f"{MNIST_TEST}{index}", digits.images[index].numpy())
        | {"label": f"A {digits.labels[index]} of the MNIST test set, number {index}"}
        for index in EXAMPLES
    ]


def read_file(visitors: Visitors, file: Any) -> dict:
    """Read a visitor's file, {"name": text, "content": base64 text}; return the drawing and picture for the sheet.
    Raises InputError."""
    file = file if isinstance(file, dict) else {}
    name, text = str(file.get("name") or "picture")[:80], file.get("content")
    if not isinstance(text, str):
        raise InputError("A picture must come as base64 text.")
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError as fault:
        raise InputError("The picture is not whole base64 text.") from fault
    return put_on_sheet(visitors, name, content)


def put_on_sheet(visitors: Visitors, name: str, content: bytes) -> dict:
    """Return the drawing and the picture for the sheet from a file's content. Raises InputError."""
    if files.is_drawing(name, content[:4096]):
        value = files.parse(content)
        parse(value)
        under = value.get("picture")
        return {"drawing": value, "picture": under and for_sheet(under, visitors.picture(under))}
    files.check_kind(name, content[:4096])
    ink = open_picture(io.BytesIO(content))
    if not ink.any():
        raise InputError("No ink was found in the picture; a digit should stand out clearly from its paper.")
    several = is_number(visitors.shipped, ink)
    kept = visitors.keep_picture(ink)
    sheet = sheet_with(kept, ink.shape[1] / ink.shape[0] if several else 1)
    return {"drawing": sheet, "picture": for_sheet(kept, ink)}
