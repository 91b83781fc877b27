"""Seven-segment displays: recognise their digits and round the corners, so that they look like handwriting."""

import cv2
import numpy as np

# The lit segments of each digit except 1, which already looks like handwriting. Order: top, upper right, lower right,
# bottom, lower left, upper left, middle.
LIT = {"1111110", "1101101", "1111001", "0110011", "1011011", "1011111", "1110000", "1110010", "1111111", "1111011"}
LIT |= {"0011111", "1110011"}  # 6 without its top, 9 without its bottom
# The slants that are tried, and the size to which a digit is scaled.
SLANTS, WIDTH, HEIGHT = np.linspace(0, 0.3, 13), 48, 96
# A segment is lit if at least BRIGHT of its middle is ink, and dark if at most DARK is. At most ELSEWHERE of all ink
# may lie outside of the segments.
BRIGHT, DARK, ELSEWHERE = 0.8, 0.2, 0.06
# The radius of the rounding, as a share of the height.
ROUND = 0.1


def as_handwriting(ink: np.ndarray) -> np.ndarray:
    """Round the corners of ink, (H, W) float32 from 0 to 1, if it is a display's digit; return other ink unchanged."""
    x, y, width, height = cv2.boundingRect((ink > 0.5).astype(np.uint8))
    if height < 16 or not 0.3 < width / height < 1 or not _is_display(ink[y : y + height, x : x + width]):
        return ink
    room = height // 3
    round_ = cv2.GaussianBlur(np.pad(ink, room), (0, 0), ROUND * height)
    return np.clip((round_ / round_.max() - 0.4) / 0.3, 0, 1)


def _is_display(ink: np.ndarray) -> bool:
    ink = cv2.resize(ink, (max(1, round(ink.shape[1] * HEIGHT / len(ink))), HEIGHT), interpolation=cv2.INTER_AREA)
    thick = stroke_width(ink > 0.5)
    padded = np.pad(ink, [(0, 0), (0, round(SLANTS[-1] * HEIGHT))])
    for slant in SLANTS:
        upright = cv2.warpAffine(padded, np.array([[1, slant, 0], [0, 1, 0]], np.float32), padded.shape[::-1])
        left, _, wide, _ = cv2.boundingRect((upright > 0.5).astype(np.uint8))
        across, down = thick * WIDTH / max(wide, 1), thick
        digit = cv2.resize(upright[:, left : left + max(wide, 1)], (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        if across < WIDTH / 2 and down < HEIGHT / 4 and _lit(digit, max(1, round(across)), max(1, round(down))):
            return True
    return False


def _lit(ink: np.ndarray, across: int, down: int) -> bool:
    """Whether upright ink, WIDTH x HEIGHT, consists of segments of these widths that form a digit."""
    half = HEIGHT // 2
    lit, elsewhere = "", np.ones_like(ink, bool)
    ends = [(0, 0, 1, 0), (1, 0, 1, 1), (1, 1, 1, 2), (0, 2, 1, 2), (0, 1, 0, 2), (0, 0, 0, 1), (0, 1, 1, 1)]
    for x1, y1, x2, y2 in ends:
        rows, columns = _span(y1, y2, half, HEIGHT, down), _span(x1, x2, WIDTH, WIDTH, across)
        elsewhere[max(0, rows[0] - 2) : rows[1] + 2, max(0, columns[0] - 2) : columns[1] + 2] = False
        margin = [round(0.25 * (end - start)) for start, end in (rows, columns)]
        inner = ink[rows[0] + margin[0] : rows[1] - margin[0], columns[0] + margin[1] : columns[1] - margin[1]]
        share = float(inner.mean()) if inner.size else 0.5
        if DARK < share < BRIGHT:
            return False
        lit += str(int(share >= BRIGHT))
    return lit in LIT and ink[elsewhere].sum() < ELSEWHERE * ink.sum()


def _span(first: int, last: int, step: int, length: int, thick: int) -> tuple[int, int]:
    """Return the start and end of a segment along one axis, from its `first` to its `last` corner."""
    start = min(max(first * step - thick // 2, 0), length - thick)
    end = max(min(last * step + thick // 2, length), thick)
    return start, end


def stroke_width(mask: np.ndarray) -> float:
    """Return the typical width of the strokes of ink, (H, W) bool."""
    distance = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    ridge = mask & (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8)))
    return 2 * float(np.median(distance[ridge])) - 1 if ridge.any() else 0.0
