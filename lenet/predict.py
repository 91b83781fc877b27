"""Read digits from images and drawings; `python -m lenet.predict`."""

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from lenet import checkpoint
from lenet.answer import Answer, answer, prepare_drawing
from lenet.drawing import DrawingError
from lenet.mnist import MnistError
from lenet.model import LeNet, LeNet5
from lenet.networks import NETWORKS
from lenet.picture import PictureError, open_picture
from lenet.prepare import Prepared, prepare

BATCH = 500

# What was read for one line of output: where it stood, and the digit ready to be read or the fault.
Item = tuple[str, Prepared | ValueError | None]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m lenet.predict", description=__doc__)
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="an image, a .json drawing, or a .jsonl of drawings"
    )
    parser.add_argument("--network", default=LeNet5.name, choices=NETWORKS, help="whose shipped weights to use")
    parser.add_argument("--weights", type=Path, help="a .safetensors file instead; it says which network it is of")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    options = parser.parse_args(arguments)
    try:
        model, _ = checkpoint.load_checkpoint(options.weights or checkpoint.SHIPPED_OF[options.network])
    except checkpoint.CheckpointError as fault:
        print(fault, file=sys.stderr)
        return 1
    items = (item for file in options.files for item in _items(file))
    faults = 0
    while batch := list(islice(items, BATCH)):
        faults += _print_answers(model, batch, options.json)
    return 1 if faults else 0


def _print_answers(model: LeNet, batch: list[Item], as_json: bool) -> int:
    """Print a batch's answers and faults in order; returns how many faults there were."""
    readable = [None if isinstance(content, ValueError) else content for _, content in batch]
    answers = answer(model, readable)
    faults = 0
    for (name, content), result in zip(batch, answers, strict=True):
        error = f"{name}: {content}" if isinstance(content, ValueError) else None
        if error:
            faults += 1
            print(error, file=sys.stderr)
        if as_json:
            print(json.dumps(_record(result, error)))
        elif not error:
            print(f"{name}: {_sentence(result)}")
    return faults


def _record(result: Answer, error: str | None) -> dict:
    if error:
        return {"digit": None, "probabilities": None, "reason": None, "error": error}
    return {"digit": result.digit, "probabilities": result.probabilities, "reason": result.reason}


def _sentence(result: Answer) -> str:
    return result.reason if result.digit is None else f"{result.digit} ({max(result.probabilities):.1%})"


def _items(file: Path) -> Iterator[Item]:
    """What one file holds: one item, or one for each line of a .jsonl."""
    try:
        if file.suffix == ".jsonl":
            with file.open("rb") as lines:
                for number, line in enumerate(lines, 1):
                    if line.strip():
                        yield f"{file}, line {number}", _drawing(line)
        elif file.suffix == ".json":
            yield str(file), _drawing(file.read_bytes())
        else:
            yield str(file), _picture(file)
    except OSError as fault:
        yield str(file), ValueError(f"{fault.strerror}.")


def _drawing(text: bytes) -> Prepared | ValueError | None:
    try:
        return prepare_drawing(json.loads(text))
    except (DrawingError, PictureError, MnistError) as fault:
        return fault
    except (ValueError, RecursionError):
        return ValueError("this is not JSON; a drawing is an object with width, height and strokes.")


def _picture(file: Path) -> Prepared | ValueError | None:
    try:
        return prepare(open_picture(file))
    except PictureError as fault:
        return fault


if __name__ == "__main__":
    sys.exit(main())
