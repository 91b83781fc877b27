"""The panel "Most similar training digits": the nearest to the drawing in F6, and its position among all of them."""

import numpy as np
import torch

from demo.explain.explanation import Explanation, Reading
from demo.language.phrases import a_digit
from demo.panels.panel import encode
from demo.panels.pixels import levels
from lenet.explain.neighbours import Neighbour, Neighbourhood, neighbourhood
from lenet.network.lenet5 import CLASSES

NEAREST = 12
# The number of digits in the plane; more would only hide each other.
SHOWN = 2_500
# The plane excludes this share of the digits at each side, as outliers, and has a margin.
CUT = 0.002
MARGIN = 0.06


def neighbours(reading: Reading, _request: dict) -> list[Neighbour]:
    """Return the nearest training digits, the nearest first."""
    return neighbourhood(reading.model).nearest(reading.values["F6"][0], NEAREST)


def show(reading: Reading, request: dict) -> dict:
    """Return the nearest training digits and the drawing's position in the plane, from 0 to 1; with request["plane"]
    also the plane, which is the same for all drawings."""
    around, nearest = neighbourhood(reading.model), neighbours(reading, request)
    place = (reading.values["F6"][0] @ around.axes)[None]
    return {
        "words": _words([each.label for each in nearest], reading.ranked[0]),
        "nearest": [
            {
                "label": each.label,
                "distance": f"{each.distance:.1f}",
                "pixels": encode(around.digits.images[each.index].numpy()),
            }
            for each in nearest
        ],
        "place": _scaled(around, place)[0].tolist(),
        "near": _scaled(around, around.places[[each.index for each in nearest]]).tolist(),
        "plane": _plane(around) if request.get("plane") else None,
    }


def _plane(around: Neighbourhood) -> dict:
    """Return the training digits' positions as bytes from 0 to 255, their labels, and each label's centre."""
    places, labels = _scaled(around, around.places[:SHOWN]), around.digits.labels[:SHOWN].numpy()
    return {
        "across": encode(levels(places[:, 0], 0, 1)),
        "down": encode(levels(places[:, 1], 0, 1)),
        "centres": [places[labels == digit].mean(0).tolist() for digit in range(CLASSES)],
        "labels": encode(labels.astype(np.uint8)),
    }


def _words(labels: list[int], read: int) -> str:
    counts = sorted(((labels.count(label), label) for label in set(labels)), reverse=True)
    listed = ", ".join(f"{count} labelled {label}" for count, label in counts)
    agrees = "as well" if counts[0][1] == read else "all the same"
    return f"The {NEAREST} most similar training digits: {listed}. The network reads yours as {a_digit(read)} {agrees}."


def _scaled(around: Neighbourhood, places: torch.Tensor) -> np.ndarray:
    """Scale positions, (N, 2), to 0 to 1 between the plane's edges; those outside are moved to the edge."""
    low, high = (around.places.quantile(share, dim=0) for share in (CUT, 1 - CUT))
    margin = MARGIN * (high - low)
    return ((places - low + margin) / (high - low + 2 * margin)).clamp(0, 1).numpy()


EXPLANATION = Explanation(
    "neighbours",
    "Most similar training digits",
    "those that the network describes most like yours (nearest neighbours in F6)",
    show,
    (neighbours,),
)
