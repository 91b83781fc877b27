"""How cost grows: `python -m benchmarks.growth`, three minutes; writes the curves to benchmarks/growth.svg.

Points in a drawing, from one to the most that is read; drawings in a batch; epochs of a plain training. What visitors
cost is measured by benchmarks/load.py.
"""

import math
import time
from collections.abc import Callable
from pathlib import Path

import torch
from matplotlib.figure import Figure

from benchmarks.report import write_section
from demo.live import live_answer
from demo.visitors import Visitors
from lenet import mnist
from lenet.answer import answer, prepare_drawing
from lenet.checkpoint import load_checkpoint
from lenet.drawing import MAX_POINTS
from lenet.model import LeNet5
from lenet.train import Recipe, from_scratch, train

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
    points = [(count, _best(lambda value: live_answer(Visitors(model), value), _request(count))) for count in POINTS]
    batches = [(count, count / _best(_read, model, _request(40)["drawing"], count) * 1000) for count in BATCHES]
    epochs = [(count, *_trained(count)) for count in EPOCHS]
    accuracies = [(count, 100 * accuracy) for count, accuracy, _ in epochs]
    _draw(
        [
            ("points in a drawing", "ms of our work for an update", points),
            ("drawings in a batch", "drawings a second", batches),
            ("epochs", "validation accuracy, %", accuracies),
        ]
    )
    write_section(
        "Growth",
        "benchmarks.growth",
        [
            ("cost against", "from", "to", "what bends the curve"),
            _row(
                "points in a drawing",
                "ms",
                points,
                "the pen costs less than the network up to some hundred",
            ),
            _row("drawings in a batch", "drawings/s", batches, "one pass of the network; each is drawn alone"),
            _row("epochs", "% validation", accuracies, "seconds grow evenly, accuracy ever less"),
            _row("epochs", "s", [(count, seconds) for count, _, seconds in epochs], "nothing"),
        ],
    )
    print(f"The curves: {PICTURE}")


def _request(points: int) -> dict:
    """A request for the answer to a wild line of so many points."""
    line = [[SIDE * (0.5 + 0.4 * math.sin(1.7 * i)), SIDE * (0.5 + 0.4 * math.sin(2.3 * i + 1))] for i in range(points)]
    return {"drawing": {"width": SIDE, "height": SIDE, "strokes": [{"points": line, "width": 18}]}}


def _read(model: LeNet5, drawing: dict, count: int) -> None:
    answer(model, [prepare_drawing(drawing) for _ in range(count)])


def _best(work: Callable, *inputs) -> float:
    """Milliseconds, the best of some rounds."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work(*inputs)
        times.append(1000 * (time.perf_counter() - started))
    return min(times)


def _trained(epochs: int) -> tuple[float, float]:
    """The validation accuracy and the seconds of a plain training of so many epochs."""
    recipe = Recipe(epochs=epochs)
    *_, last = train(from_scratch(1), *mnist.training_and_validation(), recipe, torch.device("cpu"))
    return last.accuracy, last.seconds


def _row(of: str, unit: str, curve: Curve, why: str) -> tuple[str, ...]:
    (first, low), (last, high) = curve[0], curve[-1]
    return of, f"{first:,}: {low:.2f} {unit}", f"{last:,}: {high:.2f} {unit}", why


def _draw(curves: list[tuple[str, str, Curve]]) -> None:
    figure = Figure(figsize=(12, 3.4), layout="constrained")
    for axes, (along, up, curve) in zip(figure.subplots(1, len(curves)), curves, strict=True):
        axes.plot(*zip(*curve, strict=True), marker="o", color="#4f46e5")
        axes.set(xlabel=along, ylabel=up, xscale="log", ylim=(None if "accuracy" in up else 0, None))
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(PICTURE, metadata={"Date": None})


if __name__ == "__main__":
    main()
