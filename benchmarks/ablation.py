"""What each part of the training bought: the same short run without it, one part at a time.

    python -m benchmarks.ablation DIGITS.npz LETTERS.npz [--epochs N] [--seeds N] [--device D]

Prints a markdown table: MNIST's validation split, and of people's strokes those to choose by alone.
"""

import argparse
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.seeds import RECIPE
from benchmarks.writers import confidence, drawings, highest_threshold, prepared_inputs, read, to_choose_by
from lenet import mnist
from lenet.network.device import pick_device
from lenet.train import from_scratch, train
from lenet.training import augmentation as augment
from lenet.training import styles

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
    seen, letters_seen = to_choose_by(options.digits, options.letters)
    labels = torch.from_numpy(np.load(options.digits)["label"].astype(np.int64))[seen]
    digits = prepared_inputs(drawings(options.digits))[seen]
    letters = prepared_inputs(drawings(options.letters))[letters_seen]
    print(f"| {options.epochs} epochs, {options.seeds} seed(s) | validation | strokes, forced | letters refused |")
    print("|---|---|---|---|")
    for name, (room, constants) in PARTS.items():
        rows = []
        for seed in range(1, options.seeds + 1):
            with changed(room, constants):
                recipe = replace(RECIPE, epochs=options.epochs, seed=seed)
                *_, last = train(from_scratch(seed), training, validation, recipe, device)
            logits = read(last.model, digits)
            threshold = highest_threshold(logits, labels, KEPT)
            forced = float((logits.argmax(1) == labels).double().mean())
            refused = float((confidence(read(last.model, letters)) < threshold).double().mean())
            rows.append((last.accuracy, forced, refused))
        print(f"| {name} | " + " | ".join(f"{mean:.2%}" for mean in np.mean(rows, 0)) + " |", flush=True)


if __name__ == "__main__":
    main()
