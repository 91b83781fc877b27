"""Drawings to test with, as the sketchpad sends them."""

SEVEN = [[60, 60], [200, 60], [120, 230]]


def a_drawing(*strokes: dict, **more) -> dict:
    """A sheet of 280 x 280 with these strokes on it."""
    return {"width": 280, "height": 280, "strokes": list(strokes), **more}


def a_stroke(points=SEVEN, **more) -> dict:
    """One stroke of the pen, a 7 unless other points are given."""
    return {"points": points, "width": 18, **more}
