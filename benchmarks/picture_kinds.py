"""Make realistic pictures of digits: each kind is a function from a pen and a random generator to an image.

Digits come from pen paths: those below, bent at random, or recorded strokes. Light, paper, pen, size, tilt, blur and
JPEG quality are random, and the same seed makes the same pictures.
"""

import io
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

# The points of each digit's strokes, in a box of 100 x 100; several ways to write each digit.
PATHS = {
    0: [
        "52 2 22 20 12 52 24 86 52 98 80 84 90 50 78 14 50 2",
        "40 4 14 40 18 80 48 98 82 78 86 34 62 4 36 8",
    ],
    1: [
        "52 0 50 50 48 100",
        "28 28 40 16 54 0 54 50 54 100",
    ],
    2: [
        "14 22 26 5 52 0 78 12 80 34 60 60 14 97 50 96 88 98",
        "16 26 30 4 60 2 78 22 66 50 40 76 12 96/12 96 88 96",
    ],
    3: [
        "16 12 40 0 70 6 76 24 62 42 40 47 66 52 82 70 74 90 46 99 14 88",
        "14 4 78 4/78 4 44 40 70 46 84 68 68 94 36 98 12 86",
    ],
    4: [
        "56 0 36 34 8 64/8 64 92 62/66 34 64 66 62 100",
        "24 2 22 30 18 54/18 54 50 56 82 52/74 2 72 50 70 100",
    ],
    5: [
        "80 2 26 4/26 4 20 44/20 44 46 36 74 46 82 70 68 92 40 99 14 88",
        "24 4 20 44 48 38 78 52 80 78 56 98 16 90/24 4 82 2",
    ],
    6: [
        "70 2 40 22 20 56 24 86 50 99 76 84 78 62 56 50 32 58 20 76",
        "56 0 26 36 16 72 34 97 64 94 78 72 60 54 32 60 20 74",
    ],
    7: [
        "12 6 50 4 88 4/88 4 62 48 40 100",
        "10 6 86 4/86 4 60 44 36 98/34 52 76 48",
    ],
    8: [
        "70 14 48 2 24 14 30 36 58 52 78 72 68 94 44 99 22 86 26 64 52 46 72 28 70 14",
        "52 48 28 36 26 12 50 2 74 14 70 38 50 48 24 64 22 88 50 99 78 86 76 62 52 48",
    ],
    9: [
        "76 22 52 4 26 16 24 40 46 54 70 42 76 20/76 20 76 60 70 100",
        "74 16 46 2 22 22 30 48 58 46 76 22 74 50 64 80 44 99",
    ],
}

# The strokes of a digit, (N, 2) each, y down.
Strokes = list[np.ndarray]
Pen = Callable[[np.random.Generator], Strokes]


def handwritten(digit: int, rng: np.random.Generator) -> Strokes:
    """Return a digit's strokes in a box of about 100 x 100: a random way to write it, bent, slanted and rotated."""
    ways = PATHS[digit]
    strokes = [np.array(path.split(), float).reshape(-1, 2) for path in ways[rng.integers(len(ways))].split("/")]
    bend = rng.normal(0, 4, (2, 2)) @ np.ones(2)
    aspect, slant, turn = rng.uniform(0.65, 0.95), rng.uniform(-0.1, 0.25), np.radians(rng.uniform(-5, 5))
    cos, sin = np.cos(turn), np.sin(turn)
    matrix = np.array([[cos, -sin], [sin, cos]]) @ np.array([[aspect, -slant], [0, 1]])
    phase = rng.uniform(0, 2 * np.pi, 2)
    curves = [_curve(stroke) for stroke in strokes]
    return [(curve - 50 + bend * np.sin(curve[:, ::-1] / 25 + phase) * 0.4) @ matrix.T for curve in curves]


def _curve(points: np.ndarray, steps: int = 12) -> np.ndarray:
    """Return a smooth line through the points (a Catmull-Rom spline)."""
    if len(points) < 3:
        return np.linspace(points[0], points[-1], steps)
    p = np.concatenate([[2 * points[0] - points[1]], points, [2 * points[-1] - points[-2]]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    parts = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False)
    ]
    return np.concatenate([*parts, points[-1:]])


def render(strokes: Strokes, height: float, pen: float) -> np.ndarray:
    """Render strokes as coverage from 0 to 1, `height` pixels along their longer side, `pen` pixels thick."""
    every = np.concatenate(strokes)
    low, high = every.min(0), every.max(0)
    scale = height / max((high - low).max(), 1e-6)
    margin = pen / 2 + 1
    size = np.ceil((high - low) * scale + 2 * margin).astype(int)
    fine = 4  # times the resolution, so that edges are soft
    canvas = np.zeros((size[1] * fine, size[0] * fine), np.uint8)
    for stroke in strokes:
        points = (((stroke - low) * scale + margin) * fine * 16).round().astype(np.int32)
        cv2.polylines(canvas, [points], False, 255, max(1, round(pen * fine)), cv2.LINE_AA, 4)
    return cv2.resize(canvas, size.tolist(), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def _paint(paper: np.ndarray, ink: np.ndarray, corner: tuple[float, float], colour: np.ndarray) -> None:
    """Paint ink (H, W) onto the paper (H, W, 3), in place."""
    x, y = round(corner[0]), round(corner[1])
    part = paper[y : y + ink.shape[0], x : x + ink.shape[1]]
    share = ink[: part.shape[0], : part.shape[1], None]
    part[:] = part * (1 - share) + colour * share


def _random_corner(paper: np.ndarray, ink: np.ndarray, rng: np.random.Generator, margin: float = 0.1) -> tuple:
    room = [max(0, p - i) for p, i in zip(paper.shape[1::-1], ink.shape[::-1], strict=True)]
    return tuple(side * rng.uniform(margin, 1 - margin) for side in room)


def _clouds(shape: tuple[int, int], coarseness: float, rng: np.random.Generator) -> np.ndarray:
    """Return smooth random values with standard deviation 1 and spots of about this many pixels."""
    cells = [max(2, round(side / coarseness)) for side in shape]
    spots = cv2.resize(rng.normal(0, 1, cells).astype(np.float32), shape[::-1], interpolation=cv2.INTER_CUBIC)
    return spots / max(spots.std(), 1e-6)


def _paper(shape, colour, rng, grain: float = 2.0) -> np.ndarray:
    grey = grain * _clouds(shape, 3, rng) + grain / 2 * _clouds(shape, 30, rng)
    return np.asarray(colour, np.float32) + grey[..., None]


def _pen_colour(rng) -> np.ndarray:
    colours = [(25, 25, 30), (30, 40, 130), (20, 20, 20), (60, 60, 65), (150, 30, 35), (20, 90, 50)]
    return np.array(colours[rng.integers(len(colours))], float) + rng.uniform(-10, 20)


def _photograph(scene: np.ndarray, rng: np.random.Generator, harsh: float = 1.0) -> Image.Image:
    """Photograph a scene: uneven light, blur, a noisy sensor, JPEG."""
    height, width = scene.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    angle, fall = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.25) * harsh
    light = 1 - fall * (x * np.cos(angle) + y * np.sin(angle)) / 1.4 - rng.uniform(0, 0.12) * harsh * (x**2 + y**2) / 2
    if rng.random() < 0.35:  # the shadow of a hand or a phone
        angle, soft = rng.uniform(0, 2 * np.pi), rng.uniform(0.05, 0.6)
        edge = (x * np.cos(angle) + y * np.sin(angle) - rng.uniform(-0.5, 0.5)) / soft
        light *= 1 - rng.uniform(0.1, 0.4) * harsh / (1 + np.exp(-4 * edge))
    scene = scene * light[..., None] * (1 + rng.uniform(-0.06, 0.06, 3))
    blur = rng.uniform(0, 1.1) * max(1, max(height, width) / 1200)
    scene = cv2.GaussianBlur(scene.astype(np.float32), (0, 0), blur) if blur > 0.3 else scene
    scene = scene + rng.normal(0, rng.uniform(1, 6) * harsh, scene.shape)
    return _jpeg(scene, int(rng.integers(55, 95)))


def _jpeg(scene: np.ndarray, quality: int) -> Image.Image:
    file = io.BytesIO()
    Image.fromarray(scene.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=quality)
    return Image.open(file)


def _table(shape, rng) -> np.ndarray:
    """Return a background: wood, cloth, plain, or a wall with large spots."""
    colours = [(120, 80, 50), (70, 50, 40), (50, 55, 60), (30, 30, 35), (90, 100, 90), (140, 110, 80), (60, 70, 110)]
    table = np.ones((*shape, 3), np.float32) * (np.array(colours[rng.integers(len(colours))]) + rng.uniform(-15, 15))
    kind = rng.integers(4)
    if kind == 1:  # wood
        grain = cv2.resize(rng.normal(0, 1, (shape[0] // 3 + 2, 4)).astype(np.float32), shape[::-1])
        table += 10 * grain[..., None]
    elif kind == 2:
        table += rng.uniform(4, 14) * _clouds(shape, 3, rng)[..., None]
    elif kind == 3:
        table += rng.uniform(8, 30) * _clouds(shape, rng.uniform(0.02, 0.1) * max(shape), rng)[..., None]
    return table


def _place(scene, sheet, rng, tilt: float) -> np.ndarray:
    """Put a sheet on a scene, rotated by up to `tilt` degrees and in perspective, with its shadow."""
    height, width = scene.shape[:2]
    h, w = sheet.shape[:2]
    turn = np.radians(rng.uniform(-tilt, tilt))
    corners = np.array([[-w, -h], [w, -h], [w, h], [-w, h]]) / 2
    corners = corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    corners *= 1 + rng.uniform(-0.03, 0.03, (4, 1))
    free = np.array([width, height]) / 2 - np.abs(corners).max(0)
    corners += np.array([width, height]) / 2 + rng.uniform(-0.9, 0.9, 2) * np.maximum(free, 0)
    warp = cv2.getPerspectiveTransform(np.float32([[0, 0], [w, 0], [w, h], [0, h]]), np.float32(corners))
    placed = cv2.warpPerspective(sheet, warp, (width, height), flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.ones((h, w), np.float32), warp, (width, height))
    shadow = cv2.GaussianBlur(np.roll(mask, rng.integers(-4, 8, 2), (0, 1)), (0, 0), rng.uniform(2, 8))
    scene = scene * (1 - rng.uniform(0, 0.5) * shadow[..., None])
    return scene * (1 - mask[..., None]) + placed * mask[..., None]


def _sheet(pen: Pen, rng, shape, colours, digit: tuple[float, float]) -> np.ndarray:
    """Return a sheet of one of the colours, with a digit whose height is a share of the shorter side, in this range."""
    paper = _paper(shape, colours[rng.integers(len(colours))], rng)
    height = rng.uniform(*digit) * min(shape)
    ink = render(pen(rng), height, max(1.5, rng.uniform(0.03, 0.11) * height))
    _paint(paper, ink, _random_corner(paper, ink, rng, 0.15), _pen_colour(rng))
    return paper


WHITE = [(245, 243, 235), (235, 235, 235), (250, 250, 250), (225, 215, 190)]
NOTES = [(245, 228, 110), (250, 180, 190), (180, 230, 170), (160, 210, 240), (250, 200, 120)]


def sheet_on_table(pen: Pen, rng) -> Image.Image:
    side = int(rng.choice([300, 400, 640, 1000, 1600]))
    shape = (round(side * rng.uniform(0.7, 0.8)), side)
    scene = _table(shape, rng)
    sheet = [round(length * rng.uniform(0.5, 0.85)) for length in shape]
    scene = _place(scene, _sheet(pen, rng, sheet, WHITE, (0.35, 0.7)), rng, rng.choice([0, 4, 15]))
    return _photograph(scene, rng)


def note_on_wall(pen: Pen, rng) -> Image.Image:
    side = int(rng.choice([320, 400, 800, 1200]))
    shape = (round(side * 0.8), side)
    wall = np.ones((*shape, 3), np.float32) * np.array([130, 120, 110]) * rng.uniform(0.6, 1.4)
    wall += rng.uniform(3, 60) * _clouds(shape, rng.uniform(0.01, 0.06) * side, rng)[..., None]
    note = round(min(shape) * rng.uniform(0.4, 0.75))
    sheet = _sheet(pen, rng, (note, round(note * rng.uniform(0.95, 1.1))), NOTES, (0.45, 0.7))
    return _photograph(_place(wall, sheet, rng, 12), rng)


def webcam(pen: Pen, rng) -> Image.Image:
    """A sheet held into a poor camera, in front of a room and a person."""
    shape = (480, 640)
    room = np.ones((*shape, 3), np.float32) * rng.uniform(40, 130)
    for _ in range(8):
        x, y, r = rng.integers(0, 640), rng.integers(0, 480), rng.integers(30, 160)
        shade = rng.uniform(20, 190, 3).tolist()
        if rng.random() < 0.5:
            cv2.circle(room, (int(x), int(y)), int(r), shade, -1)
        else:
            cv2.rectangle(room, (int(x), int(y)), (int(x + r), int(y + r * 2)), shade, -1)
    room = cv2.GaussianBlur(room, (0, 0), rng.uniform(3, 9))
    sheet = _sheet(pen, rng, (round(rng.uniform(230, 380)), round(rng.uniform(230, 420))), WHITE, (0.45, 0.75))
    scene = _place(room, sheet * rng.uniform(0.6, 0.95), rng, 10)
    return _photograph(cv2.GaussianBlur(scene, (0, 0), rng.uniform(0.5, 1.4)), rng, 1.3)


def cropped(pen: Pen, rng) -> Image.Image:
    """A digit without any margin."""
    height = rng.uniform(60, 300)
    ink = render(pen(rng), height, rng.uniform(0.07, 0.2) * height)
    ink = ink[np.flatnonzero(ink.max(1) > 0.3)][:, np.flatnonzero(ink.max(0) > 0.3)]
    dark, light = rng.uniform(0, 60), rng.uniform(180, 255)
    if rng.random() < 0.3:
        dark, light = light, dark
    return Image.fromarray((light + (dark - light) * ink).clip(0, 255).astype(np.uint8))


def small(pen: Pen, rng) -> Image.Image:
    """A digit that fills 8 x 8 or 16 x 16 pixels."""
    side = int(rng.choice([8, 16]))
    ink = render(pen(rng), 160, rng.uniform(18, 28))
    pad = max(ink.shape) - np.array(ink.shape)
    ink = np.pad(ink, [(p // 2, p - p // 2) for p in pad])
    ink = 255 * cv2.resize(ink, (side, side), interpolation=cv2.INTER_AREA)
    return Image.fromarray((ink if rng.random() < 0.5 else 255 - ink).astype(np.uint8))


def ruled(pen: Pen, rng) -> Image.Image:
    """Ballpoint on ruled or squared paper, ten to fifteen lines."""
    scale = rng.choice([1, 1, 1.5, 2.5])
    shape = (round(480 * scale), round(640 * scale))
    paper = _paper(shape, (240, 240, 232), rng)
    gap = shape[0] / rng.uniform(10, 15)
    lines = np.array([(150, 175, 210), (170, 170, 180), (120, 150, 200), (190, 200, 205)][rng.integers(4)], float)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    bow = rng.uniform(-0.05, 0.05) * (x - shape[1] / 2) + rng.uniform(-4, 4) * scale * (2 * x / shape[1] - 1) ** 2
    thick = rng.uniform(1.0, 2.2) * scale
    for position in (y + bow, x + bow.mean())[: 1 + (rng.random() < 0.4)]:
        distance = np.abs((position + rng.uniform(0, gap)) % gap - gap / 2)
        share = np.clip(thick / 2 + 0.5 - distance, 0, 1)[..., None]
        paper = paper * (1 - share) + lines * share
    if rng.random() < 0.3:  # a margin
        at = rng.uniform(0.08, 0.15) * shape[1]
        share = np.clip(thick / 2 + 0.5 - np.abs(x - at), 0, 1)[..., None]
        paper = paper * (1 - share) + np.array([220, 120, 120]) * share
    height = rng.uniform(1.3, 3) * gap
    ink = render(pen(rng), height, rng.uniform(2, 4.5) * scale)
    colour = np.array([(30, 45, 140), (25, 25, 30), (50, 60, 160)][rng.integers(3)], float)
    _paint(paper, ink * rng.uniform(0.8, 1), _random_corner(paper, ink, rng, 0.2), colour)
    return _photograph(paper, rng, 0.8)


def boxed(pen: Pen, rng) -> Image.Image:
    """A digit in the box of a form."""
    side = int(rng.choice([200, 400, 400, 900]))
    paper = _paper((side, side), (246, 246, 244), rng)
    box = side * rng.uniform(0.45, 0.75)
    wide = box * rng.uniform(0.75, 1.1)
    turn = np.radians(rng.uniform(-3, 3))
    corners = np.array([[-wide, -box], [wide, -box], [wide, box], [-wide, box]]) / 2
    corners = corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    corners += side / 2 + rng.uniform(-0.08, 0.08, 2) * side
    shade = rng.uniform(20, 150)
    thick = max(1, round(side * rng.uniform(0.004, 0.012)))
    cv2.polylines(paper, [(corners * 16).astype(np.int32)], True, (shade, shade, shade + 10), thick, cv2.LINE_AA, 4)
    height = box * rng.uniform(0.45, 0.85)
    ink = render(pen(rng), height, max(1.5, rng.uniform(0.03, 0.09) * height))
    at = corners.mean(0) - np.array(ink.shape[::-1]) / 2 + rng.uniform(-0.06, 0.06, 2) * box
    _paint(paper, ink, tuple(at), _pen_colour(rng))
    return _photograph(paper, rng, 0.7)


SEGMENTS = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg")


def seven_segment(digit: int, rng) -> Image.Image:
    """A digit on a glowing or a liquid crystal display."""
    height = int(rng.choice([160, 300, 300, 600]))
    shape = (height, round(height * 0.8))
    glows = rng.random() < 0.7
    lit = [(255, 50, 40), (60, 255, 90), (80, 160, 255), (255, 190, 60)][rng.integers(4)] if glows else (35, 40, 35)
    ground = (rng.uniform(8, 30),) * 3 if glows else (165, 180, 150)
    tall, wide, thick = (
        height * rng.uniform(0.55, 0.75),
        height * rng.uniform(0.28, 0.4),
        height * rng.uniform(0.05, 0.08),
    )
    slant, gap = rng.uniform(0, 0.18), rng.uniform(0.03, 0.12) * thick + 1
    half, mask, off = tall / 2, np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    corners = ((0, 0, 1, 0), (1, 0, 1, 1), (1, 1, 1, 2), (0, 2, 1, 2), (0, 1, 0, 2), (0, 0, 0, 1), (0, 1, 1, 1))
    ends = dict(zip("abcdefg", corners, strict=True))
    for name, (x1, y1, x2, y2) in ends.items():
        a, b = np.array([x1 * wide, y1 * half]), np.array([x2 * wide, y2 * half])
        along = (b - a) / np.linalg.norm(b - a)
        across, t = np.array([-along[1], along[0]]), thick / 2
        a, b = a + along * gap, b - along * gap
        points = np.array(
            [
                a,
                a + (along + across) * t,
                b - (along - across) * t,
                b,
                b - (along + across) * t,
                a + (along - across) * t,
            ]
        )
        points[:, 0] += slant * (tall / 2 - points[:, 1])
        points += np.array([shape[1] - wide, shape[0] - tall]) / 2
        part = np.zeros(shape, np.uint8)
        cv2.fillPoly(part, [(points * 16).round().astype(np.int32)], 255, cv2.LINE_AA, 4)
        target = mask if name in SEGMENTS[digit] else off
        np.maximum(target, part / 255, out=target)
    scene = np.ones((*shape, 3), np.float32) * np.array(ground)
    scene += (np.array(lit) - scene) * (off * rng.uniform(0, 0.12))[..., None]
    scene += (np.array(lit) - scene) * mask[..., None] * rng.uniform(0.85, 1)
    if glows:
        scene += np.array(lit) * (rng.uniform(0, 0.35) * cv2.GaussianBlur(mask, (0, 0), thick))[..., None]
    return _photograph(scene, rng, 0.4)


def in_a_row(pens: list[Pen], rng) -> Image.Image:
    """Two to five digits in a row, which may touch."""
    height = rng.uniform(80, 220)
    width = rng.uniform(0.05, 0.12) * height
    inks = [render(pen(rng), height * rng.uniform(0.85, 1.1), width) for pen in pens]
    gaps = rng.uniform(0.02, 0.5, len(inks)) * height
    shape = (round(height * rng.uniform(1.4, 2.2)), round(sum(i.shape[1] for i in inks) + gaps.sum() + height * 0.5))
    paper = _paper(shape, WHITE[rng.integers(4)], rng)
    x, colour = height * 0.25, _pen_colour(rng)
    for ink, gap in zip(inks, gaps, strict=True):
        _paint(paper, ink, (x, (shape[0] - ink.shape[0]) / 2 + rng.uniform(-0.05, 0.05) * height), colour)
        x += ink.shape[1] + gap
    return _photograph(paper, rng, 0.6)


def plain(pen: Pen, rng) -> Image.Image:
    """A digit on white paper in good light."""
    side = int(rng.choice([200, 400, 1000]))
    return _photograph(_sheet(pen, rng, (side, side), WHITE, (0.3, 0.7)), rng, 0.6)
