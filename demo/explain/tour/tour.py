"""The panel "Guided tour": from the pen to the answer in seven steps, with the drawing's own numbers."""

import numpy as np

from demo.explain.explanation import Explanation, Reading
from demo.language.phrases import number, percent, place
from demo.panels.panel import element_id
from lenet.explain.unit_sum import Unit
from lenet.network.layers import RadialBasis, Subsampling
from lenet.network.lenet5 import INPUT, INPUT_SIDE, LeNet
from lenet.reading.preparation import BOX_SIDE, FAINTEST


def show(reading: Reading, _request: dict) -> dict:
    """Return the steps: the part of the page that each points at (a CSS selector), a title, a text, and marks."""
    model, values = reading.model, {name: stage[0].numpy() for name, stage in reading.values.items()}
    strongest = {name: _strongest(name, values[name]) for name in ("C1", "C3")}
    figure, bars = (f"#{element_id(name, model.name)}" for name in ("figure", "answer"))
    stage = {name: f'{figure} [data-stage="{name}"]' for name in (INPUT, "C1", "C3", "C5")}
    return {
        "steps": [
            _step("#pad", "The pen", _pen(reading)),
            _step("#preparation", "Tidied up like the training digits", _preparation(reading)),
            _step(stage[INPUT], "Only numbers", _input(reading)),
            _step(stage["C1"], "Six filters look for edges", _edges(values, strongest["C1"]), strongest["C1"]),
            _step(stage["C3"], "Edges become corners", _corners(model, values, strongest["C3"]), strongest["C3"]),
            _step(stage["C5"], "From pictures to a description", _description(model, values)),
            _step(bars, "The answer", _answer(reading)),
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
        return "This digit is from MNIST’s test set; the network never learned from it. Draw on it if you like."
    strokes = reading.drawing["strokes"]
    points = sum(len(stroke["points"]) for stroke in strokes)
    count = "one stroke" if len(strokes) == 1 else f"{len(strokes)} strokes"
    return f"You drew {count} through {points} points. The network answers while the pen moves."


def _preparation(reading: Reading) -> str:
    height, width = reading.prepared.fitted.shape
    return (
        f"Your ink is cut out, scaled to {width}×{height} pixels to fit into {BOX_SIDE}×{BOX_SIDE}, and centred by its "
        "centre of mass, as the training digits were. So its size and its place on the sheet do not matter."
    )


def _input(reading: Reading) -> str:
    inked = int((reading.prepared.centred >= FAINTEST).sum())
    return (
        f"The network gets {INPUT_SIDE}×{INPUT_SIDE} = {INPUT_SIDE**2:,} numbers, one for each pixel; {inked} of them "
        "are your ink. It knows nothing about strokes or shapes, only these numbers."
    )


def _edges(values: dict[str, np.ndarray], unit: Unit) -> str:
    return (
        "Each map of C1 comes from one filter that slides over the input (convolution). The largest value of all, "
        f"{_highest(values['C1'])}, is at {place(unit)}."
    )


def _corners(model: LeNet, values: dict[str, np.ndarray], unit: Unit) -> str:
    pools, reads = (
        ("averages every four pixels, with a weight and a bias for each map", "three, four or all six maps of S2")
        if model.layer("S2").kind == Subsampling.kind
        else ("keeps the largest of every four pixels (max-pooling)", "all six maps of S2")
    )
    return (
        f"S2 {pools}. Each of C3’s 16 maps then looks at {reads} at once; the largest value, {_highest(values['C3'])}, "
        f"is at {place(unit)}."
    )


def _description(model: LeNet, values: dict[str, np.ndarray]) -> str:
    if model.layer("output").kind == RadialBasis.kind:
        return (
            "S4’s 400 numbers go into C5, and C5’s into F6. Each of F6’s 84 units tends to +1 or −1, so that together "
            "they show a picture of the digit, 7×12 pixels. This picture is how the network describes your digit."
        )
    c5, f6 = (int((values[name] > 0).sum()) for name in ("C5", "F6"))
    return (
        f"S4’s 400 numbers go into C5, and C5’s into F6. For your drawing {c5} of C5’s 120 units and {f6} of F6’s 84 "
        "are active; the others are 0 (ReLU). Which ones are active is how the network describes your digit."
    )


def _answer(reading: Reading) -> str:
    scores = reading.values["output"]
    first, second = reading.ranked[:2]
    distances = reading.model.layer("output").distances(scores[0])
    if distances is not None:
        near, next_ = (number(float(distances[digit]), places=1) for digit in (first, second))
        return (
            f"F6’s picture is compared with the pictures of the ten digits. The nearest is that of {first}, at a "
            f"distance of {near}; the next is that of {second}, at {next_}."
        )
    high, next_ = (number(float(scores[0, digit]), places=1) for digit in (first, second))
    return (
        f"The output has a score for each digit: the highest is {high} for {first}, the next {next_} for {second}. As "
        f"percentages (softmax), {first} gets {percent(reading.probabilities[first])}."
    )


def _highest(values: np.ndarray) -> str:
    return number(float(values.max()), places=1)


EXPLANATION = Explanation("tour", "Guided tour", "from the pen to the answer in seven steps", show)
