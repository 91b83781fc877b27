"""Measure whether brush, size and position matter: `python -m benchmarks.placing DIGITS.npz`.

Every pen-stroke digit is drawn with a thin and a thick brush, small and large, in each corner and in the middle of the
sheet, and read without refusals. The accuracy should stay the same.
"""

import argparse
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import torch

from benchmarks.report import write_section
from benchmarks.writers import drawn, prepared_inputs, read
from lenet.network.checkpoint import load_checkpoint

BRUSHES = (6, 30)
SIZES = (0.2, 0.9)
PLACES = {"top left": (0, 0), "top right": (1, 0), "bottom left": (0, 1), "bottom right": (1, 1), "middle": (0.5, 0.5)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.placing", description=__doc__.splitlines()[0])
    parser.add_argument("digits", type=Path)
    options = parser.parse_args()
    model, _ = load_checkpoint()
    data = np.load(options.digits, allow_pickle=False)
    lines = np.split(data["points"], data["stroke_offsets"][1:-1])
    digits = [lines[first:last] for first, last in pairwise(data["sample_offsets"])]
    labels = torch.from_numpy(data["label"].astype(np.int64))
    rows, accuracies = [("brush, px", "size, % of the sheet", "place", "accuracy, %")], []
    for brush, size, (name, place) in product(BRUSHES, SIZES, PLACES.items()):
        inputs = prepared_inputs([drawn(digit, brush, size, np.array(place)) for digit in digits])
        accuracies.append(100 * (read(model, inputs).argmax(1) == labels).double().mean().item())
        rows.append((str(brush), f"{100 * size:.0f}", name, f"{accuracies[-1]:.2f}"))
    rows.append(("best less worst", "", f"n = {len(digits):,} each", f"{max(accuracies) - min(accuracies):.2f}"))
    write_section("Brush, size and place", "benchmarks.placing", rows)


if __name__ == "__main__":
    main()
