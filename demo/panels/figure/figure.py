"""The network's figure, laid out as in the paper: the preparation, then every stage's maps as overlapping cards."""

from dataclasses import dataclass

from demo.language.phrases import number
from demo.panels.panel import Panel, element_id
from lenet.network.lenet5 import DEVIATION, INPUT, INPUT_SIDE, MEAN, STAGES, LeNet, LeNet5, Stage
from lenet.network.original import BLACK, WHITE, LeNet5Of1998
from lenet.reading.preparation import BOX_SIDE

# The preparation's steps; the last picture is the network's input.
STEPS = (
    ("Find the ink", "Redrawn with a pen for its size."),
    (f"Fit into {BOX_SIDE}×{BOX_SIDE}", "Proportions kept, edges grey."),
    (f"Centre in {INPUT_SIDE}×{INPUT_SIDE}", "By its centre of mass."),
)
# How each network normalises the input.
NORMALISED = {
    LeNet5.name: f"(pixel − {MEAN}) ÷ {DEVIATION}",
    LeNet5Of1998.name: f"White {number(WHITE, places=1)}, black {BLACK}",
}
# The accuracies in a checkpoint's metadata, and the test sets' names on the page.
MEASURED = {"test_accuracy": "MNIST", "drawings_accuracy": "people’s drawings"}
# One plain sentence on each stage; PLAIN_1998 has those that differ in 1998.
PLAIN = {
    "input": "Your digit as the network gets it: 32×32 numbers, one for each pixel.",
    "C1": "Six small filters slide over the picture, and each map lights up where its filter finds what it looks for.",
    "S2": "Each map is made half as wide and half as high: of every four pixels the brightest stays.",
    "C3": "Sixteen filters look at several maps at once and find corners, bends and crossings.",
    "S4": "Half as wide and half as high once more, so that it matters less where exactly something is.",
    "C5": "120 cells, each of which looks at all of S4 at once.",
    "F6": "84 cells, each of which weighs what all of C5 found.",
    "output": "One score for each digit. The highest wins.",
}
PLAIN_1998 = {
    "S2": "Each map is made half as wide and half as high: every four pixels become their average.",
    "F6": "84 cells that together draw a small picture of the digit.",
    "output": "How near F6’s picture is to the one of each digit. The nearest wins.",
}
# The labels between stages, as in the paper's figure.
BETWEEN = ("convolutions", "subsampling", "convolutions", "subsampling", "full connection", "full connection")
OUTPUTS = {LeNet5.name: "full connection", LeNet5Of1998.name: "Gaussian connections"}


@dataclass(frozen=True)
class Cards:
    """The layout of a stage, in pixels of its canvas.

    Each value is a square of `cell` pixels, and each map a card with a frame of one pixel. The cards are laid out in
    `columns`, `step` apart; each column is `slant` lower than the one before, and each row as much further right.
    """

    width: int  # of a map, in values
    height: int
    cell: int
    columns: int = 1
    step: tuple[int, int] = (0, 0)
    slant: int = 0

    def places(self, count: int) -> list[tuple[int, int]]:
        """Return the upper left corners of `count` cards."""
        at = [divmod(i, self.columns) for i in range(count)]
        return [
            (column * self.step[0] + row * self.slant, row * self.step[1] + column * self.slant) for row, column in at
        ]

    @property
    def card(self) -> tuple[int, int]:
        return self.width * self.cell + 2, self.height * self.cell + 2


# C1's values are three pixels wide, as the input's. S2 is half as large as C1, S4 a little more than half of C3.
CARDS = {
    "input": Cards(32, 32, 3),
    "C1": Cards(28, 28, 3, 2, (72, 66), 8),
    "S2": Cards(14, 14, 3, 2, (37, 34), 4),
    "C3": Cards(10, 10, 5, 4, (45, 46), 4),
    "S4": Cards(5, 5, 6, 4, (29, 30), 3),
    "C5": Cards(8, 15, 11),
    "F6": Cards(7, 12, 12),
    "output": Cards(1, 10, 21),
}
UNITS = ("C5", "F6", "output")  # one picture of all units


class FigurePanel(Panel):
    """`metadata` is that of the network's shipped checkpoint."""

    def __init__(self, model: LeNet, metadata: dict[str, str]):
        between = [*BETWEEN, OUTPUTS[model.name], ""]
        stages = [_input(model), *(_stage(stage, model) for stage in STAGES)]
        known = {what: 100 * float(metadata[name]) for name, what in MEASURED.items() if name in metadata}
        super().__init__(
            "figure",
            network=model.name,
            title=model.title,
            stages=[stage | {"between": words} for stage, words in zip(stages, between, strict=True)],
            steps=[{"title": title, "why": why} for title, why in STEPS],
            steps_id=element_id("preparation", model.name),
            parameters=f"{model.parameter_count():,} parameters",
            reads=[f"{share:.2f} % right on {what}" for what, share in known.items()],
        )


def _input(model: LeNet) -> dict:
    return {
        "shape": f"1@{INPUT_SIDE}×{INPUT_SIDE}",
        "operation": "the prepared digit",
        "details": NORMALISED[model.name],
        "is_input": True,
    } | _drawn(INPUT, model, [f"The input, {INPUT_SIDE}×{INPUT_SIDE} pixels."])


def _stage(stage: Stage, model: LeNet) -> dict:
    parameters = model.parameter_count(stage.name)
    captions = [f"{stage.name}, map {i} of {stage.maps}, {stage.side}×{stage.side}." for i in range(1, stage.maps + 1)]
    filters = [f"The 5×5 filter of C1's map {i}: blue is below zero, orange above." for i in range(1, stage.maps + 1)]
    return {
        "shape": stage.shape,
        "operation": model.operations[stage.name].words,
        "details": f"{parameters:,} parameters" if parameters else "no parameters",
        "units": stage.name in UNITS,
        "wraps": stage.name == "C3",
        "labels": list(range(stage.maps)) if stage.name == "output" else [],
        "filters": filters if stage.name == "C1" else [],
    } | _drawn(stage.name, model, [f"{stage.name}, {stage.maps} units."] if stage.name in UNITS else captions)


def _drawn(name: str, model: LeNet, captions: list[str]) -> dict:
    """Return a stage's canvas and the positions of the cards on it."""
    cards = CARDS[name]
    places = cards.places(len(captions))
    width, height = (max(place[axis] for place in places) + cards.card[axis] for axis in (0, 1))
    boxes = [
        f"left:{100 * x / width:.3f}%;top:{100 * y / height:.3f}%;"
        f"width:{100 * cards.card[0] / width:.3f}%;height:{100 * cards.card[1] / height:.3f}%"
        for x, y in places
    ]
    return {
        "name": name,
        "plain": (PLAIN_1998 if model.name == LeNet5Of1998.name else {}).get(name, PLAIN[name]),
        "width": cards.width,
        "height": cards.height,
        "cell": cards.cell,
        "places": places,
        "canvas": {"width": width, "height": height},
        "pictures": [{"caption": text, "box": box} for text, box in zip(captions, boxes, strict=True)],
    }
