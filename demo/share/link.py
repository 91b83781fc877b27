"""Encode a drawing as the short text of a link's fragment, and decode it.

The text is a version, a point, and bytes in base64url. All numbers are varints (seven bits per byte, the lowest first).
Version 1 has the length of the picture's name, and the name; for each stroke a head (four times the number of points,
plus 1 if it erases, plus 2 if it has pressure), its width, and for each point the zigzag-encoded differences of x, y
and pressure to the previous point; at the end two bytes of a CRC-32. Lengths are in quarter pixels of the page's sheet,
pressure in hundredths. Version 2, for wide sheets, begins with the sheet's width in pixels. Published versions must
never change; add a new one instead.
"""

import base64
import zlib
from itertools import pairwise
from typing import Any

import numpy as np

from lenet.errors import InputError
from lenet.reading.drawing import PAGE_SIDE, parse

VERSION, WIDE = "1", "2"
# The longest text; with the page's address it stays below 2,000 characters, which every messenger accepts.
LONGEST = 1_900
# The most points that fit: each takes at least two bytes, and four characters hold three bytes.
MOST_POINTS = LONGEST * 3 // 4 // 2
# The number of points simplified together, so that the cost is proportional to a line's length.
WINDOW = 512
STEPS = 4  # in a pixel of the sheet
PRESSURE_STEPS = 100
PRESSURE = 0.5  # of a point without pressure
# A point is left out if the line without it passes within this distance, in pixels; longer drawings get coarser.
TOLERANCES = (0.3, 0.6, 1.2, 2.4)
ERASES, HAS_PRESSURE = 1, 2

BROKEN = "This link holds no drawing, or only a part of one. Here is an empty sheet."


def encode(drawing: dict) -> str:
    """Encode a drawing, a valid JSON value. Raises InputError if it is too long."""
    version = WIDE if drawing["width"] > drawing["height"] else VERSION
    for tolerance in TOLERANCES:
        content = _pack(drawing, tolerance)
        checked = content + _checksum(content)
        text = f"{version}.{base64.urlsafe_b64encode(checked).decode().rstrip('=')}"
        if len(text) <= LONGEST:
            return text
    raise InputError("This drawing is too long for a link. Save it as JSON instead.")


def decode(text: Any) -> dict:
    """Decode the drawing of a link, on the page's sheet or a wider one. Raises InputError."""
    version, point, packed = text.partition(".") if isinstance(text, str) else ("", "", "")
    if point and version.isdecimal() and version not in (VERSION, WIDE):
        raise InputError("This link was made by a newer version of this page. Here is an empty sheet.")
    if version not in (VERSION, WIDE) or len(text) > LONGEST:
        raise InputError(BROKEN)
    try:
        content = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
        if content[-2:] != _checksum(content[:-2]):
            raise InputError(BROKEN)
        drawing = _unpack(content[:-2], version)
        parse(drawing)
    except (ValueError, IndexError, InputError) as fault:  # not base64, not UTF-8, cut off, not a drawing
        raise InputError(BROKEN) from fault
    return drawing


def _checksum(content: bytes) -> bytes:
    return (zlib.crc32(content) & 0xFFFF).to_bytes(2, "little")


def _pack(drawing: dict, tolerance: float) -> bytes:
    width, height = drawing["width"], drawing["height"]
    scale = PAGE_SIDE / height
    # A sheet higher than wide is centred on the page's square one.
    corner = np.array([max(height - width, 0) / 2, 0])
    name = (drawing.get("picture") or "").encode()
    content = _varint(round(width * scale)) if width > height else bytearray()
    content += _varint(len(name)) + name
    for stroke in drawing["strokes"]:
        if stroke["points"]:
            content += _pack_stroke(stroke, corner, scale, tolerance)
        if len(content) > LONGEST:  # too long for a link already
            break
    return bytes(content)


def _pack_stroke(stroke: dict, corner: np.ndarray, scale: float, tolerance: float) -> bytearray:
    width = stroke["width"] * scale
    points = np.array([[*point, PRESSURE][:3] for point in stroke["points"]], float)
    points[:, :2] = (points[:, :2] + corner) * scale
    # Pressure is weighted by its effect on the line's width.
    points = points[_needed(points * [1, 1, width], tolerance)]
    pressure = any(len(point) == 3 for point in stroke["points"])
    units = [STEPS, STEPS, PRESSURE_STEPS][: 2 + pressure]
    steps = np.rint(points[:, : len(units)] * units).astype(int)
    head = 4 * len(steps) + ERASES * stroke.get("erase", False) + HAS_PRESSURE * pressure
    packed = _varint(head) + _varint(round(width * STEPS))
    for difference in np.diff(steps, axis=0, prepend=0).ravel().tolist():
        packed += _varint(2 * difference if difference >= 0 else -2 * difference - 1)
    return packed


def _needed(points: np.ndarray, tolerance: float) -> np.ndarray:
    """Return a mask, (N,), of the points, (N, D), that are needed to draw the line within the tolerance (Ramer, Douglas
    and Peucker); incomplete if they are more than a link can hold."""
    needed = np.zeros(len(points), bool)
    ends = [*range(0, len(points) - 1, WINDOW), len(points) - 1]
    needed[ends] = True
    count, parts = len(ends), list(pairwise(ends))
    while parts and count <= MOST_POINTS:
        first, last = parts.pop()
        if last - first < 2:
            continue
        line = points[last] - points[first]
        offsets = points[first + 1 : last] - points[first]
        along = (offsets @ line / max(line @ line, 1e-12)).clip(0, 1)
        distances = np.linalg.norm(offsets - along[:, None] * line, axis=1)
        furthest = first + 1 + int(distances.argmax())
        if distances.max() > tolerance:
            needed[furthest] = True
            count += 1
            parts += [(first, furthest), (furthest, last)]
    return needed


def _unpack(content: bytes, version: str) -> dict:
    width, at = _read_varint(content, 0) if version == WIDE else (PAGE_SIDE, 0)
    length, at = _read_varint(content, at)
    picture = content[at : at + length].decode() or None
    at += length
    strokes = []
    while at < len(content):
        stroke, at = _unpack_stroke(content, at)
        strokes.append(stroke)
    return {"width": width, "height": PAGE_SIDE, "strokes": strokes, "picture": picture}


def _unpack_stroke(content: bytes, at: int) -> tuple[dict, int]:
    head, at = _read_varint(content, at)
    width, at = _read_varint(content, at)
    units = [STEPS, STEPS, PRESSURE_STEPS][: 3 if head & HAS_PRESSURE else 2]
    place = [0] * len(units)
    points = []
    for _ in range(head // 4):
        for i in range(len(units)):
            zigzag, at = _read_varint(content, at)
            place[i] += (zigzag >> 1) ^ -(zigzag & 1)
        points.append([steps / unit for steps, unit in zip(place, units, strict=True)])
    return {"points": points, "width": width / STEPS, "erase": bool(head & ERASES)}, at


def _varint(number: int) -> bytearray:
    packed = bytearray()
    while number > 0x7F:
        packed.append(number & 0x7F | 0x80)
        number >>= 7
    packed.append(number)
    return packed


def _read_varint(content: bytes, at: int) -> tuple[int, int]:
    """Return the number that begins at a byte, and the position after it. Raises IndexError or ValueError."""
    number = shift = 0
    while content[at] & 0x80:
        if shift > 28:
            raise ValueError("a varint of more than 32 bits")
        number |= (content[at] & 0x7F) << shift
        shift += 7
        at += 1
    return number | content[at] << shift, at + 1
