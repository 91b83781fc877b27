"""Measure how accurate the explanations are: `python -m benchmarks.explanations`.

Completeness: the error in the sum of the contributions. Occlusion: an attribution is right if covering the area it
marks lowers the class's probability more than covering as much elsewhere on the same digit. The page marks one square,
the spot; it is compared with a random square that touches ink, and with one whose centre is ink. Attributions are also
compared by the fifth of the ink's pixels with the largest contributions, against as many random pixels of the ink, and
by the square with the largest sum of contributions. Counterfactuals: how often one is found for the second most
probable class, its size, and the time of the search.
"""

import time

import torch
from torch import Tensor
from torch.nn import functional as F

from benchmarks.report import spread, write_section
from lenet import mnist
from lenet.explain.attribution import Contrast, attribute, class_weights, contrast_with_blank
from lenet.explain.counterfactual import find_counterfactual
from lenet.explain.occlusion import SIDE, find_spot, squares
from lenet.network.checkpoint import load_checkpoint
from lenet.network.lenet5 import INPUT, INPUT_SIDE, LeNet5
from lenet.reading.answer import answer, prepare_drawing
from lenet.reading.drawing import INK_SIDE
from lenet.reading.preparation import FAINTEST, frame

DIGITS, CHANGED = 500, 200
STEPS = 50
# The share of the ink's pixels that is marked.
MARKED = 0.2
SEED = 4


def main() -> None:
    torch.set_num_threads(1)
    model, _ = load_checkpoint()
    _measure_attributions(model)
    _measure_counterfactuals(model)


def _measure_attributions(model: LeNet5) -> None:
    framed = frame(mnist.final_test().images[:DIGITS]).float()
    x, ink = model.normalise(framed), framed >= FAINTEST
    classes = model(x).argmax(1)
    contrast, weights = contrast_with_blank(model, x), class_weights(classes)
    changed = (weights * contrast.difference("output")).sum(1)
    generator = torch.Generator().manual_seed(SEED)
    random_ink = _strongest_ink(torch.rand(x.shape, generator=generator), ink)
    touching = _random_square(F.max_pool2d(ink.float(), SIDE, 1), generator)
    on_ink = _random_square(ink[..., SIDE // 2 : -(SIDE // 2), SIDE // 2 : -(SIDE // 2)].float(), generator)
    gradient = _gradients(contrast, weights, 1.0)
    attributions = {
        "DeepLIFT, as on the page, at every stage": attribute(contrast, weights),
        f"integrated gradients, {STEPS} steps": {INPUT: _integrated_gradients(contrast, weights)},
        "gradient × input": {INPUT: gradient * contrast.difference(INPUT)},
    }
    rows = [("attribution", "largest relative error of completeness", "marked ink wins", "marked square wins")]
    for name, contributions in attributions.items():
        error = max(_incompleteness(values, changed) for values in contributions.values())
        heat = contributions[INPUT]
        ink_wins = _share_of_wins(contrast, classes, _strongest_ink(heat, ink), random_ink)
        square_wins = _share_of_wins(contrast, classes, _best_square(heat), touching)
        rows.append((name, f"{error:.0e}", f"{ink_wins:.1%}", f"{square_wins:.1%}"))
    write_section(f"Attribution, {DIGITS} test digits", "benchmarks.explanations", rows)
    marked = _spots(model, x, classes, attribute(contrast, weights)[INPUT])
    rivals = {"a random square that touches ink": touching, "a random square whose centre is ink": on_ink}
    wins = {name: _share_of_wins(contrast, classes, marked, rival) for name, rival in rivals.items()}
    write_section(
        "The marked spot",
        "benchmarks.explanations",
        [
            ("covering it lowers the class's probability more than covering", "share", "n"),
            *((name, f"{share:.1%}", f"{DIGITS} test digits") for name, share in wins.items()),
        ],
    )


def _measure_counterfactuals(model: LeNet5) -> None:
    found, shares, times = _counterfactuals(model)
    write_section(
        "Counterfactuals",
        "benchmarks.explanations",
        [
            ("what", "value", "n"),
            ("a change is found for the second most probable class", f"{found:.1%}", f"{CHANGED} test digits"),
            ("changed pixels, % of the ink's, median (lowest–highest)", spread(shares), f"{CHANGED} test digits"),
            ("milliseconds of search, median (lowest–highest)", spread(times), "one thread"),
        ],
    )


def _incompleteness(contributions: Tensor, changed: Tensor) -> float:
    """Return the largest relative error, over the digits, of the sum of the contributions."""
    return float(((contributions.flatten(1).sum(1) - changed) / changed).abs().max())


def _gradients(contrast: Contrast, weights: Tensor, share: float) -> Tensor:
    """Return the gradient of the weighted logits at a share of the way from the blank sheet to the digits."""
    x = (contrast.blank[INPUT] + share * contrast.difference(INPUT)).requires_grad_()
    return torch.autograd.grad((contrast.model(x) * weights).sum(), x)[0]


def _integrated_gradients(contrast: Contrast, weights: Tensor) -> Tensor:
    """Integrate by the midpoint rule (Sundararajan, Taly, Yan: "Axiomatic Attribution for Deep Networks", 2017)."""
    shares = [(step + 0.5) / STEPS for step in range(STEPS)]
    mean = sum(_gradients(contrast, weights, share) for share in shares) / STEPS
    return mean * contrast.difference(INPUT)


def _share_of_wins(contrast: Contrast, classes: Tensor, marked: Tensor, elsewhere: Tensor) -> float:
    """Return how often erasing `marked` lowers the class's probability more than erasing `elsewhere`."""

    def probability(wiped: Tensor) -> Tensor:
        logits = contrast.model(torch.where(wiped, contrast.blank[INPUT], contrast.digits[INPUT]))
        return logits.log_softmax(1).gather(1, classes[:, None])

    with torch.no_grad():
        return float((probability(marked) < probability(elsewhere)).double().mean())


def _strongest_ink(contributions: Tensor, ink: Tensor) -> Tensor:
    """Return a mask of the ink's pixels with the largest contributions, a share of MARKED; all (N, 1, 32, 32)."""
    ranks = contributions.masked_fill(~ink, -torch.inf).flatten(1).argsort(1, descending=True).argsort(1)
    count = (ink.flatten(1).sum(1) * MARKED).round().clamp(min=1)
    return (ranks < count[:, None]).view_as(ink)


def _spots(model: LeNet5, x: Tensor, classes: Tensor, heat: Tensor) -> Tensor:
    """Return masks, (N, 1, 32, 32), of the spot that the page marks."""
    found = [find_spot(model, *one) for one in zip(x.split(1), heat.split(1), classes.tolist(), strict=True)]
    return squares(torch.tensor([spot.top * (INPUT_SIDE - SIDE + 1) + spot.left for spot in found]))


def _best_square(heat: Tensor) -> Tensor:
    """Return masks, (N, 1, 32, 32), of the square with the largest sum of contributions."""
    return squares(F.avg_pool2d(heat, SIDE, 1).flatten(1).argmax(1))


def _random_square(allowed: Tensor, generator: torch.Generator) -> Tensor:
    """Return masks, (N, 1, 32, 32), of a random square at one of the places that are 1 in `allowed`, (N, 1, 28, 28)."""
    return squares(torch.multinomial(allowed.flatten(1), 1, generator=generator)[:, 0])


def _counterfactuals(model: LeNet5) -> tuple[float, list[float], list[float]]:
    """Return the share of counterfactuals found, their sizes in percent of the ink, and all search times in
    milliseconds."""
    shares, seconds = [], []
    for index in range(CHANGED):
        prepared = prepare_drawing({"width": 280, "height": 280, "strokes": [], "picture": f"mnist-test/{index}"})
        second = int(torch.tensor(answer(model, [prepared])[0].probabilities).argsort()[-2])
        started = time.perf_counter()
        change = find_counterfactual(model, prepared, second, INK_SIDE)
        seconds.append(1000 * (time.perf_counter() - started))
        if change:
            shares.append(100 * change.share)
    return len(shares) / CHANGED, shares, seconds


if __name__ == "__main__":
    main()
