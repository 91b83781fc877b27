"""Digits are found in photographs: with sheets, uneven light, noise, ruled lines, frames, displays and specks."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from lenet import mnist
from lenet.reading.photograph import find_ink
from lenet.reading.picture import open_picture
from lenet.reading.preparation import prepare


def photograph(digit: np.ndarray, rng: np.random.Generator, light_ink: bool = False, ruled: bool = False) -> io.BytesIO:
    """Return a JPEG of an MNIST digit on paper: uneven light, noise, rotated by up to 10 degrees."""
    side = int(rng.integers(160, 400))
    margin = int(rng.integers(0, 40))
    ink = Image.fromarray(np.pad(digit, margin)).resize((side, side), Image.Resampling.BICUBIC)
    ink = np.asarray(ink.rotate(rng.uniform(-10, 10), Image.Resampling.BICUBIC)) / 255
    y, x = np.mgrid[:side, :side] / side
    angle = rng.uniform(0, 2 * np.pi)
    paper = rng.uniform(170, 230) + rng.uniform(0, 70) * ((x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle))
    if ruled:
        paper -= 45 * ((y + x * rng.uniform(-0.03, 0.03)) % 0.125 < 0.008)
    grey = paper + (rng.uniform(20, 80) - paper) * ink + rng.normal(0, rng.uniform(2, 8), ink.shape)
    grey = np.clip(255 - grey if light_ink else grey, 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "JPEG", quality=int(rng.integers(50, 95)))
    file.seek(0)
    return file


def accuracy(model, count: int, **kind) -> float:
    digits, rng = mnist.final_test(), np.random.default_rng(3)
    prepared = [prepare(open_picture(photograph(image, rng, **kind))) for image in digits.images[:count].numpy()]
    inputs = np.stack([p.centred if p else np.zeros((32, 32), np.uint8) for p in prepared])
    with torch.inference_mode():
        answers = model.read(torch.from_numpy(inputs).unsqueeze(1)).argmax(1)
    return (answers == digits.labels[:count]).float().mean().item()


@pytest.mark.slow
def test_photographs_of_digits_are_read(shipped):
    assert accuracy(shipped, 100) >= 0.98


@pytest.mark.slow
def test_light_ink_on_dark_paper_is_read(shipped):
    assert accuracy(shipped, 50, light_ink=True) >= 0.98


@pytest.mark.slow
def test_ruled_paper_is_read(shipped):
    assert accuracy(shipped, 100, ruled=True) >= 0.96


def sheet(side: int = 200, shade: int = 210) -> np.ndarray:
    noise = np.random.default_rng(1).normal(0, 3, (side, side))
    return shade + noise


def with_bar(grey: np.ndarray) -> np.ndarray:
    grey[60:140, 95:105] -= 120
    return grey


def find(grey: np.ndarray) -> np.ndarray:
    return find_ink(np.clip(grey, 0, 255).astype(np.uint8))


def assert_only_the_bar(ink: np.ndarray):
    assert ink[65:135, 97:103].min() > 200
    ink = ink.copy()
    ink[57:143, 92:108] = 0
    assert ink.max() < 32


def test_a_shadow_over_half_the_paper_is_not_ink():
    shaded = sheet()
    shaded[:, 120:] -= 60
    assert_only_the_bar(find(with_bar(shaded)))


def test_specks_far_from_the_digit_are_not_ink():
    specked = with_bar(sheet())
    specked[20:23, 20:23] -= 150
    specked[180:182, 150:153] -= 150
    assert_only_the_bar(find(specked))


@pytest.mark.parametrize("turned", [False, True])
def test_ruled_lines_are_not_ink(turned):
    ruled = sheet()
    (ruled.T if turned else ruled)[20::40] -= 70
    assert_only_the_bar(find(with_bar(ruled)))


def test_marks_beside_the_digit_belong_to_it():
    dashed = with_bar(sheet())
    dashed[60:70, 110:140] -= 120
    assert find(dashed)[65, 125] > 200


@pytest.mark.parametrize("slope", [0, 60])
def test_blank_paper_has_no_ink(slope):
    assert find(sheet(shade=180) + np.linspace(-slope, slope, 200)).max() == 0


def test_the_table_under_the_paper_is_not_ink():
    on_table = sheet()
    on_table[:, :20] -= 140
    assert_only_the_bar(find(with_bar(on_table)))


def test_the_corner_of_a_shadow_is_not_ink():
    y, x = np.mgrid[:200, :200]
    assert_only_the_bar(find(with_bar(sheet() - 80 * (x + y < 45))))


def test_a_digit_that_touches_the_border_is_read():
    assert find(with_bar(sheet())[60:140])[40, 100] > 200
