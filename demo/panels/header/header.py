"""The top of the page: its name, the ways to its sections, and a menu of settings."""

import os

from demo.panels.panel import Panel

TITLE = "LeNet-5, live"
# The page's sections: what their buttons say, and the part of the page that each brings into view. Where nothing can be
# trained, a note stands for it.
SECTIONS = {"Draw": "#draw", "Inside": "#inside", "Teach": "#retrain, p#teach", "Share": "#share"}


class HeaderPanel(Panel):
    def __init__(self):
        sections = [{"label": label, "target": target} for label, target in SECTIONS.items()]
        space = os.environ.get("SPACE_ID")  # user/name, on a Space
        super().__init__("header", title=TITLE, sections=sections, space=space)
