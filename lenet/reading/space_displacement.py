"""The paper's space displacement network: LeNet-5 applied as a convolution to a whole line of digits.

LeCun et al. 1998, section VII: C1 to S4 work on a sheet of any size; C5's filters slide over S4 in the same way, and
the later layers follow. The result is the network's answer at every fourth pixel for a fraction of the work. The
network was trained on single digits, but here it also sees parts of the neighbours.
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

# Pixels of the input from one place to the next: two poolings by 2.
STEP = 4
# The mean height of the digits compared with the tallest, whose height is known.
MEAN_HEIGHT = 0.85
# The longest line, in digit heights; a longer one is scaled down.
LONGEST = 40


@dataclass(frozen=True)
class Band:
    """The network's answers along a line."""

    # (places, 11) probabilities of the ten digits and the reject class, each at its best height, so that they need not
    # add up to 1.
    shares: np.ndarray
    left: float  # the middle of the first place, in pixels of the sheet
    step: float  # from one place to the next

    @property
    def text(self) -> str:
        """The likeliest digit of each place, without repetitions and refusals."""
        likeliest = self.shares.argmax(1)
        changes = np.flatnonzero(np.diff(likeliest, prepend=NOT_A_DIGIT))
        return "".join(str(digit) for digit in likeliest[changes] if digit != NOT_A_DIGIT)


@torch.inference_mode()
def read_band(model: LeNet, drawing: Drawing) -> Band | None:
    """Read along the writing of a drawing without erasers; return None if nothing is drawn."""
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
    """Return log probabilities, (rows, places, 11), at every fourth row and column of a normalised line, (H, W)."""
    values = line[None, None]
    for stage in model.operations:
        if stage == "C5":  # C5's filters read a window of S4 at every place
            side = STAGE[BELOW[stage]].side
            windows = values[0].unfold(1, side, 1).unfold(2, side, 1).permute(1, 2, 0, 3, 4)
            values = windows.flatten(0, 1)
        values = model.activate(stage, model.sums(stage, values))
    return with_reject_class(values).log_softmax(1).unflatten(0, windows.shape[:2])
