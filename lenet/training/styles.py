"""Ways of writing a digit that MNIST has few of, drawn onto its digits, a batch at once on the training device.

1 with a flag, a foot or both, or a spur; 7 with a bar; 0 with a slash, a dot, a gap or a tail; 4 closed, slanting
or with a low stem; 2 with a loop or no hook; 3 with a flat top; 9 with a curled or a bowed tail; 5 without its
stroke down; 8 open. Each is a function from (N, 1, S, S) pictures of one digit to strokes, (N, K, 4) x0 y0 x1 y1,
and what becomes of each, (N, K): 1 drawn, 0 not, -1 rubbed out before the others are drawn.
"""

import torch
from torch import Tensor

from lenet.training.strokes import draw

# Fainter than this is not part of the digit's shape.
INK = 100
# What is rubbed out is this many pens wide.
RUBBER = 2.0
# A curve is drawn as so many straight strokes.
CURVE = 8
# A bow as so many, a loop as so many.
BOW, LOOP = 4, 14
# The widest pen, in pixels, that leaves a digit's gaps open.
HEAVIEST = 3.0
# How large a digit is in its picture, in pixels.
BOX = 20


def restyle(images: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
    """The pictures, (N, 1, S, S) from 0 to 255, with a share of the digits that have a style here in that style."""
    images = images.clone()
    chance = torch.rand(len(images), generator=generator, device=images.device)
    taken = [0.0] * 10
    for digit, style, share in STYLES:
        which = (labels == digit) & (chance >= taken[digit]) & (chance < taken[digit] + share)
        taken[digit] += share
        plain = images[which]
        if len(plain):
            ends, parts = style(plain, generator)
            widths = parts * (pen_width(plain) * _between(0.8, 1.2, plain, generator))[:, None]
            rubbed = torch.minimum(plain, 255 - draw(ends, -RUBBER * widths, images.shape[-1]))
            images[which] = torch.maximum(rubbed, draw(ends, widths, images.shape[-1]))
    return images


def pen_width(images: Tensor) -> Tensor:
    """(N,) how wide the strokes are in pixels: their area over half the length of their edges."""
    ink = images[:, 0] / 255
    edges = torch.hypot(ink[:, 1:, :-1] - ink[:, :-1, :-1], ink[:, :-1, 1:] - ink[:, :-1, :-1]).sum((1, 2))
    return (2 * ink.sum((1, 2)) / edges.clamp(min=1)).clamp(1, 6)


def _one(images, generator):
    """A flag down to the left from the top, a foot across the bottom, or both; or a spur up from the bottom."""
    _, top, _, bottom = _box(images)
    height = bottom - top
    head, sole = _row_middle(images, top + 1), _row_middle(images, bottom - 1)
    angle = _between(0.3, 1.1, images, generator)
    length = height * _between(0.25, 0.85, images, generator) * (1.3 - angle / 2)
    flag = torch.stack([head, top + 1, head - length * angle.sin(), top + 1 + length * angle.cos()], 1)
    reach = [height * _between(0.1, 0.6, images, generator) for _ in range(2)]
    ground, tilt = bottom - height * _between(0, 0.08, images, generator), _between(-0.12, 0.12, images, generator)
    foot = [sole - reach[0], ground - tilt * reach[0], sole + reach[1], ground + tilt * reach[1]]
    foot = torch.stack(foot, 1)
    angle, length = _between(0.2, 1.2, images, generator), height * _between(0.12, 0.35, images, generator)
    spur = torch.stack([sole, bottom - 1, sole + length * angle.cos(), bottom - 1 - length * angle.sin()], 1)
    kind = _between(0, 1, images, generator)
    flagged, footed, spurred = kind < 0.84, (kind > 0.5) & (kind < 0.91), kind >= 0.91
    return torch.stack([flag, foot, spur], 1), torch.stack([flagged, footed, spurred], 1).float()


def _zero(images, generator):
    """A slash, within or overshooting; or a dot; or a gap in the top; or a tail where the pen set down."""
    left, top, right, bottom = _box(images)
    x, y = (left + right) / 2, (top + bottom) / 2
    across, up = (right - left) / 2, (bottom - top) / 2
    kind = _between(0, 1, images, generator)
    slashed, opened, tailed = kind < 0.65, (kind >= 0.65) & (kind < 0.85), kind >= 0.85
    # Most lean to the right; a slash without length is a dot.
    lean = torch.where(_between(0, 1, images, generator) < 0.8, 1.0, -1.0)
    angle = _between(0.0, 1.5, images, generator)
    reach = [torch.where(kind < 0.08, 0.1, _between(0.6, 2.0, images, generator)) for _ in range(2)]
    dx, dy = lean * across * angle.cos() * 1.2, up * angle.sin()
    slash = [x - reach[0] * dx, y + reach[0] * dy, x + reach[1] * dx, y - reach[1] * dy]
    start = _between(2.4, 5.0, images, generator)
    end = start + _between(0, 0.8, images, generator)
    gap = [x + across * start.cos(), y + up * start.sin(), x + across * end.cos(), y + up * end.sin()]
    angle, length = _between(-1.0, 1.0, images, generator), up * _between(0.3, 0.8, images, generator)
    head = x + across * _between(-0.4, 0.4, images, generator)
    tail = [head, top + 1, head + length * angle.cos(), top + 1 + length * angle.sin()]
    strokes = torch.stack([torch.stack(stroke, 1) for stroke in (slash, gap, tail)], 1)
    return strokes, torch.stack([1.0 * slashed, -1.0 * opened, 1.0 * tailed], 1)


def _two(images, generator):
    """The hook at the top left out, or a loop at the lower left."""
    left, top, right, bottom = _box(images)
    width, height = right - left, bottom - top
    y = top + height * _between(0.15, 0.3, images, generator)
    end = _row_middle(images, top + 1) - width * _between(0, 0.3, images, generator)
    hook = torch.stack([_row_start(images, y), y, end, top + 1], 1)[:, None]
    radii = [height * _between(0.08, 0.2, images, generator), height * _between(0.05, 0.13, images, generator)]
    y = bottom - radii[1] - height * 0.05
    turns = torch.linspace(0, 2 * torch.pi, CURVE + 1, device=images.device)
    loop = _curve(
        _row_start(images, y)[:, None] + radii[0][:, None] * turns.cos(), y[:, None] + radii[1][:, None] * turns.sin()
    )
    hooked = (_between(0, 1, images, generator) < 0.4)[:, None]
    return torch.cat([hook, loop], 1), torch.cat([-1.0 * hooked, (1.0 * ~hooked).expand(-1, CURVE)], 1)


def _three(images, generator):
    """The upper bow left out, and a flat top and a straight stroke down to the middle instead."""
    left, top, right, bottom = _box(images)
    height, width = bottom - top, right - left
    rows = [top + height * share for share in (0, 0.12, 0.24, 0.33)]
    middle = [_row_middle(images, top + height * 0.45), top + height * 0.45]
    corner = [right - width * _between(0, 0.2, images, generator), top + 1]
    start = [left + width * _between(0, 0.25, images, generator), top + height * _between(0.03, 0.1, images, generator)]
    strokes = [[left, row, right, row] for row in rows] + [[*start, *corner], [*corner, *middle]]
    parts = torch.tensor([-1.0] * len(rows) + [1.0, 1.0], device=images.device)
    return torch.stack([torch.stack(stroke, 1) for stroke in strokes], 1), parts.expand(len(images), -1)


def _nine(images, generator):
    """The tail curled to the left; or another one from the middle of the loop, bowed to the right."""
    curl, (tail, bow) = _curl(images, generator), _bowed_tail(images, generator)
    curled = (_between(0, 1, images, generator) < 0.4)[:, None].expand(-1, CURVE)
    return torch.cat([curl, tail, bow], 1), torch.cat([1.0 * curled, -1.0 * ~curled, 1.0 * ~curled], 1)


def _curl(images, generator):
    """Strokes on from the end of a 9's tail."""
    _, top, _, bottom = _box(images)
    height = (bottom - top)[:, None]
    x, y = _row_middle(images, bottom - 1)[:, None], bottom[:, None] - 1
    turn = torch.linspace(0, 1, CURVE + 1, device=images.device) * _between(1.2, 3.0, images, generator)[:, None]
    width, depth = (height * _between(*ends, images, generator)[:, None] for ends in ((0.12, 0.3), (0.05, 0.15)))
    return _curve(x - width * (1 - turn.cos()), y + depth * turn.sin())


def _bowed_tail(images, generator):
    """Strokes along a 9's tail, and those of a bow from its loop to as far down."""
    left, top, right, bottom = (edge[:, None] for edge in _box(images))
    height, width = bottom - top, right - left
    along = torch.linspace(0, 1, CURVE + 1, device=images.device)
    rows = top + height * (0.6 + 0.4 * along)
    tail = _curve(torch.stack([_row_middle(images, row) for row in rows.T], 1), rows)
    joint = top + height * _between(0.42, 0.52, images, generator)[:, None]
    start, end = (left + width * _between(0.15, 0.65, images, generator)[:, None] for _ in range(2))
    reach = width * _between(0.2, 0.7, images, generator)[:, None]
    bow = _curve(start + (end - start) * along + reach * (torch.pi * along).sin(), joint + (bottom - 1 - joint) * along)
    return tail, bow


def _four(images, generator):
    """The left arm slanting from the top of the stem, or joined to it there; or a stem that starts lower."""
    left, top, right, bottom = _box(images)
    column = torch.arange(images.shape[-1], device=images.device)
    is_left = column < ((left + right) / 2)[:, None]
    arm, stem = _tip(images, is_left), _tip(images, ~is_left)
    low = column > (top + (bottom - top) * 0.35)[:, None]
    y = (images[:, 0] * low[:, :, None]).sum(2).argmax(1)
    corner = torch.stack([_row_start(images, y), y.float()], 1)
    crossing = torch.stack([_row_end(images, top + (bottom - top) * 0.3), top + (bottom - top) * 0.35], 1)
    kind = _between(0, 1, images, generator)
    slants, joined, lower = kind < 0.55, (kind >= 0.55) & (kind < 0.7), kind >= 0.7
    strokes = [torch.cat([arm, arm + 0.75 * (corner - arm)], 1), torch.cat([stem, crossing], 1)]
    strokes += [torch.cat([stem, corner], 1), torch.cat([arm, stem], 1)]
    return torch.stack(strokes, 1), torch.stack([-1.0 * slants, -1.0 * lower, 1.0 * slants, 1.0 * joined], 1)


def _five(images, generator):
    """The top bar on its own, the stroke down from it left out."""
    _, top, _, bottom = _box(images)
    height = bottom - top
    ends = [top + height * 0.22, top + height * _between(0.25, 0.4, images, generator)]
    gap = torch.stack([part for y in ends for part in (_row_start(images, y), y)], 1)
    return gap[:, None], -torch.ones_like(top)[:, None]


def _eight(images, generator):
    """The upper loop left open: at the top, to the right, or all along its left."""
    left, top, right, bottom = _box(images)
    height = bottom - top
    middle, reach = _row_middle(images, top + 1), (right - left) * _between(0.1, 0.5, images, generator)
    corner = torch.stack([middle + reach / 3, top, middle + reach, top + height * 0.12], 1)
    ends = [top + height * share for share in (0.15, _between(0.3, 0.42, images, generator))]
    side = torch.stack([part for y in ends for part in (_row_start(images, y), y)], 1)
    at_corner = (_between(0, 1, images, generator) < 0.4).float()
    return torch.stack([corner, side], 1), -torch.stack([at_corner, 1 - at_corner], 1)


def _seven(images, generator):
    """A bar across the stem, and a short stroke down from the left end of the top."""
    left, top, _, bottom = _box(images)
    height = bottom - top
    y = top + height * _between(0.35, 0.65, images, generator)
    x = _row_middle(images, y)
    tilt = height * _between(-0.1, 0.1, images, generator)
    reach = [height * _between(0.15, 0.4, images, generator) for _ in range(2)]
    bar = torch.stack([x - reach[0], y + tilt, x + reach[1], y - tilt], 1)
    start = top + 1
    serif = torch.stack([left + 1, start, left + 1, start + height * _between(0.1, 0.3, images, generator)], 1)
    kind = _between(0, 1, images, generator)
    return torch.stack([bar, serif], 1), torch.stack([kind < 0.85, kind > 0.75], 1).float()


def _long_flag(images, generator):
    """A 1 without a foot whose flag is long, bowed, and may reach the ground, as in a lambda."""
    _, top, _, bottom = _box(images)
    height = bottom - top
    joint = top + 1 + height * _between(-0.3, 0.45, images, generator).clamp(min=0)
    drop = (bottom - joint) * _between(0.45, 1.0, images, generator)
    reach = drop * _between(0.35, 1.1, images, generator)
    bow = height * _between(-0.08, 0.16, images, generator)
    along = torch.linspace(0, 1, BOW + 1, device=images.device)
    x = _row_middle(images, joint)[:, None] - reach[:, None] * along
    y = joint[:, None] + drop[:, None] * along - bow[:, None] * (torch.pi * along).sin()
    flag = _curve(x, y)
    return flag, torch.ones_like(flag[..., 0])


def _far_slash(images, generator):
    """A small 0, closed or with its ends apart, and a slash far beyond it on both sides."""
    x, y = _glyph(images, [(0.5, 0.5)])
    reach = _sides(images, (0.75, 1.0), generator)
    across, up = reach * _between(0.3, 0.7, images, generator), reach * _between(0.4, 0.75, images, generator)
    start, turn = _between(-2.6, -0.6, images, generator), 2 * torch.pi * _between(0.88, 1.06, images, generator)
    loop = _arc(x[:, 0], y[:, 0], across, up, start, -turn)
    angle = _between(0.5, 1.5, images, generator)
    ends = [reach * _between(0.85, 1.15, images, generator) for _ in range(2)]
    dx, dy = angle.cos(), angle.sin()
    slash = [x[:, 0] - ends[0] * dx, y[:, 0] + ends[0] * dy, x[:, 0] + ends[1] * dx, y[:, 0] - ends[1] * dy]
    return _instead(images, loop, torch.stack(slash, 1)[:, None])


def _loose_zero(images, generator):
    """A 0 that winds past its beginning, inside or outside of it."""
    x, y = _glyph(images, [(0.5, 0.5)])
    across, up = (_sides(images, (0.45, 1.0), generator) for _ in range(2))
    start, turn = _between(-2.8, -0.3, images, generator), 2 * torch.pi * _between(1.02, 1.3, images, generator)
    drift = _between(-0.5, 0.5, images, generator)[:, None] * torch.linspace(-0.5, 0.5, LOOP + 1, device=x.device)
    return _instead(images, _arc(x[:, 0], y[:, 0], across, up, start, -turn, 1 + drift))


def _open_four(images, generator):
    """In one stroke: a round cup, open at the top, whose right side goes on as the stem."""
    left = _glyph(images, [(0.12, 0.06), (0.1, 0.62)], (0.1, 0.1), generator)
    low = _between(0.48, 0.66, images, generator)
    stem = _glyph(images, [(0.88, 0.05), (0.66, 1.0)], (0.14, 0.06), generator)
    side = images.shape[-1]
    y = (side - BOX) / 2 + BOX * low
    share = ((y - stem[1][:, 0]) / (stem[1][:, 1] - stem[1][:, 0]).clamp(min=1)).clamp(0, 1)
    x = stem[0][:, 0] + (stem[0][:, 1] - stem[0][:, 0]) * share
    along = torch.linspace(0, 1, CURVE + 1, device=images.device)
    middle = _glyph(images, [(0.02, 0.62)], (0.12, 0.1), generator)
    middle = [middle[0][:, 0], torch.maximum(middle[1][:, 0], y)]
    cup = [
        (1 - along) ** 2 * start[:, None] + 2 * along * (1 - along) * bend[:, None] + along**2 * end[:, None]
        for start, bend, end in zip((left[0][:, 0], left[1][:, 0]), middle, (x, y), strict=True)
    ]
    return _instead(images, _curve(*cup), _curve(*stem))


def _hooked_nine(images, generator):
    """In one stroke: a loop that may begin curled up inside itself, and a tail with a hook to the left."""
    size = BOX * _between(0.45, 0.6, images, generator) / 2
    wide = size * _between(0.8, 1.3, images, generator)
    x, top = _glyph(images, [(0.5, 0.0)])
    x, y = x[:, 0] + _between(-1.0, 1.0, images, generator), top[:, 0] + size
    start, turn = _between(-1.0, 0.5, images, generator), 2 * torch.pi * _between(0.94, 1.08, images, generator)
    along = torch.linspace(0, 1, LOOP + 1, device=images.device)
    angle = start[:, None] + (-turn - start)[:, None] * along
    curl = 1 - _between(0, 0.6, images, generator)[:, None] * (1 - along) ** 3
    loop_x, loop_y = x[:, None] + wide[:, None] * curl * angle.cos(), y[:, None] + size[:, None] * curl * angle.sin()
    bottom = top + BOX
    tail_x = (x + wide)[:, None] + _between(-0.5, 0.1, images, generator)[:, None] * wide[:, None]
    hook_x = tail_x - BOX * _between(0.1, 0.5, images, generator)[:, None]
    hook_y = bottom - BOX * _between(-0.02, 0.25, images, generator)[:, None]
    corner_x, corner_y = tail_x, bottom + 0.15 * BOX
    half = torch.linspace(0, 1, CURVE // 2 + 1, device=images.device)[1:]
    down_x = loop_x[:, -1:] + (tail_x - loop_x[:, -1:]) * half
    down_y = loop_y[:, -1:] + (bottom - 0.15 * BOX - loop_y[:, -1:]) * half
    bend_x = (1 - half) ** 2 * down_x[:, -1:] + 2 * half * (1 - half) * corner_x + half**2 * hook_x
    bend_y = (1 - half) ** 2 * down_y[:, -1:] + 2 * half * (1 - half) * corner_y + half**2 * hook_y
    return _instead(images, _curve(torch.cat([loop_x, down_x, bend_x], 1), torch.cat([loop_y, down_y, bend_y], 1)))


def _glyph(images, points, spread=(0.0, 0.0), generator=None):
    """x and y, (N, K) each, of points given as shares of the digit's box, each moved at random by up to `spread`."""
    near = torch.tensor(points, device=images.device).T[:, None].expand(2, len(images), -1)
    if generator is not None:
        moved = torch.rand(near.shape, generator=generator, device=images.device) * 2 - 1
        near = near + moved * torch.tensor(spread, device=images.device)[:, None, None]
    return (images.shape[-1] - BOX) / 2 + BOX * near


def _sides(images, shares, generator):
    return BOX / 2 * _between(*shares, images, generator)


def _arc(x, y, across, up, start, turn, drift=1.0):
    """Strokes along an ellipse's edge, (N, LOOP, 4)."""
    angle = start[:, None] + turn[:, None] * torch.linspace(0, 1, LOOP + 1, device=x.device)
    return _curve(x[:, None] + across[:, None] * drift * angle.cos(), y[:, None] + up[:, None] * drift * angle.sin())


def _instead(images, *strokes):
    """These strokes and nothing of what was there."""
    side = images.shape[-1]
    everything = torch.tensor([0.0, side / 2, side, side / 2], device=images.device).expand(len(images), 1, 4)
    strokes = torch.cat([everything, *strokes], 1)
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


def _curve(x: Tensor, y: Tensor) -> Tensor:
    """The strokes from each point to the next, (N, K, 4), through K + 1 points given as x and y, (N, K + 1)."""
    points = torch.stack([x, y], 2)
    return torch.cat([points[:, :-1], points[:, 1:]], 2)


def _box(images: Tensor) -> tuple[Tensor, ...]:
    """The first and last column and row with ink: left, top, right, bottom, each (N,)."""
    ink = images[:, 0] > INK
    last = images.shape[-1] - 1
    edges = []
    for lines in (ink.any(1).int(), ink.any(2).int()):
        edges.append((lines.argmax(1).float(), last - lines.flip(1).argmax(1).float()))
    (left, right), (top, bottom) = edges
    return left, top, right, bottom


def _row_middle(images: Tensor, y: Tensor) -> Tensor:
    """(N,) where the ink of the row nearest to `y` has its middle, or the picture's where it has none."""
    row = _row(images, y) + 1e-3
    return (row * torch.arange(images.shape[-1], device=images.device)).sum(1) / row.sum(1)


def _row_start(images: Tensor, y: Tensor) -> Tensor:
    """(N,) the first column with ink in the row nearest to `y`."""
    return (_row(images, y) > INK).int().argmax(1).float()


def _row_end(images: Tensor, y: Tensor) -> Tensor:
    return images.shape[-1] - 1 - _row_start(images.flip(3), y)


def _row(images: Tensor, y: Tensor) -> Tensor:
    nearest = y.round().long().clamp(0, images.shape[-1] - 1)
    return images[torch.arange(len(images), device=images.device), 0, nearest]


def _tip(images: Tensor, columns: Tensor) -> Tensor:
    """(N, 2) x and y of the topmost ink in the chosen columns, (N, S) bool."""
    ink = (images[:, 0] > INK) & columns[:, None]
    y = ink.any(2).int().argmax(1)
    row = ink[torch.arange(len(images), device=images.device), y].float()
    x = (row * torch.arange(images.shape[-1], device=images.device)).sum(1) / row.sum(1).clamp(min=1)
    return torch.stack([x, y + 0.5], 1)


def _between(low: float, high: float, like: Tensor, generator: torch.Generator) -> Tensor:
    """(N,) numbers drawn evenly from low to high, one a picture."""
    return low + (high - low) * torch.rand(len(like), generator=generator, device=like.device)
