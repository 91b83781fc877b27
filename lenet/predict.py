"""Read digits from images and drawings: `python -m lenet.predict`."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from lenet.errors import InputError
from lenet.network import NETWORKS, checkpoint
from lenet.network.lenet5 import LeNet, LeNet5
from lenet.reading import files
from lenet.reading.answer import Answer, answer, prepare_drawing, prepare_picture
from lenet.reading.number import Number, read_number, read_number_in_picture
from lenet.reading.picture import open_picture

BATCH = 500

# A result: the name of its source, and the answer or the error.
Item = tuple[str, Any]
# The keys of a JSON line, and the attributes of the result that they come from.
OF_DIGIT = {"digit": "digit", "probabilities": "probabilities", "reason": "reason"}
OF_NUMBER = {"number": "text", "confidence": "confidence", "reason": "reason"}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m lenet.predict", description=__doc__)
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="a picture, a drawing (.json, or .svg as the page saves it), or a .jsonl of drawings",
    )
    parser.add_argument("--network", default=LeNet5.name, choices=NETWORKS, help="whose shipped weights to use")
    parser.add_argument("--weights", type=Path, help="use this .safetensors file instead")
    parser.add_argument("--number", action="store_true", help="read whole numbers instead of single digits")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    options = parser.parse_args(arguments)
    try:
        model, _ = checkpoint.load_checkpoint(options.weights or checkpoint.SHIPPED_OF[options.network])
    except InputError as fault:
        print(fault, file=sys.stderr)
        return 1
    read, keys = (_numbers, OF_NUMBER) if options.number else (_digits, OF_DIGIT)
    faults = 0
    for name, result in read(model, options.files):
        error = f"{name}: {result}" if isinstance(result, ValueError) else None
        if error:
            faults += 1
            print(error, file=sys.stderr)
        if options.json:
            record = {key: None if error else getattr(result, attribute) for key, attribute in keys.items()}
            print(json.dumps(record | ({"error": error} if error else {})))
        elif not error:
            print(f"{name}: {_sentence(result)}")
    return 1 if faults else 0


def _digits(model: LeNet, files: list[Path]) -> Iterator[Item]:
    """Read single digits, a batch at a time."""
    items = (item for file in files for item in _items(file, prepare_drawing, prepare_picture))
    while batch := list(islice(items, BATCH)):
        faulty = [isinstance(content, ValueError) for _, content in batch]
        answers = answer(model, [None if fault else content for fault, (_, content) in zip(faulty, batch, strict=True)])
        for fault, (name, content), result in zip(faulty, batch, answers, strict=True):
            yield name, content if fault else result


def _numbers(model: LeNet, files: list[Path]) -> Iterator[Item]:
    """Read whole numbers, one at a time."""
    for file in files:
        yield from _items(file, partial(read_number, model), partial(read_number_in_picture, model))


def _sentence(result: Answer | Number) -> str:
    if result.reason:
        return result.reason
    if isinstance(result, Number):
        return f"{result.text} ({result.confidence:.1%})"
    return f"{result.digit} ({max(result.probabilities):.1%})"


def _items(file: Path, read_value: Callable, read_picture: Callable) -> Iterator[Item]:
    """Read one file as a drawing or as a picture; yield one item, or one for each line of a .jsonl."""
    try:
        with file.open("rb") as opened:
            start = opened.read(4096)
        if file.suffix.lower() in (".jsonl", ".ndjson"):
            for number, line in files.lines(file):
                yield f"{file}, line {number}", _read(read_value, files.parse, line)
        elif files.is_drawing(file.name, start):
            yield str(file), _read(read_value, files.parse, file.read_bytes())
        else:
            files.check_kind(file.name, start)
            yield str(file), _read(read_picture, open_picture, file)
    except InputError as fault:
        yield str(file), fault
    except OSError as fault:
        yield str(file), ValueError(f"{fault.strerror}.")


def _read(read: Callable, opened: Callable, content: bytes | Path) -> Any:
    """Return what `read` makes of the opened content, or the InputError that either raises."""
    try:
        return read(opened(content))
    except InputError as fault:
        return fault


if __name__ == "__main__":
    sys.exit(main())
