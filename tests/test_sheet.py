"""Finding the sheet in a picture, the frame around a digit, and ruled lines."""

import cv2
import numpy as np
import pytest

from benchmarks.picture_kinds import seven_segment
from lenet import mnist
from lenet.reading.sheet import find_sheet, inside_frame, without_lines


def on_table(turn: float = 0, table: int = 70, marked: bool = True) -> np.ndarray:
    """Return a picture, (300, 400, 3), of a rotated sheet of 240 x 180, with a bar at its upper left and a dot at its
    lower right."""
    sheet = np.full((180, 240), 235, np.uint8)
    if marked:
        sheet[30:110, 50:62] = 30
        sheet[140:150, 190:200] = 30
    matrix = cv2.getRotationMatrix2D((120, 90), turn, 1)
    matrix[:, 2] += 80, 60
    scene = cv2.warpAffine(sheet, matrix, (400, 300), flags=cv2.INTER_AREA, borderValue=(table,))
    return np.repeat(scene[..., None], 3, 2)


@pytest.mark.parametrize("turn", [-30, -10, 0, 10, 30])
def test_a_rotated_sheet_is_rectified_and_not_mirrored(turn):
    sheet = find_sheet(on_table(turn))[..., 0]
    assert sheet.shape == pytest.approx((180, 240), abs=20)
    dark = sheet < 130
    count, _, _, middles = cv2.connectedComponentsWithStats(dark.astype(np.uint8))
    assert count == 3
    (x1, y1), (x2, y2) = sorted(middles[1:].tolist())
    assert (x1 / sheet.shape[1], y1 / sheet.shape[0]) == pytest.approx((56 / 240, 70 / 180), abs=0.05)
    assert (x2 / sheet.shape[1], y2 / sheet.shape[0]) == pytest.approx((195 / 240, 145 / 180), abs=0.05)


def test_a_sheet_without_marks_is_not_found():
    assert find_sheet(on_table(marked=False)) is None


def test_a_picture_of_paper_only_has_no_sheet():
    digit = np.pad(mnist.final_test().images[0].numpy(), 20)
    paper = 255 - cv2.resize(digit, (400, 400), interpolation=cv2.INTER_CUBIC)
    assert find_sheet(np.repeat(paper[..., None], 3, 2)) is None


@pytest.mark.parametrize("index", range(20))
def test_the_hole_of_a_large_digit_is_not_a_sheet(index):
    digit = mnist.final_test().images[index].numpy()
    digit = digit[np.ix_(digit.any(1), digit.any(0))]
    ink = 255 - cv2.resize(digit, None, fx=10, fy=10, interpolation=cv2.INTER_CUBIC)
    assert find_sheet(np.repeat(ink[..., None], 3, 2)) is None


@pytest.mark.parametrize("digit", [0, 2, 3, 5, 8, 9])
def test_the_area_between_a_displays_segments_is_not_a_sheet(digit):
    assert find_sheet(np.asarray(seven_segment(digit, np.random.default_rng(digit)).convert("RGB"))) is None


def ruled(slope: float = 0, dark: float = 60) -> np.ndarray:
    """Return the contrast, (240, 320), of a line every 40 pixels."""
    y, x = np.mgrid[:240, :320]
    return np.where((y + np.round(slope * (x - 160))) % 40 == 20, dark, 0).astype(np.float32)


@pytest.mark.parametrize("slope", [-0.08, -0.03, 0, 0.05])
@pytest.mark.parametrize("turned", [False, True])
def test_ruled_lines_are_removed_and_a_darker_stroke_across_them_stays(slope, turned):
    lines = ruled(slope)
    stroke = np.zeros_like(lines)
    cv2.line(stroke, (120, 50), (150, 190), 200, 4)
    both = np.maximum(lines, stroke)
    remaining = without_lines(np.ascontiguousarray(both.T) if turned else both, 10)
    remaining = remaining.T if turned else remaining
    assert remaining[stroke > 0].min() > 150
    assert remaining[stroke == 0].max() < 25


def test_the_lines_of_squared_paper_are_removed():
    lines = np.maximum(ruled(), np.roll(np.pad(ruled(), ((0, 80), (0, 0))).T[:240, :320], 7, 0))
    assert without_lines(lines, 10).max() < 25


@pytest.mark.parametrize("length", [100, 200, 270])
def test_a_bar_that_ends_on_the_sheet_is_not_a_line(length):
    bar = np.zeros((240, 320), np.float32)
    bar[118:122, 20 : 20 + length] = 150
    assert np.array_equal(without_lines(bar, 10), bar)


def test_a_thick_bar_from_side_to_side_is_not_a_line():
    bar = np.zeros((240, 320), np.float32)
    bar[100:130] = 150
    assert np.array_equal(without_lines(bar, 10), bar)


def framed(mark: bool = True, thick: int = 3) -> np.ndarray:
    ink = np.zeros((200, 240), np.float32)
    cv2.rectangle(ink, (40, 30), (200, 170), 1, thick)
    if mark:
        cv2.line(ink, (90, 60), (130, 140), 1, 6)
    return ink


def test_the_inside_of_a_thin_frame_is_returned():
    inside = inside_frame(framed())
    assert inside.shape == pytest.approx((140, 160), abs=16)
    assert max(inside[0].max(), inside[-1].max(), inside[:, 0].max(), inside[:, -1].max()) < 0.1
    assert (inside > 0.5).sum() == pytest.approx((framed() - framed(mark=False) > 0.5).sum(), rel=0.15)


def test_empty_and_thick_frames_are_ignored():
    assert inside_frame(framed(mark=False)) is None
    assert inside_frame(framed(thick=24)) is None


@pytest.mark.parametrize("index", range(30))
def test_digits_are_not_frames(index):
    digit = mnist.final_test().images[index].numpy().astype(np.float32) / 255
    assert inside_frame(cv2.resize(digit, (280, 280), interpolation=cv2.INTER_CUBIC)) is None
