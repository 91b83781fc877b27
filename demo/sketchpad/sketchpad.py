"""The sheet to draw on, and its tools."""

from typing import Any

from demo.calls import quick
from demo.live import live_answer
from demo.panel import Panel
from demo.visitors import Visitors

# The sheet's side in the pixels of its drawings, whatever its size on screen.
SHEET = 280


class Sketchpad(Panel):
    def __init__(self, visitors: Visitors):
        @quick
        def read(request: Any) -> dict:
            return live_answer(visitors, request)

        super().__init__("sketchpad", side=SHEET, server_functions=[read])
