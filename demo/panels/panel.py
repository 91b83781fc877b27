"""A panel of the page: a Gradio component whose markup, style and script are files in its folder."""

import base64
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from lenet.network.lenet5 import CLASSES, LeNet5

FOLDER = Path(__file__).parent


class Panel(gr.HTML):
    """A component made of NAME.html, .css and .js, in the folder of the module that defines its class, or for a plain
    Panel in demo/panels/NAME.

    Several panels may share `style`, which is CSS, and `frame`, in which their markup replaces PANEL. A panel of one
    `network` has the class of-NETWORK. The script calls `functions` as `server.NAME(data)`; if one raises InputError,
    the script gets {"error": sentence}.
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
    """Return a panel's id on the page; of the panels of both networks, the modern one's has the plain name."""
    return name if network in (None, LeNet5.name) else f"{name}-{network}"


def encode(pixels: np.ndarray) -> str:
    """Encode uint8 pixels, row by row, as base64 for `lenet.bytes` in panel.js."""
    return base64.b64encode(np.ascontiguousarray(pixels)).decode()


def for_sheet(name: str, ink: np.ndarray) -> dict:
    """Return a picture's name and ink, (H, W) uint8, as pad.js puts it under the strokes."""
    height, width = ink.shape
    return {"name": name, "width": width, "height": height, "pixels": encode(ink)}
