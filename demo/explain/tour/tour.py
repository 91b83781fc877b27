"""The guided tour: from the pen to the answer in seven steps, each with this drawing's own numbers."""

import numpy as np

from demo.explain.explanation import Explanation, Reading
from demo.language.phrases import number, percent, place
from demo.live.live import distances
from demo.panels.panel import element_id
from demo.visitors import Visitors
from lenet.explain.unit_sum import Unit
from lenet.network.layers import RadialBasis, Subsampling
from lenet.network.lenet5 import INPUT, INPUT_SIDE, LeNet
from lenet.reading.answer import answer
from lenet.reading.preparation import BOX_SIDE, FAINTEST


class TourPanel(Explanation):
    def __init__(self, visitors: Visitors):
        super().__init__("tour", visitors, explain_tour)


def explain_tour(reading: Reading, _request: dict) -> dict:
    """The steps: the part of the page that each points at (a CSS selector), a title, a sentence, and marks."""
    model, read = reading.model, answer(reading.model, [reading.prepared])[0]
    values = {name: stage.numpy() for name, stage in read.activations.items()}
    strongest = {name: _strongest(name, values[name]) for name in ("C1", "C3")}
    figure, bars = (f"#{element_id(name, model.name)}" for name in ("figure", "answer"))
    stage = {name: f'{figure} [data-stage="{name}"]' for name in (INPUT, "C1", "C3", "C5")}
    corners, far = _corners(model, values, strongest["C3"]), distances(model, read)
    return {
        "steps": [
            _step("#pad", "The pen", _pen(reading)),
            _step("#preparation", "Tidied up like the training digits", _preparation(reading)),
            _step(stage[INPUT], "Only numbers", _input(reading)),
            _step(stage["C1"], "Six filters look for edges", _edges(values, strongest["C1"]), strongest["C1"]),
            _step(stage["C3"], "Edges become corners", corners, strongest["C3"]),
            _step(stage["C5"], "From pictures to a description", _description(model, values)),
            _step(bars, "The answer", _answer(values["output"], read.probabilities, far)),
        ]
    }


def _step(target: str, title: str, words: str, unit: Unit | None = None) -> dict:
    squares = []
    if unit:
        square = {"top": unit.row, "left": unit.column, "side": 1}
        squares = [
            {"stage": unit.stage, "index": unit.index, "kind": "own"},
            {"stage": unit.stage, "index": unit.index, "square": square, "kind": "own"},
        ]
    return {"target": target, "title": title, "words": words, "squares": squares}


def _strongest(name: str, values: np.ndarray) -> Unit:
    index, row, column = np.unravel_index(values.argmax(), values.shape)
    return Unit(name, int(index), int(row), int(column))


def _pen(reading: Reading) -> str:
    if reading.drawing.get("picture"):
        return "This digit is from MNIST’s test set; the network has never learned from it. Draw over it if you like."
    strokes = reading.drawing["strokes"]
    points = sum(len(stroke["points"]) for stroke in strokes)
    count = "one stroke" if len(strokes) == 1 else f"{len(strokes)} strokes"
    return f"You drew {count} through {points} points. Whatever the pen does, the network answers at once."


def _preparation(reading: Reading) -> str:
    height, width = reading.prepared.fitted.shape
    return (
        f"Your ink is cut out and made {width}×{height} pixels large, to fit into {BOX_SIDE}×{BOX_SIDE}, then placed "
        "by its centre of mass. So size and place on the sheet do not matter: the training digits were made like that."
    )


def _input(reading: Reading) -> str:
    inked = int((reading.prepared.centred >= FAINTEST).sum())
    return (
        f"The network gets {INPUT_SIDE}×{INPUT_SIDE} = {INPUT_SIDE**2:,} numbers, one for each pixel; {inked} of them "
        "are ink of yours. It knows nothing of strokes or shapes, only these numbers."
    )


def _edges(values: dict[str, np.ndarray], unit: Unit) -> str:
    return (
        "Each map of C1 is made by one filter that slides over the input (convolution). The strongest answer of all, "
        f"{_highest(values['C1'])}, is at {place(unit)}."
    )


def _corners(model: LeNet, values: dict[str, np.ndarray], unit: Unit) -> str:
    pools, sees = (
        ("averages every four pixels, with a weight and a bias of its own", "three, four or all six maps of S2")
        if model.layer("S2").kind == Subsampling.kind
        else ("keeps the largest of every four pixels (max-pooling)", "all six maps of S2")
    )
    return (
        f"S2 {pools}. Each of C3’s 16 maps then looks at {sees} at once; the strongest answer, "
        f"{_highest(values['C3'])}, is at {place(unit)}."
    )


def _description(model: LeNet, values: dict[str, np.ndarray]) -> str:
    if model.layer("output").kind == RadialBasis.kind:
        return (
            "S4’s 400 numbers feed C5, and C5 feeds F6. Each of F6’s 84 units is drawn to +1 or −1, so that together "
            "they show a picture of the digit, 7×12 pixels. That picture is the network’s description of yours."
        )
    c5, f6 = (int((values[name] > 0).sum()) for name in ("C5", "F6"))
    return (
        f"S4’s 400 numbers feed C5, and C5 feeds F6. For your drawing {c5} of C5’s 120 units and {f6} of F6’s 84 speak "
        "up; the others are silent (ReLU). Which ones do is the network’s description of your digit."
    )


def _answer(scores: np.ndarray, probabilities: list[float], far: list[float] | None) -> str:
    second, first = np.argsort(scores)[-2:]
    if far:
        return (
            f"F6’s picture is compared with ten drawn ones. It is nearest to that of {first}, "
            f"{number(far[first], places=1)} away; the next is {second}, {number(far[second], places=1)} away."
        )
    return (
        f"The output has a score for each digit: {first} gets {number(scores[first], places=1)}, {second} as the next "
        f"{number(scores[second], places=1)}. As shares (softmax), {first} gets {percent(probabilities[first])}."
    )


def _highest(values: np.ndarray) -> str:
    return number(float(values.max()), places=1)
