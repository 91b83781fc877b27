"""Make data/letters/letters.npz, the letters that the networks learn to refuse.

    python -m benchmarks.letters DIGITS.npz LETTERS.npz

Places the letters of the development writers (benchmarks/writers.py), and none of the held-out writers, on a sheet, and
prepares them as the page prepares a drawing.
"""

import argparse
from pathlib import Path

import numpy as np

from benchmarks.writers import development_part, drawings, prepared_inputs
from lenet.training.non_digits import LETTERS


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.letters", description=__doc__.splitlines()[0])
    parser.add_argument("digits", type=Path)
    parser.add_argument("letters", type=Path)
    options = parser.parse_args()
    dev = development_part(options.digits, options.letters)[1].numpy()
    placed = [drawing for drawing, keep in zip(drawings(options.letters), dev, strict=True) if keep]
    images = prepared_inputs(placed)[:, 0].round().byte().numpy()
    LETTERS.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(LETTERS, images=images, letter=np.load(options.letters)["letter"][dev])
    print(f"{len(images):,} letters, {LETTERS.stat().st_size:,} bytes: {LETTERS}")


if __name__ == "__main__":
    main()
