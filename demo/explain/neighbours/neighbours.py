"""Digits like yours: the training digits that the network sees as most like this one, and where it stands among all."""

from typing import Any

import numpy as np
import torch

from demo.explain.explanation import Explanation, Reading
from demo.panels.panel import encode
from demo.panels.pixels import levels
from demo.visitors import Visitors
from lenet.explain.neighbours import Neighbourhood, neighbourhood
from lenet.network.lenet5 import CLASSES

NEAREST = 12
# So many digits are shown in the plane: more would only hide each other.
SHOWN = 2_500
# The plane's edges cut off this share of the digits at each side, which lie far out, but for a margin.
CUT = 0.002
MARGIN = 0.06


class NeighboursPanel(Explanation):
    def __init__(self, visitors: Visitors):
        def plane(weights: Any) -> dict:
            return explain_plane(neighbourhood(visitors.model(weights)[0]))

        super().__init__("neighbours", visitors, explain_alike, functions=(plane,))


def explain_alike(reading: Reading, _request: dict) -> dict:
    """The nearest training digits and this one's place in the plane, from 0 to 1."""
    around = neighbourhood(reading.model)
    with torch.no_grad():
        f6 = reading.model.activations(reading.x)["F6"][0]
    distances, indices = around.nearest(f6, NEAREST)
    labels = around.digits.labels[indices].tolist()
    return {
        "words": _words(labels, reading.ranked[0]),
        "nearest": [
            {"label": label, "distance": f"{distance:.1f}", "pixels": encode(around.digits.images[index].numpy())}
            for label, distance, index in zip(labels, distances.tolist(), indices.tolist(), strict=True)
        ],
        "place": _scaled(around, (f6 @ around.axes)[None])[0].tolist(),
        "near": _scaled(around, around.places[indices]).tolist(),
    }


def explain_plane(around: Neighbourhood) -> dict:
    """Where the training digits lie in the plane, as bytes from 0 to 255, their labels, and each label's middle."""
    places, labels = _scaled(around, around.places[:SHOWN]), around.digits.labels[:SHOWN].numpy()
    return {
        "across": encode(levels(places[:, 0], 0, 1)),
        "down": encode(levels(places[:, 1], 0, 1)),
        "middles": [places[labels == digit].mean(0).tolist() for digit in range(CLASSES)],
        "labels": encode(labels.astype(np.uint8)),
    }


def _words(labels: list[int], read: int) -> str:
    counts = sorted(((labels.count(label), label) for label in set(labels)), reverse=True)
    told = ", ".join(f"{count} labelled {label}" for count, label in counts)
    agrees = "as it is read" if counts[0][1] == read else f"though it is read as {read}"
    return f"Of the {NEAREST} training digits that look most alike to the network, {told}, {agrees}."


def _scaled(around: Neighbourhood, places: torch.Tensor) -> np.ndarray:
    """(N, 2) places from 0 to 1 between the plane's edges; what lies outside is put on the edge."""
    low, high = (around.places.quantile(share, dim=0) for share in (CUT, 1 - CUT))
    margin = MARGIN * (high - low)
    return ((places - low + margin) / (high - low + 2 * margin)).clamp(0, 1).numpy()
