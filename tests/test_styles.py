"""Styles of writing that are drawn onto MNIST's digits."""

from functools import partial

import pytest
import torch

from lenet.mnist import Digits
from lenet.reading.preparation import frame
from lenet.training.strokes import draw
from lenet.training.styles import INK, RUBBER, STYLES, _uniform, pen_width, restyle


@pytest.fixture
def digits(few_digits) -> Digits:
    return Digits(frame(few_digits.images).float(), few_digits.labels)


def seeded(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def drawn(style, images):
    """Return a style's strokes and their widths."""
    return style(images, partial(_uniform, len(images), seeded()))


def test_about_the_requested_share_of_digits_gets_a_style(digits):
    changed = (restyle(*digits, seeded()) != digits.images).flatten(1).any(1)
    for digit in range(10):
        share = sum(share for styled, _, share in STYLES if styled == digit)
        assert changed[digits.labels == digit].float().mean() == pytest.approx(share, abs=0.25)


def test_the_same_seed_gives_the_same_styles(digits):
    assert torch.equal(restyle(*digits, seeded()), restyle(*digits, seeded()))
    assert not torch.equal(restyle(*digits, seeded(1)), restyle(*digits, seeded(2)))


def test_the_given_images_are_not_changed(digits):
    before = digits.images.clone()
    restyle(*digits, seeded())
    assert torch.equal(digits.images, before)


def test_levels_stay_between_paper_and_ink(digits):
    styled = restyle(*digits, seeded())
    assert styled.min() >= 0
    assert styled.max() <= 255


def style_of(digit: int, number: int = 0):
    """Return the first style of a digit, or a later one."""
    return [style for styled, style, _ in STYLES if styled == digit][number]


@pytest.mark.parametrize(("digit", "style"), [(digit, style) for digit, style, _ in STYLES])
def test_a_style_works_for_any_number_of_digits(digits, digit, style):
    for plain in (digits.images[digits.labels == digit], digits.images[digits.labels == digit][:1]):
        ends, parts = drawn(style, plain)
        assert ends.shape == (*parts.shape, 4)
        assert len(ends) == len(plain)
        assert ends.isfinite().all()
        assert parts.max() <= 1


def test_a_one_gets_its_flag_at_the_top_and_its_foot_at_the_bottom():
    bar = draw(torch.tensor([[[16.0, 6.0, 16.0, 26.0]]]), torch.tensor([[2.0]]), 32).expand(64, -1, -1, -1)
    flag, foot, _ = drawn(style_of(1), bar)[0].unbind(1)
    assert (flag[:, 2] < flag[:, 0]).all()
    assert (flag[:, 3] > flag[:, 1]).all()
    assert (flag[:, 1] < 9).all()
    assert (foot[:, [1, 3]] > 24).all()
    assert (foot[:, 0] < 16).all()
    assert (foot[:, 2] > 16).all()


def test_a_one_with_a_spur_has_neither_flag_nor_foot():
    bar = draw(torch.tensor([[[16.0, 6.0, 16.0, 26.0]]]), torch.tensor([[2.0]]), 32).expand(64, -1, -1, -1)
    ends, parts = drawn(style_of(1), bar)
    spurred = parts[:, 2] == 1
    assert 0 < spurred.sum() < 64
    assert not parts[spurred, :2].any()
    spur = ends[:, 2]
    assert (spur[:, 1] > 23).all()
    assert (spur[:, 3] < spur[:, 1]).all()
    assert (spur[:, 2] > spur[:, 0]).all()


def test_a_zero_may_be_slashed_at_any_angle(digits):
    zeros = digits.images[digits.labels == 0][:1].expand(512, -1, -1, -1)
    slash = drawn(style_of(0), zeros)[0][:, 0]
    rise = ((slash[:, 1] - slash[:, 3]) / (slash[:, 2] - slash[:, 0])).abs()
    assert rise.min() < 0.1
    assert rise.max() > 3


def test_a_three_gets_a_flat_top_instead_of_its_own(digits):
    ends, parts = drawn(style_of(3), digits.images[digits.labels == 3])
    assert (parts[:, -2:] == 1).all()
    assert (parts[:, :-2] == -1).all()
    flat, down = ends[:, -2], ends[:, -1]
    assert ((flat[:, 3] - flat[:, 1]).abs() < 3).all()
    assert torch.equal(flat[:, 2:], down[:, :2])
    assert (down[:, 3] > ends[:, :-2, 1].amax(1)).all()


def test_a_nine_s_tail_is_curled_or_a_bowed_one_instead(digits):
    nines = digits.images[digits.labels == 9][:1].expand(64, -1, -1, -1)
    ends, parts = drawn(style_of(9), nines)
    curl, tail, bow = parts.unflatten(1, (3, -1)).unbind(1)
    assert torch.equal(curl, 1 - bow)
    assert torch.equal(tail, -bow)
    assert 0 < bow[:, 0].sum() < 64
    first, last = ends[:, -bow.shape[1], :2], ends[:, -1, 2:]
    erased = ends[:, bow.shape[1], :2]
    assert (first[:, 1] < erased[:, 1]).all()
    assert (last[:, 1] > erased[:, 1]).all()


def test_a_seven_gets_its_bar_across_the_stem(digits):
    sevens = digits.images[digits.labels == 7]
    bars = drawn(style_of(7), sevens)[0][:, 0]
    for seven, (x0, y0, x1, y1) in zip(sevens, bars.tolist(), strict=True):
        row = seven[0, round((y0 + y1) / 2), max(0, round(x0)) : round(x1) + 1]
        assert row.max() > INK


def styled(images, style):
    """Return images of one digit, all of them in the style."""
    ends, parts = drawn(style, images)
    widths = parts * pen_width(images)[:, None]
    erased = torch.minimum(images, 255 - draw(ends, -RUBBER * widths, 32))
    return torch.maximum(erased, draw(ends, widths, 32)), ends, parts


def test_a_one_with_a_long_flag_has_no_foot(digits):
    ones = digits.images[digits.labels == 1]
    _, ends, parts = styled(ones, style_of(1, 1))
    assert (parts == 1).all()
    assert (ends[:, -1, 2] < ends[:, 0, 0]).all()  # below and left of its beginning
    assert (ends[:, -1, 3] > ends[:, 0, 1]).all()
    assert ends[:, -1, 2:].isfinite().all()


@pytest.mark.parametrize(("digit", "number"), [(0, 1), (0, 2), (4, 1), (9, 1)])
def test_a_redrawn_digit_has_nothing_left_of_the_original(digits, digit, number):
    images = digits.images[digits.labels == digit]
    black = torch.full_like(images, 255.0)
    ends, parts = drawn(style_of(digit, number), images)
    assert (parts[:, 0] * pen_width(images) * RUBBER <= -32).all()  # wider than the image
    assert (torch.minimum(black, 255 - draw(ends, -RUBBER * parts * pen_width(images)[:, None], 32)) == 0).all()


def test_a_slash_goes_far_beyond_the_outline_of_its_zero(digits):
    _, ends, _ = styled(digits.images[digits.labels == 0], style_of(0, 1))
    loop, slash = ends[:, 1:-1], ends[:, -1]
    height = loop[..., 1].amax(1) - loop[..., 1].amin(1)
    width = loop[..., 0].amax(1) - loop[..., 0].amin(1)
    length = torch.hypot(slash[:, 2] - slash[:, 0], slash[:, 3] - slash[:, 1])
    assert (length > 1.1 * torch.minimum(width, height)).all()
    assert (length > torch.maximum(width, height)).float().mean() > 0.8


def test_an_open_four_has_no_ink_between_its_arms_at_the_top(digits):
    images, ends, _ = styled(digits.images[digits.labels == 4], style_of(4, 1))
    left, right = ends[:, 1, 0], ends[:, -1, 0]  # the tops of the cup and of the stem
    for image, x in zip(images, ((left + right) / 2).round().long(), strict=True):
        assert image[0, 6:10, x].max() < INK


def test_a_hooked_nine_is_closed_above_and_turns_left_below(digits):
    _, ends, _ = styled(digits.images[digits.labels == 9], style_of(9, 1))
    assert (ends[:, -1, 2] < ends[:, -4, 0]).all()
    loop = ends[:, 1:15]
    gap = torch.hypot(loop[:, 0, 0] - loop[:, -1, 2], loop[:, 0, 1] - loop[:, -1, 3])
    assert gap.mean() < 6


@pytest.mark.parametrize("width", [2.0, 3.0, 4.5])
def test_the_pen_is_measured(width):
    stroke = draw(torch.tensor([[[8.0, 4.0, 20.0, 28.0]]]), torch.tensor([[width]]), 32)
    assert pen_width(stroke).item() == pytest.approx(width, rel=0.25)
