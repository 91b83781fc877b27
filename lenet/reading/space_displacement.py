"""The network as a convolution over a whole line of digits: the paper's space displacement network.

LeCun et al. 1998, section VII: C1 to S4 are convolutions, so they run over a sheet of any size; C5's filters are run
over S4 in the same way, and so is what follows it. That is the network at every fourth pixel for a fraction of the
work. It was trained on single digits, and sees parts of the neighbours here.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lenet.network.decision import NOT_A_DIGIT, with_reject_class
from lenet.network.lenet5 import BELOW, INPUT_SIDE, STAGE, LeNet
from lenet.reading.drawing import INK_SIDE, Drawing, line_of_ink
from lenet.reading.preparation import prepare_line
from lenet.reading.segments import line_height

# Pixels of the input from one place to the next: the two poolings' 2 x 2.
STEP = 4
# What the mean digit is beside the tallest, whose height is known.
MEAN_HEIGHT = 0.85
# A line is read at this many digits' height in length; a longer one is made smaller.
LONGEST = 40


@dataclass(frozen=True)
class Band:
    """What the network sees at each place of a line."""

    shares: (
        np.ndarray
    )  # (places, 11) of the ten digits and of none, which need not add up to 1: each at its best height
    left: float  # where the first place has its middle, in pixels of the sheet
    step: float  # from one place to the next

    @property
    def text(self) -> str:
        """The likeliest class of each place, less the repetitions, less none of them."""
        likeliest = self.shares.argmax(1)
        changes = np.flatnonzero(np.diff(likeliest, prepend=NOT_A_DIGIT))
        return "".join(str(digit) for digit in likeliest[changes] if digit != NOT_A_DIGIT)


@torch.inference_mode()
def read_band(model: LeNet, drawing: Drawing) -> Band | None:
    """What the network sees along the writing, of pen strokes alone; None where nothing is drawn."""
    if not drawing.strokes:
        return None
    height = max(MEAN_HEIGHT * line_height(drawing), drawing.width / LONGEST)
    found = line_of_ink(drawing, height)
    if found is None:
        return None
    ink, place = found
    line = prepare_line(ink, INK_SIDE)
    shares = over(model, model.normalise(torch.from_numpy(line).float())).exp()
    best = torch.cat([shares[..., :NOT_A_DIGIT].amax(0), shares[..., NOT_A_DIGIT:].amin(0)], 1)
    scale = place.scale * (line.shape[1] - INPUT_SIDE) / ink.shape[1]
    return Band(best.numpy(), float(place.origin[0]), STEP / scale)


def over(model: LeNet, line: Tensor) -> Tensor:
    """(rows, places, 11) logarithms of the shares at every fourth row and pixel of a normalised line (H, W)."""
    values = line[None, None]
    for stage in model.operations:
        if stage == "C5":  # each of its filters sees a window of S4 at every place
            side = STAGE[BELOW[stage]].side
            windows = values[0].unfold(1, side, 1).unfold(2, side, 1).permute(1, 2, 0, 3, 4)
            values = windows.flatten(0, 1)
        values = model.activate(stage, model.sums(stage, values))
    return with_reject_class(values).log_softmax(1).unflatten(0, windows.shape[:2])
