"""The sheet to draw on, for a digit or a whole number, and its tools."""

from functools import partial

from demo.live.live import confirmation, live_answer
from demo.panels.number.number import live_number
from demo.panels.panel import Panel
from demo.serving.calls import quick
from demo.visitors import Visitors
from lenet.reading.drawing import PAGE_SIDE

# The widths of a number's sheet, on a phone and on other screens, in pixels of its drawings.
WIDE = (560, 840)


class PadPanel(Panel):
    def __init__(self, visitors: Visitors):
        functions = {
            "read": partial(live_answer, visitors),
            "confirm": quick(partial(confirmation, visitors)),
            "read_number": quick(partial(live_number, visitors)),
        }
        super().__init__("pad", side=PAGE_SIDE, wide=WIDE, functions=functions)
