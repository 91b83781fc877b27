"""Measure how well pictures are read, by kind: `python -m benchmarks.pictures [DIGITS.npz]`, ten minutes.

The pictures are synthetic (benchmarks/picture_kinds.py), half of them with that module's pen paths and half with the
pen strokes of DIGITS.npz, if given. A refusal, "not a digit" or "not sure", is neither right nor wrong.
"""

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from benchmarks import picture_kinds as kinds
from benchmarks.report import write_section
from lenet import mnist
from lenet.network.checkpoint import load_checkpoint
from lenet.network.lenet5 import LeNet
from lenet.reading.answer import answer, prepare_picture
from lenet.reading.number import read_number_in_picture
from lenet.reading.picture import ink_of
from lenet.reading.preparation import frame

COUNT, SEED = 100, 20
# Pens by digit.
Pens = list[kinds.Pen]


class Sample(NamedTuple):
    text: str  # the digits that it shows
    image: Image.Image


def one_digit(make: Callable, pens: list[Pens], count: int, seed: int) -> Iterator[Sample]:
    """Yield pictures of each digit in turn, written with each set of pens in turn."""
    rng = np.random.default_rng(seed)
    for i in range(count):
        digit = i % 10
        yield Sample(str(digit), make(pens[i // 10 % len(pens)][digit], rng))


def displays(count: int, seed: int) -> Iterator[Sample]:
    rng = np.random.default_rng(seed)
    for i in range(count):
        yield Sample(str(i % 10), kinds.seven_segment(i % 10, rng))


def numbers(pens: list[Pens], count: int, seed: int) -> Iterator[Sample]:
    """Yield pictures of two to five digits."""
    rng = np.random.default_rng(seed)
    for i in range(count):
        digits = rng.integers(0, 10, rng.integers(2, 6)).tolist()
        yield Sample("".join(map(str, digits)), kinds.in_a_row([pens[i % len(pens)][digit] for digit in digits], rng))


def mnist_files(count: int, cropped: bool = False) -> Iterator[Sample]:
    """Yield MNIST's test digits unchanged, inverted and in 1 bit in turn; optionally cropped to their ink."""
    test = mnist.final_test()
    for i in range(count):
        pixels = test.images[i].numpy()
        if cropped:
            pixels = pixels[np.ix_((pixels > 32).any(1), (pixels > 32).any(0))]
        forms = (pixels, 255 - pixels, np.where(pixels > 127, 255, 0).astype(np.uint8))
        yield Sample(str(int(test.labels[i])), Image.fromarray(forms[i % 3]))


def all_kinds(pens: list[Pens], count: int, seed: int) -> dict[str, Iterator[Sample]]:
    """Return the pictures of each kind, by its name in the table."""
    single = {
        "sheet on a darker table": kinds.sheet_on_table,
        "note on a wall": kinds.note_on_wall,
        "sheet held into a webcam": kinds.webcam,
        "digit cropped to its ink": kinds.cropped,
        "8 x 8 and 16 x 16 pixels": kinds.small,
        "ballpoint on ruled or squared paper": kinds.ruled,
        "in a form's box": kinds.boxed,
        "plain paper": kinds.plain,
    }
    samples = {name: one_digit(make, pens, count, seed + i) for i, (name, make) in enumerate(single.items())}
    return samples | {
        "MNIST cropped to its ink": mnist_files(count, cropped=True),
        "seven-segment display": displays(count, seed),
    }


def score(model: LeNet, samples: Iterator[Sample]) -> tuple[int, int, int]:
    """Return how many samples are read right, read wrong, and refused."""
    counts = [0, 0, 0]
    for text, image in samples:
        [read] = answer(model, [prepare_picture(ink_of(image))])
        counts[2 if read.digit is None else int(str(read.digit) != text)] += 1
    return counts[0], counts[1], counts[2]


def score_numbers(model: LeNet, samples: Iterator[Sample]) -> tuple[int, int, int]:
    counts = [0, 0, 0]
    for text, image in samples:
        read = read_number_in_picture(model, ink_of(image))
        counts[2 if read.text is None else int(read.text != text)] += 1
    return counts[0], counts[1], counts[2]


def mnist_accuracies(model: LeNet, count: int) -> tuple[float, float]:
    """Return the accuracy in percent on MNIST's test digits without refusals, as tensors and as picture files."""
    test = mnist.final_test()
    labels = test.labels[:count].numpy()
    direct = model.read(frame(test.images[:count]).float()).argmax(1).numpy()
    files = [answer(model, [prepare_picture(ink_of(image))])[0].probabilities for _, image in mnist_files(count)]
    by_file = np.array([np.argmax(each) if each else -1 for each in files])
    return 100 * float((direct == labels).mean()), 100 * float((by_file == labels).mean())


def strokes_of(path: Path) -> Pens:
    """Return a pen for each digit that writes a random sample of a file."""
    data = np.load(path, allow_pickle=False)
    lines = np.split(data["points"].astype(float), data["stroke_offsets"][1:-1])
    samples: list[list[kinds.Strokes]] = [[] for _ in range(10)]
    for label, (first, last) in zip(data["label"], pairwise(data["sample_offsets"]), strict=True):
        samples[label].append(lines[first:last])
    return [partial(_random_sample, digit_samples) for digit_samples in samples]


def _random_sample(samples: list[kinds.Strokes], rng: np.random.Generator) -> kinds.Strokes:
    return samples[rng.integers(len(samples))]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pictures", description=__doc__.splitlines()[0])
    parser.add_argument("digits", type=Path, nargs="?")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    model, _ = load_checkpoint()
    pens = [[partial(kinds.handwritten, digit) for digit in range(10)]]
    if options.digits:
        pens.append(strokes_of(options.digits))
    rows = [("pictures", "read right, %", "read wrong", "refused", "n")]
    scores = {name: score(model, samples) for name, samples in all_kinds(pens, options.count, options.seed).items()}
    scores["several digits, as a number"] = score_numbers(model, numbers(pens, options.count, options.seed))
    for name, (right, wrong, refused) in scores.items():
        rows.append((name, f"{100 * right / options.count:.0f}", str(wrong), str(refused), str(options.count)))
    count = 10 * options.count
    direct, by_file = mnist_accuracies(model, count)
    rows.append(("MNIST as 28 x 28 files, all answered", f"{by_file:.1f} (tensors {direct:.1f})", "", "", str(count)))
    write_section("Pictures", "benchmarks.pictures", rows)


if __name__ == "__main__":
    main()
