"""Measure how well numbers are read: `python -m benchmarks.numbers DIGITS.npz LETTERS.npz`, two minutes of one core.

Every number has two to five digits of one writer in a row, their sizes within 20 % of each other, the gaps from -5 to
40 % of a digit's width, the baseline uneven by a tenth of their height. Digits touch if their ink does. Joined numbers
are written without lifting the pen: the last stroke of a digit continues as the first stroke of the next. The constants
of segments.py were chosen on the development writers (benchmarks/writers.py). The best path through the candidates is
compared with the network applied to the whole line.
"""

import argparse
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.report import write_section
from benchmarks.writers import development_part
from lenet.network.checkpoint import load_checkpoint
from lenet.network.lenet5 import LeNet
from lenet.reading.drawing import densely, parse
from lenet.reading.number import read_number
from lenet.reading.space_displacement import read_band

HEIGHT, WIDTH = 280, 840  # of the sheet, which is wider if the number does not fit
SIZE, SIZES = 110, (0.8, 1.2)  # of a digit's longer side
GAPS = (-0.05, 0.40)
BASELINE = 0.1
BRUSHES = (6, 18)
DIGITS = (2, 5)
COUNT, SEED = 1_000, 8
DEVELOPMENT, HELD_OUT = "development writers", "held-out writers"


class Number(NamedTuple):
    text: str
    drawing: dict
    touching: bool


# Each writer's digits: the label, and the strokes' points (N, 2) with y down.
Samples = dict[int, list[tuple[int, list[np.ndarray]]]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.numbers", description=__doc__.splitlines()[0])
    parser.add_argument("digits", type=Path)
    parser.add_argument("letters", type=Path)
    parser.add_argument("--count", type=int, default=COUNT)
    options = parser.parse_args()
    model, _ = load_checkpoint()
    parts = samples(options.digits, options.letters)
    rows = [("read exactly, %", "n", "best path", "with touching digits", "n", "the line")]
    for name, writers in parts.items():
        rows.append((name, *_read(model, numbers(writers, options.count // 2, SEED))))
        joined = numbers(writers, options.count // 10, SEED, joined=True)
        rows.append((f"{name}, joined", *_read(model, joined)))
    everyone = parts[DEVELOPMENT] | parts[HELD_OUT]
    rows.append(("all writers", *_read(model, numbers(everyone, options.count, SEED))))
    write_section("Whole numbers", "benchmarks.numbers", rows)


def _read(model: LeNet, written: list[Number]) -> tuple[str, ...]:
    right = np.array([read_number(model, each.drawing).text == each.text for each in written])
    by_line = [read_band(model, parse(each.drawing)).text == each.text for each in written]
    touching = np.array([each.touching for each in written])
    percents = [f"{100 * np.mean(part):.1f}" for part in (right, right[touching], by_line)]
    return str(len(written)), percents[0], percents[1], str(touching.sum()), percents[2]


def samples(digits: Path, letters: Path) -> dict[str, Samples]:
    """Return the digits of the development writers and of the held-out writers."""
    data = np.load(digits, allow_pickle=False)
    dev, _ = development_part(digits, letters)
    lines = np.split(data["points"].astype(float), data["stroke_offsets"][1:-1])
    parts: dict[str, Samples] = {DEVELOPMENT: {}, HELD_OUT: {}}
    for i, (first, last) in enumerate(pairwise(data["sample_offsets"])):
        writers_digits = parts[DEVELOPMENT if dev[i] else HELD_OUT].setdefault(int(data["writer"][i]), [])
        writers_digits.append((int(data["label"][i]), lines[first:last]))
    return parts


def numbers(writers: Samples, count: int, seed: int, joined: bool = False) -> list[Number]:
    """Return this many numbers, each of one writer, all writers equally likely."""
    rng = np.random.default_rng(seed)
    names = sorted(writers)
    return [_number(writers[rng.choice(names)], rng, joined) for _ in range(count)]


def _number(writers_digits: list, rng: np.random.Generator, joined: bool) -> Number:
    chosen = [writers_digits[i] for i in rng.integers(len(writers_digits), size=rng.integers(DIGITS[0], DIGITS[1] + 1))]
    digits = [_sized(lines, rng) for _, lines in chosen]
    gaps = rng.uniform(*GAPS, len(digits)) * np.mean([_box(digit)[1][0] for digit in digits])
    x, placed = 0.0, []
    for digit, gap in zip(digits, gaps, strict=True):
        low, high = _box(digit)
        shift = np.array([x, rng.uniform(-BASELINE, BASELINE) * SIZE - high[1]])
        placed.append([line + shift for line in digit])
        x += high[0] + gap
    brush = int(rng.integers(BRUSHES[0], BRUSHES[1] + 1))
    touching = any(_distance(a, b) < brush for a, b in pairwise(placed))
    strokes = _joined(placed) if joined else [line for digit in placed for line in digit]
    low, high = _box(strokes)
    width = max(WIDTH, float(high[0] - low[0]) + 4 * brush)
    room = np.array([width, HEIGHT]) - (high - low) - 2 * brush
    corner = brush + rng.random(2) * np.maximum(room, 0) - low
    drawn = [{"points": (line + corner).tolist(), "width": brush} for line in strokes]
    text = "".join(str(label) for label, _ in chosen)
    return Number(text, {"width": width, "height": HEIGHT, "strokes": drawn}, touching)


def _sized(lines: list[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    low, high = _box(lines)
    scale = SIZE * rng.uniform(*SIZES) / max((high - low).max(), 1e-6)
    return [(line - low) * scale for line in lines]


def _joined(placed: list[list[np.ndarray]]) -> list[np.ndarray]:
    """Return the strokes with each digit's last one joined to the next digit's first."""
    strokes = list(placed[0])
    for digit in placed[1:]:
        strokes[-1:] = [np.concatenate([strokes[-1], digit[0]]), *digit[1:]]
    return strokes


def _box(lines: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    points = np.concatenate(lines)
    return points.min(0), points.max(0)


def _distance(one: list[np.ndarray], other: list[np.ndarray]) -> float:
    """Return the smallest distance between two digits' pen paths."""
    a, b = (np.concatenate([densely(line, 2) for line in digit]) for digit in (one, other))
    return float(np.sqrt(((a[:, None] - b[None]) ** 2).sum(-1)).min())


if __name__ == "__main__":
    main()
