"""What each part of the training bought: the same short run without it, one part at a time.

    python -m benchmarks.ablation DIGITS.npz LETTERS.npz [--epochs N] [--seeds N] [--device D]

Prints a markdown table: MNIST's validation split, and of people's strokes the writers' half A alone.
"""

import argparse
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from benchmarks.halves import confidence, drawings, highest_threshold, in_half_a, prepared_inputs, read
from benchmarks.seeds import RECIPE
from lenet import augment, mnist, styles
from lenet.device import pick_device
from lenet.recipe import Recipe
from lenet.train import from_scratch, train

KEPT = 0.98
PARTS = {
    "everything": (augment, {}),
    "no styles": (styles, {"STYLES": {}}),
    "no pictures of no digit": (augment, {"NONDIGITS": 0.0}),
    "no rotation, shear or stretch": (augment, {"ROTATION": 0.0, "SHEAR": 0.0, "STRETCH": 0.0}),
    "no elastic distortion": (augment, {"BEND": 0.0}),
    "no change of stroke thickness": (augment, {"THINNER": 0.0, "THICKER": 0.0}),
    "no sharpening after resampling": (augment, {"CONTRAST": 1.0}),
}


@contextmanager
def changed(room, constants: dict):
    """The room with other values for some of its constants, for a while."""
    before = {name: getattr(room, name) for name in constants}
    try:
        for name, value in constants.items():
            setattr(room, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(room, name, value)


def half_a(path: Path, writers_of: tuple[Path, Path]) -> tuple[torch.Tensor, np.ndarray]:
    """The network's inputs made from half A of a set of strokes, and which of the set's samples they are."""
    placed, sources, writers = drawings(path)
    everyone = [np.load(other) for other in writers_of]
    sources = np.concatenate([sources, *(data["source"] for data in everyone)])
    writers = np.concatenate([writers, *(data["writer"] for data in everyone)])
    chosen = in_half_a(sources, writers)[: len(placed)]
    return prepared_inputs([drawing for drawing, keep in zip(placed, chosen, strict=True) if keep]), chosen


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablation", description=__doc__.splitlines()[0])
    parser.add_argument("digits", type=Path)
    parser.add_argument("letters", type=Path)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    device = pick_device(options.device)
    training, validation = mnist.training_and_validation()
    digits, chosen = half_a(options.digits, (options.digits, options.letters))
    labels = torch.from_numpy(np.load(options.digits)["label"].astype(np.int64)[chosen])
    letters, _ = half_a(options.letters, (options.digits, options.letters))
    print(f"| {options.epochs} epochs, {options.seeds} seed(s) | validation | half A, forced | letters refused |")
    print("|---|---|---|---|")
    for name, (room, constants) in PARTS.items():
        rows = []
        for seed in range(1, options.seeds + 1):
            with changed(room, constants):
                recipe = Recipe(epochs=options.epochs, seed=seed, hardest=1.0, **RECIPE)
                *_, last = train(from_scratch(seed), training, validation, recipe, device)
            logits = read(last.model, digits)
            threshold = highest_threshold(logits, labels, KEPT)
            forced = float((logits.argmax(1) == labels).double().mean())
            refused = float((confidence(read(last.model, letters)) < threshold).double().mean())
            rows.append((last.accuracy, forced, refused))
        print(f"| {name} | " + " | ".join(f"{mean:.2%}" for mean in np.mean(rows, 0)) + " |", flush=True)


if __name__ == "__main__":
    main()
