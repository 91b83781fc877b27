"""Measure the effect of each part of the augmentation: the same short run without it, one part at a time.

    python -m benchmarks.ablation DIGITS.npz LETTERS.npz [--epochs N] [--seeds N] [--device D]

Prints a Markdown table with the accuracy on MNIST's validation split and on the development strokes.
"""

import argparse
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.seeds import RECIPE
from benchmarks.writers import confidence, development_part, drawings, highest_threshold, prepared_inputs, read
from lenet import mnist
from lenet.network.device import pick_device
from lenet.training import augmentation, non_digits, styles
from lenet.training.loop import from_scratch, train

KEPT = 0.98
PARTS = {
    "everything": (augmentation, {}),
    "no styles": (styles, {"STYLES": ()}),
    **{
        f"not the style {style.__name__.strip('_').replace('_', ' ')} of {digit}": (
            styles,
            {"STYLES": tuple(each for each in styles.STYLES if each[1] is not style)},
        )
        for digit, style, _ in styles.STYLES
    },
    "no non-digits": (augmentation, {"NON_DIGITS": 0.0}),
    "no letters among the non-digits": (non_digits, {"LETTERS_WEIGHT": 0}),
    "no rotation, shear or stretch": (augmentation, {"ROTATION": 0.0, "SHEAR": 0.0, "STRETCH": 0.0}),
    "no elastic distortion": (augmentation, {"BEND": 0.0}),
    "no change of stroke thickness": (augmentation, {"THINNER": 0.0, "THICKER": 0.0}),
    "no sharpening after resampling": (augmentation, {"CONTRAST": 1.0}),
}


@contextmanager
def changed(module, constants: dict):
    """Change some of a module's constants for the duration of the block."""
    before = {name: getattr(module, name) for name in constants}
    try:
        for name, value in constants.items():
            setattr(module, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablation", description=__doc__.splitlines()[0])
    parser.add_argument("digits", type=Path)
    parser.add_argument("letters", type=Path)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--parts", nargs="*", default=list(PARTS), metavar="PART", help="; ".join(PARTS))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    device = pick_device(options.device)
    training, validation = mnist.training_and_validation()
    dev, dev_letters = development_part(options.digits, options.letters)
    labels = torch.from_numpy(np.load(options.digits)["label"].astype(np.int64))[dev]
    digits = prepared_inputs(drawings(options.digits))[dev]
    letters = prepared_inputs(drawings(options.letters))[dev_letters]
    print(f"| {options.epochs} epochs, {options.seeds} seed(s) | validation | strokes, forced | letters refused |")
    print("|---|---|---|---|")
    for name in options.parts:
        (module, constants), rows = PARTS[name], []
        for seed in range(1, options.seeds + 1):
            with changed(module, constants):
                recipe = replace(RECIPE, epochs=options.epochs, seed=seed, teacher_epochs=0)
                *_, last = train(from_scratch(seed), training, validation, recipe, device)
            logits = read(last.model, digits)
            threshold = highest_threshold(logits, labels, KEPT)
            forced = float((logits.argmax(1) == labels).double().mean())
            refused = float((confidence(read(last.model, letters)) < threshold).double().mean())
            rows.append((last.accuracy, forced, refused))
        print(f"| {name} | " + " | ".join(f"{mean:.2%}" for mean in np.mean(rows, 0)) + " |", flush=True)


if __name__ == "__main__":
    main()
