"""Measure how cost grows: `python -m benchmarks.growth`, two minutes; draws benchmarks/growth.svg.

It grows with the points in a drawing, up to the limit, the drawings in a batch, and the epochs of a training run. All
in CPU time on one thread. benchmarks/load.py measures the cost of visitors.
"""

import math
import time
from collections.abc import Callable
from pathlib import Path

import torch

from benchmarks.curves import Plot, save
from benchmarks.report import write_section
from demo.live.live import live_answer
from demo.visitors import Visitors
from lenet import mnist
from lenet.network.checkpoint import load_checkpoint
from lenet.network.lenet5 import LeNet5
from lenet.reading.answer import answer, prepare_drawing
from lenet.reading.drawing import MAX_POINTS
from lenet.training.loop import from_scratch, train
from lenet.training.recipe import Recipe

PICTURE = Path(__file__).with_name("growth.svg")
POINTS = (1, 10, 30, 100, 300, 1_000, 3_000, 10_000, MAX_POINTS)
BATCHES = (1, 3, 10, 30, 100, 300, 1_000)
EPOCHS = (1, 2, 3, 5, 8)
ROUNDS = 7
SIDE = 280

Curve = list[tuple[int, float]]


def main() -> None:
    torch.set_num_threads(1)
    model, _ = load_checkpoint()
    visitors = Visitors(model)
    points = [(count, 1000 * _fastest(live_answer, visitors, _request(count))) for count in POINTS]
    batches = [(count, count / _fastest(_read, model, _request(40)["drawing"], count)) for count in BATCHES]
    mnist.training_and_validation()  # cached, so that the first run does not read it
    runs = [(count, *_train(count)) for count in EPOCHS]
    accuracies = [(count, accuracy) for count, accuracy, _ in runs]
    seconds = [(count, seconds) for count, _, seconds in runs]
    plots = [
        Plot("points in a drawing", "ms of our work for an update", {"": points}, log="xy"),
        Plot("drawings in a batch", "drawings a second", {"": batches}, log="x", from_zero=True),
        Plot("epochs", "validation accuracy, %", {"": accuracies}),
        Plot("epochs", "seconds", {"": seconds}, from_zero=True),
    ]
    save(plots, PICTURE)
    write_section(
        "Growth",
        "benchmarks.growth",
        [
            ("cost against", "from", "to", "what bends the curve"),
            _row(
                "points in a drawing", "ms", points, "from some hundred on, drawing them costs more than all the rest"
            ),
            _row(
                "drawings in a batch",
                "a second",
                batches,
                "the network takes all at once, each is drawn alone; for 1,000 memory is allocated again",
            ),
            _row("epochs", "% validation", accuracies, "the digits that are left are the hard ones"),
            _row("epochs", "s", seconds, "after the first, an epoch shows only the hardest fifth"),
        ],
        PICTURE,
    )


def _request(points: int) -> dict:
    """Return a request with a scribble of this many points."""
    line = [[SIDE * (0.5 + 0.4 * math.sin(1.7 * i)), SIDE * (0.5 + 0.4 * math.sin(2.3 * i + 1))] for i in range(points)]
    return {"drawing": {"width": SIDE, "height": SIDE, "strokes": [{"points": line, "width": 18}]}}


def _read(model: LeNet5, drawing: dict, count: int) -> None:
    answer(model, [prepare_drawing(drawing) for _ in range(count)])


def _fastest(work: Callable, *inputs) -> float:
    """Return the seconds of the fastest round."""
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work(*inputs)
        times.append(time.process_time() - started)
    return min(times)


def _train(epochs: int) -> tuple[float, float]:
    """Return the validation accuracy, in percent, and the seconds of a training run of this many epochs."""
    started = time.process_time()
    *_, last = train(from_scratch(1), *mnist.training_and_validation(), Recipe(epochs=epochs), torch.device("cpu"))
    return 100 * last.accuracy, time.process_time() - started


def _row(what: str, unit: str, curve: Curve, why: str) -> tuple[str, ...]:
    (first, low), (last, high) = curve[0], curve[-1]
    return what, f"{first:,}: {low:,.2f} {unit}", f"{last:,}: {high:,.2f} {unit}", why


if __name__ == "__main__":
    main()
