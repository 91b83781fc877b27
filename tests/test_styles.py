"""MNIST's digits take on styles that it has few of, and stay the digits they are."""

import pytest
import torch

from lenet.mnist import Digits
from lenet.prepare import frame
from lenet.strokes import draw
from lenet.styles import INK, STYLES, pen_width, restyle


@pytest.fixture
def digits(few_digits) -> Digits:
    return Digits(frame(few_digits.images).float(), few_digits.labels)


def seeded(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_about_the_share_asked_for_gets_a_style(digits):
    changed = (restyle(*digits, seeded()) != digits.images).flatten(1).any(1)
    for digit in range(10):
        share = STYLES[digit][1] if digit in STYLES else 0
        assert changed[digits.labels == digit].float().mean() == pytest.approx(share, abs=0.25)


def test_the_same_seed_gives_the_same_styles(digits):
    assert torch.equal(restyle(*digits, seeded()), restyle(*digits, seeded()))
    assert not torch.equal(restyle(*digits, seeded(1)), restyle(*digits, seeded(2)))


def test_the_pictures_given_are_left_alone(digits):
    before = digits.images.clone()
    restyle(*digits, seeded())
    assert torch.equal(digits.images, before)


def test_levels_stay_between_paper_and_ink(digits):
    styled = restyle(*digits, seeded())
    assert styled.min() >= 0
    assert styled.max() <= 255


@pytest.mark.parametrize("digit", STYLES)
def test_a_style_fits_any_number_of_its_digits(digits, digit):
    style, _ = STYLES[digit]
    for plain in (digits.images[digits.labels == digit], digits.images[digits.labels == digit][:1]):
        ends, parts = style(plain, seeded())
        assert ends.shape == (*parts.shape, 4)
        assert len(ends) == len(plain)
        assert ends.isfinite().all()
        assert set(parts.unique().tolist()) <= {-1.0, 0.0, 1.0}


def test_a_one_gets_its_flag_at_the_top_and_its_foot_at_the_bottom():
    bar = draw(torch.tensor([[[16.0, 6.0, 16.0, 26.0]]]), torch.tensor([[2.0]]), 32).expand(64, -1, -1, -1)
    flag, foot = STYLES[1][0](bar, seeded())[0].unbind(1)
    assert (flag[:, 2] < flag[:, 0]).all()
    assert (flag[:, 3] > flag[:, 1]).all()
    assert (flag[:, 1] < 9).all()
    assert (foot[:, [1, 3]] > 24).all()
    assert (foot[:, 0] < 16).all()
    assert (foot[:, 2] > 16).all()


def test_a_seven_gets_its_bar_across_the_stem(digits):
    sevens = digits.images[digits.labels == 7]
    bars = STYLES[7][0](sevens, seeded())[0][:, 0]
    for seven, (x0, y0, x1, y1) in zip(sevens, bars.tolist(), strict=True):
        row = seven[0, round((y0 + y1) / 2), max(0, round(x0)) : round(x1) + 1]
        assert row.max() > INK


@pytest.mark.parametrize("width", [2.0, 3.0, 4.5])
def test_the_pen_is_measured(width):
    stroke = draw(torch.tensor([[[8.0, 4.0, 20.0, 28.0]]]), torch.tensor([[width]]), 32)
    assert pen_width(stroke).item() == pytest.approx(width, rel=0.25)
