"""A panel of the page: a Gradio component whose markup, style and script are files of its own folder."""

import base64
import functools
import inspect
import json
from collections.abc import Callable
from pathlib import Path

import gradio as gr
import numpy as np

from demo.panels.pixels import PALETTES
from lenet.errors import InputError
from lenet.network.lenet5 import LeNet5

# What all panels' scripts share, for the page's head.
HEAD = (
    f"<script>window.lenetPalettes = {json.dumps(PALETTES)};</script>"
    f"<script>{Path(__file__).with_suffix('.js').read_text('utf-8')}</script>"
)


class Panel(gr.HTML):
    """The `.html`, `.css` and `.js` files beside the module that defines a panel, as one component.

    `style` is CSS that several panels share, and `frame` markup around each of theirs, which replaces PANEL in it. A
    panel that is there once for each network has the class of-NETWORK.
    Its script calls `server_functions` as `server.NAME(data)`; bad input is answered with {"error": sentence}.
    """

    def __init__(
        self,
        name: str,
        style: str = "",
        classes: tuple[str, ...] = (),
        folder: Path | None = None,
        frame: str = "PANEL",
        network: str | None = None,
        server_functions: tuple[Callable, ...] = (),
        **options,
    ):
        of = [f"of-{network}"] if network else []
        folder = folder or Path(inspect.getfile(type(self))).parent
        elem_id = element_id(name, network)
        self.functions = {each.__name__: answering(each) for each in server_functions}  # ty: ignore[missing-attribute]
        super().__init__(
            html_template=frame.replace("PANEL", (folder / f"{name}.html").read_text("utf-8")),
            css_template=style + (folder / f"{name}.css").read_text("utf-8"),
            js_on_load=f'server = lenet.server("{elem_id}");\n' + (folder / f"{name}.js").read_text("utf-8"),
            elem_id=elem_id,
            elem_classes=["panel", *of, *classes],
            network=network,
            apply_default_css=False,
            **options,
        )


def answering(function: Callable[..., dict]) -> Callable[..., dict]:
    """The same function, but bad input gives {"error": sentence} instead of an exception."""

    @functools.wraps(function)
    def answered(*values) -> dict:
        try:
            return function(*values)
        except InputError as fault:
            return {"error": str(fault)}

    return answered


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
