"""Drawings for tests, as the page sends them."""

import math

SEVEN = [[60, 60], [200, 60], [120, 230]]


def a_drawing(*strokes: dict, **more) -> dict:
    """Return a sheet of 280 x 280 with these strokes."""
    return {"width": 280, "height": 280, "strokes": list(strokes), **more}


def a_stroke(points=SEVEN, **more) -> dict:
    """Return a pen stroke, by default a 7."""
    return {"points": points, "width": 18, **more}


# The strokes of some digits, within 60 x 100.
SHAPES = {
    "0": [[[30 + 28 * math.sin(i / 4), 50 - 48 * math.cos(i / 4)] for i in range(26)]],
    "1": [[[30, 0], [30, 100]]],
    "2": [[[5, 22], [15, 4], [35, 0], [52, 10], [54, 30], [40, 55], [4, 98], [60, 98]]],
    "4": [[[20, 0], [0, 60], [58, 60]], [[42, 25], [42, 100]]],
    "7": [[[0, 0], [56, 0], [22, 100]]],
}


def a_line(digits: str, gap: float = 25, **more) -> dict:
    """Return a wide sheet with these digits in a row, with uneven heights and baselines."""
    strokes, x = [], 40.0
    for i, digit in enumerate(digits):
        size, y = 1 + 0.15 * math.sin(3 * i), 80 + 10 * math.cos(2 * i)
        points = [[[x + size * px, y + size * py] for px, py in stroke] for stroke in SHAPES[digit]]
        strokes += [a_stroke(stroke, width=12) for stroke in points]
        x = max(px for stroke in points for px, _ in stroke) + gap
    return {"width": 840, "height": 280, "strokes": strokes, **more}
