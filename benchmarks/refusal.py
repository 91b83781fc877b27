"""By what to refuse: `python -m benchmarks.refusal DIGITS.npz LETTERS.npz`.

Both networks read half A's digits and letters (benchmarks/halves.py). Each rule gets the highest threshold that keeps
the same share of the digits answered rightly; what counts is how many letters it then refuses, on half A and on B.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from benchmarks.halves import confidence, drawings, highest_threshold, in_half_a, prepared_inputs, read
from benchmarks.report import write_section
from lenet.checkpoint import SHIPPED_OF, load_checkpoint

KEPT = 0.975
RULES = {
    "share among the ten digits and none, as on the page": confidence,
    "highest output, which in 1998 is the nearest code": lambda logits: logits.amax(1),
    "share among the ten digits": lambda logits: logits.softmax(1).amax(1),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.refusal", description=__doc__.splitlines()[0])
    parser.add_argument("digits", type=Path)
    parser.add_argument("letters", type=Path)
    options = parser.parse_args()
    digits, sources, writers = drawings(options.digits)
    labels = torch.from_numpy(np.load(options.digits)["label"].astype(np.int64))
    letters, letter_sources, letter_writers = drawings(options.letters)
    half = in_half_a(np.concatenate([sources, letter_sources]), np.concatenate([writers, letter_writers]))
    a, letters_a = torch.from_numpy(half).split([len(labels), len(letters)])
    digits, letters = prepared_inputs(digits), prepared_inputs(letters)
    rows = [("network", "refuses by", "threshold", "B: digits right", "A: letters refused", "B: letters refused")]
    for path in SHIPPED_OF.values():
        model, _ = load_checkpoint(path)
        seen, strange = read(model, digits), read(model, letters)
        for name, rule in RULES.items():
            threshold = highest_threshold(seen[a], labels[a], KEPT, rule)
            right = (rule(seen) >= threshold) & (seen.argmax(1) == labels)
            refused = rule(strange) < threshold
            shares = (right[~a], refused[letters_a], refused[~letters_a])
            told = [f"{float(share.double().mean()):.1%}" for share in shares]
            rows.append((model.title, name, f"{threshold:.4g}", *told))
    title = f"By what to refuse, {KEPT:.1%} of half A's digits answered rightly"
    write_section(title, "benchmarks.refusal DIGITS.npz LETTERS.npz", rows)


if __name__ == "__main__":
    main()
