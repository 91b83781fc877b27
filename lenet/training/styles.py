"""Styles of writing that are rare in MNIST, drawn onto its digits, in batches on the training device.

Each style is a function of images of one digit, (N, 1, S, S), and of a function that returns uniform random numbers,
(N,), between two bounds. It returns strokes x0 y0 x1 y1, (N, K, 4), and their widths, (N, K), in multiples of the pen's
width. Strokes with a negative width are erased first; those with width 0 are left out.
"""

from functools import partial

import torch
from torch import Tensor

from lenet.training.strokes import draw

# Fainter pixels don't count as part of the digit's shape.
INK = 100
# An erased stroke is this many times as wide as a drawn stroke.
RUBBER = 2.0
# The number of straight strokes in a curve, and in a loop.
CURVE, LOOP = 8, 14
TURN = 2 * torch.pi
# The widest pen, in pixels, that does not close the gaps of a redrawn digit.
HEAVIEST = 3.0
# The size of a digit in its image, in pixels.
BOX = 20


def restyle(images: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
    """Return the digits, (N, 1, S, S) from 0 to 255, some of them changed to one of the styles below."""
    images = images.clone()
    chance = torch.rand(len(images), generator=generator, device=images.device)
    taken = [0.0] * 10
    for digit, style, share in STYLES:
        which = (labels == digit) & (chance >= taken[digit]) & (chance < taken[digit] + share)
        taken[digit] += share
        plain = images[which]
        if len(plain):
            uniform = partial(_uniform, len(plain), generator)
            ends, parts = style(plain, uniform)
            widths = parts * (pen_width(plain) * uniform(0.8, 1.2))[:, None]
            rubbed = torch.minimum(plain, 255 - draw(ends, -RUBBER * widths, images.shape[-1]))
            images[which] = torch.maximum(rubbed, draw(ends, widths, images.shape[-1]))
    return images


def _uniform(count: int, generator: torch.Generator, low: float, high: float) -> Tensor:
    return low + (high - low) * torch.rand(count, generator=generator, device=generator.device)


def pen_width(images: Tensor) -> Tensor:
    """Return the width of the strokes, (N,), in pixels: their area divided by half the length of their edges."""
    ink = images[:, 0] / 255
    edges = torch.hypot(ink[:, 1:, :-1] - ink[:, :-1, :-1], ink[:, :-1, 1:] - ink[:, :-1, :-1]).sum((1, 2))
    return (2 * ink.sum((1, 2)) / edges.clamp(min=1)).clamp(1, 6)


def _one(images, uniform):
    """1: a flag down to the left from the top, a foot across the bottom, or both; or a spur up from the bottom."""
    _, top, _, bottom = _box(images)
    height = bottom - top
    head, sole = _row_middle(images, top + 1), _row_middle(images, bottom - 1)
    angle = uniform(0.3, 1.1)
    length = height * uniform(0.25, 0.85) * (1.3 - angle / 2)
    flag = torch.stack([head, top + 1, head - length * angle.sin(), top + 1 + length * angle.cos()], 1)
    reach = [height * uniform(0.1, 0.6) for _ in range(2)]
    ground, tilt = bottom - height * uniform(0, 0.08), uniform(-0.12, 0.12)
    foot = torch.stack([sole - reach[0], ground - tilt * reach[0], sole + reach[1], ground + tilt * reach[1]], 1)
    angle, length = uniform(0.2, 1.2), height * uniform(0.12, 0.35)
    spur = torch.stack([sole, bottom - 1, sole + length * angle.cos(), bottom - 1 - length * angle.sin()], 1)
    kind = uniform(0, 1)
    flagged, footed, spurred = kind < 0.84, (kind > 0.5) & (kind < 0.91), kind >= 0.91
    return torch.stack([flag, foot, spur], 1), torch.stack([flagged, footed, spurred], 1).float()


def _zero(images, uniform):
    """0: a slash, within or overshooting; or a dot; or a gap at the top; or a tail where the pen began."""
    left, top, right, bottom = _box(images)
    x, y = (left + right) / 2, (top + bottom) / 2
    across, up = (right - left) / 2, (bottom - top) / 2
    kind = uniform(0, 1)
    slashed, opened, tailed = kind < 0.65, (kind >= 0.65) & (kind < 0.85), kind >= 0.85
    # Most lean to the right; a slash without length is a dot.
    lean = torch.where(uniform(0, 1) < 0.8, 1.0, -1.0)
    angle = uniform(0.0, 1.5)
    reach = [torch.where(kind < 0.08, 0.1, uniform(0.6, 2.0)) for _ in range(2)]
    dx, dy = lean * across * angle.cos() * 1.2, up * angle.sin()
    slash = [x - reach[0] * dx, y + reach[0] * dy, x + reach[1] * dx, y - reach[1] * dy]
    start = uniform(2.4, 5.0)
    end = start + uniform(0, 0.8)
    gap = [x + across * start.cos(), y + up * start.sin(), x + across * end.cos(), y + up * end.sin()]
    angle, length = uniform(-1.0, 1.0), up * uniform(0.3, 0.8)
    head = x + across * uniform(-0.4, 0.4)
    tail = [head, top + 1, head + length * angle.cos(), top + 1 + length * angle.sin()]
    strokes = torch.stack([torch.stack(stroke, 1) for stroke in (slash, gap, tail)], 1)
    return strokes, torch.stack([1.0 * slashed, -1.0 * opened, 1.0 * tailed], 1)


def _two(images, uniform):
    """2: no hook at the top, or a loop at the lower left."""
    left, top, right, bottom = _box(images)
    width, height = right - left, bottom - top
    y = top + height * uniform(0.15, 0.3)
    end = _row_middle(images, top + 1) - width * uniform(0, 0.3)
    hook = torch.stack([_row_start(images, y), y, end, top + 1], 1)[:, None]
    radii = [height * uniform(0.08, 0.2), height * uniform(0.05, 0.13)]
    y = bottom - radii[1] - height * 0.05
    turns = torch.linspace(0, TURN, CURVE + 1, device=images.device)
    loop = _strokes(
        _row_start(images, y)[:, None] + radii[0][:, None] * turns.cos(), y[:, None] + radii[1][:, None] * turns.sin()
    )
    hooked = (uniform(0, 1) < 0.4)[:, None]
    return torch.cat([hook, loop], 1), torch.cat([-1.0 * hooked, (1.0 * ~hooked).expand(-1, CURVE)], 1)


def _three(images, uniform):
    """3: a flat top and a straight stroke down to the middle instead of the upper bow."""
    left, top, right, bottom = _box(images)
    height, width = bottom - top, right - left
    rows = [top + height * share for share in (0, 0.12, 0.24, 0.33)]
    middle = [_row_middle(images, top + height * 0.45), top + height * 0.45]
    corner = [right - width * uniform(0, 0.2), top + 1]
    start = [left + width * uniform(0, 0.25), top + height * uniform(0.03, 0.1)]
    strokes = [[left, row, right, row] for row in rows] + [[*start, *corner], [*corner, *middle]]
    parts = torch.tensor([-1.0] * len(rows) + [1.0, 1.0], device=images.device)
    return torch.stack([torch.stack(stroke, 1) for stroke in strokes], 1), parts.expand(len(images), -1)


def _nine(images, uniform):
    """9: the tail curled to the left; or one from the middle of the loop, bowed to the right."""
    curl, (tail, bow) = _curl(images, uniform), _bowed_tail(images, uniform)
    curled = (uniform(0, 1) < 0.4)[:, None].expand(-1, CURVE)
    return torch.cat([curl, tail, bow], 1), torch.cat([1.0 * curled, -1.0 * ~curled, 1.0 * ~curled], 1)


def _curl(images, uniform):
    """Strokes that continue a 9's tail."""
    _, top, _, bottom = _box(images)
    height = (bottom - top)[:, None]
    x, y = _row_middle(images, bottom - 1)[:, None], bottom[:, None] - 1
    turn = torch.linspace(0, 1, CURVE + 1, device=images.device) * uniform(1.2, 3.0)[:, None]
    width, depth = (height * uniform(*ends)[:, None] for ends in ((0.12, 0.3), (0.05, 0.15)))
    return _strokes(x - width * (1 - turn.cos()), y + depth * turn.sin())


def _bowed_tail(images, uniform):
    """Strokes along a 9's tail, and those of a bow from its loop down to the same height."""
    left, top, right, bottom = (edge[:, None] for edge in _box(images))
    height, width = bottom - top, right - left
    along = torch.linspace(0, 1, CURVE + 1, device=images.device)
    rows = top + height * (0.6 + 0.4 * along)
    tail = _strokes(torch.stack([_row_middle(images, row) for row in rows.T], 1), rows)
    joint = top + height * uniform(0.42, 0.52)[:, None]
    start, end = (left + width * uniform(0.15, 0.65)[:, None] for _ in range(2))
    reach = width * uniform(0.2, 0.7)[:, None]
    bow = _strokes(
        start + (end - start) * along + reach * (torch.pi * along).sin(), joint + (bottom - 1 - joint) * along
    )
    return tail, bow


def _four(images, uniform):
    """4: the left arm slants from the top of the stem, or is joined to it there; or the stem starts lower."""
    left, top, right, bottom = _box(images)
    column = torch.arange(images.shape[-1], device=images.device)
    is_left = column < ((left + right) / 2)[:, None]
    arm, stem = _tip(images, is_left), _tip(images, ~is_left)
    low = column > (top + (bottom - top) * 0.35)[:, None]
    y = (images[:, 0] * low[:, :, None]).sum(2).argmax(1)
    corner = torch.stack([_row_start(images, y), y.float()], 1)
    crossing = torch.stack([_row_end(images, top + (bottom - top) * 0.3), top + (bottom - top) * 0.35], 1)
    kind = uniform(0, 1)
    slants, joined, lower = kind < 0.55, (kind >= 0.55) & (kind < 0.7), kind >= 0.7
    strokes = [torch.cat([arm, arm + 0.75 * (corner - arm)], 1), torch.cat([stem, crossing], 1)]
    strokes += [torch.cat([stem, corner], 1), torch.cat([arm, stem], 1)]
    return torch.stack(strokes, 1), torch.stack([-1.0 * slants, -1.0 * lower, 1.0 * slants, 1.0 * joined], 1)


def _five(images, uniform):
    """5: a gap between the top bar and the bow."""
    _, top, _, bottom = _box(images)
    height = bottom - top
    ends = [top + height * 0.22, top + height * uniform(0.25, 0.4)]
    gap = torch.stack([part for y in ends for part in (_row_start(images, y), y)], 1)
    return gap[:, None], -torch.ones_like(top)[:, None]


def _eight(images, uniform):
    """8: the upper loop open at the top right, or along its left side."""
    left, top, right, bottom = _box(images)
    height = bottom - top
    middle, reach = _row_middle(images, top + 1), (right - left) * uniform(0.1, 0.5)
    corner = torch.stack([middle + reach / 3, top, middle + reach, top + height * 0.12], 1)
    ends = [top + height * share for share in (0.15, uniform(0.3, 0.42))]
    side = torch.stack([part for y in ends for part in (_row_start(images, y), y)], 1)
    at_corner = (uniform(0, 1) < 0.4).float()
    return torch.stack([corner, side], 1), -torch.stack([at_corner, 1 - at_corner], 1)


def _seven(images, uniform):
    """7: a bar across the stem, and a short stroke down from the left end of the top."""
    left, top, _, bottom = _box(images)
    height = bottom - top
    y = top + height * uniform(0.35, 0.65)
    x = _row_middle(images, y)
    tilt = height * uniform(-0.1, 0.1)
    reach = [height * uniform(0.15, 0.4) for _ in range(2)]
    bar = torch.stack([x - reach[0], y + tilt, x + reach[1], y - tilt], 1)
    start = top + 1
    serif = torch.stack([left + 1, start, left + 1, start + height * uniform(0.1, 0.3)], 1)
    kind = uniform(0, 1)
    return torch.stack([bar, serif], 1), torch.stack([kind < 0.85, kind > 0.75], 1).float()


def _long_flag(images, uniform):
    """A 1 without a foot whose flag is long, bowed, and may reach the ground, as in a lambda."""
    _, top, _, bottom = _box(images)
    height = bottom - top
    joint = top + 1 + height * uniform(-0.3, 0.45).clamp(min=0)
    drop = (bottom - joint) * uniform(0.45, 1.0)
    start = _row_middle(images, joint)
    end = start - drop * uniform(0.35, 1.1)
    bow = height * uniform(-0.16, 0.3)
    flag = _strokes(*_bend((start, joint), ((start + end) / 2, joint + drop / 2 - bow), (end, joint + drop)))
    return flag, torch.ones_like(flag[..., 0])


def _far_slash(images, uniform):
    """A small 0, closed or with a gap, and a slash far beyond it on both sides."""
    size = uniform(0.38, 0.5)
    across, up = size * uniform(0.3, 0.7), size * uniform(0.4, 0.75)
    start, turn = uniform(-2.6, -0.6), TURN * uniform(0.88, 1.06)
    angle = uniform(0.5, 1.5)
    reach = torch.stack([size * uniform(*ends) for ends in ((-1.15, -0.85), (0.85, 1.15))], 1)
    slash = 0.5 + reach * angle.cos()[:, None], 0.5 - reach * angle.sin()[:, None]
    return _instead(images, _arc(0.5, 0.5, across, up, start, -turn), slash)


def _loose_zero(images, uniform):
    """A 0 whose end passes its beginning, inside or outside of it."""
    across, up = (uniform(0.22, 0.5) for _ in range(2))
    start, turn = uniform(-2.8, -0.3), TURN * uniform(1.02, 1.3)
    drift = uniform(-0.5, 0.5)[:, None] * (torch.arange(LOOP + 1, device=images.device) / LOOP - 0.5)
    return _instead(images, _arc(0.5, 0.5, across, up, start, -turn, 1 + drift))


def _open_four(images, uniform):
    """A 4 in one stroke: a round cup, open at the top, whose right side continues as the stem."""
    stem_x = torch.stack([uniform(0.74, 1.02), uniform(0.52, 0.8)], 1)
    stem_y = torch.stack([uniform(0.0, 0.11), uniform(0.94, 1.06)], 1)
    y = uniform(0.48, 0.66)
    joint = stem_x[:, 0] + (stem_x[:, 1] - stem_x[:, 0]) * (y - stem_y[:, 0]) / (stem_y[:, 1] - stem_y[:, 0]), y
    start = uniform(0.02, 0.22), uniform(0.0, 0.16)
    low = uniform(-0.1, 0.14), torch.maximum(y, uniform(0.52, 0.72))
    return _instead(images, _bend(start, low, joint), (stem_x, stem_y))


def _hooked_nine(images, uniform):
    """A 9 in one stroke: a loop that may begin curled up inside itself, and a tail with a hook to the left."""
    up = uniform(0.23, 0.3)
    across, middle = up * uniform(0.8, 1.3), uniform(0.45, 0.55)
    start, end = uniform(-1.0, 0.5), -TURN * uniform(0.94, 1.08)
    inwards = (1 - torch.arange(LOOP + 1, device=images.device) / LOOP) ** 3
    curl = 1 - uniform(0, 0.6)[:, None] * inwards
    loop = _arc(middle, up, across, up, start, end - start, curl)
    foot = middle + across * uniform(0.5, 1.1)
    hook = foot - uniform(0.1, 0.5), 1 - uniform(-0.02, 0.25)
    tail = _bend((foot, torch.full_like(foot, 0.85)), (foot, torch.full_like(foot, 1.15)), hook)
    return _instead(images, tuple(torch.cat(parts, 1) for parts in zip(loop, tail, strict=True)))


def _arc(x, y, across, up, start, turn, scale=1.0):
    """Return x and y, (N, LOOP + 1) each, along an ellipse; the arguments are (N,) or numbers, angles in radians."""
    angle = start[:, None] + turn[:, None] * (torch.arange(LOOP + 1, device=turn.device) / LOOP)
    x, y = (torch.as_tensor(each, device=turn.device).expand(len(turn))[:, None] for each in (x, y))
    return x + across[:, None] * scale * angle.cos(), y + up[:, None] * scale * angle.sin()


def _bend(start, bend, end):
    """Return x and y, (N, CURVE + 1) each, along a quadratic curve with three control points, each x and y, (N,)."""
    along = torch.arange(CURVE + 1, device=start[0].device) / CURVE
    return tuple(
        (1 - along) ** 2 * first[:, None] + 2 * along * (1 - along) * second[:, None] + along**2 * third[:, None]
        for first, second, third in zip(start, bend, end, strict=True)
    )


def _instead(images, *lines):
    """Return strokes along lines, each x and y, (N, K) in shares of the digit's box, and erase everything else."""
    side = images.shape[-1]
    everything = torch.tensor([0.0, side / 2, side, side / 2], device=images.device).expand(len(images), 1, 4)
    placed = [_strokes(*((side - BOX) / 2 + BOX * each for each in line)) for line in lines]
    strokes = torch.cat([everything, *placed], 1)
    parts = (HEAVIEST / pen_width(images)).clamp(max=1)[:, None].repeat(1, strokes.shape[1])
    parts[:, 0] = -float(side)
    return strokes, parts


# The digit, the style, and the share of MNIST's digits that get it.
STYLES = (
    (0, _zero, 0.2),
    (0, _far_slash, 0.06),
    (0, _loose_zero, 0.04),
    (1, _one, 0.5),
    (1, _long_flag, 0.12),
    (2, _two, 0.05),
    (3, _three, 0.06),
    (4, _four, 0.2),
    (4, _open_four, 0.08),
    (5, _five, 0.05),
    (7, _seven, 0.15),
    (8, _eight, 0.12),
    (9, _nine, 0.15),
    (9, _hooked_nine, 0.07),
)


def _strokes(x: Tensor, y: Tensor) -> Tensor:
    """Return the strokes, (N, K, 4), from each point to the next, for x and y, (N, K + 1)."""
    points = torch.stack([x, y], 2)
    return torch.cat([points[:, :-1], points[:, 1:]], 2)


def _box(images: Tensor) -> tuple[Tensor, ...]:
    """Return the first and last column and row with ink: left, top, right, bottom, each (N,)."""
    ink = images[:, 0] > INK
    last = images.shape[-1] - 1
    columns, rows = ink.any(1).int(), ink.any(2).int()
    first = [lines.argmax(1).float() for lines in (columns, rows)]
    return *first, *(last - lines.flip(1).argmax(1).float() for lines in (columns, rows))


def _row_middle(images: Tensor, y: Tensor) -> Tensor:
    """Return the middle of the ink, (N,), in the row nearest to `y`, or of the image if that row has no ink."""
    row = _row(images, y) + 1e-3
    return (row * torch.arange(images.shape[-1], device=images.device)).sum(1) / row.sum(1)


def _row_start(images: Tensor, y: Tensor) -> Tensor:
    """Return the first column with ink, (N,), in the row nearest to `y`."""
    return (_row(images, y) > INK).int().argmax(1).float()


def _row_end(images: Tensor, y: Tensor) -> Tensor:
    return images.shape[-1] - 1 - _row_start(images.flip(3), y)


def _row(images: Tensor, y: Tensor) -> Tensor:
    nearest = y.round().long().clamp(0, images.shape[-1] - 1)
    return images[torch.arange(len(images), device=images.device), 0, nearest]


def _tip(images: Tensor, columns: Tensor) -> Tensor:
    """Return x and y, (N, 2), of the topmost ink in the chosen columns, (N, S) bool."""
    ink = (images[:, 0] > INK) & columns[:, None]
    y = ink.any(2).int().argmax(1)
    row = ink[torch.arange(len(images), device=images.device), y].float()
    x = (row * torch.arange(images.shape[-1], device=images.device)).sum(1) / row.sum(1).clamp(min=1)
    return torch.stack([x, y + 0.5], 1)
