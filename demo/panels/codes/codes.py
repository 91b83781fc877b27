"""The output of 1998: F6 as a picture, beside the ten codes that it is compared with, and their distances."""

import numpy as np

from demo.panels.panel import Panel, encode
from lenet.network.codes import CODES, HEIGHT, WIDTH
from lenet.network.original import LeNet5Of1998


class CodesPanel(Panel):
    def __init__(self, model: LeNet5Of1998):
        super().__init__(
            "codes",
            network=model.name,
            width=WIDTH,
            height=HEIGHT,
            codes=[encode((code.numpy() > 0).astype(np.uint8) * 255) for code in CODES],
        )
