"""The sheet to draw on, for one digit or a whole number, and its tools."""

from typing import Any

from demo.live.live import confirmation, live_answer
from demo.panels.number.number import live_number
from demo.panels.panel import Panel
from demo.serving.calls import quick
from demo.visitors import Visitors

# The sheet's side in the pixels of its drawings, whatever its size on screen; and its widths where it is for a number,
# on a phone and else.
SHEET = 280
WIDE = (560, 840)


class PadPanel(Panel):
    def __init__(self, visitors: Visitors):
        def read(request: Any) -> dict:
            return live_answer(visitors, request)

        @quick
        def confirm(request: Any) -> dict:
            return confirmation(visitors, request)

        @quick
        def read_number(request: Any) -> dict:
            return live_number(visitors, request)

        super().__init__("pad", side=SHEET, wide=WIDE, server_functions=[read, confirm, read_number])
