"""What all explanations have in common: a panel that is closed at first, and a request that is read the same way."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from demo.panels.panel import Panel
from demo.visitors import Visitors
from lenet.errors import InputError
from lenet.network.lenet5 import CLASSES, LeNet
from lenet.reading.answer import answer, as_batch, grid_on_sheet, prepare_drawing
from lenet.reading.preparation import Prepared

STYLE = Path(__file__).with_suffix(".css").read_text("utf-8")


class NothingToExplain(InputError):
    """There is no drawing, or no such class; the message is one sentence for people."""


@dataclass(frozen=True)
class Reading:
    """A drawing and the network that reads it."""

    model: LeNet
    prepared: Prepared
    drawing: Any  # as it came, and valid
    grid: tuple[float, float, float, float]  # lenet.reading.answer.grid_on_sheet

    @property
    def x(self) -> torch.Tensor:
        """The network's input, (1, 1, 32, 32)."""
        return self.model.normalise(as_batch([self.prepared]))

    @property
    def answered(self) -> int | None:
        """The digit that is read, or None where the network declines."""
        return answer(self.model, [self.prepared])[0].digit

    @property
    def ranked(self) -> list[int]:
        """The ten classes, the likeliest first."""
        with torch.no_grad():
            return self.model(self.x)[0].argsort(descending=True).tolist()


def read(visitors: Visitors, drawing: Any, weights: Any) -> Reading:
    """The reading of a drawing with the weights of this id, or else the shipped ones.

    Raises InputError, which is NothingToExplain where nothing is drawn.
    """
    prepared = prepare_drawing(drawing, visitors.picture)
    if prepared is None:
        raise NothingToExplain("Draw a digit, then look inside.")
    grid = grid_on_sheet(drawing, prepared, visitors.picture)
    return Reading(visitors.model(weights)[0], prepared, drawing, grid)


def chosen(digit: Any, otherwise: int) -> int:
    """The class that was asked for; `otherwise` where none was. Raises NothingToExplain."""
    if digit is None:
        return otherwise
    if type(digit) is not int or not 0 <= digit < CLASSES:
        raise NothingToExplain("A digit must be a whole number from 0 to 9.")
    return digit


Explain = Callable[[Reading, dict], dict]


def of_request(visitors: Visitors, explain: Explain) -> Callable[[Any], dict]:
    """`explain` as a function of a request {"drawing", "weights", ...}, which raises InputError."""

    def answered(request: Any) -> dict:
        request = request if isinstance(request, dict) else {}
        return explain(read(visitors, request.get("drawing"), request.get("weights")), request)

    answered.__name__ = "explain"  # what the panel's script calls it
    return answered


class Explanation(Panel):
    """A panel that is shown when it is opened, and asks for `explain(reading, request)` again with every answer.

    `functions` are further ones that its script may call.
    """

    def __init__(
        self, name: str, visitors: Visitors, explain: Explain, functions: tuple[Callable, ...] = (), **options
    ):
        functions = [of_request(visitors, explain), *functions]
        super().__init__(name, STYLE, server_functions=functions, classes=("explanation",), **options)
