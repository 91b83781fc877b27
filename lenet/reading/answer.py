"""From a drawing or a picture to an answer: prepare it, run the network, say what was read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lenet.network.decision import decide
from lenet.network.lenet5 import LeNet
from lenet.reading import drawing as drawings
from lenet.reading import picture
from lenet.reading.preparation import Prepared, prepare

NOTHING_DRAWN = "nothing drawn"


@dataclass(frozen=True)
class Answer:
    """What the network read, and all that was seen on the way."""

    digit: int | None  # None where there is nothing to read, or where the network declines
    probabilities: list[float] | None  # ten, of the digits 0 to 9; None only where there is nothing to read
    reason: str | None  # why there is no digit
    prepared: Prepared | None = None
    x: Tensor | None = None  # (1, 32, 32) what the network got
    activations: dict[str, Tensor] | None = None  # of this one input, by stage


def prepare_drawing(value: Any, find: Callable[[str], np.ndarray] = picture.named) -> Prepared | None:
    """A drawing as it comes from JSON, checked and prepared; None where nothing is drawn. `find` gives the ink, (H, W)
    uint8, of the picture that it names. Raises InputError."""
    drawing = drawings.parse(value)
    return prepare(drawings.ink(drawing, under(drawing, find)), smallest=drawings.INK_SIDE)


def prepare_picture(ink: np.ndarray) -> Prepared | None:
    """A picture's ink, (H, W) uint8, prepared as the page does: laid on its sheet; None where there is no ink."""
    return prepare_drawing(drawings.sheet_with("picture", 1), lambda _: ink)


def grid_on_sheet(
    value: Any, prepared: Prepared, find: Callable[[str], np.ndarray] = picture.named
) -> tuple[float, float, float, float]:
    """Where the pixels of a `prepared` drawing lie on its sheet: x and y of the first, width and height of each."""
    drawing = drawings.parse(value)
    place = drawings.placement(drawing, under(drawing, find))
    x, y, width, height = (length / place.scale for length in prepared.grid)
    return float(place.origin[0] + x), float(place.origin[1] + y), width, height


def under(drawing: drawings.Drawing, find: Callable[[str], np.ndarray]) -> np.ndarray | None:
    """The picture under the strokes."""
    return find(drawing.picture) if drawing.picture else None


def as_batch(inputs: list[Prepared]) -> Tensor:
    """(N, 1, 32, 32) pixels of prepared digits, 0 paper to 255 ink, ready for a network's own normalise."""
    return torch.from_numpy(np.stack([prepared.centred for prepared in inputs])).unsqueeze(1).float()


@torch.inference_mode()
def answer(model: LeNet, inputs: list[Prepared | None], switches: Mapping[str, Tensor] | None = None) -> list[Answer]:
    """Answers to a batch of prepared digits, in order, from one pass of the network with these switches."""
    answers = [Answer(None, None, NOTHING_DRAWN)] * len(inputs)
    there = [i for i, prepared in enumerate(inputs) if prepared is not None]
    if not there:
        return answers
    batch = model.normalise(as_batch([inputs[i] for i in there]))
    activations = model.activations(batch, switches)
    probabilities = activations["output"].softmax(1)
    verdicts = decide(activations["output"], model.threshold)
    for row, i in enumerate(there):
        digit, reason = verdicts[row]
        answers[i] = Answer(
            digit=digit,
            probabilities=probabilities[row].tolist(),
            reason=reason,
            prepared=inputs[i],
            x=batch[row],
            activations={name: values[row] for name, values in activations.items()},
        )
    return answers
