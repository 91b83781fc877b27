"""Pictures to put under the strokes: examples from MNIST's test set, and the visitor's own."""

import base64
import io
from typing import Any

from demo.panels.panel import Panel, for_sheet
from demo.visitors import Visitors
from lenet import mnist
from lenet.reading.picture import MNIST_TEST, PictureError, open_picture

# Digits of the MNIST test set that networks like to misread, and a few plain ones.
EXAMPLES = (0, 247, 582, 947, 1014, 1681, 2129, 2597, 4740)


class PicturesPanel(Panel):
    def __init__(self, visitors: Visitors):
        def take_picture(content: Any) -> dict:
            return _taken(visitors, content)

        super().__init__("pictures", server_functions=[examples, take_picture])


def examples(_request: Any = None) -> list[dict]:
    """Each example as the sketchpad takes it, and what to call it."""
    digits = mnist.final_test()
    return [
        for_sheet(f"{MNIST_TEST}{index}", digits.images[index].numpy())
        | {"label": f"A {digits.labels[index]} of the MNIST test set, number {index}"}
        for index in EXAMPLES
    ]


def _taken(visitors: Visitors, content: Any) -> dict:
    """The ink of a picture that came as base64, kept under a name. Raises PictureError where there is none."""
    if not isinstance(content, str):
        raise PictureError("A picture must come as base64 text.")
    try:
        file = io.BytesIO(base64.b64decode(content, validate=True))
    except ValueError as fault:
        raise PictureError("The picture is not whole base64 text.") from fault
    ink = open_picture(file)
    if not ink.any():
        raise PictureError("No ink was found in the picture; a digit should stand out clearly from its paper.")
    return for_sheet(visitors.keep_picture(ink), ink)
