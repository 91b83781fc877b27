"""Choose a threshold on the development writers, three quarters of all, and report on the held-out writers.

    python -m benchmarks.writers DIGITS.npz LETTERS.npz [--weights FILE] [--choose]

The files have the arrays `points`, `stroke_offsets`, `sample_offsets`, `label` or `letter`, `writer` and `source`. The
threshold is the highest with the accuracies KEEP, counting refusals as wrong, on the development strokes and on MNIST's
validation split. --choose stores it in the weights file, with the accuracy on the held-out digits without refusals,
which the page shows beside MNIST's.
"""

import argparse
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch

from lenet import mnist
from lenet.network import checkpoint
from lenet.network.decision import confidence
from lenet.reading.answer import as_batch, prepare_drawing
from lenet.reading.preparation import frame
from lenet.training.evaluation import Evaluation

SHEET = 280
KEEP = (0.985, 0.991)  # of the development strokes and of MNIST, for the modern network


def drawings(path: Path, seed: int = 0) -> list[dict]:
    """Return the samples as drawings, placed at random on a sheet."""
    data = np.load(path, allow_pickle=False)
    points, strokes, samples = data["points"], data["stroke_offsets"], data["sample_offsets"]
    rng = np.random.default_rng(seed)
    placed = []
    for first, last in pairwise(samples):
        lines = [points[strokes[j] : strokes[j + 1]] for j in range(first, last)]
        placed.append(place(lines, rng))
    return placed


def place(lines: list[np.ndarray], rng: np.random.Generator) -> dict:
    """Return a drawing of 30 to 85 % of the sheet, anywhere on it, with a brush of 8 to 24 pixels."""
    return drawn(lines, int(rng.integers(8, 25)), rng.uniform(0.30, 0.85), rng.random(2))


def drawn(lines: list[np.ndarray], brush: int, size: float, where: np.ndarray) -> dict:
    """Return a drawing of this share of the sheet; `where` goes from (0, 0) at the top left to (1, 1)."""
    low, high = np.concatenate(lines).min(0), np.concatenate(lines).max(0)
    scale = size * SHEET / max((high - low).max(), 1e-6)
    corner = brush / 2 + where * np.maximum(SHEET - brush - (high - low) * scale, 0)
    strokes = [{"points": ((line - low) * scale + corner).tolist(), "width": brush} for line in lines]
    return {"width": SHEET, "height": SHEET, "strokes": strokes}


def development_part(digits: Path, letters: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """Return which samples of the two files belong to the development writers, (N,) bool each.

    At first half of the writers were development writers. Later, half of the other writers of digits were added.
    """
    digit, letter = (np.load(path, allow_pickle=False) for path in (digits, letters))
    sources, writers = (np.concatenate([digit[name], letter[name]]) for name in ("source", "writer"))
    first = np.concatenate(_shuffled(sources, writers, seed=0))[1::2]
    is_other = ~np.isin(digit["writer"], first)
    second = [names[1::2] for names in _shuffled(digit["source"][is_other], digit["writer"][is_other], seed=1)]
    dev = torch.from_numpy(np.isin(writers, np.concatenate([first, *second])))
    return dev[: len(digit["writer"])], dev[len(digit["writer"]) :]


def _shuffled(sources: np.ndarray, writers: np.ndarray, seed: int) -> list[np.ndarray]:
    """Return the writers of each source in random order."""
    rng = np.random.default_rng(seed)
    return [rng.permutation(np.unique(writers[sources == source])) for source in np.unique(sources)]


def prepared_inputs(placed: list[dict]) -> torch.Tensor:
    """Prepare drawings as on the page, (N, 1, 32, 32) from 0 to 255."""
    return as_batch([prepare_drawing(drawing) for drawing in placed])


@torch.inference_mode()
def read(model, inputs: torch.Tensor) -> torch.Tensor:
    """Return the logits, (N, 10)."""
    return torch.cat([model.read(batch) for batch in inputs.split(1_000)])


def highest_threshold(logits: torch.Tensor, labels: torch.Tensor, kept: float, rule=confidence) -> float:
    """Return the highest threshold on `rule` of the logits that answers at least the share `kept` correctly, or the
    lowest score if there is none."""
    scores = rule(logits)
    right = scores[logits.argmax(1) == labels].sort(descending=True).values
    needed = int(np.ceil(kept * len(labels)))
    return float(right[needed - 1] if needed <= len(right) else scores.min())


def figures(logits: torch.Tensor, labels: torch.Tensor, threshold: float) -> dict[str, float]:
    read = Evaluation(logits.softmax(1), labels)
    answered = confidence(logits) >= threshold
    return {
        "n": len(labels),
        "top1_if_forced": read.accuracy,
        "accuracy": float((answered & (logits.argmax(1) == labels)).double().mean()),
        "answered": float(answered.double().mean()),
        "calibration_error": read.calibration_error,
    }


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.writers", description=__doc__.splitlines()[0])
    parser.add_argument("digits", type=Path)
    parser.add_argument("letters", type=Path)
    parser.add_argument("--weights", type=Path, default=checkpoint.SHIPPED)
    parser.add_argument(
        "--keep", type=float, nargs=2, default=KEEP, metavar=("STROKES", "MNIST"), help="shares to keep"
    )
    parser.add_argument(
        "--choose", action="store_true", help="store the threshold and the held-out accuracy in the file"
    )
    options = parser.parse_args()
    model, metadata = checkpoint.load_checkpoint(options.weights)
    labels = torch.from_numpy(np.load(options.digits)["label"].astype(np.int64))
    dev, dev_letters = development_part(options.digits, options.letters)
    digit_logits = read(model, prepared_inputs(drawings(options.digits)))
    letter_logits = read(model, prepared_inputs(drawings(options.letters)))
    validation = mnist.training_and_validation()[1]
    mnist_logits = read(model, frame(validation.images).float())

    chosen = min(
        highest_threshold(digit_logits[dev], labels[dev], options.keep[0]),
        highest_threshold(mnist_logits, validation.labels, options.keep[1]),
    )
    threshold = chosen if options.choose else model.threshold or chosen
    print(json.dumps({"threshold chosen": chosen, "threshold used": threshold}))
    for name, part, letter_part in (("development", dev, dev_letters), ("held out", ~dev, ~dev_letters)):
        print(name, json.dumps(figures(digit_logits[part], labels[part], threshold)))
        refused = (confidence(letter_logits[letter_part]) < threshold).double().mean()
        print(name, json.dumps({"n": int(letter_part.sum()), "letters_refused": float(refused)}))
    print("MNIST validation", json.dumps(figures(mnist_logits, validation.labels, threshold)))
    if options.choose:
        metadata |= {
            "threshold": str(threshold),
            "drawings_accuracy": f"{figures(digit_logits[~dev], labels[~dev], threshold)['top1_if_forced']:.4f}",
            "drawings": f"{int((~dev).sum()):,} digits of held-out writers",
        }
        checkpoint.save_checkpoint(model, metadata, options.weights)


if __name__ == "__main__":
    main()
