"""Read digits from images and drawings; `python -m lenet.predict`."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from lenet.errors import InputError
from lenet.network import NETWORKS, checkpoint
from lenet.network.lenet5 import LeNet, LeNet5
from lenet.reading import files
from lenet.reading.answer import Answer, answer, prepare_drawing, prepare_picture
from lenet.reading.number import Number, read_number, read_number_in_picture
from lenet.reading.picture import open_picture
from lenet.reading.preparation import Prepared

BATCH = 500

# What was read for one line of output: where it stood, and the digit ready to be read, the number, or the fault.
Item = tuple[str, Prepared | Number | ValueError | None]


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
    parser.add_argument("--weights", type=Path, help="a .safetensors file instead; it says which network it is of")
    parser.add_argument("--number", action="store_true", help="read whole numbers instead of single digits")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    options = parser.parse_args(arguments)
    try:
        model, _ = checkpoint.load_checkpoint(options.weights or checkpoint.SHIPPED_OF[options.network])
    except checkpoint.CheckpointError as fault:
        print(fault, file=sys.stderr)
        return 1
    if options.number:
        return _print_numbers(model, options.files, options.json)
    items = (item for file in options.files for item in _items(file, prepare_drawing, prepare_picture))
    faults = 0
    while batch := list(islice(items, BATCH)):
        faults += _print_answers(model, batch, options.json)
    return 1 if faults else 0


def _print_numbers(model: LeNet, files: list[Path], as_json: bool) -> int:
    """Print what is read in each drawing; returns the exit status."""
    status = 0
    for file in files:
        for name, content in _items(file, partial(read_number, model), partial(read_number_in_picture, model)):
            fault = isinstance(content, ValueError)
            if fault:
                status = 1
                print(f"{name}: {content}", file=sys.stderr)
            if as_json:
                print(json.dumps(_number_record(content)))
            elif not fault:
                print(f"{name}: {content.reason or f'{content.text} ({content.confidence:.1%})'}")
    return status


def _number_record(content: Number | ValueError) -> dict:
    if isinstance(content, ValueError):
        return {"number": None, "confidence": None, "reason": None, "error": str(content)}
    return {"number": content.text, "confidence": content.confidence, "reason": content.reason}


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


def _items(file: Path, read_value: Callable, read_picture: Callable) -> Iterator[Item]:
    """What one file holds, read as a drawing or as a picture: one item, or one for each line of a .jsonl."""
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
    except files.FileError as fault:
        yield str(file), fault
    except OSError as fault:
        yield str(file), ValueError(f"{fault.strerror}.")


def _read(read: Callable, opened: Callable, content: bytes | Path) -> Prepared | Number | InputError | None:
    try:
        return read(opened(content))
    except InputError as fault:
        return fault


if __name__ == "__main__":
    sys.exit(main())
