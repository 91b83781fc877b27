"""Draw straight pen strokes, in batches on the training device."""

import torch
from torch import Tensor


def draw(ends: Tensor, widths: Tensor, side: int) -> Tensor:
    """Return the ink, (N, 1, side, side) from 0 to 255, of strokes x0 y0 x1 y1, (N, K, 4), that are `widths`, (N, K),
    pixels wide; strokes of width 0 or less are not drawn. Pixel centres have whole coordinates, and edges are
    antialiased over one pixel."""
    along = torch.arange(side, device=ends.device, dtype=ends.dtype)
    x, y = along, along[:, None]
    x0, y0, x1, y1 = ends[..., None, None].unbind(2)
    dx, dy = x1 - x0, y1 - y0
    nearest = (((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy).clamp(min=1e-6)).clamp(0, 1)
    distance = torch.hypot(x0 + nearest * dx - x, y0 + nearest * dy - y)
    ink = ((widths[..., None, None] + 1) / 2 - distance).clamp(0, 1) * (widths[..., None, None] > 0)
    return ink.amax(1, keepdim=True) * 255
