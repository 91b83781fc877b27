"""Compare rules for refusing: `python -m benchmarks.refusal DIGITS.npz LETTERS.npz`.

Each rule gets the highest threshold that answers the same share of the development digits (benchmarks/writers.py)
correctly. The better rule then refuses more letters.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from benchmarks.report import write_section
from benchmarks.writers import confidence, development_part, drawings, highest_threshold, prepared_inputs, read
from lenet.network.checkpoint import SHIPPED_OF, load_checkpoint

KEPT = 0.975
RULES = {
    "share among the ten digits and the reject class, as on the page": confidence,
    "highest output, in 1998 the nearest code": lambda logits: logits.amax(1),
    "share among the ten digits": lambda logits: logits.softmax(1).amax(1),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.refusal", description=__doc__.splitlines()[0])
    parser.add_argument("digits", type=Path)
    parser.add_argument("letters", type=Path)
    options = parser.parse_args()
    labels = torch.from_numpy(np.load(options.digits)["label"].astype(np.int64))
    digits, letters = (prepared_inputs(drawings(path)) for path in (options.digits, options.letters))
    dev, dev_letters = development_part(options.digits, options.letters)
    rows = [
        ("network", "refuses by", "threshold", "digits right, held out", "letters refused", "letters refused, held out")
    ]
    for path in SHIPPED_OF.values():
        model, _ = load_checkpoint(path)
        digit_logits, letter_logits = read(model, digits), read(model, letters)
        for name, rule in RULES.items():
            threshold = highest_threshold(digit_logits[dev], labels[dev], KEPT, rule)
            right = (rule(digit_logits) >= threshold) & (digit_logits.argmax(1) == labels)
            refused = rule(letter_logits) < threshold
            shares = (right[~dev], refused[dev_letters], refused[~dev_letters])
            refused = [f"{float(share.double().mean()):.1%}" for share in shares]
            rows.append((model.title, name, f"{threshold:.4g}", *refused))
    title = f"Rules for refusing, {KEPT:.1%} of the development digits answered correctly"
    write_section(title, "benchmarks.refusal DIGITS.npz LETTERS.npz", rows)


if __name__ == "__main__":
    main()
