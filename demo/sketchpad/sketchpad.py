"""The sheet to draw on, its tools, and the examples that fill it in one click."""

import base64

from demo.live import live_answer
from demo.panel import Panel
from demo.visitors import Visitors
from lenet import mnist
from lenet.picture import MNIST_TEST

# Digits of the MNIST test set that networks like to misread, and a few plain ones.
EXAMPLES = (0, 247, 582, 947, 1014, 1681, 2129, 2597, 4740)


class Sketchpad(Panel):
    def __init__(self, visitors: Visitors):
        def answer(request):
            return live_answer(visitors, request)

        answer.__name__ = "live_answer"
        super().__init__("sketchpad", server_functions=[answer, examples])


def examples(_request=None) -> list[dict]:
    """Each example's name in the drawing format, what to call it, and its 28 x 28 pixels as base64 bytes."""
    digits = mnist.final_test()
    return [
        {
            "name": f"{MNIST_TEST}{index}",
            "label": f"A {digits.labels[index]} of the MNIST test set, number {index}",
            "pixels": base64.b64encode(digits.images[index].numpy().tobytes()).decode(),
        }
        for index in EXAMPLES
    ]
