"""Drawing of straight strokes."""

import math

import torch

from lenet.training.strokes import draw


def slow_draw(ends, widths, side):
    """The oracle: draw one pixel and one stroke at a time."""
    picture = torch.zeros(side, side)
    for (x0, y0, x1, y1), width in zip(ends, widths, strict=True):
        for y in range(side):
            for x in range(side):
                steps = [i / 500 for i in range(501)]
                distance = min(math.hypot(x0 + t * (x1 - x0) - x, y0 + t * (y1 - y0) - y) for t in steps)
                ink = min(max((width + 1) / 2 - distance, 0), 1) if width > 0 else 0
                picture[y, x] = max(picture[y, x], ink * 255)
    return picture


def test_strokes_equal_those_drawn_pixel_by_pixel():
    ends = [[1.5, 2.0, 8.0, 6.5], [3.0, 9.0, 3.0, 9.0], [0.0, 0.0, 9.0, 9.0]]
    widths = [2.0, 3.5, 0.0]
    drawn = draw(torch.tensor([ends]), torch.tensor([widths]), 10)
    assert drawn.shape == (1, 1, 10, 10)
    torch.testing.assert_close(drawn[0, 0], slow_draw(ends, widths, 10), rtol=0, atol=1)


def test_a_stroke_has_the_requested_width():
    for width in (1.0, 2.5, 4.0):
        drawn = draw(torch.tensor([[[-5.0, 10.0, 25.0, 10.0]]]), torch.tensor([[width]]), 20)
        assert drawn[0, 0, :, 10].sum().item() / 255 == torch.tensor(width)


def test_a_stroke_of_no_width_is_not_drawn():
    assert draw(torch.tensor([[[1.0, 1.0, 5.0, 5.0]]]), torch.tensor([[0.0]]), 8).max() == 0
