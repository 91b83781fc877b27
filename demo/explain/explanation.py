"""Shared by all explanations: the reading of a drawing, and the panel that shows an explanation of it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import FunctionType
from typing import Any

import torch
from torch import Tensor

from demo.panels.panel import Panel
from demo.visitors import Visitors
from lenet.errors import InputError
from lenet.network.decision import decide
from lenet.network.lenet5 import CLASSES, INPUT, LeNet
from lenet.reading.answer import as_batch, grid_on_sheet, prepare_drawing
from lenet.reading.preparation import Prepared

FOLDER = Path(__file__).parent
FRAME = (FOLDER / "explanation.html").read_text("utf-8")
STYLE = (FOLDER / "explanation.css").read_text("utf-8")


@dataclass(frozen=True)
class Reading:
    """A drawing and a network's answer to it, computed in one pass."""

    model: LeNet
    prepared: Prepared
    drawing: Any  # the valid JSON value
    grid: tuple[float, float, float, float]  # lenet.reading.answer.grid_on_sheet

    @cached_property
    def values(self) -> dict[str, Tensor]:
        """The normalised input, (1, 1, 32, 32), and the values of every stage."""
        x = self.model.normalise(as_batch([self.prepared]))
        with torch.no_grad():
            return {INPUT: x, **self.model.activations(x)}

    @property
    def x(self) -> Tensor:
        return self.values[INPUT]

    @property
    def probabilities(self) -> list[float]:
        return self.values["output"].softmax(1)[0].tolist()

    @property
    def answered(self) -> int | None:
        """The digit that is read; None if the network refuses."""
        return decide(self.values["output"], self.model.threshold)[0][0]

    @property
    def ranked(self) -> list[int]:
        """The ten digits, the most probable first."""
        return self.values["output"][0].argsort(descending=True).tolist()


def read(visitors: Visitors, drawing: Any, weights: Any) -> Reading:
    """Read a drawing with the weights of this id. Raises InputError."""
    prepared = prepare_drawing(drawing, visitors.picture)
    if prepared is None:
        raise InputError("Draw a digit, then look inside.")
    grid = grid_on_sheet(drawing, prepared, visitors.picture)
    return Reading(visitors.known(weights), prepared, drawing, grid)


def chosen(digit: Any, otherwise: int) -> int:
    """Check the digit that a request names; None means `otherwise`. Raises InputError."""
    if digit is None:
        return otherwise
    if type(digit) is not int or not 0 <= digit < CLASSES:
        raise InputError("A digit must be a whole number from 0 to 9.")
    return digit


@dataclass(frozen=True)
class Explanation:
    """An explanation; its folder holds its module and the .html, .css and .js files of its panel.

    A request is {"drawing", "weights", "unit", "digit", "against", "off", "change_to", ...} from JSON. All functions
    raise InputError if it is invalid.
    """

    name: str
    title: str  # on its panel, and on the button that opens it
    subtitle: str  # with the technical term
    show: Callable[[Reading, dict], dict]  # returns the values for its panel's script
    public: tuple[FunctionType, ...] = ()  # called like `show`; /explain returns their values by their names


class ExplanationPanel(Panel):
    """The panel of an explanation; while it is open, its script requests the explanation again after every answer."""

    def __init__(self, explanation: Explanation, visitors: Visitors):
        def explain(request: Any) -> dict:
            request = request if isinstance(request, dict) else {}
            return explanation.show(read(visitors, request.get("drawing"), request.get("weights")), request)

        own = {"folder": FOLDER / explanation.name, "title": explanation.title, "subtitle": explanation.subtitle}
        shared = {"style": STYLE, "frame": FRAME, "classes": ("explanation",)}
        super().__init__(explanation.name, functions={"explain": explain}, **own, **shared)
