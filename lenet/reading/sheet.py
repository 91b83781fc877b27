"""Find the sheet of paper in a picture, the frame around a digit, and ruled lines."""

from collections.abc import Iterator

import cv2
import numpy as np

# The sheet is searched on a copy this large.
SIDE = 160
# A sheet covers between LEAST and MOST of the picture and fills at least FILLS of the smallest rectangle around it; it
# is at most LONG times as long as wide, and at most CUT_OFF of its edge lies on the picture's border.
LEAST, MOST, FILLS, LONG, CUT_OFF = 0.06, 0.93, 0.86, 4, 0.4
# The least share of the area within its outline that is paper.
PAPER = 0.78
# The least contrast of its edge, in levels of 8-bit CIE Lab.
EDGE = 8
# The least share of that contrast which the surroundings further away have; with less, the edge is only a frame's.
FURTHER = 0.35
# The number of levels at which each channel is split.
LEVELS = 8
# Shades are sampled every PLACE pixels of the copy; each of REACHES is a largest distance from a sample's shade.
PLACE, REACHES = 30, (8, 14, 24)
# The width of the sheet's rim that is cut off, as a share of its shorter side.
RIM = 0.03
# Marks on the sheet are narrower than NARROW on the copy, and MARK levels from the paper around them. They cover from
# LEAST_MARKED to MARKED of the sheet; thick ones span at most SPANS of its width and height.
NARROW, MARK, LEAST_MARKED, MARKED, SPANS = 11, 14, 0.001, 0.75, 0.95

# Ruled lines are searched on a copy COLUMNS wide, in pieces of PIECE columns, at SLOPES. The darkness of a piece is the
# median of its thirds, so that a crossing stroke does not count. GAP pieces may be missing where ink covers a line. The
# pieces span at least ACROSS of the side, and none counts as darker than CAP times the line's darkness.
COLUMNS, PIECE, SLOPES, GAP, ACROSS, CAP = 108, 9, np.linspace(-0.1, 0.1, 21), 2, 0.9, 1.2
# The largest thickness of a line, as a share of the sheet's height.
LINE_THICK = 0.02
# Ink at least DARKER times as dark as the line it crosses is kept; WITHDRAWN times the line's darkness is subtracted
# from lighter ink.
DARKER, WITHDRAWN = 1.4, 2

# A frame has ink along at least AROUND of its four sides; its thickness is at most FRAME_THIN of the shortest side.
AROUND, FRAME_THIN = 0.85, 0.09


def find_sheet(colours: np.ndarray) -> np.ndarray | None:
    """Return the sheet in a picture, (H, W, 3), rectified and without its rim; None if there is no sheet in it."""
    scale = min(1, SIDE / max(colours.shape[:2]))
    coarse = cv2.resize(colours, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(cv2.medianBlur(coarse, 3), cv2.COLOR_RGB2LAB)
    marks = _marks(lab[..., 0])
    found = (_sheetness(mask, lab, marks) for mask in _parts(lab))
    score, corners = max(found, key=lambda one: one[0], default=(0, None))
    return _from_above(colours, corners / scale) if score > 0 else None  # ty: ignore[unsupported-operator]


def _parts(lab: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the connected parts of about one shade as masks, (h, w) uint8."""
    kernel = np.ones((5, 5), np.uint8)
    area, seen = lab.shape[0] * lab.shape[1], set()
    for side in _splits(lab):
        closed = cv2.morphologyEx(side.astype(np.uint8), cv2.MORPH_CLOSE, kernel)
        opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, kernel)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
        for label in np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] > LEAST * area / 2) + 1:
            box = tuple(stats[label, :4] // 3)
            if box not in seen and min(stats[label, 2:4] / lab.shape[1::-1]) < 0.97:
                seen.add(box)
                yield (labels == label).astype(np.uint8)


def _splits(lab: np.ndarray) -> Iterator[np.ndarray]:
    """Yield masks, (h, w), of the pixels above or below a level of a channel, and of those near a sampled shade."""
    light = lab[..., 0].astype(np.float32)
    rough = cv2.blur(np.abs(light - cv2.GaussianBlur(light, (0, 0), 2)), (9, 9))
    for channel in (*cv2.split(lab), (4 * rough).clip(0, 255).astype(np.uint8)):
        smooth = cv2.GaussianBlur(channel, (0, 0), 1)
        low, high = np.percentile(smooth, [2, 98])
        if high - low < 2 * EDGE:
            continue
        for level in np.linspace(low, high, LEVELS + 2)[1:-1]:
            yield smooth > level
            yield smooth <= level
    shades = cv2.GaussianBlur(lab, (0, 0), 1).astype(np.float32) * [0.5, 1, 1]
    places = shades[PLACE // 2 :: PLACE, PLACE // 2 :: PLACE].reshape(-1, 3)
    for shade in np.unique((places / 4).round(), axis=0) * 4:
        distance = np.linalg.norm(shades - shade, axis=2)
        for reach in REACHES:
            yield distance < reach


def _marks(light: np.ndarray) -> list[np.ndarray]:
    """Return two masks: the pixels of narrow marks darker than their surroundings, and of lighter ones."""
    window = np.ones((NARROW, NARROW), np.uint8)
    return [cv2.morphologyEx(light, kind, window) > MARK for kind in (cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT)]


def _sheetness(mask: np.ndarray, lab: np.ndarray, marks: list[np.ndarray]) -> tuple[float, np.ndarray | None]:
    """Return a score for how much a part looks like a sheet, 0 for not at all, and its corners, (4, 2)."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=len)
    area = cv2.contourArea(outline)
    rectangle = cv2.minAreaRect(outline)
    sides = sorted(rectangle[1])
    if not LEAST * mask.size < area < MOST * mask.size or sides[1] > LONG * sides[0]:
        return 0, None
    filled = area / ((sides[0] + 1) * (sides[1] + 1))
    x, y = outline[:, 0].T
    height, width = mask.shape
    on_border = (x < 2) | (y < 2) | (x > width - 3) | (y > height - 3)
    if filled < FILLS or on_border.mean() > CUT_OFF or mask.sum() < PAPER * area:
        return 0, None
    whole = cv2.fillPoly(np.zeros_like(mask), [outline], 1)
    inside, outside = (cv2.distanceTransform(part, cv2.DIST_L2, 3) for part in (whole, 1 - whole))
    within = inside > max(3, RIM * width)
    edge = _edge(inside, outside, lab, sides[0])
    if edge < EDGE or not _is_written_on(within, marks):
        return 0, None
    return filled**2 * min(edge, 40) * area**0.25, _corners(outline, rectangle)


def _is_written_on(within: np.ndarray, marks: list[np.ndarray]) -> bool:
    """Whether the marks in the area `within` a part's rim, (h, w) bool each, could be writing on a sheet."""
    if not within.any():
        return False
    marked = [part & within for part in marks if part[within].mean() > LEAST_MARKED]
    whole = np.array(cv2.boundingRect(within.astype(np.uint8))[2:])
    for part in marked:
        thick = cv2.morphologyEx(part.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
        if part.sum() > MARKED * within.sum() or np.any(np.array(cv2.boundingRect(thick)[2:]) > SPANS * whole):
            return False
    return bool(marked)


def _edge(inside: np.ndarray, outside: np.ndarray, lab: np.ndarray, side: float) -> float:
    """Return the distance between the shades just inside and just outside the edge; 0 if it is only a frame's."""
    rim = (inside > 2) & (inside <= 5)
    if not rim.any():
        return 0
    inner = np.median(lab[rim], 0)
    rings = [lab[(outside > near) & (outside <= far)] for near, far in ((2, 5), (0.3 * side, 0.6 * side))]
    edges = [float(np.linalg.norm(inner - np.median(ring, 0))) for ring in rings if len(ring) > 0.02 * inside.size]
    return edges[0] if edges and edges[-1] > FURTHER * edges[0] else 0


def _corners(outline: np.ndarray, rectangle: tuple) -> np.ndarray:
    """Return a sheet's corners, (4, 2), which are not right-angled if it was photographed at an angle."""
    hull = cv2.convexHull(outline)
    four = cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, True), True)[:, 0]
    if len(four) == 4 and cv2.contourArea(four) > 0.9 * cv2.contourArea(hull):
        return four.astype(np.float32)
    return cv2.boxPoints(rectangle)


def _from_above(colours: np.ndarray, corners: np.ndarray, rim: float = RIM) -> np.ndarray:
    """Return the area between the corners rectified; the sheet must not be turned by more than 45 degrees."""
    corners = corners[np.argsort(np.arctan2(*(corners - corners.mean(0)).T[::-1]))]  # clockwise
    edges = np.roll(corners, -1, 0) - corners
    first = int(np.argmax(edges @ [1, 0]))  # the edge that runs to the right is the top
    corners = np.roll(corners, -first, 0)
    lengths = np.linalg.norm(np.roll(corners, -1, 0) - corners, axis=1)
    width, height = (max(8, round(float(length))) for length in (lengths[[0, 2]].mean(), lengths[[1, 3]].mean()))
    inset = rim * min(width, height) + 1
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - np.float32(inset)
    warp = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    size = (max(1, round(width - 2 * inset)), max(1, round(height - 2 * inset)))
    return cv2.warpPerspective(colours, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def without_lines(contrast: np.ndarray, least: float) -> np.ndarray:
    """Return the contrast, (H, W) float32, without lines that run from one side of the sheet to the other."""
    lines = np.maximum(_lines_across(contrast, least), _lines_across(np.ascontiguousarray(contrast.T), least).T)
    light = contrast < DARKER * lines
    return np.where(light, np.maximum(contrast - WITHDRAWN * lines, 0), contrast)


def _lines_across(contrast: np.ndarray, least: float) -> np.ndarray:
    """Return the darkness, (H, W) float32, of the lines that run from the left to the right, 0 elsewhere."""
    height, width = contrast.shape
    if min(contrast.shape) < COLUMNS:
        return np.zeros_like(contrast)
    thick = max(5, round(LINE_THICK * height))
    thin = contrast - cv2.morphologyEx(contrast, cv2.MORPH_OPEN, np.ones((thick, 1), np.uint8))
    # Copied to the neighbouring rows, so that a line keeps its darkness when shifted by part of a row.
    thin = cv2.dilate(cv2.resize(thin, (COLUMNS, height), interpolation=cv2.INTER_AREA), np.ones((3, 1), np.uint8))
    line, middle = np.zeros_like(thin), np.arange(COLUMNS) % PIECE - (PIECE - 1) / 2
    rows = np.arange(height, dtype=np.float32)[:, None]
    columns = np.broadcast_to(np.arange(COLUMNS, dtype=np.float32), thin.shape)
    for slope in SLOPES * width / COLUMNS:
        shift = (slope * middle).astype(np.float32)
        level = cv2.remap(thin, columns, rows + shift, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        thirds = cv2.resize(level, (3 * COLUMNS // PIECE, height), interpolation=cv2.INTER_AREA)
        a, b, c = (thirds[:, third::3] for third in range(3))
        level = np.maximum(np.minimum(a, b), np.minimum(np.maximum(a, b), c)).repeat(PIECE, axis=1)
        level = cv2.remap(level, columns, rows - shift, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        np.maximum(line, level, out=line)
    room = GAP * PIECE
    joined = np.pad(cv2.dilate((line > least).astype(np.uint8), np.ones((3, 1), np.uint8)), [(0, 0), (room, room)])
    joined = cv2.morphologyEx(joined, cv2.MORPH_CLOSE, np.ones((1, room + 1), np.uint8))[:, room:-room]
    count, labels, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(joined), connectivity=8)
    darkness = np.zeros(count, np.float32)
    for label in np.flatnonzero(stats[1:, cv2.CC_STAT_WIDTH] >= ACROSS * COLUMNS) + 1:
        darkness[label] = CAP * np.percentile(line[(labels == label) & (line > least)], 75)
    if (darkness[labels] > 0).mean() > 0.5:
        return np.zeros_like(contrast)
    around = cv2.dilate(np.minimum(line, darkness[labels]), np.ones((2 * (height // 480) + 1, 1), np.uint8))
    return cv2.resize(around, (width, height), interpolation=cv2.INTER_LINEAR)


def inside_frame(ink: np.ndarray) -> np.ndarray | None:
    """Return the area inside a thin frame of four straight sides; None if there is no frame, or nothing in it."""
    mask = cv2.dilate((ink > 0.1).astype(np.uint8), np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 2:
        return None
    sizes = stats[1:, cv2.CC_STAT_WIDTH] * stats[1:, cv2.CC_STAT_HEIGHT]
    largest = 1 + int(sizes.argmax())
    outlines, _ = cv2.findContours((labels == largest).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=cv2.contourArea)
    corners = _corners(outline, cv2.minAreaRect(outline))
    sides = np.linalg.norm(np.roll(corners, -1, 0) - corners, axis=1)
    if min(sides) < 24:
        return None
    distance = cv2.distanceTransform((labels == largest).astype(np.uint8), cv2.DIST_L2, 3)
    reach = max(3, round(0.04 * min(sides)))
    path = cv2.polylines(np.zeros_like(mask), [corners.round().astype(np.int32)], True, 1, 1)
    band = cv2.dilate(path, np.ones((reach, reach), np.uint8)) & (labels == largest)
    thick = 2 * float(np.percentile(distance[distance > 0], 95))
    along = cv2.dilate(band, np.ones((reach, reach), np.uint8))
    if along[path > 0].mean() < AROUND or thick > FRAME_THIN * min(sides):
        return None
    inside = _from_above(ink, corners, rim=1.2 * thick / min(sides))
    return inside if (inside > 0.5).sum() > 0.002 * inside.size else None
