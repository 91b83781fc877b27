"""A panel of the page: a Gradio component whose markup, style and script are files of its own folder."""

import base64
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from demo.panels.pixels import PALETTES
from lenet.network.lenet5 import CLASSES, LeNet5

FOLDER = Path(__file__).parent
# What all panels' scripts share, for the page's head.
HEAD = (
    f"<script>window.lenetPalettes = {json.dumps(PALETTES)};</script>"
    f"<script>{Path(__file__).with_suffix('.js').read_text('utf-8')}</script>"
)


class Panel(gr.HTML):
    """The `.html`, `.css` and `.js` files of a panel as one component: in the folder of the module that defines its
    class, or for a panel without one in demo/panels/NAME.

    `style` is CSS that several panels share, and `frame` markup around each of theirs, which replaces PANEL in it. A
    panel that is there once for each network has the class of-NETWORK. Its script calls `functions` as
    `server.NAME(data)`; where one raises InputError, the script gets {"error": sentence}.
    """

    def __init__(
        self,
        name: str,
        style: str = "",
        classes: tuple[str, ...] = (),
        folder: Path | None = None,
        frame: str = "PANEL",
        network: str | None = None,
        functions: dict[str, Callable[[Any], Any]] | None = None,
        **options,
    ):
        of = [f"of-{network}"] if network else []
        own = FOLDER / name if type(self) is Panel else Path(inspect.getfile(type(self))).parent
        source = (folder or own) / name  # without the files' endings
        markup, css, script = (source.with_suffix(ending).read_text("utf-8") for ending in (".html", ".css", ".js"))
        elem_id = element_id(name, network)
        self.source, self.functions = source, functions or {}
        super().__init__(
            html_template=frame.replace("PANEL", markup),
            css_template=style + css,
            js_on_load=f'server = lenet.server("{elem_id}");\n{script}',
            elem_id=elem_id,
            elem_classes=["panel", *of, *classes],
            network=network,
            digits=list(range(CLASSES)),
            apply_default_css=False,
            **options,
        )


def element_id(name: str, network: str | None = None) -> str:
    """A panel's id on the page; where there is one for each network, today's has the plain name."""
    return name if network in (None, LeNet5.name) else f"{name}-{network}"


def encode(pixels: np.ndarray) -> str:
    """uint8 pixels, row by row, as the base64 text that `lenet.bytes` in panel.js reads."""
    return base64.b64encode(np.ascontiguousarray(pixels)).decode()


def for_sheet(name: str, ink: np.ndarray) -> dict:
    """A picture's name and its ink, (H, W) uint8, as the sketchpad lays it under the strokes."""
    height, width = ink.shape
    return {"name": name, "width": width, "height": height, "pixels": encode(ink)}
