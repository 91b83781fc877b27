"""The top of the page: its name, buttons for its sections, and a menu of settings."""

import os

from demo.panels.panel import Panel

TITLE = "LeNet-5, live"
# The sections: the text of each button, and a selector of the part of the page that it scrolls to. On the static site a
# note replaces the training.
SECTIONS = {"Draw": "#draw", "Inside": "#inside", "Teach": "#retrain, p#teach", "Share": "#share"}


class HeaderPanel(Panel):
    def __init__(self):
        sections = [{"label": label, "target": target} for label, target in SECTIONS.items()]
        space = os.environ.get("SPACE_ID")  # user/name, on a Space
        super().__init__("header", title=TITLE, sections=sections, space=space)
