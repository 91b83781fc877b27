"""Files that hold a drawing, several drawings or a picture; others are refused with an explanation."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from lenet.errors import InputError

NOT_JSON = "this is not JSON; a drawing is an object with width, height and strokes."
# The first bytes of NumPy files (plain or zipped) and of IDX files.
ARRAYS = (b"\x93NUMPY", b"PK\x03\x04", b"\x00\x00\x08\x03", b"\x00\x00\x08\x01", b"\x1f\x8b")
# The first row of a CSV file: more than sixty numbers.
NUMBERS = re.compile(rb"[\d.\s]*[,;]([\d.\s]*[,;]){60}")
NOT_OURS = "This SVG was not saved by this page; save it as PNG, which is read as a picture."
# The colour of erasers in the page's SVG files.
PAPER = "#ffffff"


def is_drawing(name: str, start: bytes) -> bool:
    """Whether a file with this name and beginning is meant to be a drawing and not a picture."""
    start = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    suffix = Path(name).suffix.lower()
    return suffix in (".json", ".jsonl", ".ndjson", ".svg") or start.startswith((b"{", b"[", b"<svg", b"<?xml"))


def check_kind(name: str, start: bytes) -> None:
    """Raise InputError if a file holds arrays of numbers instead of a picture."""
    if start.startswith(ARRAYS) or NUMBERS.match(start) or Path(name).suffix.lower() == ".csv":
        raise InputError(
            f"{Path(name).name} holds numbers (NumPy, IDX or CSV), not a picture; save one digit of it as PNG instead."
        )


def parse(text: bytes) -> Any:
    """Return the JSON value of the drawing in a JSON or SVG file of any Unicode encoding. Raises InputError."""
    try:
        decoded = text.decode(json.detect_encoding(text[:4]))
        return _from_svg(decoded) if decoded.lstrip().startswith("<") else json.loads(decoded)
    except InputError:
        raise
    except (ValueError, RecursionError) as fault:
        raise InputError(NOT_JSON) from fault


def lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the numbers of the lines that are not blank, and their text as UTF-8, of a file in any Unicode encoding."""
    with file.open("rb") as opened:
        encoding = json.detect_encoding(opened.read(4))
    with file.open(encoding=encoding, errors="replace") as opened:
        for number, line in enumerate(opened, 1):
            if line.strip("\ufeff \t\r\n"):
                yield number, line.lstrip("\ufeff").encode("utf-8", "replace")


def _from_svg(text: str) -> dict:
    """Return the drawing in an SVG file that the page saved. Raises InputError for other SVG files."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise InputError(NOT_OURS)
    try:
        root = ElementTree.fromstring(text)
        elements = [(element.tag.rpartition("}")[2], element) for element in root.iter()]
        strokes = [_stroke(name, element) for name, element in elements if name in ("polyline", "g")]
        width, height = float(root.get("width", "")), float(root.get("height", ""))
    except (ElementTree.ParseError, ValueError) as fault:
        raise InputError(NOT_OURS) from fault
    if any(name in ("path", "image", "text", "use") for name, _ in elements):
        raise InputError("This SVG holds more than pen strokes; save it as PNG, which is read as a picture.")
    return {"width": width, "height": height, "strokes": [stroke for stroke in strokes if stroke]}


def _stroke(name: str, element: ElementTree.Element) -> dict | None:
    """Return the stroke of a polyline, or of a group of lines whose widths follow the pen's pressure."""
    if name == "polyline":
        points = [[float(number) for number in pair.split(",")] for pair in element.get("points", "").split()]
        width = float(element.get("stroke-width", ""))
    else:
        parts = [part.attrib for part in element if part.tag.endswith("}line")]
        if not parts:
            return None
        points = [[float(part["x2"]), float(part["y2"])] for part in parts]
        width = sum(float(part["stroke-width"]) for part in parts) / len(parts)
    return {"points": points, "width": width, "erase": element.get("stroke", "").lower() == PAPER}
